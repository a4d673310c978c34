//! The model that a path names, for calls whose bodies name none.

use std::borrow::Cow;
use std::ops::Range;

use aigateway_config::catalog::Api;
use aigateway_config::provider::{Deployment, Options, ProviderType};

use super::bedrock::path as bedrock;
use super::gemini::path as gemini;

/// The model that a path names: the raw path below the base URL, with or without its query. Of a deployment of Azure's
/// the model that it serves, where that is configured, else its name.
pub fn model(kind: ProviderType, options: Option<&Options>, path: &str) -> Option<String> {
    let name = decoded(&path[place(kind, path)?]);
    Some(served(options, &name).to_owned())
}

/// Whether the answer comes in pieces; `None` where that is the body's to say.
pub fn stream(kind: ProviderType, path: &str) -> Option<bool> {
    match kind.facts().api {
        Api::Gemini | Api::Vertex => gemini::called(path).map(|called| gemini::is_streamed(called.method)),
        // Replicate's streams are at an address that the answer names.
        Api::Replicate => Some(false),
        Api::Bedrock => bedrock::called(path).map(|called| called.stream),
        Api::OpenAi | Api::Anthropic | Api::Azure | Api::Cohere | Api::HuggingFace | Api::WorkersAi => None,
    }
}

/// The model that a deployment of Azure's serves; its own name where that is not configured.
pub fn served<'a>(options: Option<&'a Options>, name: &'a str) -> &'a str {
    deployments(options).iter().find(|known| known.name == name).map_or(name, |it| &it.model)
}

/// The deployment of Azure's that serves a model; the model's name where none is configured.
pub fn deployment<'a>(options: Option<&'a Options>, model: &'a str) -> &'a str {
    deployments(options).iter().find(|known| known.model == model).map_or(model, |it| &it.name)
}

/// `path` with `model` in place of the model that it names; as it is where it names that one already, or none.
pub fn with_model<'a>(kind: ProviderType, options: Option<&Options>, path: &'a str, model: &str) -> Cow<'a, str> {
    let Some(place) = place(kind, path).filter(|_| self::model(kind, options, path).as_deref() != Some(model)) else {
        return path.into();
    };
    if matches!(kind.facts().api, Api::Gemini | Api::Vertex) {
        return gemini::renamed(path, model).into();
    }
    let is_bedrock = kind.facts().api == Api::Bedrock;
    let name = if is_bedrock { bedrock::encoded(model).into() } else { encoded(deployment(options, model)) };
    format!("{}{}{}", &path[..place.start], name, &path[place.end..]).into()
}

/// Where the model stands in a path.
fn place(kind: ProviderType, path: &str) -> Option<Range<usize>> {
    let path = path.split('?').next().unwrap_or_default();
    let place = match kind.facts().api {
        Api::Azure => between(path, "openai/deployments/", Some("/"))?,
        Api::WorkersAi => between(path, "run/", None)?,
        Api::HuggingFace if path.contains("/v1/") => return None,
        Api::HuggingFace => between(path, "hf-inference/models/", Some("/pipeline/"))?,
        Api::Replicate => {
            let owned = |before| between(path, before, Some("/predictions"));
            owned("models/").or_else(|| owned("deployments/"))?
        }
        Api::Gemini | Api::Vertex => {
            let model = gemini::called(path)?.model;
            let start = model.as_ptr().addr() - path.as_ptr().addr();
            start..start + model.len()
        }
        Api::Bedrock => bedrock::place(path)?,
        Api::OpenAi | Api::Anthropic | Api::Cohere => return None,
    };
    (!place.is_empty()).then_some(place)
}

/// What stands behind `before`, which begins the path or follows its version, and before `after`, or up to the end.
fn between(path: &str, before: &str, after: Option<&str>) -> Option<Range<usize>> {
    let version = if path.starts_with("v1/") { "v1/".len() } else { 0 };
    let start = version + path[version..].strip_prefix(before).map(|_| before.len())?;
    let end = after.and_then(|after| path[start..].find(after)).map_or(path.len(), |at| start + at);
    Some(start..end)
}

fn deployments(options: Option<&Options>) -> &[Deployment] {
    match options {
        Some(Options::Azure { resource: _, api_version: _, deployments }) => deployments,
        Some(Options::Vertex { .. } | Options::WorkersAi { .. } | Options::Bedrock { .. }) | None => &[],
    }
}

/// Percent-encoding undone; as it is where that makes no text.
pub fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        if let Some(decoded) = code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| byte == b'%') {
            bytes.push(decoded);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_or(text.into(), Cow::Owned)
}

