//! Errors by whose fault they are: [`Failure`] is the upstream's, [`GatewayError`] is ours or the caller's.
//!
//! What a client reads is made from these by its dialect; what to do about a failure is decided by `policy::retry`.

use std::time::Duration;

use http::StatusCode;

/// An attempt that brought no answer, or an answer that says that the provider could not give one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// The provider's status, where there was one; for an error event in a 200, the status that it stands for.
    pub status: Option<u16>,
    /// When the provider says that trying again may help.
    pub hint: Option<Duration>,
    /// For the log and for the list of what was tried: never a secret, at most 300 characters.
    pub message: String,
}

/// The ways in which an attempt fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// No connection: refused, no such name, TLS, or it took too long.
    Connect,
    /// The connection closed before the first byte of an answer.
    Reset,
    /// No first byte (or, of a stream, no first event) in time.
    FirstByteTimeout,
    /// The answer did not end in time, or stalled.
    Timeout,
    /// The answer ended before its end.
    Cut,
    /// Not an answer of that API: broken framing, broken JSON, nothing in it.
    Malformed,
    /// Too many requests or tokens; waiting helps.
    RateLimited,
    /// Too many tokens for any window, or the provider says not to try again.
    RateLimitedForGood,
    /// The provider has no capacity just now: 503, 529, 498.
    Overloaded,
    /// The provider failed: 408, 409 lock, 424, 500, 502, 504.
    Server,
    /// The key is refused.
    Unauthorized,
    /// The account has no money.
    OutOfMoney,
    /// The provider has no such model.
    ModelNotFound,
    /// The caller's fault: the other 4xx.
    BadRequest,
    /// A stored key is named and is not there.
    NoCredential,
}

impl FailureKind {
    /// The bounded name for labels and records.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Reset => "reset",
            Self::FirstByteTimeout => "first_byte_timeout",
            Self::Timeout => "timeout",
            Self::Cut => "cut",
            Self::Malformed => "malformed",
            Self::RateLimited => "rate_limited",
            Self::RateLimitedForGood => "rate_limited_for_good",
            Self::Overloaded => "overloaded",
            Self::Server => "server_error",
            Self::Unauthorized => "unauthorized",
            Self::OutOfMoney => "out_of_money",
            Self::ModelNotFound => "model_not_found",
            Self::BadRequest => "bad_request",
            Self::NoCredential => "no_credential",
        }
    }
}

