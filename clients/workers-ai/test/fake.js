/** A gateway that answers what a test says and keeps what it received. */

import { once } from "node:events";
import { createServer } from "node:http";

import { createAI } from "../src/index.js";

/** What every answer of the gateway has. */
export const LOG_ID = "0199f0a1-0000-7000-8000-000000000001";

/** A JSON answer. */
export function json(body, { status = 200, headers = {} } = {}) {
  return { status, headers: { "content-type": "application/json", ...headers }, parts: [JSON.stringify(body)] };
}

/** A JSON answer as Cloudflare's REST API wraps it. */
export function wrapped(result) {
  return json({ result, success: true, errors: [], messages: [] });
}

/** A stream of server-sent events; `gate` is awaited before each one but the first. */
export function stream(events, gate = async () => {}) {
  const parts = events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
  return { status: 200, headers: { "content-type": "text/event-stream" }, parts, gate };
}

/** Starts one for a test, and ends it with the test. */
export async function fakeGateway(t, ...answers) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const body = Buffer.concat(chunks).toString();
    requests.push({
      method: request.method,
      path: request.url,
      headers: request.headers,
      body: body && JSON.parse(body),
    });
    await send(
      response,
      answers.shift() ?? json({ errors: [{ code: 0, message: "the test expected no call" }] }, { status: 501 }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  return { baseUrl, requests, server };
}

/** The binding at a gateway that gives these answers. */
export async function binding(t, settings, ...answers) {
  const gateway = await fakeGateway(t, ...answers);
  const AI = createAI({ baseUrl: gateway.baseUrl, account: "ai", ...settings });
  return { AI, ...gateway };
}

/** Those headers of a request that the client decides, without what `fetch` adds. */
export function sent({ headers }) {
  const own = /^(authorization|content-type|x-.*|cf-.*)$/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => own.test(name)));
}

async function send(response, { status, headers, parts, gate = async () => {}, silent = false, cut = false }) {
  if (silent) {
    return;
  }
  response.writeHead(status, { "cf-aig-log-id": LOG_ID, ...headers });
  for (const [number, part] of parts.entries()) {
    if (number > 0) {
      await gate(number);
    }
    await new Promise((written) => response.write(part, written));
  }
  if (cut) {
    response.destroy();
  } else {
    response.end();
  }
}
