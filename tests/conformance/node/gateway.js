/** `kubectl aigateway run` as a child process on free ports. */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const PROGRAM = process.env.AIGATEWAY_PROGRAM;
const FREE_PORTS = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--requests", "127.0.0.1:0"];

/** An `AIGateway` of this name with this spec. JSON is YAML, too. */
export function gateway(name, spec) {
  return { apiVersion: "aigateway.dev/v1alpha1", kind: "AIGateway", metadata: { name, namespace: "sdk" }, spec };
}

// The runner ends a file that takes too long by this signal; the gateway must not outlive it.
process.once("SIGTERM", () => process.exit(1));

export class Gateway {
  #program;
  #folder;
  /** The data port's address, without a slash at the end. */
  origin;

  /** Starts it with what is in these files and what else is said to `run`. */
  static async start(objects, ...args) {
    assert.ok(PROGRAM, "AIGATEWAY_PROGRAM says where the built program is");
    const started = new Gateway();
    const file = await started.#write(objects);
    started.#program = spawn(PROGRAM, ["run", "-f", file, ...args, ...FREE_PORTS], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    process.once("exit", () => started.#program.kill());
    started.origin = await address(started.#program).catch(async (error) => {
      await started.stop();
      throw error;
    });
    return started;
  }

  async stop() {
    if (this.#program.exitCode === null && this.#program.signalCode === null) {
      this.#program.kill();
      await once(this.#program, "exit");
    }
    await rm(this.#folder, { recursive: true });
  }

  async #write(objects) {
    this.#folder = await mkdtemp(join(tmpdir(), "aigateway-"));
    const file = join(this.#folder, "gateway.yaml");
    await writeFile(
      file,
      typeof objects === "string" ? objects : objects.map((it) => JSON.stringify(it)).join("\n---\n"),
    );
    return file;
  }
}

/** What `validate` says of an object; undefined where it has nothing against it. */
export async function problems(object) {
  const folder = await mkdtemp(join(tmpdir(), "aigateway-"));
  try {
    const file = join(folder, "gateway.yaml");
    await writeFile(file, JSON.stringify(object));
    await promisify(execFile)(PROGRAM, ["validate", "-f", file]);
    return undefined;
  } catch (error) {
    return `${error.stdout}${error.stderr}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The data port in what the program prints at its start. It is read to its end, for a full pipe would stop it. */
function address(program) {
  let output = "";
  return new Promise((resolve, reject) => {
    for (const stream of [program.stdout, program.stderr]) {
      stream.on("data", (data) => {
        output += data;
        const found = /^data\s+(http:\/\/\S+)[^]*^requests\s/m.exec(output);
        if (found) {
          resolve(found[1]);
        }
      });
    }
    program.on("error", reject);
    program.on("exit", () => reject(new Error(`the gateway did not start:\n${output}`)));
  });
}
