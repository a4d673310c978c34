//! OpenAI's chat put to Bedrock's Converse, against AWS's published examples and written ones.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they stand")]

mod answers;
mod frames;
mod golden;
mod lines;
mod requests;
mod streams;

use aigateway_proxy::call::ClientFormat;
use aigateway_proxy::provider::format::ProviderFormat;
use aigateway_proxy::provider::reply::Asked;
use aigateway_proxy::provider::translate::Pair;
use aigateway_proxy::telemetry::log_id::LogId;

/// OpenAI's chat put to Converse.
const PAIR: Pair = Pair { client: ClientFormat::Chat, provider: ProviderFormat::Converse };

/// A call at a moment that stays the same, which wants usage in its stream.
const ASKED: Asked = Asked { id: LogId::NIL, created: 1_700_000_000, include_usage: true };
