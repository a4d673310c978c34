/**
 * Embeddings with the `ai` package, straight to each provider and through its native door. OpenAI and Gemini were
 * recorded in forms that this package does not ask for: they are in openai.test.js and google.test.js.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createCohere } from "@ai-sdk/cohere";
import { createMistral } from "@ai-sdk/mistral";
import { embedMany } from "ai";

import { CASES, KEY } from "./cases.js";
import { compare, received } from "./compare.js";
import { needs } from "./has.js";
import { select } from "./recordings.js";
import { rig } from "./rig.js";
import { whole } from "./upstream.js";

const CREATORS = {
  mistral: [createMistral, "mistral-embed", /\/embeddings$/],
  cohere: [createCohere, "embed-v4.0", /\/v2\/embed$/],
};

/** Those of an answer, in any of these providers' formats. */
function vectors({ data, embeddings }) {
  return data ?? embeddings.float ?? embeddings;
}

const made = rig();

for (const [type, [create, name, path]] of Object.entries(CREATORS)) {
  const { direct, door, key } = CASES.find((one) => one.type === type);
  const model = (baseURL) => create({ baseURL, apiKey: KEY }).embeddingModel(name);

  for (const recording of select(type, path)) {
    const values = vectors(JSON.parse(recording.body)).map((_, number) => `text ${number}`);
    const call = async (asked) => {
      const { embeddings, usage } = await embedMany({ model: asked, values, maxRetries: 0 });
      return { embeddings, usage };
    };

    test(`${type}, control: embeddings ${recording.id}`, async () => {
      made.provider.play(whole(recording));
      const { embeddings } = await call(model(made.provider.origin + direct));
      assert.ok(embeddings.every((one) => one.length > 0 && one.every(Number.isFinite)));
      assert.equal(received(made).method, "POST");
    });
    test(`${type}: embeddings ${recording.id}`, needs("native", type), () =>
      compare(made, { door, direct, model, key }, recording, call),
    );
  }
}
