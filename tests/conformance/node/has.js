/**
 * What the gateway has, in one place. A case of what it has not got yet is skipped by name; has.test.js fails once the
 * gateway has more than is said here.
 */

/** Every provider type there is a case for. */
export const TYPES = [
  "openai",
  "anthropic",
  "openai-compatible",
  "custom",
  "google-ai-studio",
  "google-vertex-ai",
  "cohere",
  "groq",
  "mistral",
  "xai",
  "deepseek",
  "perplexity-ai",
  "cerebras",
  "openrouter",
  "fireworks",
  "aws-bedrock",
  "azure-openai",
  "workers-ai",
  "huggingface",
  "replicate",
];

export const HAS = {
  /** Types that have a native door. */
  native: TYPES,
  /** Types that `/compat/chat/completions` and `/v1/chat/completions` reach. */
  chat: TYPES.filter((type) => type !== "replicate"),
  /** Types that `/v1/messages` reaches. */
  messages: TYPES.filter((type) => type !== "replicate"),
  /** POST of an array of steps to the bare prefix. */
  universal: true,
  /** `/client/v4/accounts/{account}/ai/run/{model}`. */
  rest: true,
};

/** The option of a test that is run only where the gateway has this. */
export function needs(door, type) {
  const there = typeof HAS[door] === "boolean" ? HAS[door] : HAS[door].includes(type);
  return { skip: there ? false : `the gateway has no ${door} door${type ? ` for ${type}` : ""} yet` };
}
