//! Why a condition is as it is: one word each, the same in conditions, Events and the troubleshooting page.

/// A reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The specification is good.
    Accepted,
    /// The specification is not.
    Invalid,
    /// It renders to more than a ConfigMap should hold.
    TooLarge,
    /// An object of the gateway's name is somebody else's.
    NameTaken,
    /// The proxies' image is older than this operator serves.
    UnsupportedImage,
    /// All that the gateway names is there.
    ResolvedRefs,
    /// A Secret is not there.
    SecretNotFound,
    /// A Secret lacks a key.
    KeyNotFound,
    /// The operator may not look.
    Forbidden,
    /// A Service, or a port of it, is not there.
    ServiceNotFound,
    /// Every ready proxy runs what it should.
    Programmed,
    /// Pods are made or replaced.
    RollingOut,
    /// Ready proxies have not taken the configuration over yet.
    AwaitingProxies,
    /// A proxy says that it can't use its files.
    ProxyRejected,
    /// No proxies are wanted.
    ScaledToZero,
    /// Nothing is written, as the gateway says.
    Paused,
    /// A ready proxy does not say what it runs.
    ProxyUnreachable,
    /// One proxy counts alone.
    OneProxy,
    /// Each proxy has its share of the limits.
    PerProxyShare,
    /// Counters of long windows are lost with their proxy.
    CountersAreVolatile,
    /// No provider is out for all proxies.
    Healthy,
    /// A provider is out for all proxies.
    Degraded,
    /// A provider refuses its stored key.
    Unauthorized,
    /// Nothing was asked of any provider lately.
    NoTraffic,
    /// Calls are answered.
    Ready,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 25] = [
        Self::Accepted,
        Self::Invalid,
        Self::TooLarge,
        Self::NameTaken,
        Self::UnsupportedImage,
        Self::ResolvedRefs,
        Self::SecretNotFound,
        Self::KeyNotFound,
        Self::Forbidden,
        Self::ServiceNotFound,
        Self::Programmed,
        Self::RollingOut,
        Self::AwaitingProxies,
        Self::ProxyRejected,
        Self::ScaledToZero,
        Self::Paused,
        Self::ProxyUnreachable,
        Self::OneProxy,
        Self::PerProxyShare,
        Self::CountersAreVolatile,
        Self::Healthy,
        Self::Degraded,
        Self::Unauthorized,
        Self::NoTraffic,
        Self::Ready,
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Invalid => "Invalid",
            Self::TooLarge => "TooLarge",
            Self::NameTaken => "NameTaken",
            Self::UnsupportedImage => "UnsupportedImage",
            Self::ResolvedRefs => "ResolvedRefs",
            Self::SecretNotFound => "SecretNotFound",
            Self::KeyNotFound => "KeyNotFound",
            Self::Forbidden => "Forbidden",
            Self::ServiceNotFound => "ServiceNotFound",
            Self::Programmed => "Programmed",
            Self::RollingOut => "RollingOut",
            Self::AwaitingProxies => "AwaitingProxies",
            Self::ProxyRejected => "ProxyRejected",
            Self::ScaledToZero => "ScaledToZero",
            Self::Paused => "Paused",
            Self::ProxyUnreachable => "ProxyUnreachable",
            Self::OneProxy => "OneProxy",
            Self::PerProxyShare => "PerProxyShare",
            Self::CountersAreVolatile => "CountersAreVolatile",
            Self::Healthy => "Healthy",
            Self::Degraded => "Degraded",
            Self::Unauthorized => "Unauthorized",
            Self::NoTraffic => "NoTraffic",
            Self::Ready => "Ready",
        }
    }
}
