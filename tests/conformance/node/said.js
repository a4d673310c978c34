/**
 * What an answer says, whoever read it: text, tool calls, why it ended, and what it used.
 *
 * The `ai` package's own packages are the independent reading of a provider's answer; the SDKs of OpenAI and Anthropic
 * must read the same through a door that translates.
 */

const FINISH = { stop: "stop", length: "length", tool_calls: "tool-calls", content_filter: "content-filter" };
const STOP = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  tool_use: "tool-calls",
  refusal: "content-filter",
};

const parsed = (text) => JSON.parse(text || "{}");

/** Read by the `ai` package: what `plain` of ask.js gives. */
export function byPackage({ text, calls, finishReason, usage }) {
  return { text, calls, finish: finishReason, input: usage.inputTokens, output: usage.outputTokens };
}

/** The same of a stream: what `streamed` of ask.js gives. */
export function byPackageStream(parts) {
  const of = (wanted) => parts.filter(({ type }) => type === wanted);
  const [{ finishReason, totalUsage: usage }] = of("finish");
  const text = of("text-delta")
    .map((part) => part.text ?? part.delta)
    .join("");
  const calls = of("tool-call").map(({ toolName, input }) => ({ toolName, input }));
  return byPackage({ text, calls, finishReason, usage });
}

/**
 * What the package read of a recording, as the gateway tells it:
 * - a number or a reason that the package does not know is left out
 * - what Cohere bills is what was used, and its plan for tools is text
 * - what a model thought is output, also where a provider counts it apart
 */
export function toldOf({ text, calls, finish, input, output }, { provider, body }) {
  const last = (pattern) => [...String(body).matchAll(pattern)].at(-1)?.slice(1).map(Number);
  const told = { text, calls, finish: finish === "other" ? undefined : finish, input, output };
  if (provider === "cohere") {
    [told.input, told.output] = last(/"billed_units":\{"input_tokens":(\d+),"output_tokens":(\d+)/g);
    const plans = [...String(body).matchAll(/"tool_plan":("(?:[^"\\]|\\.)*")/g)].map(([, plan]) => JSON.parse(plan));
    told.text = plans.join("") + text;
  }
  const [total] = last(/"total_tokens":\s*(\d+)/g) ?? [0];
  if (output !== undefined && total - input > output) {
    told.output = total - input;
  }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

/** Read by OpenAI's SDK. */
export function byCompletion({ choices: [{ message, finish_reason: reason }], usage }) {
  const calls = (message.tool_calls ?? []).map(({ function: { name, arguments: input } }) => ({
    toolName: name,
    input: parsed(input),
  }));
  const text = message.content ?? "";
  return { text, calls, finish: FINISH[reason], input: usage.prompt_tokens, output: usage.completion_tokens };
}

/** The same of a stream, whose last chunk is that of the usage. */
export function byChunks(chunks) {
  const choices = chunks.flatMap((chunk) => chunk.choices);
  const tools = [];
  for (const { index, function: called } of choices.flatMap(({ delta }) => delta.tool_calls ?? [])) {
    tools[index] ??= { name: "", arguments: "" };
    tools[index].name += called?.name ?? "";
    tools[index].arguments += called?.arguments ?? "";
  }
  const message = {
    content: choices.map(({ delta }) => delta.content ?? "").join(""),
    tool_calls: tools.map((called) => ({ function: called })),
  };
  const { finish_reason } = choices.find((choice) => choice.finish_reason);
  return byCompletion({ choices: [{ message, finish_reason }], usage: chunks.at(-1).usage });
}

/** Read by Anthropic's SDK. */
export function byMessage({ content, stop_reason: reason, usage }) {
  const of = (wanted) => content.filter(({ type }) => type === wanted);
  const cached = (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
  return {
    text: of("text")
      .map(({ text }) => text)
      .join(""),
    calls: of("tool_use").map(({ name, input }) => ({ toolName: name, input })),
    finish: STOP[reason],
    input: usage.input_tokens + cached,
    output: usage.output_tokens,
  };
}
