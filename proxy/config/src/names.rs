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

/// An `api-version` of Azure's.
pub const API_VERSION: &str = "^[-a-z0-9]{1,32}$";

/// The name of a deployment of Azure's.
pub const DEPLOYMENT: &str = "^[-._a-zA-Z0-9]{1,64}$";

/// A region of Google's or of AWS's.
pub const REGION: &str = "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$";

/// Letters and digits, such as the id of an account at Cloudflare.
pub const ALPHANUMERIC: &str = "^[a-zA-Z0-9]{1,64}$";

/// The value of a header: visible ASCII characters, with spaces within.
pub const HEADER_VALUE: &str = "^[!-~]([ -~]*[!-~])?$";

/// The name of a host.
pub const HOST: &str = "^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$";

/// Headers that carry keys: what they say stands in a Secret.
pub const KEY_HEADERS: [&str; 7] =
    ["api-key", "authorization", "cookie", "proxy-authorization", "x-api-key", "x-goog-api-key", "xi-api-key"];

/// Headers that can't be added to a call: they are the connection's, or made for each call.
pub const REFUSED_ADDED_HEADERS: [&str; 14] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

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

/// Whether it is an `api-version` of Azure's.
pub fn is_api_version(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether it is the name of a deployment of Azure's.
pub fn is_deployment(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// Whether it is a region of Google's or of AWS's.
pub fn is_region(name: &str) -> bool {
    is_lower_label(name, 63) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Whether it is letters and digits alone.
pub fn is_alphanumeric(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether it is the value of a header.
pub fn is_header_value(text: &str) -> bool {
    let is_visible = |byte: u8| byte.is_ascii_graphic();
    (1..=1024).contains(&text.len())
        && text.bytes().all(|byte| is_visible(byte) || byte == b' ')
        && text.bytes().next().is_some_and(is_visible)
        && text.bytes().next_back().is_some_and(is_visible)
}

/// Whether it is the name of a host.
pub fn is_host(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=253).contains(&name.len())
        && name.bytes().all(|byte| is_inner(byte) || byte == b'-' || byte == b'.')
        && name.bytes().next().is_some_and(is_inner)
        && name.bytes().next_back().is_some_and(is_inner)
}

/// Whether a header of that name may be added to calls; the letters' case does not matter.
pub fn is_added_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    is_header(&name) && !name.starts_with("cf-aig-") && !REFUSED_ADDED_HEADERS.contains(&name.as_str())
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
            (API_VERSION, is_api_version),
            (DEPLOYMENT, is_deployment),
            (REGION, is_region),
            (ALPHANUMERIC, is_alphanumeric),
            (HEADER_VALUE, is_header_value),
            (HOST, is_host),
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
        check(is_api_version, &["", "2024_10", "A", "2024/10", &"1".repeat(33)]);
        check(is_deployment, &["", "a/b", "a b", "é", &"a".repeat(65)]);
        check(is_region, &["", "1a", "a-", "a.b", "A", &"a".repeat(64)]);
        check(is_alphanumeric, &["", "a-b", "a/", "é", &"a".repeat(65)]);
        check(is_header_value, &["", " a", "a ", "a\nb", "é", &"a".repeat(1025)]);
        check(is_host, &["", "-a", "a.", "A", "a_b", "a:1", &"a".repeat(254)]);
    }

    #[test]
    fn headers_of_the_connection_are_not_added() {
        for name in ["Host", "content-length", "cf-aig-step", "a b"] {
            assert!(!is_added_header(name), "{name}");
        }
        assert!(is_added_header("OpenAI-Organization") && is_added_header("authorization"));
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
