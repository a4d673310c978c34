/**
 * Every provider as the `ai` package reaches it: its provider package with another base URL, and what the service
 * answers. The base URLs are those packages' defaults with another host.
 */

import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createAzure } from "@ai-sdk/azure";
import { createCerebras } from "@ai-sdk/cerebras";
import { createCohere } from "@ai-sdk/cohere";
import { createDeepSeek } from "@ai-sdk/deepseek";
import { createFireworks } from "@ai-sdk/fireworks";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createGoogleVertex } from "@ai-sdk/google-vertex";
import { createGoogleVertexAnthropic } from "@ai-sdk/google-vertex/anthropic";
import { createGroq } from "@ai-sdk/groq";
import { createMistral } from "@ai-sdk/mistral";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createPerplexity } from "@ai-sdk/perplexity";
import { createXai } from "@ai-sdk/xai";
import { createOpenRouter } from "@openrouter/ai-sdk-provider";

import { BEDROCK } from "./published.js";
import { errors, select } from "./recordings.js";

export const KEY = "sk-the-callers-own-key";
const BEARER = ["authorization", `Bearer ${KEY}`];
const CHAT = /chat\/completions$/;

/** What was recorded of one endpoint; Gemini has another one for streams. */
function recorded(provider, path, streamPath = path) {
  return { ...answers(provider, path, streamPath), errors: errors(provider, path) };
}

/** The same without errors. */
function answers(provider, path, streamPath = path) {
  return {
    plain: select(provider, path).filter(asked),
    streams: select(provider, streamPath, { streaming: true }).filter(asked),
  };
}

/** Whether the package would have asked so: some clients of Gemini want integers for enums, and streams as an array. */
function asked({ query, format }) {
  return !query.includes("enum-encoding") && format !== "json-array";
}

/** Of types that stand for any service that answers as OpenAI does. */
const LIKE_OPENAI = recorded("openai", CHAT);

/** For xAI, Cerebras and Fireworks: no refusal of theirs was recorded there. */
const OPENAI_ERRORS = errors("openai", CHAT);

/** Vertex AI's paths name a project and a region. */
const VERTEX = "projects/example/locations/us-east5/publishers";

/**
 * - `type`: the provider's type, and its name at the gateway
 * - `options`: what else its spec says
 * - `chat`: that it answers chat completions as OpenAI does, so nothing is translated
 * - `messages`: false where it is asked in Messages by who speaks Messages, and nothing of that was recorded
 * - `baseUrl`: of the provider, below the scripted upstream; written as that provider's SDK takes it
 * - `door`: what the package's base URL ends with at the gateway
 * - `direct`: the same at the provider itself
 * - `model`: makes the package's model for a base URL
 * - `path`: where a plain call has to arrive
 * - `key`: the header that has to bring the caller's key
 */
