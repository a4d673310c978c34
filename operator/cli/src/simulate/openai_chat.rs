//! OpenAI's chat completions, as <https://platform.openai.com/docs/api-reference/chat> has them and as recordings of
//! the service show them.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{Said, ToolCall};
use super::reply::{Reply, event, to_json};
use super::told::Told;

/// A whole answer.
#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    usage: Usage,
    service_tier: &'static str,
    system_fingerprint: Option<()>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Option<()>,
    finish_reason: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[Call<'a>; 1]>,
    refusal: Option<()>,
    annotations: [(); 0],
}

/// A tool's call: whole in an answer, its first part in a stream.
#[derive(Serialize)]
struct Call<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: String,
}

#[derive(Clone, Copy, Serialize)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Clone, Copy, Serialize)]
struct PromptDetails {
    cached_tokens: u64,
    audio_tokens: u64,
}

#[derive(Clone, Copy, Serialize)]
#[expect(clippy::struct_field_names, reason = "they are the service's")]
struct CompletionDetails {
    reasoning_tokens: u64,
    audio_tokens: u64,
    accepted_prediction_tokens: u64,
    rejected_prediction_tokens: u64,
}

/// One event of a stream.
#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    service_tier: &'static str,
    system_fingerprint: Option<()>,
    choices: Vec<ChunkChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Value>,
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    index: u32,
    delta: Value,
    logprobs: Option<()>,
    finish_reason: Option<&'a str>,
}

/// Whether the caller asks for usage at the end of a stream.
pub(crate) fn includes_usage(body: &Value) -> bool {
    body["stream_options"]["include_usage"] == true
}

/// The answer to a call.
pub(crate) fn reply(told: &Told<'_>, include_usage: bool) -> Reply {
    let id = told.id("chatcmpl-");
    if told.asked.stream { Reply::events(stream(told, &id, include_usage)) } else { whole(told, &id) }
}

fn whole(told: &Told<'_>, id: &str) -> Reply {
    let (content, tool_calls) = match &told.answer.said {
        Said::Text { pieces, .. } => (Some(pieces.concat()), None),
        Said::Tool(tool) => (None, Some([call(told, tool, None, tool.arguments.to_string())])),
    };
    let message = Message { role: "assistant", content, tool_calls, refusal: None, annotations: [] };
    let choice = Choice { index: 0, message, logprobs: None, finish_reason: finish_reason(&told.answer.said) };
    Reply::json(
        200,
        &Completion {
            id,
            object: "chat.completion",
            created: told.now,
            model: &told.asked.model,
            choices: [choice],
            usage: usage(told),
            service_tier: "default",
            system_fingerprint: None,
        },
    )
}

fn stream(told: &Told<'_>, id: &str, include_usage: bool) -> Vec<Bytes> {
    let chunk = |choices, usage| {
        event(&Chunk {
            id,
            object: "chat.completion.chunk",
            created: told.now,
            model: &told.asked.model,
            service_tier: "default",
            system_fingerprint: None,
            choices,
            usage,
        })
    };
    let no_usage = || include_usage.then_some(Value::Null);
    let choice = |delta, finish_reason| vec![ChunkChoice { index: 0, delta, logprobs: None, finish_reason }];
    let mut events: Vec<Bytes> = deltas(told).into_iter().map(|delta| chunk(choice(delta, None), no_usage())).collect();
    events.push(chunk(choice(json!({}), Some(finish_reason(&told.answer.said))), no_usage()));
    if include_usage {
        events.push(chunk(Vec::new(), Some(json!(usage(told)))));
    }
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    events
}

/// What each content event adds to the message.
fn deltas(told: &Told<'_>) -> Vec<Value> {
    match &told.answer.said {
        Said::Text { pieces, .. } => {
            let first = json!({"role": "assistant", "content": "", "refusal": null});
            let texts = pieces.iter().map(|piece| json!({"content": piece}));
            std::iter::once(first).chain(texts).collect()
        }
        Said::Tool(tool) => {
            let call = call(told, tool, Some(0), String::new());
            let first = json!({"role": "assistant", "content": null, "tool_calls": [call], "refusal": null});
            let arguments = json!({"tool_calls": [{"index": 0, "function": {"arguments": to_json(&tool.arguments)}}]});
            vec![first, arguments]
        }
    }
}

fn call<'a>(told: &Told<'_>, tool: &'a ToolCall, index: Option<u32>, arguments: String) -> Call<'a> {
    Call { index, id: told.id("call_"), kind: "function", function: Function { name: &tool.name, arguments } }
}

fn finish_reason(said: &Said) -> &'static str {
    match said {
        Said::Text { clipped: false, .. } => "stop",
        Said::Text { clipped: true, .. } => "length",
        Said::Tool(_) => "tool_calls",
    }
}

fn usage(told: &Told<'_>) -> Usage {
    let (prompt_tokens, completion_tokens) = (told.asked.input_tokens, told.answer.output_tokens);
    Usage {
        prompt_tokens,
        completion_tokens,
        total_tokens: prompt_tokens + completion_tokens,
        prompt_tokens_details: PromptDetails { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: CompletionDetails {
            reasoning_tokens: 0,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
        },
    }
}
