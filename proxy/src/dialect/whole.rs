//! Whole answers in the client's own format: what they used and whether they may be stored. Their bytes stay as they are.

use bytes::Bytes;

use super::members::{Broken, members};
use crate::call::{Dialect, Usage};
use crate::dialect::usage::Counts;
use crate::error::{Failure, FailureKind};
use crate::provider::bedrock;
use crate::provider::classify::inside_success;
use crate::provider::conversation::Text;
use crate::provider::reply::Answer;

/// The fields that are looked at, of all formats, as they are written; null is as good as absent. Each is read only
/// where its format has it, so that an unknown use of a name does no harm.
#[derive(Default)]
struct Fields<'a> {
    model: Option<&'a str>,
    usage: Option<&'a str>,
    error: Option<&'a str>,
    status: Option<&'a str>,
    choices: Option<&'a str>,
    content: Option<&'a str>,
    stop_reason: Option<&'a str>,
    output: Option<&'a str>,
    message: Option<&'a str>,
    /// Cohere's counts, where it has no `usage`.
    meta: Option<&'a str>,
    /// What Workers AI has in its envelope.
    result: Option<&'a str>,
    success: Option<&'a str>,
    /// Replicate's counts.
    metrics: Option<&'a str>,
    candidates: Option<&'a str>,
    prompt_feedback: Option<&'a str>,
    usage_metadata: Option<&'a str>,
    model_version: Option<&'a str>,
}

/// Reads an answer with status 200.
///
/// # Errors
/// It holds an error, or it is no answer of that API: no JSON, or nothing in it.
pub fn read(dialect: Dialect, body: &Bytes) -> Result<Answer, Failure> {
    let is_object = body.trim_ascii_start().first() == Some(&b'{');
    if !is_object && may_be_anything(dialect) {
        return Ok(Answer { body: body.clone(), usage: None, model: None, storable: true });
    }
    let fields = Fields::of(dialect, body).map_err(malformed)?;
    if fields.error.is_some() || (dialect == Dialect::WorkersAiRun && fields.is_no_success()) {
        return Err(inside_success(dialect, body));
    }
    if is_empty(dialect, &fields) {
        return Err(malformed("there is nothing in the answer"));
    }
    Ok(Answer {
        body: body.clone(),
        usage: fields.usage(dialect).and_then(|usage| usage_of(dialect, usage)),
        model: fields.model.or(fields.model_version).and_then(text).map(|model| model.0.into_owned()),
        storable: !fields.status.and_then(text).is_some_and(|status| is_unfinished(&status)),
    })
}

impl<'a> Fields<'a> {
    /// Reads the object that `body` is; of a field that comes twice no reader says the same, so that is none.
    fn of(dialect: Dialect, body: &'a [u8]) -> Result<Self, &'static str> {
        let text = str::from_utf8(body).map_err(|_| "the answer is not UTF-8")?;
        let (mut fields, mut is_twice) = (Self::default(), false);
        let read = members(text, |key, value| {
            let Some(field) = fields.named(key).filter(|_| value != "null") else { return };
            is_twice |= field.replace(value).is_some();
        });
        // Replicate writes some keys twice.
        match read {
            Ok(()) if is_twice && dialect != Dialect::ReplicatePrediction => Err("the answer says something twice"),
            Ok(()) => Ok(fields),
            Err(Broken) => Err("the answer is no JSON object"),
        }
    }

    fn named(&mut self, key: &str) -> Option<&mut Option<&'a str>> {
        Some(match key {
            "model" => &mut self.model,
            "usage" => &mut self.usage,
            "error" => &mut self.error,
            "status" => &mut self.status,
            "choices" => &mut self.choices,
            "content" => &mut self.content,
            "stop_reason" => &mut self.stop_reason,
            "output" => &mut self.output,
            "message" => &mut self.message,
            "meta" => &mut self.meta,
            "result" => &mut self.result,
            "success" => &mut self.success,
            "metrics" => &mut self.metrics,
            "candidates" => &mut self.candidates,
            "promptFeedback" => &mut self.prompt_feedback,
            "usageMetadata" => &mut self.usage_metadata,
            "modelVersion" => &mut self.model_version,
            _ => return None,
        })
    }

