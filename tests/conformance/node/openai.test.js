/** OpenAI's own SDK at every door that leads to OpenAI, and straight to it as the control. */

import assert from "node:assert/strict";
import { test } from "node:test";

import OpenAI, {
  APIError,
  AuthenticationError,
  AzureOpenAI,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "openai";

import { KEY } from "./cases.js";
import { needs } from "./has.js";
import { errors, events, select } from "./recordings.js";
import { rig } from "./rig.js";
import { json, whole } from "./upstream.js";

const CHAT = /chat\/completions$/;
const RESPONSES = /\/responses$/;
const HELLO = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] };
const TOOLS = [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }];
const TYPED = { 400: BadRequestError, 401: AuthenticationError, 404: NotFoundError, 429: RateLimitError };

const made = rig();

/** The base URLs by which OpenAI is reached, and what stands before a model's name there. */
const DOORS = {
  direct: { url: () => `${made.provider.origin}/openai/v1`, prefix: "" },
  native: { url: () => `${made.prefix}/openai`, prefix: "" },
  "native with v1": { url: () => `${made.prefix}/openai/v1`, prefix: "" },
  compat: { url: () => `${made.prefix}/compat`, prefix: "openai/" },
  v1: { url: () => `${made.gateway.origin}/v1`, prefix: "openai/" },
};
const NATIVE = ["direct", "native", "native with v1"];

/** A retry of its own would hide what the gateway answered. */
function client(door) {
  return new OpenAI({ baseURL: DOORS[door].url(), apiKey: KEY, maxRetries: 0 });
}

/** Asks with a recording as the answer, and checks what the provider was asked. */
async function asked(recording, path, call) {
  made.provider.play(whole(recording));
  const answer = await call();
  const [{ method, path: arrived, headers, body }] = made.provider.requests;
  assert.deepEqual([method, arrived, headers.authorization], ["POST", path, `Bearer ${KEY}`]);
  assert.equal(JSON.parse(body).model, "gpt-4o-mini");
  assert.equal(made.provider.requests.length, 1);
  return answer;
}

async function all(stream) {
  const gathered = [];
  for await (const one of stream) {
    gathered.push(one);
  }
  return gathered;
}

for (const [door, { prefix }] of Object.entries(DOORS)) {
  const request = { ...HELLO, model: prefix + HELLO.model, tools: TOOLS };

  for (const recording of select("openai", CHAT)) {
    test(`${door}: a completion ${recording.id}`, async () => {
      const call = () => client(door).chat.completions.create(request);
      assert.deepEqual(
        { ...(await asked(recording, "/openai/v1/chat/completions", call)) },
        JSON.parse(recording.body),
      );
    });
  }

  for (const recording of select("openai", CHAT, { streaming: true })) {
    test(`${door}: a stream ${recording.id}`, async () => {
      const usage = { stream_options: { include_usage: true } };
      const call = () => client(door).chat.completions.create({ ...request, ...usage, stream: true });
      const chunks = await all(await asked(recording, "/openai/v1/chat/completions", call));
      assert.deepEqual(chunks, events(recording));
    });
  }

  for (const recording of errors("openai", CHAT)) {
    test(`${door}: a typed error ${recording.status} ${recording.id}`, async () => {
      made.provider.play(whole(recording));
      const error = await client(door)
        .chat.completions.create(request)
        .then(assert.fail, (thrown) => thrown);
      assert.equal(error.constructor, TYPED[recording.status]);
      assert.deepEqual([error.status, error.error], [recording.status, JSON.parse(recording.body).error]);
    });
  }

  test(`${door}: a failing provider's answer passes`, async () => {
    const body = { error: { message: "The server had an error", type: "server_error", param: null, code: null } };
    made.provider.play(json(503, body));
    await assert.rejects(client(door).chat.completions.create(request), (error) => {
      assert.ok(error instanceof InternalServerError);
      assert.deepEqual([error.status, error.error], [503, body.error]);
      return true;
    });
  });
}

test("there are tool calls among the recordings, plain and streamed", () => {
  for (const streaming of [false, true]) {
    assert.ok(select("openai", CHAT, { streaming }).some(({ toolCall }) => toolCall));
  }
});

