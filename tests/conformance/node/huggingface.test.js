/** Hugging Face's own SDK through the native door, and straight to its router as the control. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { InferenceClient, InferenceClientProviderApiError } from "@huggingface/inference";

import { needs } from "./has.js";
import { errors, events, select } from "./recordings.js";
import { rig } from "./rig.js";
import { whole } from "./upstream.js";

const KEY = "hf_thecallersownkey";
const CHAT = /^\/v1\/chat\/completions$/;
const HELLO = { model: "google/gemma-2-2b-it", messages: [{ role: "user", content: "Hello" }] };

const made = rig();
const DOORS = {
  direct: { url: () => `${made.provider.origin}/huggingface`, needed: {} },
  native: { url: () => `${made.prefix}/huggingface`, needed: needs("native", "huggingface") },
};

for (const [door, { url, needed }] of Object.entries(DOORS)) {
  // Without a pause between tries, and with one try.
  const client = () => new InferenceClient(KEY, { endpointUrl: `${url()}/v1`, retry_on_error: false });

  for (const recording of select("huggingface", CHAT)) {
    test(`${door}: a completion ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      assert.deepEqual(await client().chatCompletion(HELLO), JSON.parse(recording.body));
      const [{ method, path, headers }] = made.provider.requests;
      assert.deepEqual([method, path], ["POST", "/huggingface/v1/chat/completions"]);
      assert.equal(headers.authorization, `Bearer ${KEY}`);
    });
  }

  for (const recording of select("huggingface", CHAT, { streaming: true })) {
    test(`${door}: a stream ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      const chunks = [];
      for await (const chunk of client().chatCompletionStream(HELLO)) {
        chunks.push(chunk);
      }
      assert.deepEqual(chunks, events(recording));
      assert.ok(recording.toolCall);
    });
  }

  for (const recording of errors("huggingface", /./)) {
    test(`${door}: a typed error ${recording.status} ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      const error = await client()
        .chatCompletion(HELLO)
        .then(assert.fail, (thrown) => thrown);
      assert.ok(error instanceof InferenceClientProviderApiError);
      assert.equal(error.httpResponse.status, recording.status);
      const body = recording.headers["content-type"].startsWith("text/") ? recording.body : JSON.parse(recording.body);
      assert.deepEqual(error.httpResponse.body, body);
    });
  }

  test(`${door}: a model of a task`, needed, async () => {
    const [recording] = select("huggingface", /\/models\/t5-base$/);
    made.provider.play(whole(recording));
    const endpointUrl = door === "direct" ? `${url()}/hf-inference/models/google/t5-base` : `${url()}/google/t5-base`;
    const translated = await new InferenceClient(KEY, { endpointUrl }).translation({ inputs: "My name is Wolfgang" });
    assert.equal(translated.translation_text, JSON.parse(recording.body)[0].translation_text);
    assert.equal(made.provider.requests[0].path, "/huggingface/hf-inference/models/google/t5-base");
  });
}
