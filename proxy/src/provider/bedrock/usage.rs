//! Tokens as Bedrock counts them: in Converse, in the headers of `InvokeModel`, and at the end of its streams.

use http::HeaderMap;
use serde::Deserialize;

use crate::call::Usage;

/// The names of Converse, and those of `amazon-bedrock-invocationMetrics`. The input is without what was read from the
/// cache and written to it. Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html>,
/// November 2026.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are the format's own")]
struct Counts {
    #[serde(alias = "inputTokenCount")]
    input_tokens: Option<u64>,
    #[serde(alias = "outputTokenCount")]
    output_tokens: Option<u64>,
    #[serde(alias = "cacheReadInputTokenCount")]
    cache_read_input_tokens: Option<u64>,
    #[serde(alias = "cacheWriteInputTokenCount")]
    cache_write_input_tokens: Option<u64>,
}

impl Counts {
    fn usage(&self) -> Option<Usage> {
        let Self { input_tokens, output_tokens, cache_read_input_tokens, cache_write_input_tokens } = *self;
        let (cached_input, cache_write) =
            (cache_read_input_tokens.unwrap_or_default(), cache_write_input_tokens.unwrap_or_default());
        input_tokens.or(output_tokens)?;
        Some(Usage {
            input: input_tokens.unwrap_or_default().saturating_add(cached_input).saturating_add(cache_write),
            cached_input,
            cache_write,
            output: output_tokens.unwrap_or_default(),
            reasoning: 0,
        })
    }
}

/// Reads the value of `usage`; `None` where it is null or not one.
pub fn read(json: &str) -> Option<Usage> {
    serde_json::from_str::<Option<Counts>>(json).ok().flatten()?.usage()
}

/// What the last chunk of a stream of `InvokeModelWithResponseStream` says, whatever the model's own format.
pub fn of_chunk(json: &[u8]) -> Option<Usage> {
    #[derive(Deserialize)]
    struct Chunk {
        #[serde(rename = "amazon-bedrock-invocationMetrics")]
        metrics: Counts,
    }
    serde_json::from_slice::<Chunk>(json).ok()?.metrics.usage()
}

/// What the headers of an answer of `InvokeModel` say. Source:
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-invoke.html>, November 2026.
pub fn of_headers(headers: &HeaderMap) -> Option<Usage> {
    let count = |name: &str| headers.get(format!("x-amzn-bedrock-{name}-token-count"))?.to_str().ok()?.parse().ok();
    let counts = Counts {
        input_tokens: count("input"),
        output_tokens: count("output"),
        cache_read_input_tokens: count("cache-read-input"),
        cache_write_input_tokens: count("cache-write-input"),
    };
    counts.usage()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_input_does_not_hold_what_the_cache_gave_and_took() {
        let expected = Usage { input: 175, cached_input: 100, cache_write: 50, output: 7, reasoning: 0 };
        let json = r#"{"inputTokens": 25, "outputTokens": 7, "totalTokens": 182, "cacheReadInputTokens": 100,
            "cacheWriteInputTokens": 50, "cacheDetails": []}"#;
        assert_eq!(read(json), Some(expected));
        let chunk = br#"{"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 25,
            "outputTokenCount": 7, "invocationLatency": 1, "firstByteLatency": 1, "cacheReadInputTokenCount": 100,
            "cacheWriteInputTokenCount": 50}}"#;
        assert_eq!(of_chunk(chunk), Some(expected));
        let names = [("input", "25"), ("output", "7"), ("cache-read-input", "100"), ("cache-write-input", "50")];
        let headers = names.map(|(name, count)| {
            (format!("x-amzn-bedrock-{name}-token-count").parse().unwrap(), HeaderValue::from_static(count))
        });
        assert_eq!(of_headers(&HeaderMap::from_iter(headers)), Some(expected));
    }

    #[test]
    fn what_is_not_counts_is_no_usage() {
        for json in ["null", "{}", "3", r#"{"inputTokens": 1.5}"#, r#"{"inputTokens": -1}"#] {
            assert_eq!(read(json), None, "{json}");
        }
        assert_eq!((of_chunk(b"{}"), of_headers(&HeaderMap::new())), (None, None));
    }
}
