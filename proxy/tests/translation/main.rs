//! OpenAI's chat put to Anthropic's Messages and to Gemini, against recorded answers and written requests.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they stand")]

mod answers;
mod errors;
mod gemini;
mod golden;
mod properties;
mod recordings;
mod refused;
mod requests;
mod said;
mod streams;
#[path = "../shared/translated.rs"]
mod translated;

use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::format::ProviderFormat;
use aigateway_proxy::provider::reply::Asked;
use aigateway_proxy::provider::translate::Pair;
use aigateway_proxy::telemetry::log_id::LogId;

/// OpenAI's chat put to Anthropic's Messages.
const PAIR: Pair = Pair { client: ClientFormat::Chat, provider: ProviderFormat::Messages };

/// A call at a moment that stays the same, which wants usage in its stream.
const ASKED: Asked = Asked { id: LogId::NIL, created: 1_700_000_000, include_usage: true };
