/** Finds packages in the cache folders that run.sh installed them into; Node looks beside the importing file alone. */

import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

/** Folders of the checkout, each with the one that has its packages. */
const FOLDERS = (process.env.AIGATEWAY_NODE_MODULES ?? "").split(":").map((pair) => {
  const [folder, installed] = pair.split("=");
  return [`${pathToFileURL(folder)}/`, `${pathToFileURL(installed)}/`];
});

// The hook runs in a thread of its own, which reads this file once more.
if (isMainThread) {
  register(import.meta.url);
}

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    const [, installed] = FOLDERS.find(([folder]) => context.parentURL?.startsWith(folder)) ?? [];
    if (error.code !== "ERR_MODULE_NOT_FOUND" || !installed || !/^[@a-z][^:]*$/i.test(specifier)) {
      throw error;
    }
    return next(specifier, { ...context, parentURL: installed });
  }
}
