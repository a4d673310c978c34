//! What reached the upstream.

use serde_json::Value;

/// One call, as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The path and the query, raw.
    pub target: String,
    /// The headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, its framing undone.
    pub body: Vec<u8>,
}

impl Received {
    /// The only value of a header; a panic where it came twice.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let first = values.next();
        assert!(values.next().is_none(), "{name} came twice: {:?}", self.headers);
        first
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The member `model` of the body.
    pub fn model(&self) -> String {
        self.json()["model"].as_str().unwrap().to_owned()
    }

    /// Head and length from the bytes before the blank line.
    pub(crate) fn parse(head: &str) -> (Self, Framing) {
        let mut lines = head.split("\r\n");
        let mut request = lines.next().unwrap().split(' ');
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let received = Self {
            method: request.next().unwrap().to_owned(),
            target: request.next().unwrap().to_owned(),
            headers,
            body: Vec::new(),
        };
        let framing = received.framing();
        (received, framing)
    }

    fn framing(&self) -> Framing {
        match (self.header("transfer-encoding"), self.header("content-length")) {
            (Some("chunked"), None) => Framing::Chunked,
            (None, Some(length)) => Framing::Length(length.parse().unwrap()),
            (None, None) => Framing::Length(0),
            (coding, length) => panic!("the proxy sent transfer-encoding {coding:?} and content-length {length:?}"),
        }
    }
}

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By this many bytes.
    Length(usize),
    /// By an empty chunk.
    Chunked,
}
