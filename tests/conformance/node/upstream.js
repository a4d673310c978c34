/** A scripted provider: it answers what a test says, event by event, and keeps what it received. */

import { once } from "node:events";
import { createServer } from "node:http";

/** A recorded answer as the provider gave it. */
export function whole({ status, headers, body, streaming }) {
  const parts = streaming && typeof body === "string" ? body.match(/[^]*?(?:\r?\n\r?\n|$)/g).filter(Boolean) : [body];
  return { status, headers, parts };
}

/** A JSON answer. */
export function json(status, body, headers = {}) {
  return { status, headers: { "content-type": "application/json", ...headers }, parts: [JSON.stringify(body)] };
}

export class Upstream {
  #server;
  #answers = [];
  /** What was asked since the last `play`. */
  requests = [];

  /** Starts one on a free port of the loopback. */
  static async start() {
    const upstream = new Upstream();
    upstream.#server = createServer((request, response) => upstream.#answer(request, response));
    upstream.#server.listen(0, "127.0.0.1");
    await once(upstream.#server, "listening");
    return upstream;
  }

  /** Its address, without a slash at the end. */
  get origin() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Forgets all that was and answers the next requests with these, in order. */
  play(...answers) {
    this.requests = [];
    this.#answers = answers;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request, response) {
    const body = Buffer.concat(await request.toArray()).toString();
    this.requests.push({ method: request.method, path: request.url, headers: request.headers, body });
    const unexpected = json(501, { error: { message: "the test expected no call", type: "unexpected" } });
    const { status, headers, parts } = this.#answers.shift() ?? unexpected;
    response.writeHead(status, headers);
    for (const part of parts) {
      await new Promise((written) => response.write(part, written));
    }
    response.end();
  }
}
