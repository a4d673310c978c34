//! What is fuzzed: every pair of a client's format and a provider's.

use aigateway_config::provider::ProviderType;
use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::offer;
use aigateway_proxy::provider::reply::Asked;
use aigateway_proxy::telemetry::log_id::LogId;
use aigateway_proxy::provider::translate::Pair;

/// The formats that clients speak.
pub const CLIENTS: [ClientFormat; 3] = [ClientFormat::Chat, ClientFormat::Messages, ClientFormat::Responses];

/// A call at a moment that stays the same.
pub const ASKED: Asked = Asked { id: LogId::NIL, created: 1_700_000_000, include_usage: true };

/// The pairs that a number chooses from: every client's format, every type of provider that takes conversations.
pub fn pair(number: u8) -> Pair {
    let providers: Vec<_> = ProviderType::ALL.into_iter().filter_map(offer::conversation).collect();
    let number = usize::from(number);
    Pair { client: CLIENTS[number % CLIENTS.len()], provider: providers[number / CLIENTS.len() % providers.len()] }
}
