//! Percent-encoding (RFC 3986, section 2.1) of segments of paths and of parts of queries.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Appends bytes with `%XX` in place of all that is not unreserved.
pub fn encode(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(*byte)),
            // Writing to a String does not fail.
            other => drop(write!(text, "%{other:02X}")),
        }
    }
}

/// Bytes with each `%XX` as the byte that it is. What is no such triple stays as it is.
pub fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'%') {
        return Cow::Borrowed(bytes);
    }
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        let byte = if *first == b'%' { after.get(..2).and_then(of_hex) } else { None };
        plain.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    Cow::Owned(plain)
}

fn of_hex(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? << 4 | digit(*low)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_triples_are_decoded() {
        let check = |sent: &[u8], expected: &[u8]| assert_eq!(&*decoded(sent), expected);
        check(b"a%3Ab%3a%2f", b"a:b:/");
        check(b"%", b"%");
        check(b"%4", b"%4");
        check(b"%+5%zz%%41", b"%+5%zz%A");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_to_what_it_was(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut text = String::new();
            encode(&bytes, &mut text);
            prop_assert!(text.bytes().all(|byte| byte == b'%' || byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
            prop_assert_eq!(&*decoded(text.as_bytes()), &bytes[..]);
        }
    }
}
