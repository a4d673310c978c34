/**
 * What is thrown. The names are those of Cloudflare's binding (`ai-api.ts` and `aig-api.ts` of workerd, 2026-08), so
 * that an app which looks at `error.name` or parses `error.message` does the same here.
 */

/** A call of `AI.run` was not answered: the provider or the gateway refused it, or what came was no answer. */
export class InferenceUpstreamError extends Error {
  /** @type {number | undefined} The HTTP status. */
  status;
  /** @type {number | undefined} Cloudflare's number for what was wrong, which also begins the message. */
  internalCode;
  /** @type {string | undefined} The `id` of the gateway's record of this request. */
  logId;

  /**
   * @param {string} message
   * @param {string} [name] `AiGatewayError` where the gateway itself refused.
   * @param {{ status?: number, internalCode?: number, logId?: string }} [details]
   */
  constructor(message, name = "InferenceUpstreamError", details = {}) {
    super(message);
    this.name = name;
    Object.assign(this, details);
  }
}

/** A call that can't be sent: what it asks for does not exist here. */
export class AiInternalError extends Error {
  /**
   * @param {string} message
   * @param {string} [name]
   */
  constructor(message, name = "AiInternalError") {
    super(message);
    this.name = name;
  }
}

/** The same of `AI.gateway(id)`: there is no such name. */
export class AiGatewayInternalError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "AiGatewayInternalError";
  }
}

/** There is no such log here. */
export class AiGatewayLogNotFound extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "AiGatewayLogNotFound";
  }
}