    fn is_no_success(&self) -> bool {
        self.success == Some("false")
    }

    /// Where the tokens of an answer are counted.
    fn usage(&self, dialect: Dialect) -> Option<&'a str> {
        match dialect {
            Dialect::CohereChat | Dialect::CohereOther => self.usage.or(self.meta),
            Dialect::WorkersAiRun => self.usage.or_else(|| Fields::of(dialect, self.result?.as_bytes()).ok()?.usage),
            Dialect::ReplicatePrediction => self.metrics.filter(|metrics| metrics.contains("token_count")),
            Dialect::GeminiGenerate | Dialect::GeminiOther => self.usage_metadata,
            Dialect::OpenAiChat
            | Dialect::OpenAiResponses
            | Dialect::OpenAiCompletions
            | Dialect::OpenAiEmbeddings
            | Dialect::OpenAiOther
            | Dialect::OpenAiForm
            | Dialect::AnthropicMessages
            | Dialect::AnthropicVertex
            | Dialect::Converse
            | Dialect::BedrockInvoke
            | Dialect::HuggingFaceTask => self.usage,
        }
    }
}

/// Whether answers may be no JSON object: sound, pictures, lists.
pub fn may_be_anything(dialect: Dialect) -> bool {
    match dialect {
        Dialect::OpenAiOther
        | Dialect::OpenAiForm
        | Dialect::HuggingFaceTask
        | Dialect::WorkersAiRun
        | Dialect::BedrockInvoke => true,
        Dialect::OpenAiChat
        | Dialect::OpenAiResponses
        | Dialect::OpenAiCompletions
        | Dialect::OpenAiEmbeddings
        | Dialect::AnthropicMessages
        | Dialect::AnthropicVertex
        | Dialect::GeminiGenerate
        | Dialect::GeminiOther
        | Dialect::CohereChat
        | Dialect::CohereOther
        | Dialect::Converse
        | Dialect::ReplicatePrediction => false,
    }
}

fn usage_of(dialect: Dialect, json: &str) -> Option<Usage> {
    if dialect == Dialect::Converse {
        return bedrock::usage::read(json);
    }
    Counts::usage(json, dialect)
}

/// Whether it lacks what an answer of that format always has.
fn is_empty(dialect: Dialect, fields: &Fields<'_>) -> bool {
    let is_list = |value: Option<&str>| value.is_some_and(|value| value.starts_with('['));
    let has_items =
        |value: Option<&str>| is_list(value) && value.is_some_and(|value| !value[1..].trim_start().starts_with(']'));
    match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiCompletions => !has_items(fields.choices),
        // A turn that says nothing more is an answer, if it says why it ended.
        Dialect::AnthropicMessages | Dialect::AnthropicVertex => {
            !(has_items(fields.content) || is_list(fields.content) && fields.stop_reason.is_some())
        }
        Dialect::OpenAiResponses | Dialect::Converse => fields.output.is_none(),
        // A prompt that was not let through is answered without candidates.
        Dialect::GeminiGenerate => !has_items(fields.candidates) && fields.prompt_feedback.is_none(),
        Dialect::CohereChat => fields.message.is_none(),
        Dialect::OpenAiEmbeddings
        | Dialect::OpenAiOther
        | Dialect::OpenAiForm
        | Dialect::GeminiOther
        | Dialect::CohereOther
        | Dialect::BedrockInvoke
        | Dialect::WorkersAiRun
        | Dialect::HuggingFaceTask
        | Dialect::ReplicatePrediction => false,
    }
}

