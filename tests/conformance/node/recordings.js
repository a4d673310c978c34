/** Recorded answers of the real services. The files and where they come from: tests/recordings/README.md. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const KEPT = ["content-type", "retry-after", "x-should-retry"];
const files = new Map();

/** All of one provider, in the file's order. */
function recordings(provider) {
  if (!files.has(provider)) {
    const text = readFileSync(new URL(`../../recordings/${provider}.jsonl`, import.meta.url), "utf8");
    files.set(provider, text.trimEnd().split("\n").map(JSON.parse).map(read));
  }
  return files.get(provider);
}

function read({
  id,
  provider,
  method,
  url,
  status,
  streaming,
  stream_format,
  tool_call,
  response_headers,
  response_body,
}) {
  const headers = Object.entries(response_headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    id: id.slice(0, 6),
    provider,
    method,
    path: new URL(url).pathname,
    query: new URL(url).search,
    status,
    streaming,
    format: stream_format,
    toolCall: tool_call,
    headers: Object.fromEntries(headers.filter(([name]) => KEPT.includes(name))),
    body: response_body,
  };
}

/** Those of one kind; it is an error if there is none, for then a test would test nothing. */
export function select(provider, path, { status = 200, streaming = false } = {}) {
  const chosen = recordings(provider).filter(
    (one) => path.test(one.path) && one.method === "POST" && one.status === status && one.streaming === streaming,
  );
  assert.ok(chosen.length > 0, `no recording of ${provider} ${path} ${status} streaming=${streaming}`);
  return chosen;
}

/** Those of errors, whatever the status. */
export function errors(provider, path) {
  const chosen = recordings(provider).filter(
    (one) => path.test(one.path) && one.method === "POST" && one.status >= 400,
  );
  assert.ok(chosen.length > 0, `no recording of an error of ${provider} ${path}`);
  return chosen;
}

/** The events of a stream as JSON, in order; what is no JSON is left out. */
export function events({ body }) {
  const data = body.split(/\r?\n\r?\n/).map((block) => block.split(/\r?\n/).filter((line) => line.startsWith("data:")));
  const texts = data.map((lines) => lines.map((line) => line.slice("data:".length).trim()).join("\n"));
  return texts.filter((text) => text.startsWith("{")).map(JSON.parse);
}
