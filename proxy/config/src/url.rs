//! Base URLs: where a provider is, and nothing else.

use crate::bounds;

/// What is wrong with a base URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotABaseUrl {
    /// Not `http` or `https`.
    #[error("an absolute URL that begins with https:// or http://")]
    Scheme,
    /// A user and a password.
    #[error("a URL without user and password")]
    UserInfo,
    /// A key in the query.
    #[error("a URL without a key in it")]
    Key,
    /// Another query.
    #[error("a URL without a query: the path of each call is put at its end")]
    Query,
    /// A fragment.
    #[error("a URL without a fragment")]
    Fragment,
    /// No host, or not one.
    #[error("a URL with a host name or an address, like https://api.openai.com/v1")]
    Host,
    /// Not a port.
    #[error("a port from 1 to 65535")]
    Port,
    /// A character that must be percent-encoded, or a `..`.
    #[error("a path of visible ASCII characters, without . and .. segments")]
    Path,
    /// Too long.
    #[error("at most 1024 characters")]
    TooLong,
}

impl NotABaseUrl {
    /// What to do.
    pub fn fix(self) -> &'static str {
        match self {
            Self::Scheme | Self::Host | Self::Port | Self::Path | Self::TooLong => {
                "write it as the provider's SDK takes it: https://api.openai.com/v1"
            }
            Self::UserInfo | Self::Key => "put the key in a Secret and name it in credentials",
            Self::Query | Self::Fragment => "leave out what follows the path",
        }
    }
}

/// Judges a base URL.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check_base_url(url: &str) -> Result<(), NotABaseUrl> {
    if url.len() > bounds::URL {
        return Err(NotABaseUrl::TooLong);
    }
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or(NotABaseUrl::Scheme)?;
    let (rest, fragment) = split_before(rest, '#');
    let (rest, query) = split_before(rest, '?');
    let (authority, path) = split_before(rest, '/');
    if authority.contains('@') {
        return Err(NotABaseUrl::UserInfo);
    }
    if !query.is_empty() {
        return Err(if names_a_key(query) { NotABaseUrl::Key } else { NotABaseUrl::Query });
    }
    if !fragment.is_empty() {
        return Err(NotABaseUrl::Fragment);
    }
    check_authority(authority)?;
    let visible = path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    let dots = path.split('/').any(|segment| segment == "." || segment == "..");
    if visible && !dots { Ok(()) } else { Err(NotABaseUrl::Path) }
}

/// What stands before the first `mark`, and the rest from it on.
fn split_before(text: &str, mark: char) -> (&str, &str) {
    text.split_at(text.find(mark).unwrap_or(text.len()))
}

/// Whether a query has a parameter that some provider takes a key in.
fn names_a_key(query: &str) -> bool {
    query[1..].split('&').any(|parameter| {
        let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
        ["key", "api_key", "api-key", "apikey", "access_token", "token"].contains(&name.as_str())
    })
}

/// A host and maybe a port.
fn check_authority(authority: &str) -> Result<(), NotABaseUrl> {
    let port = if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or(NotABaseUrl::Host)?;
        address.parse::<std::net::Ipv6Addr>().map_err(|_| NotABaseUrl::Host)?;
        port
    } else {
        let (host, port) = split_before(authority, ':');
        if !is_host(host) {
            return Err(NotABaseUrl::Host);
        }
        port
    };
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok(()),
        None => Err(NotABaseUrl::Host),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => match digits.parse::<u16>() {
            Ok(1..) => Ok(()),
            Ok(0) | Err(_) => Err(NotABaseUrl::Port),
        },
        Some(_) => Err(NotABaseUrl::Port),
    }
}

/// Labels of letters, digits, hyphens and underscores, with dots between them.
fn is_host(host: &str) -> bool {
    (1..=253).contains(&host.len())
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn base_urls_are_judged() {
        let check = |url: &str, expected| assert_eq!(check_base_url(url), expected, "{url}");
        for url in [
            "https://api.openai.com/v1",
            "https://api.anthropic.com",
            "https://api.anthropic.com/",
            "http://127.0.0.1:8080/v1",
            "http://[::1]:8080",
            "http://vllm.models.svc:8000/v1",
            "http://localhost/a%20b",
        ] {
            check(url, Ok(()));
        }
        for url in ["", "api.openai.com", "ftp://x/", "//x", "HTTPS://x", "https:/x", " https://x"] {
            check(url, Err(NotABaseUrl::Scheme));
        }
        for url in [
            "https://",
            "https:///v1",
            "https://a..b",
            "https://-a",
            "https://a b",
            "https://[::1",
            "https://[x]",
            "https://[::1]x",
            "https://é",
        ] {
            check(url, Err(NotABaseUrl::Host));
        }
        for url in ["https://x:0", "https://x:65536", "https://x:", "https://x:80a", "https://[::1]:99999"] {
            check(url, Err(NotABaseUrl::Port));
        }
        check("https://user:password@x/v1", Err(NotABaseUrl::UserInfo));
        check("https://sk-123@x", Err(NotABaseUrl::UserInfo));
        check("https://x/v1?key=abc", Err(NotABaseUrl::Key));
        check("https://x/v1?a=b&API_KEY=abc", Err(NotABaseUrl::Key));
        check("https://x/v1?api-version=1", Err(NotABaseUrl::Query));
        check("https://x/v1?", Err(NotABaseUrl::Query));
        check("https://x/v1#a", Err(NotABaseUrl::Fragment));
        check("https://x/a b", Err(NotABaseUrl::Path));
        check("https://x/../y", Err(NotABaseUrl::Path));
        check(&format!("https://x/{}", "a".repeat(1024)), Err(NotABaseUrl::TooLong));
    }

    proptest! {
        #[test]
        fn no_string_makes_it_panic(text in "(https?://)?[\\PC]{0,20}") {
            let _ = check_base_url(&text);
        }
    }
}
