//! OpenAI's chat put to Gemini: to AI Studio and to Vertex AI, which have one format.

mod answers;
mod ends;
mod pictures;
mod properties;
mod requests;
mod said;
mod streams;

use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::format::ProviderFormat;
use aigateway_proxy::provider::translate::Pair;

use crate::recordings::{Recording, recordings};

/// OpenAI's chat put to Gemini.
const PAIR: Pair = Pair { client: ClientFormat::Chat, provider: ProviderFormat::Gemini };

/// Every recording of one of Google's two services at `endpoint`.
fn recorded(endpoint: &str) -> Vec<Recording> {
    ["google-ai-studio", "google-vertex-ai"].into_iter().flat_map(|one| recordings(one, endpoint)).collect()
}

/// Every whole answer.
fn answers() -> Vec<Recording> {
    let mut found = recorded("generateContent");
    found.retain(|recording| recording.status == 200);
    assert!(found.len() > 6, "{}", found.len());
    found
}

/// Every stream. One was recorded as an array; its items are put into events here, as they would have come.
fn streams() -> Vec<Recording> {
    let mut found = recorded("streamGenerateContent");
    found.retain(|recording| recording.status == 200);
    for recording in found.iter_mut().filter(|recording| recording.response_body.starts_with('[')) {
        let items: Vec<serde_json::Value> = serde_json::from_str(&recording.response_body).unwrap();
        recording.response_body = items.iter().fold(String::new(), |all, item| all + &format!("data: {item}\r\n\r\n"));
    }
    assert!(found.len() > 8, "{}", found.len());
    found
}

/// The events of a stream, each with the empty line that ends it.
fn events(stream: &str) -> Vec<&str> {
    stream.split_inclusive("\r\n\r\n").collect()
}