/// A refusal of the gateway's own, or the end of all targets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// No gateway by that account and name.
    #[error("there is no gateway {named} here; the path is /v1/{{account}}/{{gateway}}/...")]
    UnknownGateway {
        /// What was asked for.
        named: String,
        /// At the bare prefix, where Cloudflare's clients know it by another status.
        bare: bool,
    },
    /// No gateway of that id at Cloudflare's REST paths.
    #[error("account {account} has no gateway {id} here; name one of its gateways in the header cf-aig-gateway-id")]
    UnknownGatewayId {
        /// The account's name.
        account: String,
        /// What was asked for.
        id: String,
    },
    /// Nothing is served at that path.
    #[error("nothing is served at {0}")]
    UnknownPath(String),
    /// The path is served, the method is not.
    #[error("{path} takes {takes} only")]
    MethodNotAllowed {
        /// The path.
        path: String,
        /// The method that is served.
        takes: &'static str,
    },
    /// A path of OpenAI's or Anthropic's API from which it can't be told whose it is.
    #[error("/v1/{0} is no path for all providers; name one in the path: /{{provider}}/v1/{0}")]
    NeedsProvider(String),
    /// A path of Workers AI where the gateway has no provider of that type.
    #[error("gateway {0} has no provider of type workers-ai, which this path is of")]
    NoWorkersAi(String),
    /// No provider of that name.
    #[error("gateway {gateway} has no provider {provider}; it has: {known}")]
    UnknownProvider {
        /// The gateway's name.
        gateway: String,
        /// What was asked for.
        provider: String,
        /// The names that there are, comma-separated.
        known: String,
    },
    /// No provider knows that model.
    #[error(
        "no provider of gateway {gateway} knows the model {model}; say provider/model, or list it in spec.providers[].models"
    )]
    UnknownModel {
        /// The gateway's name.
        gateway: String,
        /// What was asked for.
        model: String,
    },
    /// The body is not what the endpoint takes.
    #[error("{0}")]
    BadBody(String),
    /// A header of the gateway's is malformed.
    #[error("the header {header} is malformed: {fix}")]
    BadHeader {
        /// Its name.
        header: &'static str,
        /// What it takes.
        fix: String,
    },
    /// A field has no counterpart at the target.
    #[error("{field} can't be translated for provider {provider}: {reason}")]
    Untranslatable {
        /// The field, as a path from the body's root.
        field: String,
        /// The provider's name.
        provider: String,
        /// Why.
        reason: String,
    },
    /// The caller did not say who it is.
    #[error("this gateway needs to know the user: send {0}")]
    NoIdentity(String),
    /// The caller may not call.
    #[error("this gateway does not know that key")]
    Unauthorized,
    /// The body is longer than the gateway takes.
    #[error("the body is longer than {0} bytes, which is all that this gateway takes")]
    TooLarge(u64),
    /// The body did not arrive in time.
    #[error("the body did not arrive within {0} seconds")]
    SlowBody(u64),
    /// The proxy holds as many bytes as it may.
    #[error("this proxy holds as much as its memory allows; try again")]
    Busy,
    /// A limit is spent.
    #[error("the limit {limit} of {count} requests in {window} is spent; try again in {retry_after} s")]
    RateLimited {
        /// The limit's name.
        limit: String,
        /// Its count.
        count: u64,
        /// Its window, as written.
        window: String,
        /// Whole seconds, rounded up.
        retry_after: u64,
    },
    /// Every target was tried, none answered, and there is no provider's answer to pass on.
    #[error("no provider answered; tried: {tried}")]
    AllFailed {
        /// Provider, model and what went wrong, of each attempt.
        tried: String,
        /// Whether the last one ran out of time.
        timed_out: bool,
    },
    /// The path names no place that the provider has.
    #[error("provider {provider}: {reason}")]
    NoSuchPlace {
        /// The provider's name.
        provider: String,
        /// What is wrong, and what to write instead.
        reason: String,
    },
    /// The path names a host that may be anybody's, and the gateway keeps a key.
    #[error(
        "the gateway's key for provider {provider} goes to no resource that only the path names: set azure.resource"
    )]
    KeyWithheld {
        /// The provider's name.
        provider: String,
    },
    /// The target has no such endpoint.
    #[error("provider {provider} has nothing at this path for this kind of call")]
    NoSuchEndpoint {
        /// The provider's name.
        provider: String,
    },
}

impl GatewayError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownGateway { named: _, bare: false }
            | Self::UnknownGatewayId { .. }
            | Self::UnknownPath(_)
            | Self::NeedsProvider(_)
            | Self::NoWorkersAi(_)
            | Self::UnknownProvider { .. }
            | Self::UnknownModel { .. }
            | Self::NoSuchPlace { .. }
            | Self::NoSuchEndpoint { .. } => StatusCode::NOT_FOUND,
            Self::KeyWithheld { .. } => StatusCode::FORBIDDEN,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnknownGateway { named: _, bare: true }
            | Self::BadBody(_)
            | Self::BadHeader { .. }
            | Self::Untranslatable { .. }
            | Self::NoIdentity(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::SlowBody(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::AllFailed { timed_out: true, .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::AllFailed { timed_out: false, .. } => StatusCode::BAD_GATEWAY,
        }
    }

    /// The bounded name for labels and records.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UnknownGateway { .. } | Self::UnknownGatewayId { .. } => "unknown_gateway",
            Self::UnknownPath(_) => "unknown_path",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::NeedsProvider(_) => "needs_provider",
            Self::UnknownProvider { .. } | Self::NoWorkersAi(_) => "unknown_provider",
            Self::UnknownModel { .. } => "unknown_model",
            Self::BadBody(_) => "bad_body",
            Self::BadHeader { .. } => "bad_header",
            Self::Untranslatable { .. } => "untranslatable",
            Self::NoIdentity(_) => "no_identity",
            Self::Unauthorized => "unauthorized",
            Self::TooLarge(_) => "too_large",
            Self::SlowBody(_) => "slow_body",
            Self::Busy => "busy",
            Self::RateLimited { .. } => "rate_limited",
            Self::AllFailed { timed_out: true, .. } => "timeout",
            Self::AllFailed { timed_out: false, .. } => "all_failed",
            Self::NoSuchPlace { .. } => "no_such_place",
            Self::KeyWithheld { .. } => "key_withheld",
            Self::NoSuchEndpoint { .. } => "no_such_endpoint",
        }
    }
}
