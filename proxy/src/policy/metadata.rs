//! What a caller says about a request in the header `cf-aig-metadata`: one flat JSON object.
//!
//! Names that begin with `cf.` are reserved by the reference product and dropped, as it does.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, HeaderName};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::GatewayError;
use crate::policy::addressed::is_addressed;

/// The header that metadata comes in.
pub const HEADER: HeaderName = HeaderName::from_static("cf-aig-metadata");

/// How many entries an object may have.
pub const MAX_ENTRIES: usize = 64;

/// How many bytes of JSON are read.
pub const MAX_BYTES: usize = 16 * 1024;

/// Names and flat values, in the order that they were sent; empty where the caller said nothing.
#[derive(Clone, Debug, Default)]
pub struct Metadata(Box<[(Box<str>, Value)]>);

#[derive(Clone, Debug)]
enum Value {
    Text(Box<str>),
    /// A number or a boolean, as written.
    Raw(Box<RawValue>),
}

impl Metadata {
    /// What the request's headers say.
    ///
    /// # Errors
    /// The header is no flat JSON object, names something twice, is too long, or is there twice.
    pub fn of(headers: &HeaderMap) -> Result<Self, GatewayError> {
        if !is_addressed(headers) {
            return Ok(Self::default());
        }
        let mut lines = headers.get_all(HEADER).iter();
        let Some(line) = lines.next() else { return Ok(Self::default()) };
        let parsed = match lines.next() {
            None if line.len() <= MAX_BYTES => serde_json::from_slice(line.as_bytes()).ok(),
            None | Some(_) => None,
        };
        parsed.ok_or_else(|| GatewayError::BadHeader {
            header: "cf-aig-metadata",
            fix: format!(
                "one JSON object of at most {MAX_ENTRIES} entries and {MAX_BYTES} bytes, each name once, each value a \
                 string, a number or a boolean"
            ),
        })
    }

    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of an entry: a string's content; a number or a boolean as written, so `1` and `"1"` are the same.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| **other == *name).map(|(_, value)| match value {
            Value::Text(text) => &**text,
            Value::Raw(raw) => raw.get(),
        })
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Raw(raw) => raw.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Flat)
    }
}

struct Flat;

impl<'de> Visitor<'de> for Flat {
    type Value = Metadata;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a flat JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metadata, A::Error> {
        let mut entries: Vec<(Box<str>, Value)> = Vec::new();
        while let Some((name, raw)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
            if entries.len() == MAX_ENTRIES || entries.iter().any(|(other, _)| **other == *name) {
                return Err(A::Error::custom("too many entries, or one twice"));
            }
            let value = flat(raw).ok_or_else(|| A::Error::custom("a value is not flat"))?;
            entries.push((name.into(), value));
        }
        entries.retain(|(name, _)| !name.starts_with("cf."));
        Ok(Metadata(entries.into()))
    }
}

fn flat(raw: &RawValue) -> Option<Value> {
    match raw.get().as_bytes().first()? {
        b'"' => serde_json::from_str(raw.get()).ok().map(Value::Text),
        b'{' | b'[' | b'n' => None,
        _ => Some(Value::Raw(raw.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Metadata, GatewayError> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, http::HeaderValue::from_str(line).unwrap());
        Metadata::of(&headers)
    }

    #[test]
    fn values_are_kept_as_they_were_sent() {
        let metadata = of(r#"{"team":"a\"b","n":9007199254740993,"x":1.10,"on":true,"cf.user":"no"}"#).unwrap();
        assert_eq!(metadata.text("team"), Some("a\"b"));
        assert_eq!(metadata.text("n"), Some("9007199254740993"));
        assert_eq!(metadata.text("cf.user"), None);
        let json = serde_json::to_string(&metadata).unwrap();
        assert_eq!(json, r#"{"team":"a\"b","n":9007199254740993,"x":1.10,"on":true}"#);
    }

    #[test]
    fn what_is_not_flat_is_refused() {
        let many = format!("{{{}}}", (0..65).map(|n| format!("\"k{n}\":1")).collect::<Vec<_>>().join(","));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_BYTES));
        for line in [
            "",
            "[]",
            "1",
            "x",
            "{",
            r#"{"a":{}}"#,
            r#"{"a":[1]}"#,
            r#"{"a":null}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":1}x"#,
            &many,
            &long,
        ] {
            let refused = of(line).unwrap_err();
            assert!(matches!(refused, GatewayError::BadHeader { header: "cf-aig-metadata", .. }), "{line}");
        }
    }

    #[test]
    fn two_headers_are_refused_and_none_is_empty() {
        let mut headers = HeaderMap::new();
        assert!(Metadata::of(&headers).unwrap().is_empty());
        headers.append(HEADER, http::HeaderValue::from_static("{}"));
        headers.append(HEADER, http::HeaderValue::from_static("{}"));
        assert!(Metadata::of(&headers).is_err());
    }
}
