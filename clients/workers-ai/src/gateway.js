/** `AI.gateway(id)`: the universal endpoint, and the addresses of a gateway. */

/** @import { UniversalOptions, UniversalStep } from "../index.d.ts" */
/** @import { Connection } from "./connection.js" */

import { AiGatewayLogNotFound } from "./errors.js";
import { gatewayHeaders, merged, present } from "./headers.js";

export class AiGateway {
  #connection;
  #url;

  /**
   * @param {Connection} connection
   * @param {string} id
   */
  constructor(connection, id) {
    this.#connection = connection;
    this.#url = connection.gatewayUrl(id);
  }

  /**
   * Tries the steps in order. The answer is that of the provider who answered, or the last refusal; it never throws for
   * a status.
   *
   * @param {UniversalStep | UniversalStep[]} data
   * @param {UniversalOptions} [options]
   * @returns {Promise<Response>}
   */
  async run(data, options = {}) {
    const steps = (Array.isArray(data) ? data : [data]).map((step) => ({ ...step, headers: present(step.headers) }));
    const headers = merged(
      { "content-type": "application/json" },
      this.#connection.gatewayKey,
      gatewayHeaders(options.gateway),
      options.extraHeaders,
    );
    return this.#connection.post(this.#url, headers, steps, options.signal);
  }

  /**
   * @param {string} [provider]
   * @returns {Promise<string>} with a slash at the end for the gateway itself, without one for a provider
   */
  async getUrl(provider) {
    return `${this.#url}/${provider ?? ""}`;
  }

  /**
   * @param {string} logId
   * @returns {Promise<never>}
   */
  async getLog(logId) {
    throw elsewhere(logId);
  }

  /**
   * @param {string} logId
   * @returns {Promise<never>}
   */
  async patchLog(logId) {
    throw elsewhere(logId);
  }
}

/** @param {string} logId */
function elsewhere(logId) {
  return new AiGatewayLogNotFound(
    `This gateway keeps no logs that can be asked for: it writes one record a request to its standard output. ` +
      `Look there for the id ${logId}.`,
  );
}
