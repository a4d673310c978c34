/** `AI.run`: the request to the byte, and what is made of the answer. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createAI } from "../src/index.js";
import { binding, fakeGateway, json, LOG_ID, sent, stream, wrapped } from "./fake.js";

const MODEL = "@cf/meta/llama-3.1-8b-instruct";
const INPUTS = { messages: [{ role: "user", content: "What is Cloudflare?" }] };

test("a call is a POST of the inputs to the REST form, and gives the result alone", async (t) => {
  const { AI, requests } = await binding(t, {}, wrapped({ response: "A network.", usage: { total_tokens: 9 } }));
  assert.deepEqual(await AI.run(MODEL, INPUTS), { response: "A network.", usage: { total_tokens: 9 } });
  const [{ method, path, body }] = requests;
  assert.deepEqual([method, path, body], ["POST", `/client/v4/accounts/ai/ai/run/${MODEL}`, INPUTS]);
  assert.deepEqual(sent(requests[0]), { "content-type": "application/json" });
});

test("every option is its header", async (t) => {
  const { AI, requests } = await binding(t, { apiKey: "gw-key", cloudflareToken: "cf-token" }, wrapped({}));
  await AI.run(MODEL, INPUTS, {
    gateway: {
      id: "production",
      skipCache: false,
      cacheTtl: 3600,
      cacheKey: "faq-1",
      metadata: { team: "blue", seats: 3, trial: false, none: null, account: 12345678901234567890n },
      collectLog: true,
      eventId: "event-1",
      requestTimeoutMs: 5000,
      retries: { maxAttempts: 3, retryDelayMs: 250, backoff: "exponential" },
      byokAlias: "spare",
    },
    extraHeaders: { "x-user-id": "anna" },
  });
  assert.deepEqual(sent(requests[0]), {
    authorization: "Bearer cf-token",
    "content-type": "application/json",
    "x-user-id": "anna",
    "cf-aig-authorization": "Bearer gw-key",
    "cf-aig-gateway-id": "production",
    "cf-aig-skip-cache": "false",
    "cf-aig-cache-ttl": "3600",
    "cf-aig-cache-key": "faq-1",
    "cf-aig-metadata": '{"team":"blue","seats":3,"trial":false,"none":null,"account":"12345678901234567890"}',
    "cf-aig-collect-log": "true",
    "cf-aig-event-id": "event-1",
    "cf-aig-request-timeout": "5000",
    "cf-aig-max-attempts": "3",
    "cf-aig-retry-delay": "250",
    "cf-aig-backoff": "exponential",
    "cf-aig-byok-alias": "spare",
  });
});

test("a time to live of 0 is left out, as the binding does it", async (t) => {
  const { AI, requests } = await binding(t, {}, wrapped({}));
  await AI.run(MODEL, INPUTS, { gateway: { id: "production", cacheTtl: 0, skipCache: true } });
  assert.equal(requests[0].headers["cf-aig-cache-ttl"], undefined);
  assert.equal(requests[0].headers["cf-aig-skip-cache"], "true");
});

test("the settings' gateway serves calls that name none, and only those", async (t) => {
  const { AI, requests } = await binding(t, { gateway: "usual" }, wrapped({}), wrapped({}), wrapped({}));
  await AI.run(MODEL, INPUTS);
  await AI.run(MODEL, INPUTS, { gateway: { cacheTtl: 60 } });
  await AI.run(MODEL, INPUTS, { gateway: { id: "other" } });
  assert.deepEqual(
    requests.map(({ headers }) => headers["cf-aig-gateway-id"]),
    ["usual", "usual", "other"],
  );
});

test("extra headers win over options, whatever their case, but the body stays JSON", async (t) => {
  const { AI, requests } = await binding(t, { cloudflareToken: "usual" }, wrapped({}));
  const extraHeaders = new Headers({
    Authorization: "Bearer mine",
    "CF-AIG-Cache-TTL": "60",
    "content-type": "text/plain",
  });
  await AI.run(MODEL, INPUTS, { gateway: { id: "production", cacheTtl: 3600 }, extraHeaders });
  const { authorization, "cf-aig-cache-ttl": ttl, "content-type": type } = requests[0].headers;
  assert.deepEqual([authorization, ttl, type], ["Bearer mine", "60", "application/json"]);
});

test("a base URL may have a path and slashes at its end; names are escaped", async (t) => {
  const { baseUrl, requests } = await fakeGateway(t, wrapped({}));
  const AI = createAI({ baseUrl: `${baseUrl}/below//`, account: "a b/c" });
  await AI.run("@hf/org/model:1?x", INPUTS);
  assert.equal(requests[0].path, "/below/client/v4/accounts/a%20b%2Fc/ai/run/@hf/org/model:1%3Fx");
});

test("an answer that is no envelope is given as it is", async (t) => {
  const { AI } = await binding(t, {}, json({ choices: [] }), json({ success: true, of: "another kind" }), json([1, 2]));
  assert.deepEqual(await AI.run(MODEL, INPUTS), { choices: [] });
  assert.deepEqual(await AI.run(MODEL, INPUTS), { success: true, of: "another kind" });
  assert.deepEqual(await AI.run(MODEL, INPUTS), [1, 2]);
});

test("a content type with parameters is JSON too", async (t) => {
  const headers = { "content-type": "application/json; charset=utf-8" };
  const { AI } = await binding(t, {}, json({ result: 1, success: true, errors: [], messages: [] }, { headers }));
  assert.equal(await AI.run(MODEL, INPUTS), 1);
});

test("a stream is given as a stream while it comes", async (t) => {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  const { AI, requests } = await binding(
    t,
    {},
    stream([{ response: "A" }, { response: "B" }, "[DONE]"], () => opened),
  );
  const answer = await AI.run(MODEL, { ...INPUTS, stream: true });
  assert.ok(answer instanceof ReadableStream);
  const reader = answer.pipeThrough(new TextDecoderStream()).getReader();
  // The second event is not sent before the first was read.
  assert.equal((await reader.read()).value, 'data: {"response":"A"}\n\n');
  open();
  let rest = "";
  for (let part; !(part = await reader.read()).done;) {
    rest += part.value;
  }
  assert.equal(rest, 'data: {"response":"B"}\n\ndata: [DONE]\n\n');
  assert.deepEqual(requests[0].body, { ...INPUTS, stream: true });
});

test("a binary answer is given as a stream of its bytes", async (t) => {
  const { AI } = await binding(
    t,
    {},
    { status: 200, headers: { "content-type": "image/png" }, parts: [Buffer.from([137, 80, 78, 71])] },
  );
  const answer = await AI.run("@cf/black-forest-labs/flux-1-schnell", { prompt: "a cat" });
  assert.deepEqual([...new Uint8Array(await new Response(answer).arrayBuffer())], [137, 80, 78, 71]);
});

test("the raw response has the result alone, its status and its headers", async (t) => {
  const { AI } = await binding(t, {}, wrapped({ response: "A network." }));
  const response = await AI.run(MODEL, INPUTS, { returnRawResponse: true });
  assert.deepEqual([response.status, response.headers.get("cf-aig-log-id")], [200, LOG_ID]);
  assert.deepEqual(await response.json(), { response: "A network." });
});

test("the raw response of anything else is untouched", async (t) => {
  const refused = { result: null, success: false, errors: [{ code: 5007, message: "No such model" }], messages: [] };
  const { AI } = await binding(t, {}, json(refused, { status: 400 }), json({ choices: [] }), stream(["[DONE]"]));
  const raw = () => AI.run(MODEL, INPUTS, { returnRawResponse: true });
  const refusal = await raw();
  assert.equal(refusal.status, 400);
  assert.deepEqual(await refusal.json(), refused);
  assert.equal(await (await raw()).text(), '{"choices":[]}');
  assert.equal(await (await raw()).text(), "data: [DONE]\n\n");
});

test("what is known of the last call is kept", async (t) => {
  const { AI } = await binding(t, {}, json({ response: "" }, { headers: { "cf-ai-req-id": "req-1" } }), stream([]));
  assert.equal(AI.aiGatewayLogId, null);
  await AI.run(MODEL, INPUTS);
  assert.deepEqual([AI.aiGatewayLogId, AI.lastRequestId, AI.lastRequestHttpStatusCode], [LOG_ID, "req-1", 200]);
  await AI.run(MODEL, INPUTS, { returnRawResponse: true });
  assert.deepEqual([AI.aiGatewayLogId, AI.lastRequestId, AI.lastRequestHttpStatusCode], [LOG_ID, null, 200]);
});
