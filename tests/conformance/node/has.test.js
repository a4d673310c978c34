/** has.js is the truth: what it does not list the gateway refuses, so no case stays skipped for longer than it must. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { gateway, problems } from "./gateway.js";
import { HAS, TYPES } from "./has.js";
import { rig } from "./rig.js";

const made = rig();

for (const type of TYPES) {
  const there = HAS.native.includes(type);
  test(`${type} is ${there ? "a type" : "no type yet"}`, async () => {
    const object = gateway("one", { providers: [{ name: "one", type, baseUrl: "http://127.0.0.1:9/v1" }] });
    const said = await problems(object);
    if (there) {
      assert.equal(said, undefined);
    } else {
      assert.match(said ?? "nothing wrong: add it to HAS.native", /type: \S+ is not allowed/);
    }
  });
}

const DOORS = [
  { door: "messages", path: () => `${made.gateway.origin}/v1/messages`, there: HAS.messages.length > 0 },
  { door: "universal", path: () => made.prefix, there: HAS.universal },
  { door: "rest", path: () => `${made.gateway.origin}/client/v4/accounts/sdk/ai/run/@cf/x`, there: HAS.rest },
];

for (const { door, path, there } of DOORS) {
  test(`the door ${door} is ${there ? "there" : "not there yet"}`, async () => {
    made.provider.play();
    const response = await fetch(path(), {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    const nothing = /nothing is served at|has no provider client/.test(await response.text());
    assert.equal(response.status === 404 && nothing, !there);
    assert.equal(made.provider.requests.length, door === "rest" && there ? 1 : 0);
  });
}

test("what can be asked for by a translating door has a native door, too", () => {
  for (const type of [...HAS.chat, ...HAS.messages]) {
    assert.ok(HAS.native.includes(type), type);
  }
  assert.deepEqual(
    HAS.native.filter((type) => !TYPES.includes(type)),
    [],
  );
});
