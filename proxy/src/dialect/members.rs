//! The members of a JSON object, their values left as they are written: what an answer says is in a few of them, and the
//! rest, which is most of it, need not be read to be stepped over.
//!
//! Not a validator: of a value that is stepped over it is known that its strings and brackets are closed, so a text that
//! is cut is refused; whether it is JSON between them is for who reads it.

use std::borrow::Cow;

use crate::quote::quote_or_backslash;

/// How deep values may be nested.
const MAX_DEPTH: u32 = 128;

/// No object, or not all of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// Shows each member of the object that `json` is to `see`: its key, unescaped, and its value as it is written.
///
/// # Errors
/// `json` is no object, or something is open at its end or stands behind it.
pub(crate) fn members<'a>(json: &'a str, mut see: impl FnMut(&str, &'a str)) -> Result<(), Broken> {
    let mut scan = Scan { json, at: 0 };
    scan.take(b'{')?;
    if scan.token() == Some(b'}') {
        scan.at += 1;
        return scan.end();
    }
    loop {
        let key = scan.key()?;
        scan.take(b':')?;
        see(&key, scan.value()?);
        match scan.token() {
            Some(b',') => scan.at += 1,
            Some(b'}') => {
                scan.at += 1;
                return scan.end();
            }
            Some(_) | None => return Err(Broken),
        }
    }
}

struct Scan<'a> {
    json: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    /// The next byte that is not white space, which is not taken.
    fn token(&mut self) -> Option<u8> {
        let bytes = self.json.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn take(&mut self, byte: u8) -> Result<(), Broken> {
        if self.token() != Some(byte) {
            return Err(Broken);
        }
        self.at += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Broken> {
        if self.token().is_some() { Err(Broken) } else { Ok(()) }
    }

    fn key(&mut self) -> Result<Cow<'a, str>, Broken> {
        if self.token() != Some(b'"') {
            return Err(Broken);
        }
        let start = self.at;
        let has_escapes = self.string()?;
        let quoted = &self.json[start..self.at];
        if has_escapes {
            return serde_json::from_str(quoted).map(Cow::Owned).map_err(|_| Broken);
        }
        Ok(quoted[1..quoted.len() - 1].into())
    }

    fn value(&mut self) -> Result<&'a str, Broken> {
        let first = self.token().ok_or(Broken)?;
        let start = self.at;
        match first {
            b'"' => _ = self.string()?,
            b'{' | b'[' => self.nested()?,
            _ => self.bare()?,
        }
        Ok(&self.json[start..self.at])
    }

    /// Steps over a string, from its opening quote on, and says whether there are escapes in it.
    fn string(&mut self) -> Result<bool, Broken> {
        let bytes = self.json.as_bytes();
        let (mut at, mut has_escapes) = (self.at + 1, false);
        loop {
            at += quote_or_backslash(bytes.get(at..).ok_or(Broken)?).ok_or(Broken)?;
            if bytes[at] == b'"' {
                self.at = at + 1;
                return Ok(has_escapes);
            }
            (at, has_escapes) = (at + 2, true);
        }
    }

    /// Steps over an object or an array, from its opening bracket on.
    fn nested(&mut self) -> Result<(), Broken> {
        let bytes = self.json.as_bytes();
        // Which of the open brackets are those of objects, the innermost the lowest bit.
        let (mut objects, mut depth) = (0_u128, 0_u32);
        loop {
            let byte = *bytes.get(self.at).ok_or(Broken)?;
            match byte {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' if depth == MAX_DEPTH => return Err(Broken),
                b'{' | b'[' => {
                    objects = objects << 1 | u128::from(byte == b'{');
                    depth += 1;
                }
                b'}' | b']' if (objects & 1 == 1) != (byte == b'}') => return Err(Broken),
                b'}' | b']' => {
                    objects >>= 1;
                    depth -= 1;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Steps over a number, `true`, `false` or `null`.
    fn bare(&mut self) -> Result<(), Broken> {
        let rest = &self.json.as_bytes()[self.at..];
        let is_of_one = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = rest.iter().position(|byte| !is_of_one(byte)).unwrap_or(rest.len());
        self.at += length;
        if length > 0 { Ok(()) } else { Err(Broken) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn read(json: &str) -> Result<Vec<(String, String)>, Broken> {
        let mut all = Vec::new();
        members(json, |key, value| all.push((key.to_owned(), value.to_owned()))).map(|()| all)
    }

    #[test]
    fn members_come_as_they_are_written() {
        let check = |json: &str, expected: &[(&str, &str)]| {
            let expected = expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            assert_eq!(read(json), Ok(expected), "{json}");
        };
        check("{}", &[]);
        check(" { } ", &[]);
        check(r#"{"a":1}"#, &[("a", "1")]);
        check(r#"{"a" : -1.5e+3 , "b":null}"#, &[("a", "-1.5e+3"), ("b", "null")]);
        check(r#"{"\u0061\"":"x\\\""}"#, &[("a\"", r#""x\\\"""#)]);
        check(r#"{"a":{"b":[{"c":"}]"}, []]},"d":[]}"#, &[("a", r#"{"b":[{"c":"}]"}, []]}"#), ("d", "[]")]);
        check(r#"{"a":1,"a":2}"#, &[("a", "1"), ("a", "2")]);
    }

    #[test]
    fn what_is_no_whole_object_is_broken() {
        let whole = r#"{"a":{"b":[{"c":"}]\""}, []]},"d":true}"#;
        for at in 0..whole.len() {
            assert_eq!(read(&whole[..at]), Err(Broken), "{}", &whole[..at]);
        }
        for json in
            ["", "[]", "1", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1,}"#, r#"{"a":[}]}"#, "{}x", "{a:1}", r#"{"a":1 2}"#]
        {
            assert_eq!(read(json), Err(Broken), "{json}");
        }
        let deep = |depth: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(read(&deep(128)).is_ok());
        assert_eq!(read(&deep(129)), Err(Broken));
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_object_is_read_as_serde_does(
            object in prop::collection::btree_map(any::<String>(), json(), 0..6), pretty in any::<bool>(),
        ) {
            let object = Value::Object(object.into_iter().collect());
            let text = if pretty { format!("{object:#}") } else { object.to_string() };
            let read: serde_json::Map<String, Value> = read(&text)
                .unwrap()
                .into_iter()
                .map(|(key, value)| (key, serde_json::from_str(&value).unwrap()))
                .collect();
            prop_assert_eq!(Value::Object(read), object);
        }

        #[test]
        fn nothing_panics(text in "[{}\\[\\]\":,0-9a-z\\\\ é]{0,40}") {
            let _ = read(&text);
        }
    }
}