/// Whether a status says that the answer is not the last word.
pub(super) fn is_unfinished(status: &str) -> bool {
    let still = ["queued", "in_progress", "starting", "processing"];
    let never = ["incomplete", "failed", "cancelled", "canceled", "aborted"];
    still.contains(&status) || never.contains(&status)
}

fn text(value: &str) -> Option<Text<'_>> {
    serde_json::from_str(value).ok()
}

fn malformed(message: &str) -> Failure {
    Failure { kind: FailureKind::Malformed, status: Some(200), hint: None, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(dialect: Dialect, body: &str) -> Result<Answer, Failure> {
        read(dialect, &Bytes::copy_from_slice(body.as_bytes()))
    }

    fn failure(dialect: Dialect, body: &str, kind: FailureKind) {
        assert_eq!(of(dialect, body).map_err(|failure| failure.kind), Err(kind), "{body}");
    }

    #[test]
    fn an_answer_keeps_its_bytes() {
        let body = Bytes::from_static(
            br#" { "model":"gpt-\u0034o" ,"usage":{"prompt_tokens":3},"choices":[{}],"error":null}"#,
        );
        let answer = read(Dialect::OpenAiChat, &body).unwrap();
        let usage = Some(Usage { input: 3, ..Usage::default() });
        assert_eq!(answer.body.as_ptr(), body.as_ptr());
        assert_eq!(answer, Answer { body, usage, model: Some("gpt-4o".to_owned()), storable: true });
    }

    #[test]
    fn an_answer_without_content_is_malformed() {
        let cases = [
            (Dialect::OpenAiChat, r#"{"choices": [ ]}"#),
            (Dialect::OpenAiChat, r#"{"choices": null}"#),
            (Dialect::OpenAiChat, r#"{"choices": {}}"#),
            (Dialect::OpenAiChat, "{}"),
            (Dialect::OpenAiCompletions, r#"{"choices": []}"#),
            (Dialect::AnthropicMessages, r#"{"content": [], "stop_reason": null}"#),
            (Dialect::AnthropicMessages, r#"{"stop_reason": "end_turn"}"#),
            (Dialect::OpenAiResponses, r#"{"status": "completed"}"#),
            (Dialect::OpenAiChat, "[]"),
            (Dialect::OpenAiChat, ""),
            (Dialect::OpenAiChat, "<html>"),
            (Dialect::OpenAiChat, r#"{"choices": [{}]"#),
            (Dialect::OpenAiEmbeddings, "[1]"),
            (Dialect::GeminiGenerate, r#"{"candidates": [], "usageMetadata": {}}"#),
            (Dialect::GeminiGenerate, r#"{"usageMetadata": {}}"#),
        ];
        for (dialect, body) in cases {
            failure(dialect, body, FailureKind::Malformed);
        }
        assert!(of(Dialect::AnthropicMessages, r#"{"content": [], "stop_reason": "end_turn"}"#).is_ok());
    }

    #[test]
    fn an_error_in_a_200_is_a_failure() {
        failure(Dialect::OpenAiChat, r#"{"error": {"code": 429, "message": "m"}}"#, FailureKind::RateLimited);
        failure(Dialect::OpenAiChat, r#"{"choices": [{}], "error": "down"}"#, FailureKind::Server);
        failure(Dialect::OpenAiOther, r#"{"error": {"code": "insufficient_quota"}}"#, FailureKind::OutOfMoney);
        let overloaded = r#"{"type": "error", "error": {"type": "overloaded_error"}}"#;
        failure(Dialect::AnthropicMessages, overloaded, FailureKind::Overloaded);
        let failed = r#"{"status": "failed", "output": [], "error": {"code": "server_error"}}"#;
        failure(Dialect::OpenAiResponses, failed, FailureKind::Server);
    }

    #[test]
    fn an_unfinished_answer_is_not_stored() {
        for (status, storable) in
            [("completed", true), ("queued", false), ("in_progress", false), ("incomplete", false)]
        {
            let body = format!(r#"{{"status": "{status}", "output": [], "error": null}}"#);
            assert_eq!(of(Dialect::OpenAiResponses, &body).unwrap().storable, storable, "{status}");
        }
    }

    #[test]
    fn sound_is_an_answer() {
        let answer = of(Dialect::OpenAiOther, "ID3\u{4}").unwrap();
        assert_eq!((answer.usage, answer.storable), (None, true));
    }

    #[test]
    fn coheres_counts_are_found() {
        let billed = r#"{"billed_units": {"input_tokens": 3, "output_tokens": 2}}"#;
        let usage = Some(Usage { input: 3, output: 2, ..Usage::default() });
        let chat = format!(r#"{{"message": {{"role": "assistant"}}, "usage": {billed}}}"#);
        assert_eq!(of(Dialect::CohereChat, &chat).unwrap().usage, usage);
        let older = format!(r#"{{"text": "a", "meta": {billed}}}"#);
        assert_eq!(of(Dialect::CohereOther, &older).unwrap().usage, usage);
        failure(Dialect::CohereChat, r#"{"id": "a"}"#, FailureKind::Malformed);
    }

    #[test]
    fn what_workers_ai_runs_is_in_an_envelope() {
        let body = r#"{"result": {"response": "a", "usage": {"prompt_tokens": 3}}, "success": true, "errors": []}"#;
        let answer = of(Dialect::WorkersAiRun, body).unwrap();
        assert_eq!((answer.usage, answer.storable), (Some(Usage { input: 3, ..Usage::default() }), true));
        assert!(of(Dialect::WorkersAiRun, "\u{89}PNG").is_ok());
        let body = r#"{"success": false, "errors": [{"code": 3040, "message": "No more capacity"}], "result": {}}"#;
        failure(Dialect::WorkersAiRun, body, FailureKind::Overloaded);
    }

    #[test]
    fn a_prediction_is_read_though_it_has_a_key_twice() {
        let of = |status: &str| {
            let body = format!(
                r#"{{"model": "a/b", "model": "a/b", "error": null, "status": "{status}",
                "metrics": {{"input_token_count": 3, "output_token_count": 2, "predict_time": 0.5}}}}"#
            );
            super::read(Dialect::ReplicatePrediction, &Bytes::from(body)).unwrap()
        };
        let answer = of("succeeded");
        let usage = Usage { input: 3, output: 2, ..Usage::default() };
        assert_eq!((answer.model.as_deref(), answer.usage, answer.storable), (Some("a/b"), Some(usage), true));
        assert!(!of("starting").storable && !of("processing").storable && !of("canceled").storable);
        failure(Dialect::ReplicatePrediction, r#"{"status": "failed", "error": "out of memory"}"#, FailureKind::Server);
    }

    #[test]
    fn geminis_names_are_read() {
        let body = r#"{"candidates": [{}], "modelVersion": "gemini-2.5-flash",
            "usageMetadata": {"promptTokenCount": 3, "thoughtsTokenCount": 2}}"#;
        let answer = of(Dialect::GeminiGenerate, body).unwrap();
        let usage = Usage { input: 3, output: 2, reasoning: 2, ..Usage::default() };
        assert_eq!((answer.usage, answer.model.as_deref()), (Some(usage), Some("gemini-2.5-flash")));
        assert!(of(Dialect::GeminiGenerate, r#"{"promptFeedback": {"blockReason": "SAFETY"}}"#).is_ok());
        failure(
            Dialect::GeminiGenerate,
            r#"{"error": {"code": 503, "status": "UNAVAILABLE"}}"#,
            FailureKind::Overloaded,
        );
    }

    #[test]
    fn odd_fields_do_no_harm() {
        let body = r#"{"choices": [{}], "model": 4, "usage": {"prompt_tokens": "3"}, "status": {}, "content": 1}"#;
        let answer = of(Dialect::OpenAiChat, body).unwrap();
        assert_eq!((answer.usage, answer.model, answer.storable), (None, None, true));
    }
}
