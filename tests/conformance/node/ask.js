/** Calls with the `ai` package that any recording can be the answer to, and what comes of them as comparable data. */

import assert from "node:assert/strict";

import { APICallError, generateText, jsonSchema, streamText, tool } from "ai";

const QUESTION = {
  prompt: "What is the weather in Paris?",
  tools: {
    get_weather: tool({
      description: "The weather of a place",
      inputSchema: jsonSchema({ type: "object", properties: { place: { type: "string" } } }),
    }),
  },
  // A retry of its own would hide what the gateway answered.
  maxRetries: 0,
  include: { responseBody: true },
};

/** What came of a plain call, without what the package makes up: ids where the provider gives none, and times. */
export async function plain(model) {
  const { text, reasoningText, toolCalls, finishReason, usage, response } = await generateText({ model, ...QUESTION });
  const ours = toolCalls.filter(({ providerExecuted }) => !providerExecuted);
  const calls = ours.map(({ toolName, input }) => ({ toolName, input }));
  return { text, reasoningText, calls, finishReason, usage, body: response.body };
}

/** What came of a streamed call, part by part. */
export async function streamed(model) {
  const { fullStream } = streamText({ model, ...QUESTION, onError: () => {} });
  const parts = [];
  for await (const { type, text, delta, toolName, input, finishReason, totalUsage, error } of fullStream) {
    parts.push({ type, text, delta, toolName, input, finishReason, totalUsage, error: error && String(error) });
  }
  return parts;
}

/** The package's typed error. */
export async function refused(model) {
  const error = await generateText({ model, ...QUESTION }).then(assert.fail, (thrown) => thrown);
  assert.ok(APICallError.isInstance(error), String(error));
  const { name, message, statusCode, responseBody, isRetryable } = error;
  return { name, message, statusCode, responseBody, isRetryable };
}
