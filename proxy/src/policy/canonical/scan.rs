//! One pass over a JSON text that notes where its values are and sorts objects' keys.

use super::unescape::unescape;
use super::{Child, MAX_DEPTH, NotCanonical, Span, Text, Tree, Value};
use crate::quote::quote_or_backslash;

pub(super) struct Scan<'a> {
    json: &'a [u8],
    at: usize,
    depth: usize,
    tree: &'a mut Tree,
    /// The children of what is not closed yet.
    open: &'a mut Vec<Child>,
}

/// In place of a key, in arrays.
const NO_KEY: Text = Text::Plain(Span { start: 0, end: 0 });

impl<'a> Scan<'a> {
    pub(super) fn new(json: &'a [u8], tree: &'a mut Tree, open: &'a mut Vec<Child>) -> Self {
        Self { json, at: 0, depth: 0, tree, open }
    }

    /// The one value of the text.
    pub(super) fn document(mut self) -> Result<Value, NotCanonical> {
        let root = self.value()?;
        match self.token() {
            None => Ok(root),
            Some(_) => Err(NotCanonical::Malformed),
        }
    }

    fn value(&mut self) -> Result<Value, NotCanonical> {
        match self.token() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{') => self.nested(b'}', Self::member).map(Value::Object),
            Some(b'[') => self.nested(b']', Self::element).map(Value::Array),
            Some(_) => self.bare(),
            None => Err(NotCanonical::Malformed),
        }
    }

    /// An array or an object, from its opening bracket on.
    fn nested(&mut self, close: u8, child: fn(&mut Self) -> Result<Child, NotCanonical>) -> Result<Span, NotCanonical> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(NotCanonical::TooDeep);
        }
        self.at += 1;
        let first = self.open.len();
        if self.token() != Some(close) {
            loop {
                let child = child(self)?;
                self.open.push(child);
                match self.token() {
                    Some(b',') => self.at += 1,
                    Some(byte) if byte == close => break,
                    Some(_) | None => return Err(NotCanonical::Malformed),
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        if close == b'}' {
            self.sort(first)?;
        }
        let start = self.tree.children.len();
        self.tree.children.extend(self.open.drain(first..));
        Ok(Span { start, end: self.tree.children.len() })
    }

    fn element(&mut self) -> Result<Child, NotCanonical> {
        Ok(Child { key: NO_KEY, value: self.value()? })
    }

    fn member(&mut self) -> Result<Child, NotCanonical> {
        if self.token() != Some(b'"') {
            return Err(NotCanonical::Malformed);
        }
        let key = self.string()?;
        if self.token() != Some(b':') {
            return Err(NotCanonical::Malformed);
        }
        self.at += 1;
        Ok(Child { key, value: self.value()? })
    }

    /// Puts the open children from `first` on in order of their keys, of which each may be there once.
    fn sort(&mut self, first: usize) -> Result<(), NotCanonical> {
        let (json, tree) = (self.json, &*self.tree);
        let members = &mut self.open[first..];
        members.sort_unstable_by(|one, other| tree.text(json, one.key).cmp(tree.text(json, other.key)));
        let twice = members.windows(2).any(|pair| tree.text(json, pair[0].key) == tree.text(json, pair[1].key));
        if twice { Err(NotCanonical::DuplicateKey) } else { Ok(()) }
    }

    /// The next byte that is not white space, which is not taken.
    fn token(&mut self) -> Option<u8> {
        while let Some(byte) = self.json.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// A number, `true`, `false` or `null`.
    fn bare(&mut self) -> Result<Value, NotCanonical> {
        let rest = &self.json[self.at..];
        let length = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'+' | b'-' | b'.' | b'E'))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        let is_number = matches!(word.first(), Some(b'0'..=b'9' | b'-'));
        if !is_number && !matches!(word, b"true" | b"false" | b"null") {
            return Err(NotCanonical::Malformed);
        }
        let span = Span { start: self.at, end: self.at + length };
        self.at = span.end;
        Ok(Value::Bare(span))
    }

    /// A string, from its opening quote on.
    fn string(&mut self) -> Result<Text, NotCanonical> {
        let start = self.at + 1;
        let mut has_escapes = false;
        let mut end = start;
        loop {
            let rest = self.json.get(end..).ok_or(NotCanonical::Malformed)?;
            end += quote_or_backslash(rest).ok_or(NotCanonical::Malformed)?;
            if self.json[end] == b'"' {
                break;
            }
            has_escapes = true;
            end += 2;
        }
        self.at = end + 1;
        if !has_escapes {
            return Ok(Text::Plain(Span { start, end }));
        }
        let from = self.tree.unescaped.len();
        unescape(&self.json[start..end], &mut self.tree.unescaped)?;
        Ok(Text::Unescaped(Span { start: from, end: self.tree.unescaped.len() }))
    }
}
