//! Paths that name a model and what is asked of it: `v1beta/models/gemini-2.5-flash:generateContent`.
//!
//! Sources: <https://ai.google.dev/api/all-methods>, <https://cloud.google.com/vertex-ai/docs/reference/rest>, November
//! 2026.

use aigateway_config::provider::Options;

use crate::call::Dialect;

/// The publisher of Google's own models at Vertex AI.
pub const GOOGLE: &str = "google";

/// The publisher of Claude's models at Vertex AI, which are asked in Anthropic's format. Source:
/// <https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude>, November 2026.
pub const ANTHROPIC: &str = "anthropic";

/// What a path asks of which model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called<'a> {
    /// Who made the model.
    pub publisher: &'a str,
    /// The model, as the path has it, less what stands before every model.
    pub model: &'a str,
    /// What it is to do: `generateContent`.
    pub method: &'a str,
}

/// What stands before a model that is called by a path: Google's own, one that a caller tuned, one that is deployed.
const COLLECTIONS: [&str; 3] = ["models", "tunedModels", "endpoints"];

/// Reads a raw path, with or without the API's version. `None` where it calls no model.
pub fn called(path: &str) -> Option<Called<'_>> {
    let path = path.split('?').next().unwrap_or(path);
    let (before, last) = path.rsplit_once('/')?;
    let collection = before.rsplit('/').next()?;
    let (model, method) = last.rsplit_once(':')?;
    let publisher =
        before.split_once("publishers/").map_or(GOOGLE, |(_, after)| after.split('/').next().unwrap_or(after));
    // Of the models of others each speaks its own format; Claude's counting of tokens has the place of a model.
    let is_known = publisher == GOOGLE || (publisher == ANTHROPIC && model != "count-tokens");
    let is_call = COLLECTIONS.contains(&collection) && !model.is_empty() && is_known;
    is_call.then_some(Called { publisher, model, method })
}

/// What a call makes; `None` where it makes no answer to be cached, tried again or given to another target: counts of
/// tokens, and what is only begun and asked for later.
pub fn dialect(called: Called<'_>) -> Option<Dialect> {
    match (called.publisher, called.method) {
        (ANTHROPIC, "rawPredict" | "streamRawPredict") => Some(Dialect::AnthropicVertex),
        (GOOGLE, "generateContent" | "streamGenerateContent") => Some(Dialect::GeminiGenerate),
        (GOOGLE, "embedContent" | "batchEmbedContents" | "predict" | "generateAnswer") => Some(Dialect::GeminiOther),
        _ => None,
    }
}

/// Whether the answer comes in pieces.
pub fn is_streamed(method: &str) -> bool {
    matches!(method, "streamGenerateContent" | "streamRawPredict")
}

/// The path and query `rest` with another model in it; as it is where it calls none.
pub fn renamed(rest: &str, model: &str) -> String {
    match called(rest) {
        None => rest.to_owned(),
        Some(called) => {
            let at = called.model.as_ptr().addr() - rest.as_ptr().addr();
            [&rest[..at], bare(model), &rest[at + called.model.len()..]].concat()
        }
    }
}

/// The path at AI Studio that asks `method` of `model`.
pub fn studio(model: &str, method: &str) -> String {
    format!("/v1beta/models/{model}:{method}")
}

/// The path at Vertex AI that asks `method` of a publisher's `model`. Without a project it is that of a key, which has its
/// own.
pub fn vertex(options: Option<&Options>, publisher: &str, model: &str, method: &str) -> String {
    let place = match options {
        Some(Options::Vertex { project: Some(project), region }) => format!("projects/{project}/locations/{region}/"),
        Some(
            Options::Vertex { project: None, .. }
            | Options::Azure { .. }
            | Options::WorkersAi { .. }
            | Options::Bedrock { .. },
        )
        | None => String::new(),
    };
    format!("/v1/{place}publishers/{publisher}/models/{}:{method}", bare(model))
}

