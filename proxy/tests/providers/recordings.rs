//! The recordings; where they come from is in `tests/recordings/README.md` at the root.

use std::collections::BTreeMap;

use aigateway_config::provider::ProviderType;
use aigateway_proxy::call::Dialect;
use aigateway_proxy::provider::endpoint::{Endpoint, endpoint};
use aigateway_proxy::provider::native::{Here, native};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::Value;

const PROVIDERS: [ProviderType; 12] = [
    ProviderType::AzureOpenai,
    ProviderType::Cohere,
    ProviderType::Groq,
    ProviderType::Huggingface,
    ProviderType::Mistral,
    ProviderType::PerplexityAi,
    ProviderType::Replicate,
    ProviderType::Xai,
    ProviderType::Deepseek,
    ProviderType::Cerebras,
    ProviderType::Openrouter,
    ProviderType::Fireworks,
];

/// One request and its answer.
#[derive(Deserialize)]
pub(crate) struct Recording {
    pub(crate) id: String,
    method: String,
    url: String,
    pub(crate) request_body: Option<String>,
    pub(crate) status: u16,
    response_headers: BTreeMap<String, String>,
    pub(crate) response_body: String,
    pub(crate) streaming: bool,
    #[serde(skip, default = "unknown")]
    pub(crate) kind: ProviderType,
}

fn unknown() -> ProviderType {
    ProviderType::Custom
}

/// Every recording of a provider.
pub(crate) fn of(kind: ProviderType) -> Vec<Recording> {
    let path = format!("{}/../tests/recordings/{}.jsonl", env!("CARGO_MANIFEST_DIR"), kind.facts().slug);
    let lines = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let read = |line: &str| Recording { kind, ..serde_json::from_str(line).unwrap() };
    lines.lines().map(read).collect()
}

/// Every recording of these providers.
pub(crate) fn all() -> Vec<Recording> {
    let all: Vec<Recording> = PROVIDERS.into_iter().flat_map(of).collect();
    assert_eq!(all.len(), 132);
    all
}

impl Recording {
    /// Its format, where it is of a generation endpoint.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        let (_, after) = self.url.split_once("://").unwrap();
        let rest = after.split_once('/').unwrap().1;
        let here = Here { kind: self.kind, options: None, base_url: "http://127.0.0.1" };
        let way = native(here, rest).unwrap();
        let method = Method::from_bytes(self.method.as_bytes()).unwrap();
        match endpoint(self.kind, &method, way.path.split('?').next().unwrap()) {
            Endpoint::Generation(dialect) => Some(dialect),
            Endpoint::Pipe => None,
        }
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        let header = |(name, value): (&String, &String)| {
            let value = HeaderValue::from_str(&value.replace('\n', ", ")).unwrap();
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), value)
        };
        self.response_headers.iter().map(header).collect()
    }

    /// The data of its events that are JSON.
    pub(crate) fn data(&self) -> Vec<Value> {
        events(&self.response_body).into_iter().filter_map(|event| data(&event)).collect()
    }
}

/// The events of a stream, each with the empty line that ends it.
pub(crate) fn events(stream: &str) -> Vec<String> {
    let end = if stream.contains("\r\n\r\n") { "\r\n\r\n" } else { "\n\n" };
    stream.split_inclusive(end).map(str::to_owned).collect()
}

/// The data of an event; `None` where it is no JSON.
pub(crate) fn data(event: &str) -> Option<Value> {
    serde_json::from_str(event.lines().find_map(|line| line.strip_prefix("data:"))?).ok()
}
