/** What is thrown, and when. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { AiInternalError, createAI, InferenceUpstreamError } from "../src/index.js";
import { binding, json, LOG_ID, stream } from "./fake.js";

const MODEL = "@cf/meta/llama-3.1-8b-instruct";
const INPUTS = { prompt: "Hello" };

/** A refusal, and the error that it becomes. */
const REFUSALS = [
  {
    name: "Workers AI's own",
    answer: json(
      { result: {}, success: false, errors: [{ code: 3040, message: "Capacity temporarily exceeded" }], messages: [] },
      { status: 429 },
    ),
    expected: {
      name: "InferenceUpstreamError",
      message: "3040: Capacity temporarily exceeded",
      status: 429,
      internalCode: 3040,
    },
  },
  {
    name: "the gateway's own",
    answer: json(
      {
        success: false,
        result: [],
        messages: [],
        error: [{ code: 2009, message: "Unauthorized" }],
        name: "AiGatewayError",
        httpCode: 401,
        internalCode: 2009,
      },
      { status: 401 },
    ),
    expected: { name: "AiGatewayError", message: "2009: Unauthorized", status: 401, internalCode: 2009 },
  },
  {
    name: "that of the binding's service",
    answer: json(
      { internalCode: 5004, name: "InvalidData", message: "?", description: "Invalid data type" },
      { status: 400 },
    ),
    expected: { name: "InvalidData", message: "5004: Invalid data type", status: 400, internalCode: 5004 },
  },
  {
    name: "another provider's",
    answer: json({ error: { message: "Rate limit reached", type: "requests" } }, { status: 429 }),
    expected: {
      name: "InferenceUpstreamError",
      message: '{"error":{"message":"Rate limit reached","type":"requests"}}',
      status: 429,
      internalCode: undefined,
    },
  },
  {
    name: "one in words",
    answer: { status: 502, headers: { "content-type": "text/html" }, parts: ["<h1>Bad gateway</h1>"] },
    expected: { name: "InferenceUpstreamError", message: "<h1>Bad gateway</h1>", status: 502, internalCode: undefined },
  },
  {
    name: "one without words",
    answer: { status: 503, headers: {}, parts: [] },
    expected: {
      name: "InferenceUpstreamError",
      message: "503 Service Unavailable",
      status: 503,
      internalCode: undefined,
    },
  },
  {
    name: "one that says it is JSON and is not",
    answer: { status: 500, headers: { "content-type": "application/json" }, parts: ['{"errors": ['] },
    expected: { name: "InferenceUpstreamError", message: '{"errors": [', status: 500, internalCode: undefined },
  },
  {
    name: "one with a good status",
    answer: json({ result: null, success: false, errors: [{ code: 5007, message: "No such model" }], messages: [] }),
    expected: { name: "InferenceUpstreamError", message: "5007: No such model", status: 200, internalCode: 5007 },
  },
  {
    name: "an answer that is no JSON",
    answer: { status: 200, headers: { "content-type": "application/json" }, parts: ['{"result": {'] },
    expected: {
      name: "InferenceUpstreamError",
      message: 'The answer is not JSON: {"result": {',
      status: 200,
      internalCode: undefined,
    },
  },
];

for (const { name, answer, expected } of REFUSALS) {
  for (const inputs of [INPUTS, { ...INPUTS, stream: true }]) {
    test(`a refusal is typed: ${name}, ${inputs.stream ? "streamed" : "plain"}`, async (t) => {
      const { AI } = await binding(t, {}, answer);
      const error = await AI.run(MODEL, inputs).then(assert.fail, (thrown) => thrown);
      assert.ok(error instanceof InferenceUpstreamError);
      assert.ok(error instanceof Error);
      const { status, internalCode, logId, message } = error;
      assert.deepEqual({ name: error.name, message, status, internalCode }, expected);
      assert.equal(logId, LOG_ID);
      assert.equal(AI.aiGatewayLogId, LOG_ID);
      assert.equal(AI.lastRequestHttpStatusCode, expected.status);
      assert.equal(AI.lastRequestInternalStatusCode, expected.internalCode ?? null);
    });
  }
}

