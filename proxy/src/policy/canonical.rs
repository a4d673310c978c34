//! JSON as what it says: two texts have one canonical form exactly when they differ in white space, key order and the
//! spelling of strings alone. Numbers count as written, since reading them as floats would fold distinct ones.
//!
//! The form is bytes for a hash, not JSON: every value starts with its kind, and text with its length, so no two
//! values have the same form. One pass over the text notes where values are, one writes them out in order; neither
//! does anything twice, however objects are nested.
//!
//! Not a validator: it refuses what it can't read, and takes some texts that JSON does not allow (a number such as
//! `1-2`). Such a text still has a form of its own.

mod scan;
mod unescape;

use std::ops::Range;

use scan::Scan;

/// How deep arrays and objects may be nested.
pub const MAX_DEPTH: usize = 64;

/// Why a text has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// It is no JSON.
    #[error("it is no JSON")]
    Malformed,
    /// An object has a key twice: readers differ in what that means.
    #[error("an object has a key twice")]
    DuplicateKey,
    /// It is nested deeper than [`MAX_DEPTH`].
    #[error("it is nested deeper than {MAX_DEPTH}")]
    TooDeep,
}

/// Working memory, kept from one text to the next.
#[derive(Debug, Default)]
pub struct Canonicaliser {
    tree: Tree,
    open: Vec<Child>,
}

impl Canonicaliser {
    /// Appends the canonical form of `json` to `form`.
    ///
    /// # Errors
    /// It has none; what `form` then ends with means nothing.
    pub fn write(&mut self, json: &[u8], form: &mut Vec<u8>) -> Result<(), NotCanonical> {
        self.tree.clear();
        self.open.clear();
        let root = Scan::new(json, &mut self.tree, &mut self.open).document()?;
        Writer { json, tree: &self.tree, form }.value(root);
        Ok(())
    }

    /// The memory that is held for the next text, in bytes.
    pub fn held_bytes(&self) -> usize {
        self.tree.unescaped.capacity()
            + (self.tree.children.capacity() + self.open.capacity()) * std::mem::size_of::<Child>()
    }
}

/// What a text consists of.
#[derive(Debug, Default)]
struct Tree {
    /// The children of each array and object, those of one together; an object's in order of their keys.
    children: Vec<Child>,
    /// The content of strings that had escapes.
    unescaped: Vec<u8>,
}

/// A value in an array or an object, with its key where it has one.
#[derive(Clone, Copy, Debug)]
struct Child {
    key: Text,
    value: Value,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Text(Text),
    /// A number, `true`, `false` or `null`, as written.
    Bare(Span),
    Array(Span),
    Object(Span),
}

/// The content of a string.
#[derive(Clone, Copy, Debug)]
enum Text {
    /// As it stands in the JSON.
    Plain(Span),
    /// In [`Tree::unescaped`].
    Unescaped(Span),
}

/// A range that is copied.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl Tree {
    fn clear(&mut self) {
        self.children.clear();
        self.unescaped.clear();
    }

    fn text<'a>(&'a self, json: &'a [u8], text: Text) -> &'a [u8] {
        match text {
            Text::Plain(span) => &json[span.range()],
            Text::Unescaped(span) => &self.unescaped[span.range()],
        }
    }
}

/// Writes values out.
struct Writer<'a> {
    json: &'a [u8],
    tree: &'a Tree,
    form: &'a mut Vec<u8>,
}

impl Writer<'_> {
    fn value(&mut self, value: Value) {
        match value {
            Value::Text(text) => {
                self.form.push(b'"');
                self.text(text);
            }
            Value::Bare(span) => {
                self.form.push(b'#');
                self.bytes(&self.json[span.range()]);
            }
            Value::Array(span) => {
                self.form.push(b'[');
                for child in &self.tree.children[span.range()] {
                    self.value(child.value);
                }
                self.form.push(b']');
            }
            Value::Object(span) => {
                self.form.push(b'{');
                for child in &self.tree.children[span.range()] {
                    self.form.push(b'"');
                    self.text(child.key);
                    self.value(child.value);
                }
                self.form.push(b'}');
            }
        }
    }

    fn text(&mut self, text: Text) {
        let tree = self.tree;
        let json = self.json;
        self.bytes(tree.text(json, text));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        push_length(self.form, bytes.len());
        self.form.extend_from_slice(bytes);
    }
}

/// Appends a length in as few bytes as it needs, seven bits in each, so that lengths can't be mistaken (LEB128).
pub fn push_length(form: &mut Vec<u8>, mut length: usize) {
    loop {
        let [low, ..] = length.to_le_bytes();
        length >>= 7;
        if length == 0 {
            form.push(low & 0x7f);
            return;
        }
        form.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests;
