//! A provider's text, made fit for the log: nothing that may be a key, and not long.

/// The most characters that are kept.
pub const MAX_CHARACTERS: usize = 300;

/// What keys of known providers start with.
const PREFIXES: &[&str] = &["sk-", "sk_", "pk-", "rk-", "gsk_", "xai-", "hf_", "pplx-", "r8_", "AIza", "AKIA", "eyJ"];

/// What providers write before a key that they refuse.
const BEFORE_KEYS: &[&str] = &["key provided: ", "Bearer ", "api_key=", "key="];

/// The shortest run of letters and digits that is taken for a key whatever it starts with.
const LONG: usize = 32;

/// `text` on one line, with `***` for what looks like a key, cut to [`MAX_CHARACTERS`].
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_key) {
        let run = &rest[start..];
        let run = &run[..run.find(|c| !is_of_key(c)).unwrap_or(run.len())];
        masked.push_str(&rest[..start]);
        let is_key = is_key(run) || BEFORE_KEYS.iter().any(|before| masked.ends_with(before));
        masked.push_str(if is_key { "***" } else { run });
        rest = &rest[start + run.len()..];
    }
    masked.push_str(rest);
    masked.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_CHARACTERS).collect()
}

fn is_of_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*' | '<' | '>')
}

fn is_key(run: &str) -> bool {
    let starts_as_one = PREFIXES.iter().any(|prefix| run.len() > prefix.len() + 4 && run.starts_with(prefix));
    let longest = run.split(|c: char| !c.is_ascii_alphanumeric()).max_by_key(|part| part.len()).unwrap_or_default();
    let is_mixed =
        longest.contains(|c: char| c.is_ascii_digit()) && longest.contains(|c: char| c.is_ascii_alphabetic());
    starts_as_one || is_masked(run) || (longest.len() >= LONG && is_mixed)
}

/// What is left of a key that the provider has masked itself.
fn is_masked(run: &str) -> bool {
    run.contains("***") && run.contains(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_masked_and_nothing_else() {
        let cases = [
            ("Incorrect API key provided: test-con****-key. You can", "Incorrect API key provided: ***. You can"),
            ("Incorrect API key provided: <not-a-r****key>. You", "Incorrect API key provided: ***. You"),
            ("Your api key: ****-key is invalid", "Your api key: *** is invalid"),
            ("a **bold** word, a row: *****", "a **bold** word, a row: *****"),
            ("bad key sk-proj-abc123", "bad key ***"),
            ("sent Bearer abc", "sent Bearer ***"),
            ("0123456789abcdef0123456789abcdef is no key", "*** is no key"),
            ("model: claude-haiku-4-5-20251001", "model: claude-haiku-4-5-20251001"),
            ("org 00000000-0000-0000-0000-000000000000", "org 00000000-0000-0000-0000-000000000000"),
            ("ask-me, risk-free: sk-", "ask-me, risk-free: sk-"),
            ("two\nlines", "two lines"),
            ("\u{e9}t\u{e9} \u{1f600}", "\u{e9}t\u{e9} \u{1f600}"),
        ];
        for (text, expected) in cases {
            assert_eq!(mask(text), expected);
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(mask(&"\u{e9} ".repeat(400)), "\u{e9} ".repeat(150));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            prop_assert!(mask(&text).chars().count() <= MAX_CHARACTERS);
        }
    }
}
