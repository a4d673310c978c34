/** The example as a program of its own on a free port. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(new URL("../examples/hono/server.js", import.meta.url));

/**
 * Starts it with these variables, and ends it with the test.
 *
 * @returns {Promise<(message: string) => Promise<[number, any]>>} says something to it, and gives its status and answer
 */
export async function startApp(t, variables) {
  const program = spawn(process.execPath, [...process.execArgv, SERVER], {
    env: { ...process.env, ...variables, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(program, "exit");
  t.after(async () => {
    program.kill();
    await ended;
  });
  const url = await Promise.race([address(program.stdout), ended.then(() => failure(program))]);
  return async (message) => {
    const response = await fetch(`${url}/chat`, { method: "POST", body: JSON.stringify({ message }) });
    return [response.status, await response.json()];
  };
}

async function address(output) {
  for await (const line of createInterface({ input: output })) {
    const found = /http:\/\/\S+/.exec(line);
    if (found) {
      output.resume();
      return found[0];
    }
  }
  throw new Error("the app printed no address");
}

async function failure(program) {
  throw new Error(`the app ended: ${Buffer.concat(await program.stderr.toArray())}`);
}
