/** Anthropic's own SDK through the native door, and straight to Anthropic as the control. */

import assert from "node:assert/strict";
import { test } from "node:test";

import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "@anthropic-ai/sdk";

import { KEY } from "./cases.js";
import { errors, events, select } from "./recordings.js";
import { rig } from "./rig.js";
import { whole } from "./upstream.js";

const MESSAGES = /\/messages$/;
const HELLO = { model: "claude-haiku-4-5", max_tokens: 64, messages: [{ role: "user", content: "Hello" }] };
const TOOLS = [{ name: "get_weather", input_schema: { type: "object", properties: {} } }];
const TYPED = {
  400: BadRequestError,
  401: AuthenticationError,
  404: NotFoundError,
  429: RateLimitError,
  529: InternalServerError,
};

const made = rig();
const DOORS = {
  direct: () => `${made.provider.origin}/anthropic`,
  native: () => `${made.prefix}/anthropic`,
};

for (const [door, url] of Object.entries(DOORS)) {
  const client = () => new Anthropic({ baseURL: url(), apiKey: KEY, maxRetries: 0 });
  const request = { ...HELLO, tools: TOOLS };

  for (const recording of select("anthropic", MESSAGES)) {
    test(`${door}: a message ${recording.id}`, async () => {
      made.provider.play(whole(recording));
      assert.deepEqual({ ...(await client().messages.create(request)) }, JSON.parse(recording.body));
      const [{ method, path, headers }] = made.provider.requests;
      // The SDK sends its key so since its version 1; before, it was `x-api-key`.
      assert.deepEqual([method, path, headers.authorization], ["POST", "/anthropic/v1/messages", `Bearer ${KEY}`]);
    });
  }

  for (const recording of select("anthropic", MESSAGES, { streaming: true })) {
    test(`${door}: a stream ${recording.id}`, async () => {
      made.provider.play(whole(recording));
      const received = [];
      for await (const event of await client().messages.create({ ...request, stream: true })) {
        received.push(event);
      }
      // The SDK keeps the events that hold a connection open to itself.
      assert.deepEqual(
        received,
        events(recording).filter(({ type }) => type !== "ping"),
      );
    });
  }

  for (const recording of errors("anthropic", MESSAGES)) {
    test(`${door}: a typed error ${recording.status} ${recording.id}`, async () => {
      made.provider.play(whole(recording));
      const error = await client()
        .messages.create(request)
        .then(assert.fail, (thrown) => thrown);
      assert.ok(error instanceof TYPED[recording.status]);
      assert.deepEqual([error.status, error.error], [recording.status, JSON.parse(recording.body)]);
    });
  }

  test(`${door}: tokens are counted`, async () => {
    const [recording] = select("anthropic", /count_tokens$/);
    made.provider.play(whole(recording));
    const { max_tokens: _, ...counted } = HELLO;
    assert.deepEqual({ ...(await client().messages.countTokens(counted)) }, JSON.parse(recording.body));
  });
}

test("there are tool calls among the recordings, plain and streamed", () => {
  for (const streaming of [false, true]) {
    assert.ok(select("anthropic", MESSAGES, { streaming }).some(({ toolCall }) => toolCall));
  }
});

test("the gateway's own errors are typed and say what was wrong", async () => {
  made.provider.play();
  for (const baseURL of [`${made.gateway.origin}/v1/sdk/nobody/anthropic`]) {
    await assert.rejects(new Anthropic({ baseURL, apiKey: KEY, maxRetries: 0 }).messages.create(HELLO), (error) => {
      assert.ok(error instanceof APIError);
      assert.match(error.message, /nobody/);
      return true;
    });
  }
  assert.deepEqual(made.provider.requests, []);
});
