//! Sizes as people write them: Kubernetes quantities such as `1Mi`, `512k` and `1048576`, in bytes.
//!
//! Not the whole grammar of Kubernetes: no signs, no exponents, no fractions of a byte. See
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/> (read in November 2026).

/// The regular expression of a size that is written as a string, for schemas.
pub const PATTERN: &str = r"^[0-9]{1,15}(\.[0-9]{1,9})?(k|M|G|T|Ki|Mi|Gi|Ti)?$";

/// What each suffix stands for, in bytes.
const SUFFIXES: [(&str, u128); 9] = [
    ("", 1),
    ("k", 1000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
];

/// A string that is not a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASize {
    /// It has another form.
    #[error("a number of bytes, with an optional suffix (k, M, G, T, Ki, Mi, Gi, Ti), like 1Mi or 1048576")]
    Form,
    /// It is no whole number of bytes.
    #[error("a whole number of bytes")]
    Fraction,
    /// It is more than 2^64 bytes.
    #[error("less than 16Ei")]
    TooLarge,
}

/// Reads a size, in bytes.
///
/// # Errors
/// [`NotASize`], whose words say what is allowed.
pub fn bytes(text: &str) -> Result<u64, NotASize> {
    let end = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, suffix) = text.split_at(end);
    let (_, factor) = SUFFIXES.iter().find(|(name, _)| *name == suffix).ok_or(NotASize::Form)?;
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (digits(whole, 15)?, Some(fraction)),
        None => (digits(number, 15)?, None),
    };
    let sum = whole * factor + fraction.map_or(Ok(0), |fraction| part(fraction, *factor))?;
    u64::try_from(sum).map_err(|_| NotASize::TooLarge)
}

/// A size with the largest binary suffix that leaves no remainder: 1048576 is `1Mi`.
pub fn shown(bytes: u64) -> String {
    let suffixes = [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
    let fits = suffixes.iter().find(|(_, shift)| bytes > 0 && bytes.trailing_zeros() >= *shift);
    fits.map_or_else(|| bytes.to_string(), |(suffix, shift)| format!("{}{suffix}", bytes >> shift))
}

/// Whether it is any quantity that the Kubernetes API takes: signs, fractions, exponents and all.
pub fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, suffix) = unsigned.split_at(end);
    let exponent = suffix.strip_prefix(['e', 'E']).map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
    number.bytes().any(|byte| byte.is_ascii_digit())
        && number.bytes().filter(|byte| *byte == b'.').count() <= 1
        && (["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].contains(&suffix)
            || exponent.is_some_and(|power| !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit())))
}

/// The digits after the point, times the suffix.
fn part(fraction: &str, factor: u128) -> Result<u128, NotASize> {
    let scale = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0).min(9));
    let scaled = digits(fraction, 9)? * factor;
    if scaled.is_multiple_of(scale) { Ok(scaled / scale) } else { Err(NotASize::Fraction) }
}

/// One to `most` digits and nothing else.
fn digits(text: &str, most: usize) -> Result<u128, NotASize> {
    let good = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if good { text.parse().map_err(|_| NotASize::Form) } else { Err(NotASize::Form) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_read() {
        let check = |text: &str, expected| assert_eq!(bytes(text), expected, "{text}");
        check("0", Ok(0));
        check("1048576", Ok(1_048_576));
        check("512k", Ok(512_000));
        check("1Mi", Ok(1_048_576));
        check("1.5Gi", Ok(1_610_612_736));
        check("0.5k", Ok(500));
        check("2T", Ok(2_000_000_000_000));
        check("1.0001k", Err(NotASize::Fraction));
        check("0.5", Err(NotASize::Fraction));
        check("999999999999999Ti", Err(NotASize::TooLarge));
        for text in
            ["", "Mi", "-1", "+1", "1 Mi", "1mi", "1KB", "1K", "1m", "1e3", ".5k", "1.k", "1.2.3", "1Ei", "1Mié"]
        {
            check(text, Err(NotASize::Form));
        }
    }

    #[test]
    fn quantities_of_kubernetes_are_known() {
        for good in ["1", "0.5", "100m", "64Mi", "-1", "+1", "1e3", "1E-3", ".5", "5.", "1E"] {
            assert!(is_quantity(good), "{good}");
        }
        for bad in ["", "much", "1 Mi", "1MB", "1e", "1.2.3", ".", "--1", "1ei", "1mi"] {
            assert!(!is_quantity(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(size in prop_oneof![any::<u64>(), (0..1_u64 << 20).prop_map(|size| size << 20)]) {
            // Sizes of more digits than are read are shown, but never written.
            prop_assume!(shown(size).len() <= 15);
            prop_assert_eq!(bytes(&shown(size)), Ok(size));
        }

        #[test]
        fn no_string_makes_it_panic(text in "\\PC{0,12}|[0-9.]{0,30}[kMGTi]{0,3}") {
            let _ = bytes(&text);
        }
    }
}
