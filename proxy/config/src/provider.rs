//! Providers: where calls go, with which key and how long they may take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::Span;
use crate::price::Price;

/// One upstream API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provider {
    /// The slug in URLs and in `openai/gpt-4o-mini`.
    pub name: String,
    /// Which API it speaks.
    #[serde(rename = "type")]
    pub kind: ProviderType,
    /// Written as that provider's SDK takes it: openai with `/v1`, anthropic without.
    pub base_url: String,
    /// Stored keys; the first is the one that is used.
    pub credentials: Vec<Credential>,
    /// What happens to the key that a caller brings.
    pub caller_keys: CallerKeys,
    /// Models that this provider is known to serve.
    pub models: Vec<Model>,
    /// How long each part of a call may take.
    pub timeouts: Timeouts,
}

/// Which API a provider speaks. The names are the slugs of URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderType {
    /// OpenAI's API at `https://api.openai.com/v1`.
    Openai,
    /// Anthropic's API at `https://api.anthropic.com`.
    Anthropic,
    /// Any API that speaks OpenAI's formats.
    OpenaiCompatible,
}

/// A stored key: the file that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credential {
    /// Its alias.
    pub name: String,
    /// The absolute path of the file whose whole content, less white space around it, is the key.
    pub file: String,
}

/// What happens to the key that a caller brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum CallerKeys {
    /// It goes to the requested provider; the stored key is used only when the caller brings none.
    Forward,
    /// It is dropped; the stored key is used.
    Ignore,
}

/// A model of a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Model {
    /// What callers say.
    pub name: String,
    /// What the provider is asked for.
    pub upstream_name: String,
    /// What it costs, in place of the built-in price.
    pub price: Option<Price>,
}

/// How long each part of a call may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timeouts {
    /// Name lookup, TCP and TLS together.
    pub connect: Span,
    /// From the request to the first event of a stream; comments don't count.
    pub first_byte: Span,
    /// From the request to the end of an answer that is not streamed.
    pub answer: Span,
    /// Between two reads of a stream; comments count.
    pub idle: Span,
    /// The whole attempt; `None` is no bound.
    pub total: Option<Span>,
    /// How long a client may take none of what is ready for it.
    pub client_write: Span,
}