for (const door of NATIVE) {
  const request = { model: "gpt-4o-mini", input: "Hello" };

  for (const recording of select("openai", RESPONSES)) {
    test(`${door}: a response ${recording.id}`, async () => {
      const answer = await asked(recording, "/openai/v1/responses", () => client(door).responses.create(request));
      const { output_text: text, ...response } = answer;
      assert.deepEqual(response, JSON.parse(recording.body));
      assert.equal(typeof text, "string");
    });
  }

  for (const recording of select("openai", RESPONSES, { streaming: true })) {
    test(`${door}: a response's stream ${recording.id}`, async () => {
      const call = () => client(door).responses.create({ ...request, stream: true });
      const received = await all(await asked(recording, "/openai/v1/responses", call));
      assert.deepEqual(JSON.parse(JSON.stringify(received)), events(recording));
    });
  }

  for (const recording of errors("openai", RESPONSES)) {
    test(`${door}: a response's typed error ${recording.status} ${recording.id}`, async () => {
      made.provider.play(whole(recording));
      const error = await client(door)
        .responses.create(request)
        .then(assert.fail, (thrown) => thrown);
      assert.ok(error instanceof TYPED[recording.status]);
      assert.deepEqual(error.error, JSON.parse(recording.body).error);
    });
  }
}

for (const recording of select("openai", /\/embeddings$/)) {
  test(`embeddings are the same at every native door ${recording.id}`, async () => {
    const request = { model: "gpt-4o-mini", input: "Hello" };
    const embed = (door) => () => client(door).embeddings.create(request);
    const direct = await asked(recording, "/openai/v1/embeddings", embed("direct"));
    assert.ok(direct.data.every(({ embedding }) => embedding.length > 0 && embedding.every(Number.isFinite)));
    for (const door of NATIVE) {
      const got = await asked(recording, "/openai/v1/embeddings", embed(door));
      assert.deepEqual({ ...got }, { ...direct });
    }
  });
}

test("the gateway's own errors are typed and say what was wrong", async () => {
  made.provider.play();
  const cases = [
    [`${made.gateway.origin}/v1/sdk/nobody/openai`, "gpt-4o-mini", NotFoundError, /nobody/],
    [`${made.prefix}/nobody`, "gpt-4o-mini", NotFoundError, /nobody/],
    [`${made.gateway.origin}/v1`, "nobody/gpt-4o-mini", NotFoundError, /nobody/],
    [`${made.gateway.origin}/v1`, "", APIError, /model/],
  ];
  for (const [baseURL, model, kind, words] of cases) {
    const client = new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 });
    await assert.rejects(client.chat.completions.create({ ...HELLO, model }), (error) => {
      assert.ok(error instanceof kind);
      assert.match(error.message, words);
      assert.equal(error.headers.get("cf-aig-error-source"), "gateway");
      return true;
    });
  }
  assert.deepEqual(made.provider.requests, []);
});

const AZURE = {
  "azure direct": { url: () => `${made.provider.origin}/azure/openai`, needed: {} },
  "azure native": { url: () => `${made.prefix}/azure-openai/example/openai`, needed: needs("native", "azure-openai") },
};

for (const [door, { url, needed }] of Object.entries(AZURE)) {
  const azure = () => new AzureOpenAI({ baseURL: url(), apiKey: KEY, apiVersion: "2025-01-01-preview", maxRetries: 0 });
  const path = "/azure/openai/deployments/gpt-5-mini/chat/completions?api-version=2025-01-01-preview";
  const deployment = /deployments\/.*chat\/completions$/;
  const request = { ...HELLO, model: "gpt-5-mini" };

  test(`${door}: completions, streams and errors of Azure's client`, needed, async () => {
    for (const recording of select("azure-openai", deployment)) {
      made.provider.play(whole(recording));
      assert.deepEqual({ ...(await azure().chat.completions.create(request)) }, JSON.parse(recording.body));
      const [{ path: arrived, headers }] = made.provider.requests;
      assert.deepEqual([arrived, headers["api-key"]], [path, KEY]);
    }
    for (const recording of select("azure-openai", deployment, { streaming: true })) {
      made.provider.play(whole(recording));
      const stream = await azure().chat.completions.create({ ...request, stream: true });
      assert.deepEqual(await all(stream), events(recording));
    }
    for (const recording of errors("azure-openai", deployment)) {
      made.provider.play(whole(recording));
      await assert.rejects(azure().chat.completions.create(request), TYPED[recording.status]);
    }
  });
}
