//! The content of JSON strings that have escapes (RFC 8259, section 7).

use memchr::memchr;

use super::NotCanonical;

/// Appends what `escaped`, the text between a string's quotes, says.
pub(super) fn unescape(escaped: &[u8], content: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let mut rest = escaped;
    while let Some(at) = memchr(b'\\', rest) {
        content.extend_from_slice(&rest[..at]);
        rest = escape(&rest[at + 1..], content)?;
    }
    content.extend_from_slice(rest);
    Ok(())
}

/// Reads one escape after its backslash; what follows it.
fn escape<'a>(text: &'a [u8], content: &mut Vec<u8>) -> Result<&'a [u8], NotCanonical> {
    let (letter, rest) = text.split_first().ok_or(NotCanonical::Malformed)?;
    let byte = match letter {
        b'"' | b'\\' | b'/' => *letter,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => return code_point(rest, content),
        _ => return Err(NotCanonical::Malformed),
    };
    content.push(byte);
    Ok(rest)
}

/// Reads the digits of `\uXXXX`, and the second half of a surrogate pair. Half a pair alone stands for no text.
fn code_point<'a>(text: &'a [u8], content: &mut Vec<u8>) -> Result<&'a [u8], NotCanonical> {
    let (unit, rest) = code_unit(text)?;
    if let Some(letter) = char::from_u32(unit) {
        push(letter, content);
        return Ok(rest);
    }
    let second = rest.strip_prefix(b"\\u").ok_or(NotCanonical::Malformed)?;
    let (low, rest) = code_unit(second)?;
    if !(0xd800..0xdc00).contains(&unit) || !(0xdc00..0xe000).contains(&low) {
        return Err(NotCanonical::Malformed);
    }
    let combined = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    push(char::from_u32(combined).ok_or(NotCanonical::Malformed)?, content);
    Ok(rest)
}

fn code_unit(text: &[u8]) -> Result<(u32, &[u8]), NotCanonical> {
    let (digits, rest) = text.split_at_checked(4).ok_or(NotCanonical::Malformed)?;
    let mut unit = 0;
    for digit in digits {
        unit = unit * 16 + char::from(*digit).to_digit(16).ok_or(NotCanonical::Malformed)?;
    }
    Ok((unit, rest))
}

fn push(letter: char, content: &mut Vec<u8>) {
    content.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}
