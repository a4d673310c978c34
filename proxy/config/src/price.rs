//! Money per token, as people write it, and as it is counted: whole pico-dollars.

use serde::{Deserialize, Serialize};

/// The regular expression of an amount, for schemas: US dollars for a million tokens.
pub const PATTERN: &str = r"^[0-9]{1,6}(\.[0-9]{1,6})?$";

/// US dollars for a million tokens, as decimal strings: `"0.15"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Price {
    /// Tokens read.
    pub input: String,
    /// Tokens read from the provider's prompt cache; absent: as `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<String>,
    /// Tokens written to the provider's prompt cache; absent: as `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<String>,
    /// Tokens written.
    pub output: String,
}

/// What one token costs, in pico-dollars (10^-12 US dollars); each below 10^12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PicoPerToken {
    /// A token read.
    pub input: u64,
    /// A token read from the provider's prompt cache.
    pub cached_input: u64,
    /// A token written to the provider's prompt cache.
    pub cache_write: u64,
    /// A token written.
    pub output: u64,
}

/// A string that is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAmount {
    /// It has another form.
    #[error("US dollars for a million tokens, a decimal number such as \"0.15\"")]
    Form,
    /// It has too many digits after the point.
    #[error("at most six decimals: a token's price is counted in whole pico-dollars")]
    TooFine,
    /// It has too many digits before the point.
    #[error("less than a million dollars for a million tokens")]
    TooMuch,
}

impl Price {
    /// The price in what it is counted in.
    ///
    /// # Errors
    /// The first amount that is none.
    pub fn parse(&self) -> Result<PicoPerToken, NotAnAmount> {
        let input = pico_dollars(&self.input)?;
        let or_input = |amount: &Option<String>| amount.as_deref().map_or(Ok(input), pico_dollars);
        Ok(PicoPerToken {
            input,
            cached_input: or_input(&self.cached_input)?,
            cache_write: or_input(&self.cache_write)?,
            output: pico_dollars(&self.output)?,
        })
    }

    /// Every amount that is given, by the name of its field.
    pub fn amounts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { input, cached_input, cache_write, output } = self;
        let all = [
            ("input", Some(input)),
            ("cachedInput", cached_input.as_ref()),
            ("cacheWrite", cache_write.as_ref()),
            ("output", Some(output)),
        ];
        all.into_iter().filter_map(|(name, amount)| Some((name, amount?.as_str())))
    }
}

/// Reads dollars for a million tokens as pico-dollars for one token: `"0.15"` is 150,000.
///
/// A dollar for 10^6 tokens is 10^-6 dollars for one, which is 10^6 pico-dollars.
///
/// # Errors
/// [`NotAnAmount`], whose words say what is allowed.
pub fn pico_dollars(text: &str) -> Result<u64, NotAnAmount> {
    let (dollars, decimals) = match text.split_once('.') {
        Some((dollars, decimals)) => (dollars, decimals),
        None => (text, "0"),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(dollars) || !digits(decimals) {
        return Err(NotAnAmount::Form);
    }
    if decimals.len() > 6 {
        return Err(NotAnAmount::TooFine);
    }
    if dollars.len() > 6 {
        return Err(NotAnAmount::TooMuch);
    }
    format!("{dollars}{decimals:0<6}").parse().map_err(|_| NotAnAmount::Form)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_counted_in_pico_dollars_a_token() {
        let check = |text: &str, expected| assert_eq!(pico_dollars(text), expected, "{text}");
        check("0.15", Ok(150_000));
        check("15", Ok(15_000_000));
        check("0", Ok(0));
        check("0.000001", Ok(1));
        check("2.50", Ok(2_500_000));
        check("999999.999999", Ok(999_999_999_999));
        check("0.0000001", Err(NotAnAmount::TooFine));
        check("1000000", Err(NotAnAmount::TooMuch));
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "$1", " 1", "1.2.3", "\u{0661}"] {
            check(text, Err(NotAnAmount::Form));
        }
    }

    #[test]
    fn tokens_of_the_prompt_cache_cost_as_input_unless_said() {
        let price =
            Price { input: "1".into(), cached_input: None, cache_write: Some("1.25".into()), output: "5".into() };
        let expected =
            PicoPerToken { input: 1_000_000, cached_input: 1_000_000, cache_write: 1_250_000, output: 5_000_000 };
        assert_eq!(price.parse(), Ok(expected));
        let names: Vec<_> = price.amounts().collect();
        assert_eq!(names, [("input", "1"), ("cacheWrite", "1.25"), ("output", "5")]);
    }

    proptest! {
        #[test]
        fn every_amount_within_bounds_is_exact(pico in 0..1_000_000_000_000_u64) {
            let text = format!("{}.{:06}", pico / 1_000_000, pico % 1_000_000);
            prop_assert_eq!(pico_dollars(&text), Ok(pico));
        }

        #[test]
        fn no_string_makes_it_panic(text in "\\PC{0,12}|[0-9.]{0,30}") {
            let _ = pico_dollars(&text);
        }
    }
}
