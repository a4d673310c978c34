/** Google's own SDK through the native door, and straight to Gemini as the control. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError, GoogleGenAI } from "@google/genai";

import { KEY } from "./cases.js";
import { needs } from "./has.js";
import { errors, events, select } from "./recordings.js";
import { rig } from "./rig.js";
import { whole } from "./upstream.js";

const MODEL = "gemini-2.5-flash";
const REQUEST = {
  model: MODEL,
  contents: "What is the weather in Paris?",
  config: { tools: [{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: { type: "object" } }] }] },
};
const asked = ({ query, format }) => !query.includes("enum-encoding") && format !== "json-array";

const made = rig();
const DOORS = {
  direct: { url: () => `${made.provider.origin}/google`, needed: {} },
  native: { url: () => `${made.prefix}/google-ai-studio`, needed: needs("native", "google-ai-studio") },
};

/** What an answer says, without what the SDK adds of its own and the one field that it drops. */
function said({ candidates, usageMetadata, modelVersion, responseId }) {
  const kept = candidates?.map(({ finishMessage: _, ...candidate }) => candidate);
  return JSON.parse(JSON.stringify({ candidates: kept, usageMetadata, modelVersion, responseId }));
}

for (const [door, { url, needed }] of Object.entries(DOORS)) {
  const client = () => new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: url() } });

  for (const recording of select("google-ai-studio", /:generateContent$/).filter(asked)) {
    test(`${door}: an answer ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      assert.deepEqual(said(await client().models.generateContent(REQUEST)), said(JSON.parse(recording.body)));
      const [{ method, path, headers }] = made.provider.requests;
      assert.deepEqual([method, path], ["POST", `/google/v1/models/${MODEL}:generateContent`]);
      assert.equal(headers["x-goog-api-key"], KEY);
    });
  }

  for (const recording of select("google-ai-studio", /:streamGenerateContent$/, { streaming: true }).filter(asked)) {
    test(`${door}: a stream ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      const received = [];
      for await (const chunk of await client().models.generateContentStream(REQUEST)) {
        received.push(said(chunk));
      }
      assert.deepEqual(received, events(recording).map(said));
      assert.equal(made.provider.requests[0].path, `/google/v1/models/${MODEL}:streamGenerateContent?alt=sse`);
    });
  }

  for (const recording of select("google-ai-studio", /:batchEmbedContents$/)) {
    test(`${door}: embeddings ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      const { embeddings } = JSON.parse(recording.body);
      const contents = embeddings.map((_, number) => `text ${number}`);
      const got = await client().models.embedContent({ model: "gemini-embedding-001", contents });
      assert.deepEqual(JSON.parse(JSON.stringify(got.embeddings)), embeddings);
    });
  }

  for (const recording of errors("google-ai-studio", /:generateContent$/)) {
    test(`${door}: a typed error ${recording.status} ${recording.id}`, needed, async () => {
      made.provider.play(whole(recording));
      const error = await client()
        .models.generateContent(REQUEST)
        .then(assert.fail, (thrown) => thrown);
      assert.ok(error instanceof ApiError);
      assert.equal(error.status, recording.status);
      assert.deepEqual(JSON.parse(error.message), JSON.parse(recording.body));
    });
  }
}

test("there are tool calls among the recordings, plain and streamed", () => {
  assert.ok(select("google-ai-studio", /:generateContent$/).some(({ toolCall }) => toolCall));
  assert.ok(select("google-ai-studio", /:streamG/, { streaming: true }).some(({ toolCall }) => toolCall));
});
