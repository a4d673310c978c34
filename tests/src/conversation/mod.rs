//! Conversations of any length in every format that is spoken: for what is measured by length.

mod answers;
#[path = "../../../proxy/tests/bedrock/frames.rs"]
mod frames;
mod requests;

pub use answers::{Length, stream};
pub use requests::request;

use aigateway_proxy::call::{ClientFormat, Dialect};
use aigateway_proxy::provider::format::ProviderFormat;

/// What clients speak, with the name that tables have for it.
pub const CLIENTS: [(&str, ClientFormat, Dialect); 3] = [
    ("chat", ClientFormat::Chat, Dialect::OpenAiChat),
    ("messages", ClientFormat::Messages, Dialect::AnthropicMessages),
    ("responses", ClientFormat::Responses, Dialect::OpenAiResponses),
];

/// What providers speak, the same.
pub const PROVIDERS: [(&str, ProviderFormat); 5] = [
    ("chat", ProviderFormat::Chat(aigateway_config::provider::ProviderType::Openai)),
    ("messages", ProviderFormat::Messages),
    ("gemini", ProviderFormat::Gemini),
    ("cohere", ProviderFormat::Cohere),
    ("converse", ProviderFormat::Converse),
];
