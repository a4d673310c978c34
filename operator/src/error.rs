//! What stops one look at a gateway, and what it means for the next.

use std::time::Duration;

use kube::core::Status;

use crate::gate::{NoAnswer, NotLeading};

/// Why a gateway was not seen or written to the end. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server refuses, or does not answer.
    #[error("can't {verb} {kind} {name}: {}", said(source))]
    Api {
        /// What was to be done.
        verb: &'static str,
        /// To which kind of object.
        kind: &'static str,
        /// Its name.
        name: String,
        /// What came of it.
        source: Box<kube::Error>,
    },
    /// Something changed while it was looked at: what was seen no longer holds.
    #[error("{kind} {name} is not as it was seen: it is read anew")]
    Changed {
        /// Which kind of object.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// It took too long.
    #[error("not done within {} s", .0.as_secs())]
    Slow(Duration),
}

impl Error {
    /// Names what failed.
    pub fn api(verb: &'static str, kind: &'static str, name: &str) -> impl FnOnce(kube::Error) -> Self {
        let name = name.to_owned();
        move |source| Self::Api { verb, kind, name, source: Box::new(source) }
    }

    /// A bounded name for metrics and for telling one trouble from the next.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Slow(_) => "slow",
            Self::Api { source, .. } => match status(source) {
                Some(status) if status.code == 409 => "conflict",
                Some(status) if status.code == 403 || status.code == 401 => "forbidden",
                Some(status) if status.code == 404 => "not_found",
                Some(status) if status.code == 422 => "invalid",
                Some(status) if status.code == 429 => "throttled",
                Some(_) => "api",
                None if is_not_leading(source) => "not_leading",
                None => "unreachable",
            },
        }
    }

    /// How long the API server asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        let Self::Api { source, .. } = self else { return None };
        let seconds = status(source)?.details.as_ref()?.retry_after_seconds;
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }

    /// Whether it is what a change made by somebody else looks like, or one's own end: nothing that a reader of the log
    /// could do anything about.
    pub fn is_ordinary(&self) -> bool {
        let ending = |source| status(source).is_some_and(is_of_an_ending_namespace);
        match self {
            Self::Changed { .. } => true,
            Self::Slow(_) => false,
            Self::Api { source, .. } => matches!(self.kind(), "conflict" | "not_leading") || ending(source),
        }
    }
}

/// The API server's own words, where there are any.
pub fn status(error: &kube::Error) -> Option<&Status> {
    match error {
        kube::Error::Api(status) => Some(status),
        _ => None,
    }
}

/// The HTTP status that the API server answered with.
pub fn code(error: &kube::Error) -> Option<u16> {
    status(error).map(|status| status.code)
}

/// What a log says of it; the library's own words name Rust types.
pub fn said(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => format!("{} ({})", status.message, status.code),
        kube::Error::Service(source) => format!("the API server can't be reached: {}", innermost(&**source)),
        other => innermost(other),
    }
}

/// The cause of the causes, which says most.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

fn is_not_leading(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Service(source) if source.is::<NotLeading>())
}

/// Whether a request just was not answered, so that it may have been done.
pub fn is_unanswered(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Service(source) if source.is::<NoAnswer>())
}

fn is_of_an_ending_namespace(status: &Status) -> bool {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.into_iter().any(|cause| cause.reason == "NamespaceTerminating")
}

#[cfg(test)]
mod tests {
    use kube::core::response::{StatusCause, StatusDetails};

    use super::*;

    fn refused(code: u16, change: impl FnOnce(&mut StatusDetails)) -> Error {
        let mut details = StatusDetails {
            name: String::new(),
            group: String::new(),
            kind: String::new(),
            uid: String::new(),
            causes: Vec::new(),
            retry_after_seconds: 0,
        };
        change(&mut details);
        let status = Status { details: Some(details), code, ..Status::failure("no", "Reason") };
        Error::api("apply", "Service", "a")(kube::Error::Api(status.boxed()))
    }

    #[test]
    fn each_refusal_has_a_bounded_name() {
        let check = |code, expected| assert_eq!(refused(code, |_| {}).kind(), expected, "{code}");
        check(401, "forbidden");
        check(403, "forbidden");
        check(404, "not_found");
        check(409, "conflict");
        check(422, "invalid");
        check(429, "throttled");
        check(500, "api");
        let unsent = Error::api("apply", "Service", "a")(kube::Error::Service(NotLeading.into()));
        assert_eq!((unsent.kind(), unsent.is_ordinary()), ("not_leading", true));
        let unanswered = Error::api("apply", "Service", "a")(kube::Error::Service(NoAnswer.into()));
        assert_eq!((unanswered.kind(), unanswered.is_ordinary()), ("unreachable", false));
    }

    #[test]
    fn the_servers_wish_to_be_left_alone_is_heard() {
        let throttled = refused(429, |details| details.retry_after_seconds = 7);
        assert_eq!(throttled.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(refused(429, |_| {}).retry_after(), None);
    }

    #[test]
    fn the_end_of_a_namespace_is_no_trouble() {
        let cause =
            || StatusCause { reason: "NamespaceTerminating".into(), message: String::new(), field: String::new() };
        assert!(refused(403, |details| details.causes.push(cause())).is_ordinary());
        assert!(!refused(403, |_| {}).is_ordinary());
    }

    #[test]
    fn a_message_names_what_was_to_be_done() {
        assert_eq!(refused(403, |_| {}).to_string(), "can't apply Service a: no (403)");
    }
}
