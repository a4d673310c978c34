/**
 * Reads what came back. Cloudflare's REST API wraps a JSON answer as `{result, success, errors, messages}`; the binding
 * gives the result alone, and so does this.
 */

import { InferenceUpstreamError } from "./errors.js";

/**
 * @param {Response} response
 * @returns {Promise<unknown>} the result; of an answer that is not JSON (a stream, an image, audio), its body
 * @throws {InferenceUpstreamError}
 */
export async function resultOf(response) {
  if (!response.ok || !response.body) {
    throw await errorOf(response);
  }
  if (!isJson(response)) {
    return response.body;
  }
  const content = await response.text();
  const json = parsed(content);
  if (json === undefined) {
    throw error(response, `The answer is not JSON: ${content}`);
  }
  if (isEnvelope(json) && !json.success) {
    throw refusal(response, content);
  }
  return isEnvelope(json) ? json.result : json;
}

/**
 * @param {Response} response
 * @returns {Promise<Response>} the same with the result alone as its body; a refusal is left as it came
 */
export async function rawResultOf(response) {
  if (!response.ok || !response.body || !isJson(response)) {
    return response;
  }
  const content = await response.text();
  const json = parsed(content);
  const unwrapped = isEnvelope(json) && json.success;
  const headers = new Headers(response.headers);
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) {
    headers.delete(name);
  }
  const { status, statusText } = response;
  return new Response(unwrapped ? JSON.stringify(json.result) : content, { status, statusText, headers });
}

/** @param {Response} response */
async function errorOf(response) {
  return refusal(response, await response.text());
}

/**
 * A refusal by Workers AI (`errors`), by the gateway or the binding's service (`internalCode`), or in words.
 *
 * @param {Response} response
 * @param {string} content
 */
function refusal(response, content) {
  const json = parsed(content);
  const first = [json?.errors, json?.error].find((list) => Array.isArray(list) && list.length > 0)?.[0];
  const code = json?.internalCode || first?.code;
  const words = (json?.internalCode && json.description) || first?.message || json?.message;
  if (code === undefined || words === undefined) {
    return error(response, content || `${response.status} ${response.statusText}`.trim());
  }
  return error(response, `${code}: ${words}`, json.internalCode ? json.name : undefined, Number(code));
}

/**
 * @param {Response} response
 * @param {string} message
 * @param {string} [name]
 * @param {number} [internalCode]
 */
function error(response, message, name, internalCode) {
  const logId = response.headers.get("cf-aig-log-id") ?? undefined;
  return new InferenceUpstreamError(message, name, { status: response.status, internalCode, logId });
}

/** @param {Response} response */
function isJson(response) {
  return /^application\/json\s*(;|$)/i.test(response.headers.get("content-type") ?? "");
}

/**
 * @param {string} content
 * @returns {any} undefined where it is no JSON
 */
function parsed(content) {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** @param {any} json */
function isEnvelope(json) {
  return typeof json?.success === "boolean" && ("result" in json || "errors" in json);
}
