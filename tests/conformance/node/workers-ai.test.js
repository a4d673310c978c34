/**
 * What is made for Cloudflare's binding, with clients/workers-ai as the binding: `workers-ai-provider`,
 * `ai-gateway-provider`, the binding itself.
 *
 * The control has the scripted server in the gateway's place, so it shows that the packages take this binding.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { AiGatewayDoesNotExist, createAiGateway } from "ai-gateway-provider";
import { createWorkersAI } from "workers-ai-provider";

import { createAI, InferenceUpstreamError } from "../../../clients/workers-ai/src/index.js";
import { plain, refused, streamed } from "./ask.js";
import { KEY } from "./cases.js";
import { needs } from "./has.js";
import { WORKERS_AI } from "./published.js";
import { select } from "./recordings.js";
import { rig } from "./rig.js";
import { json, whole } from "./upstream.js";

const MODEL = "@cf/meta/llama-3.1-8b-instruct";
const made = rig();

/** The binding at the scripted server, and at the gateway. */
const SIDES = {
  control: { origin: () => made.provider.origin, rest: {}, universal: {} },
  gateway: { origin: () => made.gateway.origin, rest: needs("rest"), universal: needs("universal") },
};

for (const [side, { origin, rest, universal }] of Object.entries(SIDES)) {
  const binding = () => createAI({ baseUrl: origin(), account: "sdk", gateway: "plain", cloudflareToken: KEY });
  const workersAI = () => createWorkersAI({ binding: binding(), gateway: { id: "plain" } })(MODEL);

  for (const recording of WORKERS_AI.plain) {
    test(`${side}: workers-ai-provider, a plain answer: ${recording.id}`, rest, async () => {
      made.provider.play(whole(recording));
      const { text, calls, usage } = await plain(workersAI());
      const { result } = JSON.parse(recording.body);
      assert.equal(text, result.response ?? "");
      assert.deepEqual(
        calls.map(({ toolName, input }) => ({ name: toolName, arguments: input })),
        result.tool_calls ?? [],
      );
      assert.equal(usage.outputTokens, result.usage.completion_tokens);
      const [{ method, path, headers }] = made.provider.requests;
      assert.equal(method, "POST");
      assert.match(path, /\/ai\/run\/@cf\/meta\/llama-3\.1-8b-instruct$/);
      assert.equal(headers.authorization, `Bearer ${KEY}`);
    });
  }

  for (const recording of WORKERS_AI.streams) {
    test(`${side}: workers-ai-provider, a stream: ${recording.id}`, rest, async () => {
      made.provider.play(whole(recording));
      const parts = await streamed(workersAI());
      const deltas = parts.filter(({ type }) => type === "text-delta");
      assert.equal(deltas.map(({ text, delta }) => text ?? delta).join(""), "A network.");
      assert.equal(parts.at(-1).type, "finish");
    });
  }

  for (const recording of WORKERS_AI.errors) {
    test(`${side}: workers-ai-provider, a typed error: ${recording.id}`, rest, async () => {
      made.provider.play(whole(recording));
      // The package knows Workers AI's codes, and takes the status from them.
      const { statusCode, isRetryable } = await refused(workersAI());
      assert.deepEqual([statusCode, isRetryable], [recording.status, recording.status === 429]);
      made.provider.play(whole(recording));
      await assert.rejects(binding().run(MODEL, { prompt: "Hello" }), (error) => {
        const [{ code, message }] = JSON.parse(recording.body).errors;
        assert.ok(error instanceof InferenceUpstreamError);
        assert.deepEqual([error.message, error.internalCode], [`${code}: ${message}`, code]);
        return true;
      });
    });
  }

  /** OpenAI, then Anthropic, as one model. */
  const chain = (id = "plain") =>
    createAiGateway({ binding: binding().gateway(id), options: { metadata: { team: "blue" } } })([
      createOpenAI({ apiKey: KEY }).chat("gpt-4o-mini"),
      createAnthropic({ apiKey: KEY })("claude-haiku-4-5"),
    ]);
  /** At the gateway each step is a call of its own; the control answers as a gateway does. */
  const play = (step, recording) => {
    const answer = whole(recording);
    if (side === "control") {
      made.provider.play({ ...answer, headers: { ...answer.headers, "cf-aig-step": String(step) } });
    } else {
      made.provider.play(...Array(step).fill(json(503, { error: { message: "down" } })), answer);
    }
  };
  const STEPS = [
    [0, "openai", /chat\/completions$/],
    [1, "anthropic", /\/messages$/],
  ];

  for (const [step, provider, path] of STEPS) {
    for (const recording of select(provider, path)) {
      test(`${side}: ai-gateway-provider, step ${step} answers: ${recording.id}`, universal, async () => {
        play(step, recording);
        const { text, calls, body } = await plain(chain());
        assert.ok(text.length > 0 || calls.length > 0);
        assert.deepEqual(body, JSON.parse(recording.body));
        assert.equal(calls.length > 0, recording.toolCall);
      });
    }
    for (const recording of select(provider, path, { streaming: true })) {
      test(`${side}: ai-gateway-provider, step ${step} streams: ${recording.id}`, universal, async () => {
        play(step, recording);
        const types = (await streamed(chain())).map(({ type }) => type);
        assert.ok(types.includes("text-delta") || types.includes("tool-call"));
        assert.deepEqual([types.at(-1), types.includes("error")], ["finish", false]);
      });
    }
  }

  test(`${side}: ai-gateway-provider, a gateway that does not exist`, universal, async () => {
    const error = [{ code: 2001, message: "no such gateway" }];
    made.provider.play(json(400, { success: false, result: [], messages: [], error, name: "AiGatewayError" }));
    await assert.rejects(plain(chain("nobody")), AiGatewayDoesNotExist);
  });
}
