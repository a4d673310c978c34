/**
 * A chat app as it is written for Workers: Workers AI answers, from the cache where it can; when it throws, OpenAI
 * answers through the same gateway. Nothing in this file knows where `env.AI` comes from.
 */

import { Hono } from "hono";

const GATEWAY = "production";
const app = new Hono();

app.post("/chat", async (c) => {
  const { message } = await c.req.json();
  const messages = [{ role: "user", content: message }];
  try {
    const answer = await c.env.AI.run(
      "@cf/meta/llama-3.1-8b-instruct",
      { messages },
      { gateway: { id: GATEWAY, skipCache: false, cacheTtl: 1800 } },
    );
    return c.json({ from: "workers-ai", text: answer.response });
  } catch (error) {
    console.error(`Workers AI: ${error}`);
    return askOpenAI(c, messages);
  }
});

async function askOpenAI(c, messages) {
  const url = await c.env.AI.gateway(GATEWAY).getUrl("openai");
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${c.env.OPENAI_API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o-mini", messages }),
  });
  if (!response.ok) {
    console.error(`OpenAI: ${response.status} ${await response.text()}`);
    return c.json({ error: "Nobody answers. Try again later." }, 502);
  }
  const { choices } = await response.json();
  return c.json({ from: "openai", text: choices[0].message.content });
}

export default app;
