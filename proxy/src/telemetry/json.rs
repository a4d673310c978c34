//! JSON objects written field by field: a record has forty of them, and a general serialiser takes longer over their
//! names than this takes over all.
//!
//! What writes a field is not inlined: forty copies of it are code that each request would fetch anew, which takes longer
//! than to call one.

use crate::quote::is_plain;

/// An object that is being written at the end of `out`.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

/// A field's name as it stands before a value, which [`name!`] makes of one that needs no escapes.
#[derive(Clone, Copy)]
pub(crate) struct Name(pub(crate) &'static str);

/// The [`Name`] of a field.
macro_rules! name {
    ($name:literal) => {
        $crate::telemetry::json::Name(concat!(",\"", $name, "\":"))
    };
}
pub(crate) use name;

impl<'a> Object<'a> {
    /// Begins an object, which [`Self::end`] closes.
    pub(crate) fn begin(out: &'a mut Vec<u8>) -> Self {
        Self { start: out.len(), out }
    }

    /// Closes the object.
    pub(crate) fn end(self) {
        match self.out.get_mut(self.start) {
            // The comma before the first field.
            Some(first) => *first = b'{',
            None => self.out.push(b'{'),
        }
        self.out.push(b'}');
    }

    /// Begins a field; the value is written to what is returned.
    #[inline(never)]
    pub(crate) fn field(&mut self, name: Name) -> &mut Vec<u8> {
        self.out.extend_from_slice(name.0.as_bytes());
        self.out
    }

    /// A string.
    #[inline(never)]
    pub(crate) fn text(&mut self, name: Name, text: &str) {
        push_string(self.field(name), text);
    }

    /// A string, or nothing.
    pub(crate) fn some_text(&mut self, name: Name, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A whole number.
    #[inline(never)]
    pub(crate) fn number(&mut self, name: Name, number: u64) {
        push_digits(self.field(name), number, 1);
    }

    /// A whole number, or nothing.
    pub(crate) fn some_number(&mut self, name: Name, number: Option<u64>) {
        if let Some(number) = number {
            self.number(name, number);
        }
    }

    /// `true` or `false`.
    #[inline(never)]
    pub(crate) fn truth(&mut self, name: Name, truth: bool) {
        self.field(name).extend_from_slice(if truth { b"true" } else { b"false" });
    }

    /// A number of parts, each 10 to the power of minus `places`, as a decimal number with all its places.
    pub(crate) fn decimal(&mut self, name: Name, parts: u64, places: u32) {
        push_decimal(self.field(name), parts, places);
    }
}

/// Appends a number of parts, each 10 to the power of minus `places`, as a decimal number with all its places.
#[inline(never)]
pub(crate) fn push_decimal(out: &mut Vec<u8>, parts: u64, places: u32) {
    let whole = 10_u64.pow(places);
    push_digits(out, parts / whole, 1);
    out.push(b'.');
    push_digits(out, parts % whole, places);
}

/// How many digits a number has.
pub(crate) fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Appends a number in decimal, with zeros before it up to `width` digits.
#[inline(never)]
pub(crate) fn push_digits(out: &mut Vec<u8>, number: u64, width: u32) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number).as_bytes();
    let zeros = usize::try_from(width).unwrap_or_default().saturating_sub(digits.len());
    out.extend(std::iter::repeat_n(b'0', zeros));
    out.extend_from_slice(digits);
}

fn push_string(out: &mut Vec<u8>, text: &str) {
    // Writing a string to a vector does not fail.
    if !is_plain(text) && serde_json::to_writer(&mut *out, text).is_ok() {
        return;
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn digits_are_counted() {
        for (number, expected) in [(0, 1), (9, 1), (10, 2), (99, 2), (100, 3), (u64::MAX, 20)] {
            assert_eq!((digits(number), number.to_string().len()), (expected, expected));
        }
    }

    #[test]
    fn an_object_has_its_fields_in_order() {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.text(name!("text"), "a");
        object.some_text(name!("none"), None);
        object.number(name!("number"), 0);
        object.some_number(name!("some"), Some(u64::MAX));
        object.truth(name!("truth"), true);
        object.decimal(name!("millis"), 12_007, 3);
        object.field(name!("list")).extend_from_slice(b"[]");
        object.end();
        let expected = r#"{"text":"a","number":0,"some":18446744073709551615,"truth":true,"millis":12.007,"list":[]}"#;
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_decimal_number_has_all_its_places() {
        for (nanos, text) in [(0, "0.000000000"), (123_450, "0.000123450"), (u64::MAX, "18446744073.709551615")] {
            let mut out = Vec::new();
            push_decimal(&mut out, nanos, 9);
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn an_object_may_have_none() {
        let mut out = Vec::new();
        Object::begin(&mut out).end();
        assert_eq!(out, b"{}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in any::<String>(), number in any::<u64>(), truth in any::<bool>()) {
            let mut out = Vec::new();
            let mut object = Object::begin(&mut out);
            object.text(name!("text"), &text);
            object.number(name!("number"), number);
            object.truth(name!("truth"), truth);
            object.end();
            let read: Value = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(read, json!({"text": text, "number": number, "truth": truth}));
        }

        #[test]
        fn digits_are_those_of_the_number(number in any::<u64>(), width in 1_u32..=20) {
            let mut out = Vec::new();
            push_digits(&mut out, number, width);
            prop_assert_eq!(String::from_utf8(out).unwrap(), format!("{number:0width$}", width = width as usize));
        }
    }
}
