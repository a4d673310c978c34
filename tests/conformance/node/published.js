/**
 * Answers of services that nobody recorded, as their own documents show them.
 *
 * AWS: the API reference of Bedrock's `Converse` and `ConverseStream` (2026-10). Cloudflare: the pages of Workers AI on
 * its REST API, streaming, function calling and errors (2026-07).
 */

import { EventStreamCodec } from "@smithy/eventstream-codec";

const encode = (text) => new TextEncoder().encode(text);
const codec = new EventStreamCodec((bytes) => new TextDecoder().decode(bytes), encode);
const JSON_TYPE = { "content-type": "application/json" };

function answer(id, body, status = 200, headers = JSON_TYPE) {
  return { id, status, headers, body: JSON.stringify(body), streaming: false, toolCall: id === "tool" };
}

/** A stream of server-sent events. */
function sse(id, events) {
  const body = [...events.map((event) => JSON.stringify(event)), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");
  return {
    id,
    status: 200,
    headers: { "content-type": "text/event-stream" },
    body,
    streaming: true,
    toolCall: id === "tool",
  };
}

/** A stream in AWS's binary frames. */
function frames(id, events) {
  const encoded = events.map(([type, body]) => {
    const header = (value) => ({ type: "string", value });
    const headers = {
      ":event-type": header(type),
      ":content-type": header("application/json"),
      ":message-type": header("event"),
    };
    return codec.encode({ headers, body: encode(JSON.stringify(body)) });
  });
  const headers = { "content-type": "application/vnd.amazon.eventstream" };
  return { id, status: 200, headers, body: Buffer.concat(encoded), streaming: true, toolCall: id === "tool" };
}

const METRICS = { metrics: { latencyMs: 1275 } };

export const BEDROCK = {
  plain: [
    answer("text", {
      output: { message: { role: "assistant", content: [{ text: "Here are three songs." }] } },
      stopReason: "end_turn",
      usage: { inputTokens: 30, outputTokens: 628, totalTokens: 658 },
      ...METRICS,
    }),
    answer("tool", {
      output: {
        message: {
          role: "assistant",
          content: [
            { text: "I look it up." },
            {
              toolUse: { toolUseId: "tooluse_kZJMlvQmRJ6eAyJE5GIl7Q", name: "get_weather", input: { place: "Paris" } },
            },
          ],
        },
      },
      stopReason: "tool_use",
      usage: { inputTokens: 125, outputTokens: 60, totalTokens: 185 },
      ...METRICS,
    }),
  ],
  streams: [
    frames("text", [
      ["messageStart", { role: "assistant" }],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Here are " } }],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "three songs." } }],
      ["contentBlockStop", { contentBlockIndex: 0 }],
      ["messageStop", { stopReason: "end_turn" }],
      ["metadata", { usage: { inputTokens: 30, outputTokens: 628, totalTokens: 658 }, ...METRICS }],
    ]),
    frames("tool", [
      ["messageStart", { role: "assistant" }],
      [
        "contentBlockStart",
        { contentBlockIndex: 0, start: { toolUse: { toolUseId: "tooluse_1", name: "get_weather" } } },
      ],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { toolUse: { input: '{"place": ' } } }],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { toolUse: { input: '"Paris"}' } } }],
      ["contentBlockStop", { contentBlockIndex: 0 }],
      ["messageStop", { stopReason: "tool_use" }],
      ["metadata", { usage: { inputTokens: 125, outputTokens: 60, totalTokens: 185 }, ...METRICS }],
    ]),
  ],
  errors: [
    answer("throttled", { message: "Too many requests, please wait before trying again." }, 429, {
      ...JSON_TYPE,
      "x-amzn-errortype": "ThrottlingException",
    }),
    answer("invalid", { message: "The provided model identifier is invalid." }, 400, {
      ...JSON_TYPE,
      "x-amzn-errortype": "ValidationException",
    }),
  ],
};

const USAGE = { prompt_tokens: 22, completion_tokens: 7, total_tokens: 29 };

function envelope(result) {
  return { result, success: true, errors: [], messages: [] };
}

export const WORKERS_AI = {
  plain: [
    answer("text", envelope({ response: "A network.", usage: USAGE })),
    answer(
      "tool",
      envelope({ response: null, tool_calls: [{ name: "get_weather", arguments: { place: "Paris" } }], usage: USAGE }),
    ),
  ],
  streams: [sse("text", [{ response: "A " }, { response: "network." }, { response: "", usage: USAGE }])],
  errors: [
    answer(
      "capacity",
      { result: {}, success: false, errors: [{ code: 3040, message: "Out of capacity" }], messages: [] },
      429,
    ),
    answer(
      "model",
      { result: {}, success: false, errors: [{ code: 5007, message: "No such model" }], messages: [] },
      400,
    ),
  ],
};
