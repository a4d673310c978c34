//! Names: what they look like, and which would be mistaken for something else.
//!
//! Each form stands here twice, as the pattern that a schema and a message show and as the code that decides; a test
//! keeps the two together.

use crate::bounds;

/// A gateway's name: every object that is made for it has it too, a Service among them.
pub const GATEWAY: &str = "^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$";

/// The name of a provider, a credential or a limit.
pub const SLUG: &str = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";

/// An account: one segment of a URL's path.
pub const ACCOUNT: &str = "^[A-Za-z0-9][-._~A-Za-z0-9]{0,62}$";

/// A model: any visible ASCII characters.
pub const MODEL: &str = "^[!-~]{1,256}$";

/// A request header: RFC 9110, section 5.6.2, in at most 64 characters.
pub const HEADER: &str = "^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,64}$";

/// A field of `cf-aig-metadata`: anything but control characters.
pub const FIELD: &str = "^[^\\x00-\\x1f\\x7f]{1,64}$";

/// Provider names that would be mistaken for other paths of a gateway.
pub const REFUSED_PROVIDERS: [&str; 5] = ["v1", "compat", "client", "ai", "dynamic"];

/// Accounts that would be mistaken for OpenAI's paths, which a gateway serves below `/v1/` too.
pub const REFUSED_ACCOUNTS: [&str; 9] =
    ["chat", "completions", "responses", "messages", "embeddings", "models", "images", "audio", "rerank"];

/// Headers that can't say who a user is: they carry keys, belong to the connection or mean something else.
pub const REFUSED_HEADERS: [&str; 22] = [
    "accept",
    "accept-encoding",
    "api-key",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "x-goog-api-key",
    "xi-api-key",
];

/// Whether it is a gateway's name.
pub fn is_gateway(name: &str) -> bool {
    is_lower_label(name, 52) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Whether it is the name of a provider, a credential or a limit.
pub fn is_slug(name: &str) -> bool {
    is_lower_label(name, 63)
}

/// Whether it is an account.
pub fn is_account(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// Whether it is the name of a model.
pub fn is_model(name: &str) -> bool {
    (1..=bounds::MODEL_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether it is the name of a header.
pub fn is_header(name: &str) -> bool {
    (1..=bounds::FIELD_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-!#$%&'*+.^_`|~".contains(&byte))
}

/// Whether a header of that name may say who a user is; the letters' case does not matter.
pub fn is_identity_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    is_header(&name) && !name.starts_with("cf-aig-") && !REFUSED_HEADERS.contains(&name.as_str())
}

/// Whether it is the name of a field of `cf-aig-metadata`.
pub fn is_field(name: &str) -> bool {
    (1..=bounds::FIELD_NAME).contains(&name.chars().count()) && !name.chars().any(|c| c.is_ascii_control())
}

/// Lower-case letters, digits and, within, hyphens.
fn is_lower_label(name: &str, longest: usize) -> bool {
    (1..=longest).contains(&name.len())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;

    use super::*;

    /// Strings that a pattern matches are accepted; `proptest` makes them from the pattern itself.
    fn accepts(pattern: &str, decide: fn(&str) -> bool) -> Result<(), TestCaseError> {
        let inner = pattern.trim_start_matches('^').trim_end_matches('$');
        let strategy = proptest::string::string_regex(inner).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        for _ in 0..500 {
            let made = strategy.new_tree(&mut runner).map_err(|reason| TestCaseError::fail(reason.to_string()))?;
            prop_assert!(decide(&made.current()), "{:?} matches {pattern}", made.current());
        }
        Ok(())
    }

    #[test]
    fn what_a_pattern_matches_is_accepted() {
        for (pattern, decide) in [
            (GATEWAY, is_gateway as fn(&str) -> bool),
            (SLUG, is_slug),
            (ACCOUNT, is_account),
            (MODEL, is_model),
            (HEADER, is_header),
            (FIELD, is_field),
        ] {
            accepts(pattern, decide).unwrap();
        }
    }

    #[test]
    fn what_no_pattern_matches_is_refused() {
        let check = |decide: fn(&str) -> bool, refused: &[&str]| {
            for name in refused {
                assert!(!decide(name), "{name:?}");
            }
        };
        let long = "a".repeat(257);
        check(is_gateway, &["", "-a", "a-", "1a", "A", "a_b", "a.b", &"a".repeat(53)]);
        check(is_slug, &["", "-a", "a-", "A", "a_b", "a/b", &"a".repeat(64)]);
        check(is_account, &["", ".", "..", "-a", "a/b", "a b", "é", &"a".repeat(64)]);
        check(is_model, &["", "a b", "a\n", "é", &long]);
        check(is_header, &["", "a b", "a:", "é", &"a".repeat(65)]);
        check(is_field, &["", "a\tb", "\u{7f}", &"a".repeat(65)]);
    }

    #[test]
    fn keys_and_connections_are_no_identity() {
        for name in ["Authorization", "X-API-Key", "cookie", "cf-aig-metadata", "CF-AIG-x", "Host", "te"] {
            assert!(!is_identity_header(name), "{name}");
        }
        for name in ["x-user-id", "X-User", "from", "cf-connecting-ip"] {
            assert!(is_identity_header(name), "{name}");
        }
    }
}
