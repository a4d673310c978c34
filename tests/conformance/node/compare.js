/** The same call straight to a provider and through its native door: the same is said, and the same arrives. */

import assert from "node:assert/strict";

import { whole } from "./upstream.js";

/** A request without what belongs to one connection. */
export function received({ provider }) {
  const [{ method, path, headers, body }] = provider.requests;
  assert.equal(provider.requests.length, 1);
  const hops = ["accept-encoding", "connection", "content-length", "host", "keep-alive", "transfer-encoding"];
  const kept = Object.entries(headers).filter(([name]) => !hops.includes(name));
  return { method, path, headers: Object.fromEntries(kept), body };
}

/** The same call both ways. */
export async function compare(made, { door, direct, model, key }, recording, call) {
  made.provider.play(whole(recording));
  const expected = await call(model(made.provider.origin + direct));
  const asked = received(made);
  assert.equal(asked.headers[key[0]], key[1]);
  made.provider.play(whole(recording));
  const got = await call(model(made.prefix + door));
  assert.deepEqual(got, expected);
  assert.deepEqual(received(made), asked);
}
