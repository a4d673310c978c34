/** `AI.gateway(id)`: the universal endpoint, addresses, and logs that are not there. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { AiGatewayLogNotFound, createAI } from "../src/index.js";
import { binding, json, sent, stream } from "./fake.js";

const STEP = {
  provider: "openai",
  endpoint: "chat/completions",
  headers: { Authorization: "Bearer sk-1", "Content-Type": "application/json" },
  query: { model: "gpt-4o-mini", messages: [{ role: "user", content: "What is Cloudflare?" }] },
};

test("steps are posted to the bare prefix as they are", async (t) => {
  const steps = [
    STEP,
    { ...STEP, provider: "anthropic", endpoint: "v1/messages?beta=true", config: { maxAttempts: 2 } },
  ];
  const { AI, requests } = await binding(
    t,
    { apiKey: "gw-key" },
    json({ id: "chatcmpl-1" }, { headers: { "cf-aig-step": "1" } }),
  );
  const response = await AI.gateway("production").run(steps);
  assert.deepEqual(await response.json(), { id: "chatcmpl-1" });
  assert.equal(response.headers.get("cf-aig-step"), "1");
  const [{ method, path, body }] = requests;
  assert.deepEqual([method, path, body], ["POST", "/v1/ai/production", steps]);
  assert.deepEqual(sent(requests[0]), { "content-type": "application/json", "cf-aig-authorization": "Bearer gw-key" });
});

test("one step is an array of one", async (t) => {
  const { AI, requests } = await binding(t, {}, json({}));
  await AI.gateway("production").run(STEP);
  assert.deepEqual(requests[0].body, [STEP]);
});

test("a step's headers are sent as text, and the caller's step stays as it was", async (t) => {
  const { AI, requests } = await binding(t, {}, json({}));
  const headers = {
    "cf-aig-cache-ttl": 60,
    "cf-aig-skip-cache": false,
    "cf-aig-metadata": { team: "blue", account: 1n },
    "cf-aig-custom-cost": { per_token_in: 0.5 },
    "x-none": undefined,
    "x-null": null,
  };
  const step = Object.freeze({ ...STEP, headers: Object.freeze({ ...headers }) });
  await AI.gateway("production").run(step);
  assert.deepEqual(requests[0].body[0].headers, {
    "cf-aig-cache-ttl": "60",
    "cf-aig-skip-cache": "false",
    "cf-aig-metadata": '{"team":"blue","account":"1"}',
    "cf-aig-custom-cost": '{"per_token_in":0.5}',
  });
  assert.deepEqual(step.headers, headers);
});

test("a step's headers may be Headers, or left out", async (t) => {
  const { AI, requests } = await binding(t, {}, json({}));
  await AI.gateway("production").run([
    { ...STEP, headers: new Headers({ "X-Api-Key": "sk-2" }) },
    { ...STEP, headers: undefined },
  ]);
  assert.deepEqual(
    requests[0].body.map(({ headers }) => headers),
    [{ "x-api-key": "sk-2" }, {}],
  );
});

test("options are headers of the request, and extra headers win", async (t) => {
  const { AI, requests } = await binding(t, {}, json({}));
  await AI.gateway("production").run(STEP, {
    gateway: { id: "ignored", skipCache: true, cacheTtl: 60, eventId: "event-1", retries: { maxAttempts: 2 } },
    extraHeaders: { "cf-aig-cache-ttl": 90, "x-user-id": "anna" },
  });
  assert.deepEqual(sent(requests[0]), {
    "content-type": "application/json",
    "x-user-id": "anna",
    "cf-aig-skip-cache": "true",
    "cf-aig-cache-ttl": "90",
    "cf-aig-event-id": "event-1",
    "cf-aig-max-attempts": "2",
  });
});

test("a Cloudflare token is not sent with steps, which have keys of their own", async (t) => {
  const { AI, requests } = await binding(t, { cloudflareToken: "cf-token" }, json({}));
  await AI.gateway("production").run(STEP);
  assert.equal(requests[0].headers.authorization, undefined);
});

test("a refusal is a Response, not an exception", async (t) => {
  const refusal = { success: false, error: [{ code: 2001, message: "no such gateway" }] };
  const { AI } = await binding(t, {}, json(refusal, { status: 400 }));
  const response = await AI.gateway("nobody").run(STEP);
  assert.equal(response.status, 400);
  assert.deepEqual(await response.json(), refusal);
});

test("a stream comes as one", async (t) => {
  const { AI } = await binding(t, {}, stream([{ a: 1 }, "[DONE]"]));
  const response = await AI.gateway("production").run({ ...STEP, query: { ...STEP.query, stream: true } });
  assert.equal(await response.text(), 'data: {"a":1}\n\ndata: [DONE]\n\n');
});

test("the gateway's address has a slash at its end, a provider's has none", async () => {
  const AI = createAI({ baseUrl: "https://gateways.example/below//", account: "ai", gateway: "usual" });
  assert.equal(await AI.gateway("production").getUrl(), "https://gateways.example/below/v1/ai/production/");
  assert.equal(
    await AI.gateway("production").getUrl("openai"),
    "https://gateways.example/below/v1/ai/production/openai",
  );
  assert.equal(await AI.gateway().getUrl("openai"), "https://gateways.example/below/v1/ai/usual/openai");
});

test("logs are elsewhere, and the error says where", async (t) => {
  const { AI, requests } = await binding(t, {});
  const gateway = AI.gateway("production");
  for (const call of [gateway.getLog("log-1"), gateway.patchLog("log-1", { feedback: 1 })]) {
    const error = await call.then(assert.fail, (thrown) => thrown);
    assert.ok(error instanceof AiGatewayLogNotFound);
    assert.equal(error.name, "AiGatewayLogNotFound");
    assert.match(error.message, /standard output.* log-1/);
  }
  assert.deepEqual(requests, []);
});
