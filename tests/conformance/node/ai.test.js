/**
 * The `ai` package with each provider's own package, straight to the provider and through its native door.
 *
 * The direct call is the control: it shows that the package understands what the provider really gives. Through the
 * gateway the package must say the same, and the provider must receive the same.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { plain, refused, streamed } from "./ask.js";
import { CASES } from "./cases.js";
import { compare, received } from "./compare.js";
import { needs } from "./has.js";
import { rig } from "./rig.js";
import { whole } from "./upstream.js";

const made = rig();

/** The control alone: that the package makes something of the recording, and where it asked. */
async function control({ direct, model, path }, recording, call) {
  made.provider.play(whole(recording));
  const answer = await call(model(made.provider.origin + direct));
  if (!recording.streaming) {
    assert.equal(received(made).path, path);
  }
  return answer;
}

for (const one of CASES) {
  for (const recording of one.plain) {
    test(`${one.name}, control: plain answer ${recording.id}`, async () => {
      const { text, calls, usage } = await control(one, recording, plain);
      assert.ok(calls.length > 0 || !recording.toolCall);
      // A reasoning model may have spent all that it was given on thoughts.
      assert.ok(text.length > 0 || calls.length > 0 || usage.outputTokens > 0);
    });
    test(`${one.name}: plain answer ${recording.id}`, needs("native", one.type), () =>
      compare(made, one, recording, plain),
    );
  }
  for (const recording of one.streams) {
    test(`${one.name}, control: stream ${recording.id}`, async () => {
      const types = (await control(one, recording, streamed)).map(({ type }) => type);
      assert.ok(types.includes("tool-call") || !recording.toolCall);
      assert.ok(
        types.some((type) => /^(text-delta|tool-call|reasoning-delta|error)$/.test(type)),
        String(types),
      );
    });
    test(`${one.name}: stream ${recording.id}`, needs("native", one.type), () =>
      compare(made, one, recording, streamed),
    );
  }
  for (const recording of one.errors) {
    test(`${one.name}, control: error ${recording.status} ${recording.id}`, async () => {
      assert.equal((await control(one, recording, refused)).statusCode, recording.status);
    });
    test(`${one.name}: error ${recording.status} ${recording.id}`, needs("native", one.type), () =>
      compare(made, one, recording, refused),
    );
  }
}

test("every provider's answers have a tool call among them, but for one that has no tools", () => {
  const without = CASES.filter(({ plain, streams }) => ![...plain, ...streams].some(({ toolCall }) => toolCall));
  assert.deepEqual(
    without.map(({ name }) => name),
    ["perplexity-ai"],
  );
});
