/** The compiler reads the source with its comments' types, the declarations and `types.ts`. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

test("the types hold", async () => {
  const installed = dirname(createRequire(import.meta.resolve("typescript")).resolve("typescript/package.json"));
  const compiler = join(installed, "bin", "tsc");
  const run = promisify(execFile)(process.execPath, [compiler, "--project", ROOT]);
  await run.catch(({ stdout }) => assert.fail(stdout));
});
