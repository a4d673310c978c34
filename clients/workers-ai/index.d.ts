/**
 * Workers AI's binding, `env.AI`, against an aigateway.
 *
 * Written by hand; `test/types.ts` and the compiler hold it against the source.
 */

/** A value that a header can be made of: objects are sent as JSON. */
export type HeaderValue = string | number | boolean | object | null | undefined;

/** Headers in any of these forms. What is null or undefined is left out. */
export type HeaderSource = Headers | Record<string, HeaderValue>;

/** Where the gateway is, and who asks. */
export interface Settings {
  /** The gateway's address, such as `http://production.ai` or `http://127.0.0.1:8080`. */
  baseUrl: string;
  /** The account of its URLs: the namespace, where `spec.accountId` says nothing else. */
  account: string;
  /** The gateway of a call that names none. Without it the proxy serves the only gateway that it has. */
  gateway?: string;
  /** The caller's key for the gateway, sent as `cf-aig-authorization`. It reaches no provider. */
  apiKey?: string;
  /** A Cloudflare API token, sent as `authorization` with `AI.run`: for gateways that store no key for Workers AI. */
  cloudflareToken?: string;
  /** Used instead of the global `fetch`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** What a call asks of the gateway. Each is one header. */
export interface GatewayOptions {
  /** The gateway's name. */
  id: string;
  /** Neither reads nor writes the cache. */
  skipCache?: boolean;
  /** Seconds that the answer is kept; turns the cache on for this call. 0 is as if it was not there. */
  cacheTtl?: number;
  /** Stands in for the body in the cache's key. */
  cacheKey?: string;
  /** Goes to the record; limits can be by its fields. */
  metadata?: Record<string, number | string | boolean | null | bigint>;
  /** Whether there is a record. */
  collectLog?: boolean;
  /** The caller's own name for this call. */
  eventId?: string;
  /** Milliseconds until the answer begins. */
  requestTimeoutMs?: number;
  retries?: {
    /** The first one included. */
    maxAttempts?: 1 | 2 | 3 | 4 | 5;
    /** Milliseconds. */
    retryDelayMs?: number;
    backoff?: "constant" | "linear" | "exponential";
  };
  /** Which of the provider's stored keys is used. */
  byokAlias?: string;
}

/** The third argument of `AI.run`. */
export interface AiOptions {
  gateway?: Partial<GatewayOptions>;
  /** Gives the `Response`, whatever its status. The body of a JSON answer is the result alone. */
  returnRawResponse?: boolean;
  /** Added to the request; they win over what `gateway` says. */
  extraHeaders?: HeaderSource;
  /** Ends the call. */
  signal?: AbortSignal;
  /** Not supported: refused. */
  websocket?: boolean;
}

/** What a text model answers; other models have other fields. */
export interface AiResult {
  response?: string;
  tool_calls?: { name: string; arguments: unknown }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number; total_tokens?: number };
  [field: string]: unknown;
}

/** One step of the universal endpoint. */
export interface UniversalStep {
  /** A provider of the gateway, or `compat`. */
  provider: string;
  /** The path below it, such as `chat/completions`. */
  endpoint: string;
  /** The provider's headers, its key among them, and `cf-aig-*` for this step alone. */
  headers?: HeaderSource;
  /** The provider's own request body. */
  query: unknown;
  config?: {
    /** Milliseconds. */
    requestTimeout?: number;
    maxAttempts?: number;
    /** Milliseconds. */
    retryDelay?: number;
    backoff?: "constant" | "linear" | "exponential";
  };
}

/** The second argument of `AI.gateway(id).run`. */
export interface UniversalOptions {
  /** For all steps. Its `id` is not looked at. */
  gateway?: Partial<GatewayOptions>;
  extraHeaders?: HeaderSource;
  signal?: AbortSignal;
}

/** `env.AI`. */
export declare class Ai {
  private constructor();
  /** The `id` of the gateway's record of the last call. */
  aiGatewayLogId: string | null;
  /** Workers AI's own id of the last call. */
  lastRequestId: string | null;
  lastRequestHttpStatusCode: number | null;
  /** Cloudflare's number for why the last call was refused. */
  lastRequestInternalStatusCode: number | null;

  /** Throws an `InferenceUpstreamError` when there was no answer. */
  run(model: string, inputs: object, options: AiOptions & { returnRawResponse: true }): Promise<Response>;
  run(model: string, inputs: object & { stream: true }, options?: AiOptions): Promise<ReadableStream<Uint8Array>>;
  run<Result = AiResult>(model: string, inputs: object, options?: AiOptions): Promise<Result>;

  /** A gateway by its name; without one, that of the settings. */
  gateway(id?: string): AiGateway;

  /** Not supported: throws an `AiInternalError`. */
  models(...params: unknown[]): Promise<never>;
  /** Not supported: throws an `AiInternalError`. */
  toMarkdown(...params: unknown[]): never;
  /** Not supported: throws an `AiInternalError`. */
  autorag(...params: unknown[]): never;
}

/** `env.AI.gateway(id)`. */
export declare class AiGateway {
  private constructor();
  /** Tries the steps in order; never throws for a status. */
  run(data: UniversalStep | UniversalStep[], options?: UniversalOptions): Promise<Response>;
  /** The gateway's URL, with a slash at its end; or that of one of its providers, without. */
  getUrl(provider?: string): Promise<string>;
  /** Throws an `AiGatewayLogNotFound`: records are on the proxy's standard output. */
  getLog(logId: string): Promise<never>;
  /** Throws an `AiGatewayLogNotFound`: records are on the proxy's standard output. */
  patchLog(logId: string, data?: unknown): Promise<never>;
}

export declare function createAI(settings: Settings): Ai;

/** A call of `AI.run` was not answered. */
export declare class InferenceUpstreamError extends Error {
  constructor(message: string, name?: string, details?: { status?: number; internalCode?: number; logId?: string });
  /** The HTTP status. */
  status: number | undefined;
  /** Cloudflare's number for what was wrong, which also begins the message. */
  internalCode: number | undefined;
  /** The `id` of the gateway's record of this request. */
  logId: string | undefined;
}

/** A call of `AI` that can't be sent. */
export declare class AiInternalError extends Error {
  constructor(message: string, name?: string);
}

/** `AI.gateway(id)` with what is no name. */
export declare class AiGatewayInternalError extends Error {
  constructor(message: string);
}

/** There is no such log here. */
export declare class AiGatewayLogNotFound extends Error {
  constructor(message: string);
}
