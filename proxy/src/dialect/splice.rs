//! Another model in a body, every other byte as it was.

use std::ops::Range;

use bytes::Bytes;

/// `body` with `model` as the value that stands at `at`, quotes included.
pub fn splice(body: &Bytes, at: &Range<usize>, model: &str) -> Bytes {
    let value = serde_json::Value::from(model).to_string();
    [&body[..at.start], value.as_bytes(), &body[at.end..]].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_byte_stays() {
        let body = Bytes::from_static(br#"{ "b" : 1.0e2, "model" :"gpt-4o" , "a":"\u00e9" }"#);
        let at = 24..32;
        assert_eq!(&body[at.clone()], br#""gpt-4o""#);
        assert_eq!(splice(&body, &at, "x"), &br#"{ "b" : 1.0e2, "model" :"x" , "a":"\u00e9" }"#[..]);
    }

    #[test]
    fn a_name_is_escaped() {
        let body = Bytes::from_static(br#"{"model":"m"}"#);
        assert_eq!(splice(&body, &(9..12), "a\"b\\c\n"), &br#"{"model":"a\"b\\c\n"}"#[..]);
    }
}
