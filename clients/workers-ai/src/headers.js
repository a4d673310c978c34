/**
 * The options of a call as request headers. Which option is which header, and when it is left out, is that of
 * Cloudflare's binding (workerd's `aig-api.ts`, 2026-08); `byokAlias` is that of `ai-gateway-provider` 4.0.
 */

/** @import { GatewayOptions, HeaderSource } from "../index.d.ts" */

/**
 * @param {Partial<GatewayOptions>} [gateway]
 * @returns {Record<string, string>}
 */
export function gatewayHeaders(gateway = {}) {
  const { retries = {} } = gateway;
  return present({
    "cf-aig-skip-cache": gateway.skipCache,
    // The binding leaves 0 out, so a gateway's own setting holds; `skipCache` is how a call says no.
    "cf-aig-cache-ttl": gateway.cacheTtl || undefined,
    "cf-aig-cache-key": gateway.cacheKey || undefined,
    "cf-aig-metadata": gateway.metadata,
    "cf-aig-collect-log": gateway.collectLog,
    "cf-aig-event-id": gateway.eventId,
    "cf-aig-request-timeout": gateway.requestTimeoutMs,
    "cf-aig-max-attempts": retries.maxAttempts,
    "cf-aig-retry-delay": retries.retryDelayMs,
    "cf-aig-backoff": retries.backoff,
    "cf-aig-byok-alias": gateway.byokAlias,
  });
}

/**
 * Headers as text: numbers and booleans in their usual form, objects as JSON. What is null or undefined is left out.
 *
 * @param {HeaderSource} [source]
 * @returns {Record<string, string>}
 */
export function present(source = {}) {
  const entries = source instanceof Headers ? [...source] : Object.entries(source);
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => [name, text(value)]),
  );
}

/**
 * Sources one after the other; of two with the same name, in whatever case, the later one holds.
 *
 * @param {...HeaderSource | undefined} sources
 * @returns {Headers}
 */
export function merged(...sources) {
  const headers = new Headers();
  for (const source of sources) {
    for (const [name, value] of Object.entries(present(source))) {
      headers.set(name, value);
    }
  }
  return headers;
}

/** @param {unknown} value */
function text(value) {
  // JSON has no big integers; as text they keep all digits.
  const json = () => JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part));
  return typeof value === "object" ? json() : String(value);
}
