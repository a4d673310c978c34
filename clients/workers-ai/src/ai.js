/** The binding: what `env.AI` is in a Worker, against this gateway. */

/** @import { AiOptions, Settings } from "../index.d.ts" */

import { rawResultOf, resultOf } from "./answer.js";
import { Connection } from "./connection.js";
import { AiInternalError, InferenceUpstreamError } from "./errors.js";
import { AiGateway } from "./gateway.js";
import { gatewayHeaders, merged } from "./headers.js";

/**
 * @param {Settings} settings
 * @returns {Ai}
 */
export function createAI(settings) {
  return new Ai(new Connection(settings));
}

export class Ai {
  #connection;

  /** @type {string | null} The `id` of the gateway's record of the last call. */
  aiGatewayLogId = null;
  /** @type {string | null} Workers AI's own id of the last call. */
  lastRequestId = null;
  /** @type {number | null} */
  lastRequestHttpStatusCode = null;
  /** @type {number | null} Cloudflare's number for why the last call was refused. */
  lastRequestInternalStatusCode = null;

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  /**
   * Runs a model.
   *
   * @param {string} model such as `@cf/meta/llama-3.1-8b-instruct`
   * @param {Record<string, unknown>} inputs the model's own; with `stream: true` the answer is a stream
   * @param {AiOptions} [options]
   * @returns {Promise<any>} a JSON answer's result, any other answer's body, or with `returnRawResponse` the Response
   * @throws {InferenceUpstreamError} when there was no answer
   */
  async run(model, inputs, options = {}) {
    refuseWhatCannotBeSent(inputs, options);
    const { gateway, extraHeaders, returnRawResponse, signal } = options;
    const headers = merged(
      this.#connection.gatewayKey,
      this.#connection.providerKey,
      { "cf-aig-gateway-id": gateway?.id ?? this.#connection.gateway },
      gatewayHeaders(gateway),
      extraHeaders,
      { "content-type": "application/json" },
    );
    this.#forget();
    const url = this.#connection.restUrl(`run/${modelPath(model)}`);
    const response = await this.#connection.post(url, headers, inputs, signal);
    this.#remember(response);
    return returnRawResponse ? rawResultOf(response) : this.#result(response);
  }

  /**
   * @param {string} [id] the default gateway of the settings where it is left out
   * @returns {AiGateway}
   */
  gateway(id) {
    return new AiGateway(this.#connection, id ?? this.#connection.gateway ?? "");
  }

  /** @returns {Promise<never>} */
  async models() {
    throw missing("AI.models");
  }

  /** @returns {never} */
  toMarkdown() {
    throw missing("AI.toMarkdown");
  }

  /** @returns {never} */
  autorag() {
    throw missing("AI.autorag");
  }

  /** @param {Response} response */
  async #result(response) {
    try {
      return await resultOf(response);
    } catch (error) {
      if (error instanceof InferenceUpstreamError) {
        this.lastRequestInternalStatusCode = error.internalCode ?? null;
      }
      throw error;
    }
  }

  #forget() {
    this.aiGatewayLogId = this.lastRequestId = null;
    this.lastRequestHttpStatusCode = this.lastRequestInternalStatusCode = null;
  }

  /** @param {Response} response */
  #remember(response) {
    this.aiGatewayLogId = response.headers.get("cf-aig-log-id");
    this.lastRequestId = response.headers.get("cf-ai-req-id");
    this.lastRequestHttpStatusCode = response.status;
  }
}

/** @param {string} what */
function missing(what) {
  return new AiInternalError(`${what} is not a part of this gateway, which passes on inference calls.`);
}

/**
 * @param {Record<string, unknown>} inputs
 * @param {AiOptions} options
 */
function refuseWhatCannotBeSent(inputs, options) {
  if (options.websocket) {
    throw missing("The option websocket");
  }
  const streams = Object.keys(inputs).filter((key) => isStream(inputs[key]));
  if (streams.length > 1) {
    throw new AiInternalError(
      `Multiple ReadableStreams are not supported. Found streams in keys: [${streams.join(", ")}]`,
    );
  }
  if (streams.length === 1) {
    throw new AiInternalError("AI Gateway does not support ReadableStreams yet.");
  }
}

/** @param {any} value */
function isStream(value) {
  return [value, value?.body].some((it) => it instanceof ReadableStream || it instanceof FormData);
}

/**
 * A model's name as a path: `@` and `:` stay, and no segment may lead elsewhere.
 *
 * @param {string} model
 */
function modelPath(model) {
  const segments = typeof model === "string" ? model.split("/") : [""];
  if (segments.some((segment) => /^\.{0,2}$/.test(segment))) {
    throw new AiInternalError(`This is no model's name: ${JSON.stringify(model)}`);
  }
  return segments.map((segment) => encodeURIComponent(segment).replace(/%40/g, "@").replace(/%3A/g, ":")).join("/");
}
