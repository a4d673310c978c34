//! A query as it came: what of it is a caller's key, and what a parameter says. Nothing of it is written anew.

use std::borrow::Cow;

/// The parameters in which a caller's key for a provider may stand: Google's, and Cartesia's.
const KEYS: [&str; 2] = ["key", "api_key"];

/// A path with its query, less the parameters that are keys.
pub(crate) fn without_keys(target: &str) -> Cow<'_, str> {
    let Some((path, query)) = target.split_once('?') else { return target.into() };
    if !query.split('&').any(is_key) {
        return target.into();
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_key(pair)).collect();
    if kept.is_empty() { path.into() } else { format!("{path}?{}", kept.join("&")).into() }
}

/// The parameters of a path's query that are keys, as they came.
pub(crate) fn keys(target: &str) -> impl Iterator<Item = &str> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter(|pair| is_key(pair))
}

/// What the first parameter of this name says, decoded.
pub(crate) fn value(target: &str, name: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(known, _)| decoded(known) == name.as_bytes())?;
    String::from_utf8(decoded(value)).ok().filter(|value| !value.is_empty())
}

fn is_key(pair: &str) -> bool {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    KEYS.iter().any(|key| decoded(name) == key.as_bytes())
}

/// The bytes that a part of a query stands for.
fn decoded(part: &str) -> Vec<u8> {
    let mut rest = part.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    while let [first, after @ ..] = rest {
        rest = after;
        decoded.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest = after;
                digit(*high) << 4 | digit(*low)
            }
            (other, _) => *other,
        });
    }
    decoded
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        letter => (letter | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_and_all_else_stays_as_it_came() {
        let cases = [
            ("models", "models"),
            ("models?", "models?"),
            ("models?key=k", "models"),
            ("models?api_key=k&key", "models"),
            ("models?b=2&key=k&a=%20+&&c", "models?b=2&a=%20+&&c"),
            ("models?k%65y=k&alt=sse", "models?alt=sse"),
            ("models?%6Bey=k&api%5Fkey=k&x=key", "models?x=key"),
            ("models?KEY=k&keys=k&xkey=k&%+65=k", "models?KEY=k&keys=k&xkey=k&%+65=k"),
            ("key=k/models?a=?key=k", "key=k/models?a=?key=k"),
        ];
        for (target, expected) in cases {
            assert_eq!(without_keys(target), expected, "{target}");
        }
    }

    #[test]
    fn keys_are_told() {
        let all = |target| keys(target).collect::<Vec<_>>();
        assert_eq!(all("models?a=b&key=1&api_key=2"), ["key=1", "api_key=2"]);
        assert_eq!(all("models?a=b"), Vec::<&str>::new());
        assert_eq!(all("models"), Vec::<&str>::new());
    }

    #[test]
    fn a_parameter_is_read() {
        let of = |target| value(target, "model");
        assert_eq!(of("?model=gpt-realtime&a=b").as_deref(), Some("gpt-realtime"));
        assert_eq!(of("realtime?a=b&model=%40cf%2Fdeepgram/nova-3&model=x").as_deref(), Some("@cf/deepgram/nova-3"));
        assert_eq!(of("?model=a%2").as_deref(), Some("a%2"));
        for none in ["?model=", "?model", "model=a", "?model=%ff", "?a=model=b"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
