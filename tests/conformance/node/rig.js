/** The scripted provider and the gateway that adds nothing in front of it, for the tests of one file. */

import { after, before } from "node:test";

import { providers } from "./cases.js";
import { Gateway, gateway } from "./gateway.js";
import { HAS } from "./has.js";
import { Upstream } from "./upstream.js";

const PREFIX = "/v1/sdk/plain";

/** `provider`, `origin` of both sides, and `prefix` of the gateway's own doors, once the tests run. */
export function rig() {
  const made = {};
  before(async () => {
    made.provider = await Upstream.start();
    const spec = { providers: providers(made.provider.origin, HAS.native), retry: { attempts: 1 } };
    made.gateway = await Gateway.start([gateway("plain", spec)]);
    made.prefix = made.gateway.origin + PREFIX;
  });
  after(async () => {
    await made.gateway?.stop();
    made.provider?.stop();
  });
  return made;
}