export const CASES = [
  {
    type: "openai",
    chat: true,
    baseUrl: "/openai/v1",
    door: "/openai",
    direct: "/openai/v1",
    model: (baseURL) => createOpenAI({ baseURL, apiKey: KEY }).chat("gpt-4o-mini"),
    path: "/openai/v1/chat/completions",
    key: BEARER,
    ...recorded("openai", CHAT),
  },
  {
    name: "openai responses",
    type: "openai",
    baseUrl: "/openai/v1",
    door: "/openai/v1",
    direct: "/openai/v1",
    model: (baseURL) => createOpenAI({ baseURL, apiKey: KEY }).responses("gpt-4o-mini"),
    path: "/openai/v1/responses",
    key: BEARER,
    ...recorded("openai", /\/responses$/),
  },
  {
    type: "anthropic",
    baseUrl: "/anthropic",
    door: "/anthropic/v1",
    direct: "/anthropic/v1",
    model: (baseURL) => createAnthropic({ baseURL, apiKey: KEY })("claude-haiku-4-5"),
    path: "/anthropic/v1/messages",
    key: ["x-api-key", KEY],
    ...recorded("anthropic", /\/messages$/),
  },
  {
    type: "openai-compatible",
    chat: true,
    baseUrl: "/compatible/v1",
    door: "/openai-compatible",
    direct: "/compatible/v1",
    model: (baseURL) => createOpenAICompatible({ name: "local", baseURL, apiKey: KEY })("llama-3"),
    path: "/compatible/v1/chat/completions",
    key: BEARER,
    ...LIKE_OPENAI,
  },
  {
    type: "custom",
    chat: true,
    baseUrl: "/custom/v1",
    door: "/custom",
    direct: "/custom/v1",
    model: (baseURL) => createOpenAICompatible({ name: "own", baseURL, apiKey: KEY })("llama-3"),
    path: "/custom/v1/chat/completions",
    key: BEARER,
    ...LIKE_OPENAI,
  },
  {
    type: "google-ai-studio",
    baseUrl: "/google",
    door: "/google-ai-studio/v1beta",
    direct: "/google/v1beta",
    model: (baseURL) => createGoogleGenerativeAI({ baseURL, apiKey: KEY })("gemini-2.5-flash"),
    path: "/google/v1beta/models/gemini-2.5-flash:generateContent",
    key: ["x-goog-api-key", KEY],
    ...recorded("google-ai-studio", /:generateContent$/, /:streamGenerateContent$/),
  },
  {
    type: "google-vertex-ai",
    baseUrl: "/vertex",
    options: { vertex: { project: "example", region: "us-east5" } },
    door: `/google-vertex-ai/v1beta1/${VERTEX}/google`,
    direct: `/vertex/v1beta1/${VERTEX}/google`,
    // With a token and a project, or Google's library would look for them on the network.
    model: (baseURL) =>
      createGoogleVertex({
        baseURL,
        project: "example",
        googleAuthOptions: { authClient: { getAccessToken: async () => ({ token: KEY }) } },
      })("gemini-2.5-flash"),
    path: `/vertex/v1beta1/${VERTEX}/google/models/gemini-2.5-flash:generateContent`,
    key: BEARER,
    ...recorded("google-vertex-ai", /:generateContent$/, /:streamGenerateContent$/),
  },
  {
    name: "google-vertex-ai, Claude",
    type: "google-vertex-ai",
    baseUrl: "/vertex",
    door: `/google-vertex-ai/v1/${VERTEX}/anthropic/models`,
    direct: `/vertex/v1/${VERTEX}/anthropic/models`,
    model: (baseURL) =>
      createGoogleVertexAnthropic({ baseURL, generateAuthToken: async () => KEY })("claude-3-7-sonnet@20250219"),
    path: `/vertex/v1/${VERTEX}/anthropic/models/claude-3-7-sonnet@20250219:rawPredict`,
    key: BEARER,
    ...answers("google-vertex-ai", /:rawPredict$/, /:streamRawPredict$/),
    // The one that was recorded there: too many calls, which Google says itself.
    errors: errors("google-vertex-ai", /:generateContent$/),
  },
  {
    type: "cohere",
    baseUrl: "/cohere",
    door: "/cohere/v2",
    direct: "/cohere/v2",
    model: (baseURL) => createCohere({ baseURL, apiKey: KEY })("command-a-03-2025"),
    path: "/cohere/v2/chat",
    key: BEARER,
    ...recorded("cohere", /v2\/chat$/),
  },
  {
    type: "groq",
    chat: true,
    baseUrl: "/groq/openai/v1",
    door: "/groq",
    direct: "/groq/openai/v1",
    model: (baseURL) => createGroq({ baseURL, apiKey: KEY })("llama-3.3-70b-versatile"),
    path: "/groq/openai/v1/chat/completions",
    key: BEARER,
    ...recorded("groq", CHAT),
  },
  {
    type: "mistral",
    chat: true,
    baseUrl: "/mistral/v1",
    door: "/mistral/v1",
    direct: "/mistral/v1",
    model: (baseURL) => createMistral({ baseURL, apiKey: KEY })("mistral-small-latest"),
    path: "/mistral/v1/chat/completions",
    key: BEARER,
    ...recorded("mistral", CHAT),
  },
  {
    type: "xai",
    chat: true,
    baseUrl: "/xai/v1",
    door: "/xai/v1",
    direct: "/xai/v1",
    model: (baseURL) => createXai({ baseURL, apiKey: KEY }).chat("grok-4"),
    path: "/xai/v1/chat/completions",
    key: BEARER,
    ...answers("xai", CHAT),
    errors: OPENAI_ERRORS,
  },
  {
    type: "deepseek",
    chat: true,
    messages: false,
    baseUrl: "/deepseek",
    door: "/deepseek",
    direct: "/deepseek",
    model: (baseURL) => createDeepSeek({ baseURL, apiKey: KEY })("deepseek-chat"),
    path: "/deepseek/chat/completions",
    key: BEARER,
    ...recorded("deepseek", CHAT),
  },
  {
    type: "perplexity-ai",
    chat: true,
    baseUrl: "/perplexity",
    door: "/perplexity-ai",
    direct: "/perplexity",
    model: (baseURL) => createPerplexity({ baseURL, apiKey: KEY })("sonar"),
    path: "/perplexity/chat/completions",
    key: BEARER,
    ...recorded("perplexity-ai", CHAT),
  },
  {
    type: "cerebras",
    chat: true,
    baseUrl: "/cerebras/v1",
    door: "/cerebras/v1",
    direct: "/cerebras/v1",
    model: (baseURL) => createCerebras({ baseURL, apiKey: KEY })("llama3.1-8b"),
    path: "/cerebras/v1/chat/completions",
    key: BEARER,
    ...answers("cerebras", CHAT),
    errors: OPENAI_ERRORS,
  },
  {
    type: "openrouter",
    chat: true,
    baseUrl: "/openrouter/api/v1",
    door: "/openrouter/v1",
    direct: "/openrouter/api/v1",
    model: (baseURL) => createOpenRouter({ baseURL, apiKey: KEY }).chat("openai/gpt-4o-mini"),
    path: "/openrouter/api/v1/chat/completions",
    key: BEARER,
    ...recorded("openrouter", CHAT),
  },
  {
    type: "fireworks",
    chat: true,
    baseUrl: "/fireworks/inference/v1",
    door: "/fireworks",
    direct: "/fireworks/inference/v1",
    model: (baseURL) => createFireworks({ baseURL, apiKey: KEY })("accounts/fireworks/models/llama-v3p1-8b-instruct"),
    path: "/fireworks/inference/v1/chat/completions",
    key: BEARER,
    ...answers("fireworks", CHAT),
    errors: OPENAI_ERRORS,
  },
  {
    type: "azure-openai",
    chat: true,
    baseUrl: "/azure",
    door: "/azure-openai/example/openai/v1",
    direct: "/azure/openai/v1",
    model: (baseURL) => createAzure({ baseURL, apiKey: KEY }).chat("gpt-5-mini"),
    path: "/azure/openai/v1/chat/completions",
    key: ["api-key", KEY],
    ...recorded("azure-openai", CHAT),
  },
  {
    name: "azure-openai by deployment",
    type: "azure-openai",
    baseUrl: "/azure",
    door: "/azure-openai/example/openai",
    direct: "/azure/openai",
    model: (baseURL) =>
      createAzure({ baseURL, apiKey: KEY, apiVersion: "2025-01-01-preview", useDeploymentBasedUrls: true }).chat(
        "gpt-5-mini",
      ),
    path: "/azure/openai/deployments/gpt-5-mini/chat/completions?api-version=2025-01-01-preview",
    key: ["api-key", KEY],
    ...recorded("azure-openai", /deployments\/.*chat\/completions$/),
  },
  {
    name: "azure-openai responses",
    type: "azure-openai",
    baseUrl: "/azure",
    door: "/azure-openai/example/openai/v1",
    direct: "/azure/openai/v1",
    model: (baseURL) => createAzure({ baseURL, apiKey: KEY }).responses("gpt-5-mini"),
    path: "/azure/openai/v1/responses",
    key: ["api-key", KEY],
    ...answers("azure-openai", /\/responses$/),
    errors: errors("azure-openai", CHAT),
  },
  {
    type: "aws-bedrock",
    baseUrl: "/bedrock",
    options: { bedrock: { region: "us-east-1" } },
    door: "/aws-bedrock/bedrock-runtime/us-east-1",
    direct: "/bedrock",
    model: (baseURL) => createAmazonBedrock({ baseURL, region: "us-east-1", apiKey: KEY })("amazon.nova-lite-v1:0"),
    path: "/bedrock/model/amazon.nova-lite-v1%3A0/converse",
    key: BEARER,
    ...BEDROCK,
  },
].map((one) => ({ name: one.type, ...one }));

/** Of the types that the `ai` package does not reach by a base URL. */
const OTHERS = [
  { type: "workers-ai", baseUrl: "/client/v4/accounts/example/ai" },
  { type: "huggingface", baseUrl: "/huggingface" },
  { type: "replicate", baseUrl: "/replicate/v1" },
];

/** The providers of a gateway that has these types. */
export function providers(origin, types) {
  return types.map((type) => {
    const { baseUrl, options } = [...CASES, ...OTHERS].find((one) => one.type === type);
    return { name: type, type, baseUrl: origin + baseUrl, ...options };
  });
}
