/** The chat app of clients/workers-ai/examples/hono against the gateway with simulated providers: both legs. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { startApp } from "../../../clients/workers-ai/test/app.js";
import { Gateway } from "./gateway.js";
import { needs } from "./has.js";

const OBJECT = new URL("../../../clients/workers-ai/examples/hono/gateway.yaml", import.meta.url);

async function chat(t, ...args) {
  const gateway = await Gateway.start(await readFile(OBJECT, "utf8"), ...args);
  t.after(() => gateway.stop());
  return startApp(t, { GATEWAY_URL: gateway.origin, OPENAI_API_KEY: "sk-the-callers-own-key" });
}

test("Workers AI answers", needs("rest"), async (t) => {
  const say = await chat(t, "--simulate");
  const [status, { from, text }] = await say("What is Cloudflare?");
  assert.deepEqual([status, from], [200, "workers-ai"]);
  assert.match(text, /What is Cloudflare\?/);
  assert.deepEqual(await say("What is Cloudflare?"), [200, { from, text }]);
});

for (const how of ["status=503", "status=429", "status=cut"]) {
  test(`when Workers AI fails by ${how}, OpenAI answers through the same gateway`, needs("rest"), async (t) => {
    const say = await chat(t, "--simulate", `--simulate=workers-ai:${how}`);
    const [status, { from, text }] = await say("What is Cloudflare?");
    assert.deepEqual([status, from], [200, "openai"]);
    assert.match(text, /What is Cloudflare\?/);
  });
}

test("when nobody answers the app says so", needs("rest"), async (t) => {
  const say = await chat(t, "--simulate", "--simulate=workers-ai:status=503", "--simulate=openai:status=503");
  assert.equal((await say("What is Cloudflare?"))[0], 502);
});
