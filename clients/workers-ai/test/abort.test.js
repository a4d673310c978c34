/** Signals end a call, before it was answered and in the middle of a stream; and a `fetch` of the app's own is used. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createAI } from "../src/index.js";
import { binding, stream, wrapped } from "./fake.js";

const MODEL = "@cf/meta/llama-3.1-8b-instruct";
const STEP = { provider: "openai", endpoint: "chat/completions", headers: {}, query: {} };

/** Both calls, with a signal. */
const CALLS = {
  "AI.run": (AI, signal) => AI.run(MODEL, { prompt: "Hello" }, { signal }),
  "AI.gateway().run": (AI, signal) => AI.gateway("production").run(STEP, { signal }),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} is aborted while it waits, and the gateway notices`, async (t) => {
    const { AI, server } = await binding(t, {}, { silent: true });
    const abort = new AbortController();
    const left = new Promise((resolve) => {
      server.on("request", (request, response) => {
        response.on("close", () => resolve(true));
        request.on("end", () => abort.abort());
        request.resume();
      });
    });
    await assert.rejects(call(AI, abort.signal), { name: "AbortError" });
    assert.equal(await left, true);
  });

  test(`${name} with a signal that was aborted before sends nothing`, async (t) => {
    const { AI, requests } = await binding(t, {});
    await assert.rejects(call(AI, AbortSignal.abort()), { name: "AbortError" });
    assert.deepEqual(requests, []);
  });

  test(`${name} keeps the reason of a timeout`, async (t) => {
    const { AI } = await binding(t, {}, { silent: true });
    await assert.rejects(call(AI, AbortSignal.timeout(1)), { name: "TimeoutError" });
  });
}

test("a stream is aborted in its middle", async (t) => {
  const never = new Promise(() => {});
  const { AI } = await binding(
    t,
    {},
    stream([{ response: "A" }, { response: "B" }], () => never),
  );
  const abort = new AbortController();
  const answer = await AI.run(MODEL, { prompt: "Hello", stream: true }, { signal: abort.signal });
  const reader = answer.getReader();
  await reader.read();
  abort.abort();
  await assert.rejects(reader.read(), { name: "AbortError" });
});

test("the settings' fetch is used for every call", async () => {
  const urls = [];
  const fetch = async (url, { method, body }) => {
    urls.push([url, method, JSON.parse(body)]);
    return Response.json({ result: 1, success: true, errors: [], messages: [] });
  };
  const AI = createAI({ baseUrl: "http://production.ai", account: "ai", fetch });
  assert.equal(await AI.run(MODEL, { prompt: "Hello" }), 1);
  await AI.gateway("production").run(STEP);
  assert.deepEqual(urls, [
    [`http://production.ai/client/v4/accounts/ai/ai/run/${MODEL}`, "POST", { prompt: "Hello" }],
    ["http://production.ai/v1/ai/production", "POST", [STEP]],
  ]);
});

test("the global fetch is looked up at each call and not called as a method", async (t) => {
  const { AI } = await binding(t, {}, wrapped(1));
  const original = globalThis.fetch;
  t.after(() => (globalThis.fetch = original));
  let owner = "nobody's";
  globalThis.fetch = function (url, init) {
    owner = this === globalThis || this === undefined ? "nobody's" : "somebody's";
    return original(url, init);
  };
  assert.equal(await AI.run(MODEL, { prompt: "Hello" }), 1);
  assert.equal(owner, "nobody's");
});
