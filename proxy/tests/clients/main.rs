//! What clients speak, to providers of other formats: chat completions, Messages and Responses, against recorded answers
//! and written requests.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they stand")]
#![expect(clippy::needless_pass_by_value, reason = "helpers of tests take what a macro gives")]

mod answers;
mod golden;
mod identity;
mod odd_answers;
mod properties;
mod recordings;
mod refused;
mod requests;
mod said;
mod streams;
#[path = "../shared/translated.rs"]
mod translated;

use aigateway_config::provider::ProviderType;
use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::format::ProviderFormat;
use aigateway_proxy::provider::reply::Asked;
use aigateway_proxy::provider::translate::Pair;
use aigateway_proxy::telemetry::log_id::LogId;

/// OpenAI's chat, as OpenAI takes it.
const CHAT: ProviderFormat = ProviderFormat::Chat(ProviderType::Openai);

/// A client's format put to a provider's.
const fn pair(client: ClientFormat, provider: ProviderFormat) -> Pair {
    Pair { client, provider }
}

/// The pairs that other tests don't have, and their names.
const PAIRS: &[(&str, Pair)] = &[
    ("messages-to-chat", pair(ClientFormat::Messages, CHAT)),
    ("responses-to-chat", pair(ClientFormat::Responses, CHAT)),
    ("responses-to-messages", pair(ClientFormat::Responses, ProviderFormat::Messages)),
];

/// A call at a moment that stays the same, which wants usage in its stream.
const ASKED: Asked = Asked { id: LogId::NIL, created: 1_700_000_000, include_usage: true };
