/** The SDKs of OpenAI and Anthropic at the doors that lead to every provider: one format, and another model's name. */

import assert from "node:assert/strict";
import { test } from "node:test";

import Anthropic, { APIError as AnthropicError } from "@anthropic-ai/sdk";
import OpenAI, { APIError as OpenAIError } from "openai";

import { plain, refused, streamed } from "./ask.js";
import { CASES, KEY } from "./cases.js";
import { HAS, needs } from "./has.js";
import { events } from "./recordings.js";
import { rig } from "./rig.js";
import { byChunks, byCompletion, byMessage, byPackage, byPackageStream } from "./said.js";
import { whole } from "./upstream.js";

const PROMPT = [{ role: "user", content: "What is the weather in Paris?" }];
const SCHEMA = { type: "object", properties: { place: { type: "string" } } };

const made = rig();

/** Who answers chats, once for each type. */
const TARGETS = CASES.filter(({ name, type }) => name === type);

/** OpenAI's SDK at the two doors of chat completions. */
const CHAT = { compat: () => `${made.prefix}/compat`, v1: () => `${made.gateway.origin}/v1` };

function chat(url, type, options = {}) {
  const client = new OpenAI({ baseURL: url(), apiKey: KEY, maxRetries: 0 });
  const tools = [{ type: "function", function: { name: "get_weather", parameters: SCHEMA } }];
  return client.chat.completions.create({ model: `${type}/some-model`, messages: PROMPT, tools, ...options });
}

async function chatStream(url, type) {
  const chunks = [];
  for await (const chunk of await chat(url, type, { stream: true, stream_options: { include_usage: true } })) {
    chunks.push(chunk);
  }
  return chunks;
}

/** Anthropic's SDK at its door. */
const messages = {
  client: () => new Anthropic({ baseURL: made.gateway.origin, apiKey: KEY, maxRetries: 0 }).messages,
  request: (type) => ({
    model: `${type}/some-model`,
    max_tokens: 64,
    messages: PROMPT,
    tools: [{ name: "get_weather", input_schema: SCHEMA }],
  }),
};

/** Lets a provider answer so, twice: to the package that reads it for us, and to the SDK at the door. */
async function both(recording, control, call) {
  made.provider.play(whole(recording), whole(recording));
  return [await control(), await call()];
}

/** What a refusal says in the provider's own words, as far as its package finds them. */
function words({ message, statusCode }, { status, message: told }) {
  assert.equal(status, statusCode);
  assert.ok(told.includes(message) || message.includes(told.replace(/^\d+ /, "")), `${told} has ${message}`);
}

for (const { type, chat: isChat, model, direct, ...recorded } of TARGETS) {
  const control = (ask) => () => ask(model(made.provider.origin + direct));

  for (const [door, url] of Object.entries(CHAT)) {
    for (const recording of recorded.plain) {
      test(`OpenAI's SDK at ${door} to ${type}: ${recording.id}`, needs("chat", type), async () => {
        const [read, answer] = await both(recording, control(plain), () => chat(url, type));
        if (isChat) {
          assert.deepEqual({ ...answer }, JSON.parse(recording.body));
        } else {
          assert.deepEqual(byCompletion(answer), byPackage(read));
        }
      });
    }
    for (const recording of recorded.streams) {
      test(`OpenAI's SDK at ${door} to ${type}, a stream: ${recording.id}`, needs("chat", type), async () => {
        const [read, chunks] = await both(recording, control(streamed), () => chatStream(url, type));
        if (isChat) {
          assert.deepEqual(chunks, events(recording));
        } else {
          assert.deepEqual(byChunks(chunks), byPackageStream(read));
        }
      });
    }
    for (const recording of recorded.errors) {
      test(
        `OpenAI's SDK at ${door} to ${type}, ${recording.status}: ${recording.id}`,
        needs("chat", type),
        async () => {
          const call = () => chat(url, type).then(assert.fail, (thrown) => thrown);
          const [read, error] = await both(recording, control(refused), call);
          assert.ok(error instanceof OpenAIError);
          words(read, error);
        },
      );
    }
  }

  for (const recording of recorded.plain) {
    test(`Anthropic's SDK to ${type}: ${recording.id}`, needs("messages", type), async () => {
      const call = () => messages.client().create(messages.request(type));
      const [read, answer] = await both(recording, control(plain), call);
      if (type === "anthropic") {
        assert.deepEqual({ ...answer }, JSON.parse(recording.body));
      } else {
        assert.deepEqual(byMessage(answer), byPackage(read));
      }
    });
  }
  for (const recording of recorded.streams) {
    test(`Anthropic's SDK to ${type}, a stream: ${recording.id}`, needs("messages", type), async () => {
      const call = () => messages.client().stream(messages.request(type)).finalMessage();
      const [read, answer] = await both(recording, control(streamed), call);
      assert.deepEqual(byMessage(answer), byPackageStream(read));
    });
  }
  for (const recording of recorded.errors) {
    test(`Anthropic's SDK to ${type}, ${recording.status}: ${recording.id}`, needs("messages", type), async () => {
      const call = () =>
        messages
          .client()
          .create(messages.request(type))
          .then(assert.fail, (thrown) => thrown);
      const [read, error] = await both(recording, control(refused), call);
      assert.ok(error instanceof AnthropicError);
      words(read, error);
    });
  }
}

test("every type that a door reaches is among the cases", () => {
  const known = TARGETS.map(({ type }) => type);
  const others = ["workers-ai", "huggingface", "replicate"];
  assert.deepEqual(
    [...HAS.chat, ...HAS.messages].filter((type) => !known.includes(type) && !others.includes(type)),
    [],
  );
});