/// A model as paths have it: `google/gemini-2.5-flash` is how compatible APIs call it.
fn bare(model: &str) -> &str {
    let of = |publisher: &str| model.strip_prefix(publisher)?.strip_prefix('/');
    of(GOOGLE).or_else(|| of(ANTHROPIC)).unwrap_or(model)
}

/// The method of a conversation, and what asks for server-sent events in place of an array.
pub fn generate(stream: bool) -> &'static str {
    if stream { "streamGenerateContent?alt=sse" } else { "generateContent" }
}

/// The method of a conversation with Claude.
pub fn raw_predict(stream: bool) -> &'static str {
    if stream { "streamRawPredict" } else { "rawPredict" }
}

/// `path` with the query of `rest` in place of its own.
pub fn with_query(path: &str, rest: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    match rest.split_once('?') {
        Some((_, query)) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_model_and_its_method() {
        let check = |path: &str, expected: Option<(&str, &str)>| {
            assert_eq!(called(path).map(|called| (called.model, called.method)), expected, "{path}");
        };
        let generate = |model| Some((model, "generateContent"));
        check("v1beta/models/gemini-2.5-flash:generateContent", generate("gemini-2.5-flash"));
        check("/models/gemini-2.5-flash:generateContent?alt=sse", generate("gemini-2.5-flash"));
        check("v1beta/tunedModels/mine:generateContent", generate("mine"));
        let vertex = "v1/projects/p/locations/eu/publishers/google/models/gemini-2.5-pro:generateContent";
        check(vertex, generate("gemini-2.5-pro"));
        check("v1/projects/p/locations/eu/endpoints/123:predict", Some(("123", "predict")));
        check("v1/publishers/anthropic/models/claude@1:rawPredict", Some(("claude@1", "rawPredict")));
        check("v1/publishers/anthropic/models/count-tokens:rawPredict", None);
        check("v1/publishers/mistralai/models/codestral:rawPredict", None);
        check("v1beta/models/:generateContent", None);
        check("v1beta/models", None);
        check("v1beta/models/gemini-2.5-flash", None);
        check("v1beta/files/a:b", None);
        check("v1beta/openai/chat/completions", None);
    }

    #[test]
    fn another_model_stands_in_the_same_place() {
        let check = |rest: &str, expected: &str| assert_eq!(renamed(rest, "google/b"), expected);
        check("v1beta/models/a:generateContent?key=a", "v1beta/models/b:generateContent?key=a");
        check("v1/publishers/google/models/models:predict", "v1/publishers/google/models/b:predict");
        check("v1beta/files", "v1beta/files");
    }

    #[test]
    fn each_place_has_its_own_path() {
        assert_eq!(studio("m", generate(true)), "/v1beta/models/m:streamGenerateContent?alt=sse");
        let options =
            |project: Option<&str>| Options::Vertex { project: project.map(str::to_owned), region: "eu".into() };
        let expected = "/v1/projects/p/locations/eu/publishers/google/models/m:generateContent";
        assert_eq!(vertex(Some(&options(Some("p"))), GOOGLE, "google/m", generate(false)), expected);
        let claude = "/v1/projects/p/locations/eu/publishers/anthropic/models/c@1:streamRawPredict";
        assert_eq!(vertex(Some(&options(Some("p"))), ANTHROPIC, "anthropic/c@1", raw_predict(true)), claude);
        let keyed = "/v1/publishers/google/models/m:generateContent";
        assert_eq!(vertex(Some(&options(None)), GOOGLE, "m", generate(false)), keyed);
    }

    #[test]
    fn a_query_takes_the_place_of_another() {
        assert_eq!(with_query("/a:b?alt=sse", "x?alt=json&%24x=1"), "/a:b?alt=json&%24x=1");
        assert_eq!(with_query("/a:b?alt=sse", "x"), "/a:b");
    }
}
