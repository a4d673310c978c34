/** Runs the app on Node: this is all that differs from a Worker, where the platform makes `env`. */

import { serve } from "@hono/node-server";
import { createAI } from "aigateway-workers-ai";

import app from "./app.js";

const { GATEWAY_URL, GATEWAY_ACCOUNT, GATEWAY_KEY, OPENAI_API_KEY, PORT } = process.env;

const env = {
  AI: createAI({
    baseUrl: GATEWAY_URL ?? "http://127.0.0.1:8080",
    account: GATEWAY_ACCOUNT ?? "ai",
    apiKey: GATEWAY_KEY,
  }),
  OPENAI_API_KEY,
};

serve({ fetch: (request) => app.fetch(request, env), hostname: "127.0.0.1", port: Number(PORT ?? 8787) }, ({ port }) =>
  console.log(`The chat app serves at http://127.0.0.1:${port}`),
);