/// What a path can't hold percent-encoded; slashes stay (RFC 3986, section 3.3).
pub fn encoded(text: &str) -> Cow<'_, str> {
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/@:!$&'()*+,;=".contains(&byte);
    if text.bytes().all(stays) {
        return text.into();
    }
    text.bytes()
        .map(|byte| if stays(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect::<String>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn azure() -> Options {
        let deployments = vec![Deployment { model: "gpt-4o".to_owned(), name: "prod".to_owned() }];
        Options::Azure { resource: None, api_version: String::new(), deployments }
    }

    #[test]
    fn a_model_is_read_off_the_path() {
        let options = azure();
        let check = |kind, path: &str, expected: Option<&str>| {
            assert_eq!(model(kind, Some(&options), path).as_deref(), expected, "{kind:?} {path}");
        };
        check(ProviderType::WorkersAi, "run/@cf/meta/llama?a=b", Some("@cf/meta/llama"));
        check(ProviderType::WorkersAi, "run/%40cf/meta/llama", Some("@cf/meta/llama"));
        check(ProviderType::WorkersAi, "run/", None);
        check(ProviderType::WorkersAi, "v1/chat/completions", None);
        check(ProviderType::Huggingface, "hf-inference/models/t5-base", Some("t5-base"));
        check(ProviderType::Huggingface, "hf-inference/models/a/b/pipeline/x", Some("a/b"));
        check(ProviderType::Huggingface, "hf-inference/models/a/b/v1/chat/completions", None);
        check(ProviderType::Replicate, "v1/models/meta/llama/predictions", Some("meta/llama"));
        check(ProviderType::Replicate, "deployments/me/mine/predictions", Some("me/mine"));
        check(ProviderType::Replicate, "predictions", None);
        check(ProviderType::AzureOpenai, "openai/deployments/prod/chat/completions?v", Some("gpt-4o"));
        check(ProviderType::AzureOpenai, "openai/deployments/x/chat/completions", Some("x"));
        check(ProviderType::AzureOpenai, "openai/v1/chat/completions", None);
        check(ProviderType::AwsBedrock, "model/a.b-v1%3A0/converse?x", Some("a.b-v1:0"));
        check(ProviderType::AwsBedrock, "model/a.b/count-tokens", None);
        check(ProviderType::Openai, "chat/completions", None);
        check(ProviderType::GoogleAiStudio, "v1beta/models/m:generateContent?alt=sse", Some("m"));
        check(ProviderType::GoogleAiStudio, "v1beta/openai/chat/completions", None);
    }

    #[test]
    fn a_path_may_say_that_the_answer_streams() {
        let google = ProviderType::GoogleAiStudio;
        assert_eq!(stream(google, "v1beta/models/m:streamGenerateContent"), Some(true));
        assert_eq!(stream(google, "v1beta/models/m:generateContent"), Some(false));
        assert_eq!(stream(google, "v1beta/openai/chat/completions"), None);
        assert_eq!(stream(ProviderType::Replicate, "predictions"), Some(false));
        assert_eq!(stream(ProviderType::WorkersAi, "run/m"), None);
    }

    #[test]
    fn another_model_takes_its_place() {
        let options = azure();
        let check = |kind, path, model, expected: &str| {
            assert_eq!(with_model(kind, Some(&options), path, model), expected, "{kind:?} {path}");
        };
        check(ProviderType::WorkersAi, "run/fast?a=b", "@cf/meta/llama", "run/@cf/meta/llama?a=b");
        check(ProviderType::WorkersAi, "run/%40cf/meta/llama", "@cf/meta/llama", "run/%40cf/meta/llama");
        check(ProviderType::WorkersAi, "run/a", "b c/\u{e9}?%", "run/b%20c/%C3%A9%3F%25");
        check(ProviderType::WorkersAi, "v1/embeddings", "m", "v1/embeddings");
        check(
            ProviderType::AwsBedrock,
            "model/fast/converse-stream?x",
            "a.b/c:0",
            "model/a.b%2Fc%3A0/converse-stream?x",
        );
        check(ProviderType::AwsBedrock, "model/a.b:0/converse", "a.b:0", "model/a.b:0/converse");
        check(
            ProviderType::AzureOpenai,
            "openai/deployments/x/embeddings",
            "gpt-4o",
            "openai/deployments/prod/embeddings",
        );
        check(
            ProviderType::AzureOpenai,
            "openai/deployments/prod/embeddings",
            "gpt-4o",
            "openai/deployments/prod/embeddings",
        );
        check(ProviderType::Replicate, "v1/models/a/b/predictions", "c/d", "v1/models/c/d/predictions");
        let google = ProviderType::GoogleAiStudio;
        check(google, "v1/models/a:generateContent?alt=sse", "b", "v1/models/b:generateContent?alt=sse");
    }

    #[test]
    fn what_is_no_encoding_stays() {
        for text in ["a%", "a%4", "a%zz", "%ff%fe"] {
            assert_eq!(decoded(text), text);
        }
        assert_eq!(decoded("a%2Fb%C3%A9"), "a/b\u{e9}");
    }
}
