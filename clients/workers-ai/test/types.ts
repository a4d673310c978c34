/** Compiled, never run: the types say what the source does, and let an app write what it writes against `env.AI`. */

import * as implementation from "../src/index.js";
import type * as declared from "../index.js";

// The source is what the declarations promise.
const createAI: typeof declared.createAI = implementation.createAI as typeof declared.createAI;
const errors: (new (message: string) => declared.AiInternalError)[] = [implementation.AiInternalError];
const upstream: typeof declared.InferenceUpstreamError = implementation.InferenceUpstreamError;
const notFound: typeof declared.AiGatewayLogNotFound = implementation.AiGatewayLogNotFound;
const internal: typeof declared.AiGatewayInternalError = implementation.AiGatewayInternalError;
const instance: Pick<declared.Ai, keyof declared.Ai> = implementation.createAI({ baseUrl: "", account: "" });
const gateway: declared.AiGateway = implementation.createAI({ baseUrl: "", account: "" }).gateway("x");
void [errors, upstream, notFound, internal, instance, gateway];

export async function app(): Promise<void> {
  const AI = createAI({ baseUrl: "http://127.0.0.1:8080", account: "ai", gateway: "production", apiKey: "key" });
  const result = await AI.run(
    "@cf/meta/llama-3.1-8b-instruct",
    { prompt: "Hello" },
    { gateway: { id: "x", cacheTtl: 1 } },
  );
  const text: string | undefined = result.response;
  const stream: ReadableStream<Uint8Array> = await AI.run("@cf/x", { prompt: "Hello", stream: true });
  const raw: Response = await AI.run("@cf/x", {}, { returnRawResponse: true });
  const own: { shape: number[] } = await AI.run<{ shape: number[] }>("@cf/baai/bge-m3", { text: ["x"] });
  const answer: Response = await AI.gateway("production").run({ provider: "openai", endpoint: "x", query: {} });
  const url: string = await AI.gateway("production").getUrl("openai");
  void [text, stream, raw, own, answer, url];

  // @ts-expect-error: an account is needed
  createAI({ baseUrl: "http://127.0.0.1:8080" });
  // @ts-expect-error: five attempts at most
  await AI.run("@cf/x", {}, { gateway: { retries: { maxAttempts: 6 } } });
  // @ts-expect-error: a step needs an endpoint
  await AI.gateway("production").run({ provider: "openai", query: {} });
  // @ts-expect-error: it is made by createAI
  new implementation.Ai();
}
