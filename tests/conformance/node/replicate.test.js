/** Replicate's own SDK through the native door, and straight to Replicate as the control. */

import assert from "node:assert/strict";
import { test } from "node:test";

import Replicate from "replicate";

import { KEY } from "./cases.js";
import { needs } from "./has.js";
import { errors, select } from "./recordings.js";
import { rig } from "./rig.js";
import { json, whole } from "./upstream.js";

const PREDICTIONS = /^\/v1\/predictions$/;
const OF_A_MODEL = /^\/v1\/models\/.*\/predictions$/;
const VERSION = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";
const INPUT = { prompt: "write a haiku about llamas" };

const made = rig();
const DOORS = {
  direct: { url: () => `${made.provider.origin}/replicate/v1`, needed: {} },
  native: { url: () => `${made.prefix}/replicate`, needed: needs("native", "replicate") },
  "native with v1": { url: () => `${made.prefix}/replicate/v1`, needed: needs("native", "replicate") },
};

for (const [door, { url, needed }] of Object.entries(DOORS)) {
  const client = () => new Replicate({ auth: KEY, baseUrl: url() });

  const asked = (method, path) => {
    const [{ method: used, path: arrived, headers }] = made.provider.requests;
    assert.deepEqual([used, arrived, headers.authorization], [method, `/replicate/v1/${path}`, `Bearer ${KEY}`]);
  };

  for (const recording of select("replicate", PREDICTIONS, { status: 201 })) {
    test(`${door}: a prediction ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      const prediction = await client().predictions.create({ version: VERSION, input: INPUT });
      assert.deepEqual(prediction, JSON.parse(recording.body));
      asked("POST", "predictions");
    });
  }

  for (const recording of select("replicate", OF_A_MODEL, { status: 201 })) {
    test(`${door}: a prediction by a model's name ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      const prediction = await client().predictions.create({ model: "meta/meta-llama-3-8b-instruct", input: INPUT });
      assert.deepEqual(prediction, JSON.parse(recording.body));
      asked("POST", "models/meta/meta-llama-3-8b-instruct/predictions");
    });
  }

  test(`${door}: a prediction is looked at and ended`, needed, async () => {
    const body = { id: "bf2j533bnqflk24dcgfzsj4b7y", status: "processing", output: null };
    made.provider.play(json(200, body));
    assert.deepEqual(await client().predictions.get(body.id), body);
    asked("GET", `predictions/${body.id}`);
    made.provider.play(json(200, { ...body, status: "canceled" }));
    assert.equal((await client().predictions.cancel(body.id)).status, "canceled");
    asked("POST", `predictions/${body.id}/cancel`);
  });

  for (const recording of errors("replicate", PREDICTIONS)) {
    test(`${door}: a typed error ${recording.status} ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      const call = client().predictions.create({ version: VERSION, input: INPUT });
      const error = await call.then(assert.fail, (thrown) => thrown);
      assert.equal(error.name, "ApiError");
      assert.equal(error.response.status, recording.status);
      assert.ok(error.message.includes(JSON.parse(recording.body).title));
    });
  }
}
