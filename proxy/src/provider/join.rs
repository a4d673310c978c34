//! A provider's base URL and the rest of a path, put together as its SDK would.

/// The path to ask for: the path of `baseUrl`, then `rest`, where what repeats the end of the former stands once (`/v1`
/// and `v1/models` are `/v1/models`). `rest` is raw, with its query if it has one; nothing is decoded or encoded.
pub fn join(base_path: &str, rest: &str) -> String {
    let base = base_path.trim_matches('/');
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let rest = without_repetition(base, rest);
    let mut path = String::with_capacity(base.len() + rest.len() + 2);
    if !base.is_empty() {
        path.push('/');
        path.push_str(base);
    }
    if path.is_empty() || !(rest.is_empty() || rest.starts_with(['/', '?'])) {
        path.push('/');
    }
    path.push_str(rest);
    path
}

/// `rest` less the segments at its start that are the last ones of `base`, as many as can be.
fn without_repetition<'a>(base: &str, rest: &'a str) -> &'a str {
    let starts = std::iter::once(0).chain(base.match_indices('/').map(|(at, _)| at + 1));
    starts
        .map(|start| &base[start..])
        .filter(|end| !end.is_empty())
        .filter_map(|end| rest.strip_prefix(end))
        .find(|after| after.is_empty() || after.starts_with(['/', '?']))
        .unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_stands_once() {
        let cases = [
            ("/v1", "chat/completions", "/v1/chat/completions"),
            ("/v1", "v1/chat/completions", "/v1/chat/completions"),
            ("/v1/", "/v1/chat/completions", "/v1/chat/completions"),
            ("/openai/v1", "openai/v1/models", "/openai/v1/models"),
            ("/openai/v1", "v1/models", "/openai/v1/models"),
            ("/openai/v1", "openai/models", "/openai/v1/openai/models"),
            ("/v1", "v10/models", "/v1/v10/models"),
            ("/v1", "v1", "/v1"),
            ("/v1", "v1?a=b", "/v1?a=b"),
            ("/v1", "v1/", "/v1/"),
            ("/v1", "", "/v1"),
            ("/v1", "?a=b", "/v1?a=b"),
            ("/", "v1/messages?beta=true", "/v1/messages?beta=true"),
            ("", "/v1/messages", "/v1/messages"),
            ("", "", "/"),
            ("/", "?a", "/?a"),
        ];
        for (base, rest, expected) in cases {
            assert_eq!(join(base, rest), expected, "{base} and {rest}");
        }
    }

    #[test]
    fn bytes_are_left_as_they_came() {
        assert_eq!(join("/v1", "a%2Fb//c/../d;x=%7e?q=%20+&r=/v1"), "/v1/a%2Fb//c/../d;x=%7e?q=%20+&r=/v1");
    }
}