test("the last call's code is forgotten with the next call", async (t) => {
  const refusal = json({ success: false, errors: [{ code: 3036, message: "Account limited" }] }, { status: 429 });
  const { AI } = await binding(t, {}, refusal, json({ response: "" }));
  await assert.rejects(AI.run(MODEL, INPUTS));
  await AI.run(MODEL, INPUTS);
  assert.equal(AI.lastRequestInternalStatusCode, null);
});

test("a gateway that is not there is fetch's own error", async (t) => {
  const { AI, server } = await binding(t, {});
  await new Promise((closed) => server.close(closed));
  await assert.rejects(AI.run(MODEL, INPUTS), TypeError);
  await assert.rejects(AI.gateway("production").run([]), TypeError);
});

test("a stream that breaks is never a whole one", async (t) => {
  const { AI } = await binding(t, {}, { ...stream([{ response: "A" }]), cut: true });
  const answer = await AI.run(MODEL, { ...INPUTS, stream: true });
  await assert.rejects(new Response(answer).text());
});

test("a plain answer that breaks is never a whole one", async (t) => {
  const { AI } = await binding(t, {}, { ...json({ response: "A" }), cut: true });
  await assert.rejects(AI.run(MODEL, INPUTS));
});

const body = () => new Blob(["x"]).stream();

test("inputs that are streams are refused with the binding's words, and nothing is sent", async (t) => {
  const { AI, requests } = await binding(t, {});
  const one = "AI Gateway does not support ReadableStreams yet.";
  const many = "Multiple ReadableStreams are not supported. Found streams in keys: [audio, image]";
  const cases = [
    [{ audio: body() }, one],
    [{ audio: { body: body(), contentType: "audio/mpeg" } }, one],
    [{ multipart: { body: new FormData(), contentType: "multipart/form-data" } }, one],
    [{ multipart: new FormData() }, one],
    [{ audio: body(), prompt: "x", image: { body: body() } }, many],
  ];
  for (const [inputs, message] of cases) {
    const error = await AI.run(MODEL, inputs).then(assert.fail, (thrown) => thrown);
    assert.ok(error instanceof AiInternalError);
    assert.deepEqual([error.name, error.message], ["AiInternalError", message]);
  }
  assert.deepEqual(requests, []);
});

test("what the gateway has not got says so", async (t) => {
  const { AI, requests } = await binding(t, {});
  await assert.rejects(AI.models(), { name: "AiInternalError", message: /AI\.models is not a part/ });
  assert.throws(() => AI.toMarkdown([]), { name: "AiInternalError", message: /AI\.toMarkdown is not a part/ });
  assert.throws(() => AI.autorag("docs"), { name: "AiInternalError", message: /AI\.autorag is not a part/ });
  await assert.rejects(AI.run(MODEL, INPUTS, { websocket: true }), { name: "AiInternalError", message: /websocket/ });
  assert.deepEqual(requests, []);
});

test("a model's name leads nowhere else", async (t) => {
  const { AI, requests } = await binding(t, {});
  for (const model of ["", "..", "../v1/chat", "@cf//x", "@cf/./x", "/@cf/x", undefined, null, 7]) {
    await assert.rejects(AI.run(model, INPUTS), { name: "AiInternalError", message: /no model's name/ });
  }
  assert.deepEqual(requests, []);
});

test("settings that can't be right are refused at once", () => {
  const good = { baseUrl: "http://127.0.0.1:8080", account: "ai" };
  createAI(good);
  createAI({ ...good, baseUrl: "https://production.ai/below/" });
  for (const baseUrl of [
    undefined,
    "",
    "production.ai",
    "ftp://production.ai",
    "http://h/?key=x",
    "http://h/#x",
    "http://u:p@h",
  ]) {
    assert.throws(() => createAI({ ...good, baseUrl }), TypeError, String(baseUrl));
  }
  for (const account of [undefined, "", ".", ".."]) {
    assert.throws(() => createAI({ ...good, account }), /account is a name/);
  }
});

test("a gateway needs a name", () => {
  const AI = createAI({ baseUrl: "http://127.0.0.1:8080", account: "ai" });
  for (const id of [undefined, "", ".", ".."]) {
    assert.throws(() => AI.gateway(id), { name: "AiGatewayInternalError", message: /gateway is a name/ });
  }
});
