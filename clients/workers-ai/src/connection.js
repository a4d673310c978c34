/** Where a gateway is and how to ask it: settings that were checked once, as URLs and headers. */

/** @import { Settings } from "../index.d.ts" */

import { AiGatewayInternalError } from "./errors.js";

export class Connection {
  #base;
  #account;
  #fetch;

  /** @param {Settings} settings */
  constructor({ baseUrl, account, gateway, apiKey, cloudflareToken, fetch }) {
    this.#base = base(baseUrl);
    this.#account = segment("account", account);
    this.gateway = gateway;
    /** Names the caller to the gateway; the gateway gives it to no provider. */
    this.gatewayKey = { "cf-aig-authorization": apiKey && `Bearer ${apiKey}` };
    /** What Workers AI itself is asked with where the gateway has no key of its own for it. */
    this.providerKey = { authorization: cloudflareToken && `Bearer ${cloudflareToken}` };
    // Workers refuse a `fetch` that is called as a method of something else.
    this.#fetch =
      fetch ?? ((/** @type {string} */ url, /** @type {RequestInit} */ init) => globalThis.fetch(url, init));
  }

  /** @param {string} path below `/ai/`, already escaped */
  restUrl(path) {
    return `${this.#base}/client/v4/accounts/${this.#account}/ai/${path}`;
  }

  /** @param {string} gateway */
  gatewayUrl(gateway) {
    return `${this.#base}/v1/${this.#account}/${segment("gateway", gateway, AiGatewayInternalError)}`;
  }

  /**
   * @param {string} url
   * @param {Headers} headers
   * @param {unknown} body
   * @param {AbortSignal} [signal]
   * @returns {Promise<Response>}
   */
  post(url, headers, body, signal) {
    return this.#fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal });
  }
}

/** @param {string} baseUrl */
function base(baseUrl) {
  const { protocol, search, hash, username, password } = new URL(baseUrl);
  if (!/^https?:$/.test(protocol) || search || hash || username || password) {
    throw new TypeError(`baseUrl is http or https, a host and perhaps a path: ${baseUrl}`);
  }
  return baseUrl.replace(/\/+$/, "");
}

/**
 * One segment of a path. Dots alone would lead elsewhere.
 *
 * @param {string} what
 * @param {string} value
 * @param {new (message: string) => Error} [Refusal]
 */
function segment(what, value, Refusal = TypeError) {
  if (typeof value !== "string" || /^\.{0,2}$/.test(value)) {
    throw new Refusal(`${what} is a name, not ${JSON.stringify(value)}`);
  }
  return encodeURIComponent(value);
}
