/** The chat app: both legs, and the end of the line. */

import assert from "node:assert/strict";
import { test } from "node:test";

import app from "../examples/hono/app.js";
import { startApp } from "./app.js";
import { fakeGateway, json, sent, wrapped } from "./fake.js";

const COMPLETION = { choices: [{ message: { role: "assistant", content: "A company." } }] };
const REFUSAL = { success: false, errors: [{ code: 3040, message: "Capacity temporarily exceeded" }], messages: [] };

async function chat(t, ...answers) {
  const { baseUrl, requests } = await fakeGateway(t, ...answers);
  const say = await startApp(t, { GATEWAY_URL: baseUrl, GATEWAY_KEY: "gw-key", OPENAI_API_KEY: "sk-1" });
  return { say, requests };
}

test("Workers AI answers, and may do so from the cache for half an hour", async (t) => {
  const { say, requests } = await chat(t, wrapped({ response: "A network." }));
  assert.deepEqual(await say("What is Cloudflare?"), [200, { from: "workers-ai", text: "A network." }]);
  const [{ path, body }] = requests;
  assert.equal(path, "/client/v4/accounts/ai/ai/run/@cf/meta/llama-3.1-8b-instruct");
  assert.deepEqual(body, { messages: [{ role: "user", content: "What is Cloudflare?" }] });
  assert.deepEqual(sent(requests[0]), {
    "content-type": "application/json",
    "cf-aig-authorization": "Bearer gw-key",
    "cf-aig-cache-ttl": "1800",
    "cf-aig-gateway-id": "production",
    "cf-aig-skip-cache": "false",
  });
});

test("when Workers AI throws, OpenAI answers through the same gateway", async (t) => {
  const { say, requests } = await chat(t, json(REFUSAL, { status: 429 }), json(COMPLETION));
  assert.deepEqual(await say("What is Cloudflare?"), [200, { from: "openai", text: "A company." }]);
  const [, { path, headers, body }] = requests;
  assert.equal(path, "/v1/ai/production/openai/chat/completions");
  assert.equal(headers.authorization, "Bearer sk-1");
  assert.deepEqual(body, { model: "gpt-4o-mini", messages: [{ role: "user", content: "What is Cloudflare?" }] });
});

test("when nobody answers the app says so", async (t) => {
  const { say, requests } = await chat(t, json(REFUSAL, { status: 429 }), json({ error: {} }, { status: 500 }));
  assert.deepEqual(await say("What is Cloudflare?"), [502, { error: "Nobody answers. Try again later." }]);
  assert.equal(requests.length, 2);
});

test("the app asks nothing of env.AI but what a Worker's has", async () => {
  const calls = [];
  const AI = { run: async (...call) => (calls.push(call), { response: "A network." }) };
  const request = new Request("http://app/chat", { method: "POST", body: JSON.stringify({ message: "Hello" }) });
  const response = await app.fetch(request, { AI });
  assert.deepEqual(await response.json(), { from: "workers-ai", text: "A network." });
  const options = { gateway: { id: "production", skipCache: false, cacheTtl: 1800 } };
  assert.deepEqual(calls, [
    ["@cf/meta/llama-3.1-8b-instruct", { messages: [{ role: "user", content: "Hello" }] }, options],
  ]);
});
