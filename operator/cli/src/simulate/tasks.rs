//! Models that are called by their path: Workers AI's, Hugging Face's, and Replicate's predictions, which are over as soon
//! as they are made.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::Said;
use super::openai_other::embedding;
use super::reply::{Reply, event};
use super::told::Told;

/// How many numbers an embedding of Workers AI has: those of `bge-base-en-v1.5`.
const DIMENSIONS: u64 = 768;

/// What a model of Workers AI answers: a text, or vectors for texts.
pub(crate) fn run(told: &Told<'_>, body: &Value) -> Reply {
    let inputs: Vec<&str> = match &body["text"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let (input, output) = (told.asked.input_tokens, told.answer.output_tokens);
    let usage = json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output});
    if !inputs.is_empty() {
        let data: Vec<Vec<f32>> = inputs.iter().map(|text| embedding(text, DIMENSIONS)).collect();
        return enveloped(&json!({"shape": [data.len(), DIMENSIONS], "data": data, "pooling": "mean"}));
    }
    match &told.answer.said {
        Said::Text { pieces, .. } if told.asked.stream => {
            let words = pieces.iter().map(|piece| event(&json!({"response": piece})));
            let end = [event(&json!({"response": "", "usage": usage})), Bytes::from_static(b"data: [DONE]\n\n")];
            Reply::events(words.chain(end).collect())
        }
        Said::Text { pieces, .. } => enveloped(&json!({"response": pieces.concat(), "usage": usage})),
        Said::Tool(tool) => {
            let calls = json!([{"name": tool.name, "arguments": tool.arguments}]);
            enveloped(&json!({"response": null, "tool_calls": calls, "usage": usage}))
        }
    }
}

fn enveloped(result: &Value) -> Reply {
    Reply::json(200, &json!({"result": result, "success": true, "errors": [], "messages": []}))
}

/// What a model of Hugging Face's generates.
pub(crate) fn inference(told: &Told<'_>) -> Reply {
    let pieces = pieces(&told.answer.said);
    if !told.asked.stream {
        return Reply::json(200, &json!([{"generated_text": pieces.concat()}]));
    }
    let last = pieces.len().saturating_sub(1);
    let token = |(index, text): (usize, &String)| {
        let whole = (index == last).then(|| pieces.concat());
        let details = whole.is_some().then(|| json!({"finish_reason": "eos_token", "generated_tokens": pieces.len()}));
        let token = json!({"id": index, "text": text, "logprob": 0.0, "special": false});
        event(&json!({"index": index + 1, "token": token, "generated_text": whole, "details": details}))
    };
    Reply::events(pieces.iter().enumerate().map(token).collect())
}

/// A prediction of Replicate's, with its output.
pub(crate) fn prediction(told: &Told<'_>, body: &Value) -> Reply {
    let id = told.id("");
    let url = format!("https://api.replicate.com/v1/predictions/{id}");
    let counts = json!({"input_token_count": told.asked.input_tokens, "output_token_count": told.answer.output_tokens});
    let prediction = json!({
        "id": id,
        "model": told.asked.model,
        "version": "simulated",
        "input": body["input"],
        "logs": "",
        "output": pieces(&told.answer.said),
        "error": null,
        "status": "succeeded",
        "created_at": "2026-01-01T00:00:00Z",
        "completed_at": "2026-01-01T00:00:00Z",
        "metrics": counts,
        "urls": {"get": url, "cancel": format!("{url}/cancel")},
    });
    Reply::json(201, &prediction)
}

fn pieces(said: &Said) -> Vec<String> {
    match said {
        Said::Text { pieces, .. } => pieces.clone(),
        Said::Tool(tool) => vec![tool.arguments.to_string()],
    }
}

/// An error in Cloudflare's shape.
/// Source of the codes: <https://developers.cloudflare.com/workers-ai/platform/errors/>, November 2026.
pub(crate) fn cloudflare_error(status: u16, message: &str) -> Reply {
    let code = match status {
        404 => 5007,
        429 => 3040,
        400..=499 => 5006,
        _ => 3043,
    };
    let errors = json!([{"code": code, "message": message}]);
    Reply::json(status, &json!({"result": {}, "success": false, "errors": errors, "messages": []}))
}

/// An error in Hugging Face's shape.
pub(crate) fn hugging_face_error(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"error": message}))
}

/// An error in Replicate's shape.
pub(crate) fn replicate_error(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"title": "Simulated", "detail": message, "status": status}))
}
