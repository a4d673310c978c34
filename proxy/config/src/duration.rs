//! Durations as people write them: GEP-2257 strings such as `90s` and `1h30m`.
//!
//! The format is that of <https://gateway-api.sigs.k8s.io/geps/gep-2257/> (read in November 2026): up to four numbers
//! of at most five digits, each with its unit, and their sum. No signs, no fractions, nothing under a millisecond.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The regular expression of a duration, for the rules of a schema.
pub const PATTERN: &str = "^([0-9]{1,5}(h|m|s|ms)){1,4}$";

/// The longest duration: what the canonical form can still write.
const LONGEST: Duration = Duration::from_hours(99_999);

/// The units, the longest first: how each is written, and its milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A duration that is read and written as a GEP-2257 string, in milliseconds at the finest, at most `99999h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub Duration);

/// A string that is not a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASpan {
    /// It has another form.
    #[error("up to four whole numbers of at most five digits, each with a unit (h, m, s, ms), like 90s or 1h30m")]
    Form,
    /// Its sum is too long.
    #[error("at most 99999h")]
    TooLong,
}

impl Span {
    /// Reads a duration such as `90s`, `1h30m` or `250ms`.
    ///
    /// # Errors
    /// [`NotASpan`], whose words say what is allowed.
    pub fn parse(text: &str) -> Result<Self, NotASpan> {
        let mut rest = text;
        let mut millis = 0;
        for _ in 0..4 {
            let (part, after) = component(rest).ok_or(NotASpan::Form)?;
            millis += part;
            rest = after;
            if rest.is_empty() {
                let sum = Duration::from_millis(millis);
                return if sum > LONGEST { Err(NotASpan::TooLong) } else { Ok(Self(sum)) };
            }
        }
        Err(NotASpan::Form)
    }

    /// The duration itself.
    pub const fn as_duration(self) -> Duration {
        self.0
    }

    /// This many whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

/// One number with its unit, in milliseconds, and what follows it.
fn component(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 5 {
        return None;
    }
    let (number, rest) = text.split_at(digits);
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (unit, rest) = rest.split_at(letters);
    let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some((number.parse::<u64>().ok()? * millis, rest))
}

impl Deref for Span {
    type Target = Duration;

    fn deref(&self) -> &Duration {
        &self.0
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

/// The canonical form: each unit once, the longest first, none that is zero; `0s` for none at all.
impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut millis = self.0.as_millis();
        if millis == 0 {
            return out.write_str("0s");
        }
        for (unit, size) in UNITS {
            let count = millis / u128::from(size);
            millis %= u128::from(size);
            if count > 0 {
                write!(out, "{count}{unit}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|allowed| D::Error::custom(format!("{text} is not a duration: {allowed}")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Result<(u64, &str), NotASpan>) {
        let found = Span::parse(text).map(|span| (span.as_millis(), span.to_string()));
        assert_eq!(found, expected.map(|(millis, canonical)| (u128::from(millis), canonical.into())), "{text}");
    }

    #[test]
    fn spans_are_read_and_written_canonically() {
        check("90s", Ok((90_000, "1m30s")));
        check("1h30m", Ok((5_400_000, "1h30m")));
        check("250ms", Ok((250, "250ms")));
        check("1500ms", Ok((1500, "1s500ms")));
        check("0s", Ok((0, "0s")));
        check("720h", Ok((2_592_000_000, "720h")));
        check("1h1h", Ok((7_200_000, "2h")));
        check("99999h", Ok((359_996_400_000, "99999h")));
        check("00001s", Ok((1000, "1s")));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in
            ["", "90", "s", "1.5h", "-1s", "+1s", " 1s", "1s ", "1 s", "1d", "1us", "1H", "100000s", "1h2m3s4ms5s"]
        {
            check(text, Err(NotASpan::Form));
        }
        check("1sé", Err(NotASpan::Form));
        check("99999h1ms", Err(NotASpan::TooLong));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(millis in 0..=359_996_400_000_u64) {
            let span = Span(Duration::from_millis(millis));
            prop_assert_eq!(Span::parse(&span.to_string()), Ok(span));
        }

        #[test]
        fn no_string_makes_it_panic(text in "\\PC{0,12}|[0-9hms]{0,30}") {
            let _ = Span::parse(&text);
        }

        #[test]
        fn json_keeps_it(millis in 0..=359_996_400_000_u64) {
            let span = Span(Duration::from_millis(millis));
            let json = serde_json::to_string(&span).unwrap();
            prop_assert_eq!(serde_json::from_str::<Span>(&json).unwrap(), span);
        }
    }
}
