//! A YAML document as a tree that remembers where each key and value stands.
//!
//! Not a validator: what keys and values may be is [`crate::schema`]'s and [`crate::parse`]'s to say.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_yaml::Spanned;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Location {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// How many characters, at least 1; what spans several lines has 1.
    pub length: usize,
}

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub location: Location,
    /// What it is.
    pub tree: Tree,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// A string, a number, a boolean or null.
    Scalar(Value),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the text.
    Map(Vec<(Key, Node)>),
}

/// A key, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Where it begins.
    pub location: Location,
    /// What it says.
    pub name: String,
}

/// The trees of a file: one for each document that is not empty.
///
/// # Errors
/// What the YAML parser says, where the text is not YAML or has a key twice.
pub fn read(yaml: &str) -> Result<Vec<Node>, serde_yaml::Error> {
    let all: Vec<Spanned<Tree>> = serde_yaml::from_multiple(yaml)?;
    Ok(all.into_iter().map(Node::from).collect())
}

impl Node {
    /// The value of a map's key.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.entry(name).map(|(_, value)| value)
    }

    /// The same value without its places.
    pub fn to_value(&self) -> Value {
        match &self.tree {
            Tree::Scalar(value) => value.clone(),
            Tree::List(items) => items.iter().map(Self::to_value).collect(),
            Tree::Map(entries) => entries.iter().map(|(key, value)| (key.name.clone(), value.to_value())).collect(),
        }
    }

    /// Where a path such as `spec.providers[0].baseUrl` leads, or the last part of it that is there: a scalar itself,
    /// else the key that holds it.
    pub fn locate(&self, path: &str) -> Location {
        let (mut node, mut found) = (self, self.start());
        for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')).filter(|step| !step.is_empty()) {
            let (next, key) = match &node.tree {
                Tree::Map(_) => match node.entry(step) {
                    Some((key, value)) => (value, key.location),
                    None => return found,
                },
                Tree::List(items) => match step.parse::<usize>().ok().and_then(|index| items.get(index)) {
                    Some(item) => (item, item.start()),
                    None => return found,
                },
                Tree::Scalar(_) => return found,
            };
            found = if matches!(next.tree, Tree::Scalar(_)) { next.location } else { key };
            node = next;
        }
        found
    }

    /// Where it begins: a map at its first key.
    fn start(&self) -> Location {
        match &self.tree {
            Tree::Map(entries) => entries.first().map_or(self.location, |(key, _)| key.location),
            Tree::Scalar(_) | Tree::List(_) => self.location,
        }
    }

    fn entry(&self, name: &str) -> Option<(&Key, &Self)> {
        match &self.tree {
            Tree::Map(entries) => entries.iter().find(|(key, _)| key.name == name).map(|(key, value)| (key, value)),
            Tree::Scalar(_) | Tree::List(_) => None,
        }
    }
}

impl From<Spanned<Tree>> for Node {
    fn from(spanned: Spanned<Tree>) -> Self {
        let single_line = matches!(spanned.value, Tree::Scalar(_));
        Self { location: location(spanned.referenced, single_line), tree: spanned.value }
    }
}

/// A place as the parser says it.
pub(crate) fn location(place: serde_yaml::Location, single_line: bool) -> Location {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let length = if single_line { usize::try_from(place.span().len()).unwrap_or(1) } else { 1 };
    Location { line: number(place.line()), column: number(place.column()), length: length.max(1) }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a map, a list, a string, a number, a boolean or null")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Scalar(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element::<Spanned<Tree>>()? {
            items.push(item.into());
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = access.next_entry::<Spanned<String>, Spanned<Tree>>()? {
            entries.push((Key { location: location(key.referenced, true), name: key.value }, value.into()));
        }
        Ok(Tree::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "\
# a comment
apiVersion: v1
spec:
  auth: {anonymous: Allow}
  providers:
    - name: openai
      credentials: [{secretKeyRef: {name: keys}}]
    - name: \"vllm\"
  limits: []
---
second: true
---
third: null
";

    fn check(path: &str, line: usize, column: usize, length: usize) {
        let all = read(YAML).unwrap();
        assert_eq!(all[0].locate(path), Location { line, column, length }, "{path}");
    }

    #[test]
    fn paths_lead_to_values_and_to_the_keys_of_maps_and_lists() {
        check("spec.auth.anonymous", 4, 21, 5);
        check("spec.auth", 4, 3, 4);
        check("spec.providers", 5, 3, 9);
        check("spec.providers[0].name", 6, 13, 6);
        check("spec.providers[1].name", 8, 13, 6);
        check("spec.providers[0]", 6, 7, 4);
        check("spec.providers[0].credentials[0].secretKeyRef.name", 7, 43, 4);
        check("apiVersion", 2, 13, 2);
    }

    #[test]
    fn what_is_absent_is_placed_at_what_would_hold_it() {
        check("spec.identity", 3, 1, 4);
        check("spec.providers[0].credentials[0].secretKeyRef.key", 7, 22, 12);
        check("spec.providers[7].name", 5, 3, 9);
        check("metadata.name", 2, 1, 10);
        check("apiVersion.x", 2, 13, 2);
    }

    #[test]
    fn documents_are_kept_apart() {
        let all = read(YAML).unwrap();
        assert_eq!(all.len(), 3);
        assert_eq!(all[1].locate("second"), Location { line: 11, column: 9, length: 4 });
        assert_eq!(all[2].to_value(), serde_json::json!({"third": null}));
    }

    #[test]
    fn scalars_have_their_types() {
        let all = read("a: 1\nb: -1\nc: 1.5\nd: true\ne: 'true'\nf: ~\ng: 1m\nh: \"1\"\n80: x\n").unwrap();
        let expected = serde_json::json!({
            "a": 1, "b": -1, "c": 1.5, "d": true, "e": "true", "f": null, "g": "1m", "h": "1", "80": "x"
        });
        assert_eq!(all[0].to_value(), expected);
    }

    #[test]
    fn a_key_twice_is_an_error_with_its_place() {
        let error = read("a: 1\na: 2\n").unwrap_err();
        assert_eq!(error.location().map(|place| place.line()), Some(2));
    }
}
