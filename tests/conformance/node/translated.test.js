/** The SDKs of OpenAI and Anthropic at the doors that lead to every provider: one format, and another model's name. */

import assert from "node:assert/strict";
import { test } from "node:test";

import Anthropic, { APIError as AnthropicError } from "@anthropic-ai/sdk";
import OpenAI, { APIError as OpenAIError } from "openai";

import { plain, streamed } from "./ask.js";
import { CASES, KEY } from "./cases.js";
import { HAS, needs } from "./has.js";
import { select } from "./recordings.js";
import { rig } from "./rig.js";
import { byChunks, byCompletion, byMessage, byPackage, byPackageStream, toldOf } from "./said.js";
import { whole } from "./upstream.js";

const PROMPT = [{ role: "user", content: "What is the weather in Paris?" }];
const SCHEMA = { type: "object", properties: { place: { type: "string" } } };

const made = rig();

/** Who answers chats, once for each type. */
const TARGETS = CASES.filter(({ name, type }) => name === type);

/** OpenRouter can fail after it has said why it finished. That is no answer to compare; ai.test.js plays it. */
const isAnswer = ({ body }) => !/"error":\s*\{/.test(body);

/** OpenAI's SDK at the two doors of chat completions, and straight to a provider that answers so itself. */
const CHAT = { compat: () => `${made.prefix}/compat`, v1: () => `${made.gateway.origin}/v1` };

function chat(baseURL, model, options = {}) {
  const client = new OpenAI({ baseURL, apiKey: KEY, maxRetries: 0 });
  const tools = [{ type: "function", function: { name: "get_weather", parameters: SCHEMA } }];
  return client.chat.completions.create({ model, messages: PROMPT, tools, ...options });
}

async function chatStream(baseURL, model) {
  const chunks = [];
  for await (const chunk of await chat(baseURL, model, { stream: true, stream_options: { include_usage: true } })) {
    chunks.push(chunk);
  }
  return chunks;
}

/** Anthropic's SDK at its door, and straight to Anthropic. */
const messages = (baseURL) => new Anthropic({ baseURL, apiKey: KEY, maxRetries: 0 }).messages;
const request = (model) => ({
  model,
  max_tokens: 64,
  messages: PROMPT,
  tools: [{ name: "get_weather", input_schema: SCHEMA }],
});

/** Lets a provider answer so to the one who reads it for us, and then to the SDK at the door. */
async function both(recording, control, call) {
  made.provider.play(whole(recording), whole(recording));
  return [await control(), await call()];
}

/** That the SDK read what the package did, as far as the package knows it. */
function agree(answer, recording, expected) {
  const told = toldOf(expected, recording);
  assert.deepEqual(Object.fromEntries(Object.keys(told).map((name) => [name, answer[name]])), told);
}

/** Lets a provider refuse, and checks that the SDK's own error has its status and its words. */
async function refusal(recording, kind, call) {
  made.provider.play(whole(recording));
  const error = await call().then(assert.fail, (thrown) => thrown);
  assert.ok(error instanceof kind);
  assert.equal(error.status, recording.status);
  const [plainly, quoted] = [told(recording), JSON.stringify(told(recording)).slice(1, -1)];
  assert.ok(error.message.includes(plainly) || error.message.includes(quoted), `${error.message} has ${plainly}`);
}

/** What a provider says is wrong, in any of their formats; some say it in plain text. */
function told({ headers, body }) {
  if (headers["content-type"]?.startsWith("text/")) {
    return body.trim();
  }
  const { error, message } = JSON.parse(body);
  return error?.message ?? error ?? message;
}

for (const one of TARGETS) {
  const { type, chat: isChat, model, direct, plain: answers, errors } = one;
  const streams = one.streams.filter(isAnswer);
  const straight = () => made.provider.origin + direct;
  const read = (ask) => () => ask(model(straight()));
  const name = `${type}/some-model`;

  for (const [door, url] of Object.entries(CHAT)) {
    for (const recording of answers) {
      test(`OpenAI's SDK at ${door} to ${type}: ${recording.id}`, needs("chat", type), async () => {
        const control = isChat ? () => chat(straight(), "some-model") : read(plain);
        const [expected, answer] = await both(recording, control, () => chat(url(), name));
        if (isChat) {
          assert.deepEqual(answer, expected);
        } else {
          agree(byCompletion(answer), recording, byPackage(expected));
        }
      });
    }
    for (const recording of streams) {
      test(`OpenAI's SDK at ${door} to ${type}, a stream: ${recording.id}`, needs("chat", type), async () => {
        const control = isChat ? () => chatStream(straight(), "some-model") : read(streamed);
        const [expected, chunks] = await both(recording, control, () => chatStream(url(), name));
        if (isChat) {
          assert.deepEqual(chunks, expected);
        } else {
          agree(byChunks(chunks), recording, byPackageStream(expected));
        }
      });
    }
    for (const recording of errors) {
      test(`OpenAI's SDK at ${door} to ${type}, ${recording.status}: ${recording.id}`, needs("chat", type), () =>
        refusal(recording, OpenAIError, () => chat(url(), name)),
      );
    }
  }

  for (const recording of one.messages === false ? [] : answers) {
    test(`Anthropic's SDK to ${type}: ${recording.id}`, needs("messages", type), async () => {
      const call = () => messages(made.gateway.origin).create(request(name));
      const [expected, answer] = await both(recording, read(plain), call);
      agree(byMessage(answer), recording, byPackage(expected));
    });
  }
  for (const recording of one.messages === false ? [] : streams) {
    test(`Anthropic's SDK to ${type}, a stream: ${recording.id}`, needs("messages", type), async () => {
      const call = () => messages(made.gateway.origin).stream(request(name)).finalMessage();
      const [expected, answer] = await both(recording, read(streamed), call);
      agree(byMessage(answer), recording, byPackageStream(expected));
    });
  }
  for (const recording of errors) {
    test(`Anthropic's SDK to ${type}, ${recording.status}: ${recording.id}`, needs("messages", type), () =>
      refusal(recording, AnthropicError, () => messages(made.gateway.origin).create(request(name))),
    );
  }
}

for (const recording of select("anthropic", /\/messages$/)) {
  test(
    `Anthropic's SDK by a model's name to Anthropic, untouched: ${recording.id}`,
    needs("messages", "anthropic"),
    async () => {
      const control = () => messages(`${made.provider.origin}/anthropic`).create(request("some-model"));
      const call = () => messages(made.gateway.origin).create(request("anthropic/some-model"));
      const [expected, answer] = await both(recording, control, call);
      assert.deepEqual(answer, expected);
    },
  );
}

test("every type that a door reaches is among the cases", () => {
  const known = TARGETS.map(({ type }) => type);
  const others = ["workers-ai", "huggingface", "replicate"];
  assert.deepEqual(
    [...HAS.chat, ...HAS.messages].filter((type) => !known.includes(type) && !others.includes(type)),
    [],
  );
});
