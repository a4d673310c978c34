//! Where a string of JSON ends, or has its next escape; and which text is one as it stands.

use memchr::memchr2;

/// How far is looked word by word. Most strings end before: keys, names, ids.
const NEAR: usize = 32;

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// Where the first quote or backslash of `text` is: what [`memchr2`] finds, which takes longer to begin than to look
/// through a short string.
pub(crate) fn quote_or_backslash(text: &[u8]) -> Option<usize> {
    let (words, _) = text.as_chunks::<8>();
    let mut at = 0;
    for word in words.iter().take(NEAR / 8) {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ (ONES * u64::from(b'"'))) | zeros(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            return Some(at + usize::try_from(found.trailing_zeros() / 8).unwrap_or_default());
        }
        at += 8;
    }
    memchr2(b'"', b'\\', &text[at..]).map(|more| at + more)
}

/// Whether a text is a string of JSON as it stands, without escapes.
pub(crate) fn is_plain(text: &str) -> bool {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut end = [b' '; 8];
    end[..rest.len()].copy_from_slice(rest);
    words.iter().chain([&end]).all(|word| {
        let word = u64::from_le_bytes(*word);
        let controls = word.wrapping_sub(ONES * u64::from(b' ')) & !word & HIGHS;
        controls | zeros(word ^ (ONES * u64::from(b'"'))) | zeros(word ^ (ONES * u64::from(b'\\'))) == 0
    })
}

/// The highest bit of each byte that is zero; above the lowest of them also of some that are not.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_is_what_needs_no_escapes(text in "[ a\"\\\\!#\\[\u{0}\u{1}\u{1f}\u{7f}\u{80}\u{e9}\u{10ffff}]{0,4}", plain in "[a-z\u{e9}]{0,24}") {
            for text in [text.clone(), plain.clone() + &text, text + &plain, plain] {
                let as_it_stands = format!("\"{text}\"");
                prop_assert_eq!(is_plain(&text), serde_json::to_string(&text).unwrap() == as_it_stands);
            }
        }

        #[test]
        fn it_finds_what_memchr_does(text in "[a\"\\\\!#\\[\\]\u{1}\u{e9}]{0,80}", long in "[a-z]{0,48}") {
            for text in [text.clone(), long + &text] {
                for at in 0..text.len() {
                    let rest = &text.as_bytes()[at..];
                    prop_assert_eq!(quote_or_backslash(rest), memchr2(b'"', b'\\', rest));
                }
            }
        }
    }
}
