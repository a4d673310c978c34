//! Paths of Bedrock's runtime: the model and what is wanted of it stand in them.
//!
//! Source: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html>,
//! November 2026.

use std::ops::Range;

use crate::call::Dialect;
use crate::percent::{decoded, encode};

/// A call that a path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The model's id or ARN, decoded.
    pub model: String,
    /// In which format.
    pub dialect: Dialect,
    /// The answer comes in pieces.
    pub stream: bool,
}

/// What a raw path calls, with or without its query; `None` for all that makes no answer.
pub fn called(path: &str) -> Option<Called> {
    let path = path.split('?').next().unwrap_or_default();
    let (model, operation) = path.strip_prefix('/').unwrap_or(path).strip_prefix("model/")?.rsplit_once('/')?;
    let (dialect, stream) = match operation {
        "converse" => (Dialect::Converse, false),
        "converse-stream" => (Dialect::Converse, true),
        "invoke" => (Dialect::BedrockInvoke, false),
        "invoke-with-response-stream" => (Dialect::BedrockInvoke, true),
        _ => return None,
    };
    Some(Called { model: decoded_text(model), dialect, stream })
}

/// Where the model stands in a path that calls one.
pub fn place(path: &str) -> Option<Range<usize>> {
    called(path)?;
    let path = path.split('?').next().unwrap_or_default();
    Some(path.find("model/")? + "model/".len()..path.rfind('/')?)
}

/// Where a model is called; `None` for formats that Bedrock has not.
pub fn path(model: &str, dialect: Dialect, stream: bool) -> Option<String> {
    let operation = match (dialect, stream) {
        (Dialect::BedrockInvoke, false) => "invoke",
        (Dialect::BedrockInvoke, true) => "invoke-with-response-stream",
        (Dialect::Converse | Dialect::OpenAiChat | Dialect::OpenAiResponses | Dialect::AnthropicMessages, stream) => {
            if stream {
                "converse-stream"
            } else {
                "converse"
            }
        }
        (
            Dialect::OpenAiCompletions
            | Dialect::OpenAiEmbeddings
            | Dialect::OpenAiOther
            | Dialect::OpenAiForm
            | Dialect::AnthropicVertex
            | Dialect::GeminiGenerate
            | Dialect::GeminiOther
            | Dialect::CohereChat
            | Dialect::CohereOther
            | Dialect::WorkersAiRun
            | Dialect::HuggingFaceTask
            | Dialect::ReplicatePrediction,
            _,
        ) => return None,
    };
    Some(format!("/model/{}/{operation}", encoded(model)))
}

/// A model as a segment of a path, as AWS's SDKs write it: an id ends in `:0`, and an ARN has slashes.
pub fn encoded(model: &str) -> String {
    let mut segment = String::with_capacity(model.len() + 8);
    encode(model.as_bytes(), &mut segment);
    segment
}

fn decoded_text(segment: &str) -> String {
    String::from_utf8(decoded(segment.as_bytes()).into_owned()).unwrap_or_else(|_| segment.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_model_and_what_is_wanted_of_it() {
        let check = |path: &str, model: &str, dialect, stream| {
            assert_eq!(called(path), Some(Called { model: model.to_owned(), dialect, stream }), "{path}");
        };
        let haiku = "anthropic.claude-haiku-4-5-20251001-v1:0";
        check("model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse", haiku, Dialect::Converse, false);
        check("/model/anthropic.claude-haiku-4-5-20251001-v1:0/converse-stream", haiku, Dialect::Converse, true);
        check("model/amazon.nova-lite-v1%3A0/invoke?a=b/c", "amazon.nova-lite-v1:0", Dialect::BedrockInvoke, false);
        check("model/a%2Fb%3ac/invoke-with-response-stream", "a/b:c", Dialect::BedrockInvoke, true);
        check(
            "model/arn:aws:bedrock:x:1:inference-profile/y/converse",
            "arn:aws:bedrock:x:1:inference-profile/y",
            Dialect::Converse,
            false,
        );
        check("model/%zz%/invoke", "%zz%", Dialect::BedrockInvoke, false);
        for path in [
            "",
            "model/converse",
            "model/a/count-tokens",
            "guardrail/a/version/1/apply",
            "async-invoke",
            "bedrock-runtime/model",
            "models/a/converse",
        ] {
            assert_eq!(called(path), None, "{path}");
        }
    }

    #[test]
    fn a_path_that_is_written_is_read_as_what_it_was() {
        for model in ["amazon.nova-lite-v1:0", "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x-v1:0", "\u{e9} %"] {
            for (dialect, stream) in
                [(Dialect::Converse, false), (Dialect::Converse, true), (Dialect::BedrockInvoke, true)]
            {
                let path = path(model, dialect, stream).unwrap();
                assert_eq!(called(&path), Some(Called { model: model.to_owned(), dialect, stream }), "{path}");
            }
        }
        assert_eq!(path("a:0", Dialect::OpenAiChat, true).unwrap(), "/model/a%3A0/converse-stream");
        assert_eq!(path("a", Dialect::OpenAiEmbeddings, false), None);
    }
}
