//! How much a quantity of Kubernetes is, so that `1000m` and `1` are the same.
//!
//! The grammar is that of <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/> (read in
//! November 2026): a sign, a decimal number, and a decimal suffix, a binary one or an exponent.

/// What a suffix multiplies by: a power of ten, or of two.
enum Factor {
    Ten(i32),
    Two(u32),
}

/// The quantity in billionths, rounded up as Kubernetes does; `None` for what is no quantity, or does not fit.
pub(super) fn nano(text: &str) -> Option<i128> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 9 - i32::try_from(fraction.len()).ok()?;
    let amount = match factor(suffix)? {
        Factor::Ten(power) => scaled(digits, scale.checked_add(power)?)?,
        Factor::Two(power) => scaled(digits.checked_mul(1_i128 << power)?, scale)?,
    };
    Some(sign * amount)
}

fn factor(suffix: &str) -> Option<Factor> {
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].iter().position(|known| *known == suffix);
    if let Some(at) = decimal {
        return Some(Factor::Ten(3 * i32::try_from(at).ok()? - 9));
    }
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().position(|known| *known == suffix);
    if let Some(at) = binary {
        return Some(Factor::Two(10 * (u32::try_from(at).ok()? + 1)));
    }
    suffix.strip_prefix(['e', 'E'])?.parse().ok().map(Factor::Ten)
}

/// `digits` times ten to the power, rounded up.
fn scaled(digits: i128, power: i32) -> Option<i128> {
    let factor = 10_i128.checked_pow(power.unsigned_abs());
    if power >= 0 {
        return if digits == 0 { Some(0) } else { digits.checked_mul(factor?) };
    }
    // A number that is smaller than any factor that fits is still more than nothing.
    let Some(factor) = factor else { return Some(i128::from(digits > 0)) };
    Some(digits / factor + i128::from(digits % factor > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_compared_by_how_much_they_are() {
        let check = |one: &str, other: &str| assert_eq!(nano(one), nano(other), "{one} {other}");
        check("1000m", "1");
        check("0.25Gi", "256Mi");
        check("1e3", "1k");
        check("1E3", "1000");
        check("128974848", "123Mi");
        check("+1.50", "1500m");
        check("0.1n", "1n");
        check("-1", "-1000m");
        check(".5", "0.50");
        check("5.", "5");
        check("0", "0Ei");
        assert!(nano("1").is_some());
        assert_ne!(nano("1E"), nano("1Ei"));
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for text in ["", ".", "m", "1 Mi", "1mi", "1KB", "--1", "1.2.3", "1e", "1ex", "9e99", "é"] {
            assert_eq!(nano(text), None, "{text}");
        }
    }
}
