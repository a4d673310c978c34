//! Files of YAML documents read as strictly as the API server reads them, with a place for everything that is wrong.
//!
//! Several documents may stand in one file: `AIGateway`s, the Secrets that they name, and others, which are told and left
//! alone. A `List`, as `kubectl get -o yaml` prints several objects, is read as its items. What a schema can say is found
//! here; what a gateway means is [`crate::render`]'s to judge, and [`Document::judge`] says both at once.

use std::cmp::Ordering;

use aigateway_config::Problem;
use aigateway_config::check::Checked;
use aigateway_config::problems::Problems;
use k8s_openapi::api::core::v1::Secret;
use serde_json::Value;
use serde_yaml::UserMessageFormatter;

use crate::culprit;
use crate::document::{self, Location, Node, Tree};
use crate::render::{self, Place};
use crate::strict;
use crate::v1alpha1::AIGateway;

/// The API version of what this program reads.
pub const API_VERSION: &str = "aigateway.dev/v1alpha1";

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it is.
    pub object: Object,
    /// What its schema says against it, in the order of the text.
    pub found: Vec<Found>,
    node: Node,
}

/// What a document is.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// A gateway.
    Gateway(Box<AIGateway>),
    /// A Secret, with its keys in the clear or in base64.
    Secret(Box<Secret>),
    /// Another kind, which no gateway needs.
    Other {
        /// Its `apiVersion`.
        api_version: String,
        /// Its `kind`.
        kind: String,
    },
    /// One of the two first kinds, but with a value of another type than its field takes.
    Unreadable {
        /// Its `kind`.
        kind: String,
    },
}

/// A problem, and where it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub location: Location,
    /// What.
    pub problem: Problem,
}

/// A text that is no YAML, or has a key twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotYaml {
    /// Where the parser gave up.
    pub location: Location,
    /// What it says, without the place.
    pub message: String,
}

/// The documents of a file, those that are empty left out.
///
/// # Errors
/// When the text is no YAML; nothing of the file is read then.
pub fn documents(yaml: &str) -> Result<Vec<Document>, NotYaml> {
    let nodes = document::read(yaml).map_err(|error| not_yaml(&error))?;
    Ok(nodes.into_iter().flat_map(unpacked).map(Document::from).collect())
}

/// Where a path such as `spec.providers[0].baseUrl` leads in the first document of a text, or the last part of it that is
/// there.
pub fn locate(yaml: &str, path: &str) -> Option<Location> {
    Some(document::read(yaml).ok()?.first()?.locate(path))
}

impl Document {
    /// Where a path such as `spec.providers[0].baseUrl` leads, or the last part of it that is there.
    pub fn locate(&self, path: &str) -> Location {
        self.node.locate(path)
    }

    /// Where the document begins: at its first key.
    pub fn location(&self) -> Location {
        self.node.locate("")
    }

    /// Whether something stands at these keys, `spec` and then `proxy` for example, be it null.
    pub fn has(&self, keys: &[&str]) -> bool {
        keys.iter().try_fold(&self.node, |node, key| node.get(key)).is_some()
    }

    /// Everything that is wrong with a gateway, the schema's words and the gateway's meaning together, in the order of
    /// the text. `None` for what is no gateway.
    ///
    /// # Errors
    /// All problems, at most one a path.
    pub fn judge(&self, place: &Place<'_>) -> Option<Result<Checked, Vec<Found>>> {
        let judged = match &self.object {
            Object::Gateway(gateway) => render::judge(gateway, place),
            Object::Unreadable { kind } if kind == "AIGateway" => Err(Vec::new()),
            Object::Secret(_) | Object::Other { .. } | Object::Unreadable { .. } => return None,
        };
        Some(match judged {
            Ok(checked) if self.found.is_empty() => Ok(checked),
            Ok(_) => Err(self.found.clone()),
            Err(problems) => Err(self.merge(problems)),
        })
    }

    /// Where the schema and the meaning speak of one path, the meaning's words are the better ones.
    fn merge(&self, problems: Vec<Problem>) -> Vec<Found> {
        let is_said = |found: &&Found| !problems.iter().any(|problem| problem.path == found.problem.path);
        let mut all: Vec<Found> = self.found.iter().filter(is_said).cloned().collect();
        all.extend(problems.into_iter().map(|problem| Found { location: self.locate(&problem.path), problem }));
        all.sort_by(in_order);
        all
    }
}

impl From<Node> for Document {
    fn from(node: Node) -> Self {
        let api_version = text(&node, "apiVersion");
        let kind = text(&node, "kind");
        let (object, mut found) = if is_gateway(&api_version, &kind) {
            read(&node, strict::gateway(), kind, Object::Gateway)
        } else if api_version == "v1" && kind == "Secret" {
            read(&node, strict::secret(), kind, Object::Secret)
        } else {
            let found = head(&node, &api_version, &kind);
            (Object::Other { api_version, kind }, found)
        };
        found.sort_by(in_order);
        Self { object, found, node }
    }
}

/// A document of a known kind, judged by its schema.
fn read<T: serde::de::DeserializeOwned>(
    node: &Node,
    schema: &Value,
    kind: String,
    object: fn(Box<T>) -> Object,
) -> (Object, Vec<Found>) {
    let mut found = strict::judge(node, schema);
    if let Ok(value) = serde_json::from_value(node.to_value()) {
        return (object(Box::new(value)), found);
    }
    if found.is_empty() {
        found.push(unread::<T>(node));
    }
    (Object::Unreadable { kind }, found)
}

/// What only the type knows, such as a date or base64. Its words may repeat the value, which may be a key.
fn unread<T: serde::de::DeserializeOwned>(node: &Node) -> Found {
    let path = culprit::find::<T>(&node.to_value());
    let mut problems = Problems::new();
    problems.add(&path, "(not shown)", "what the Kubernetes API takes here", "write data in base64, dates as RFC 3339");
    let problem = problems.into_vec().swap_remove(0);
    Found { location: node.locate(&path), problem }
}

/// The items of a `List`, or the document itself.
fn unpacked(node: Node) -> Vec<Node> {
    let is_list = text(&node, "apiVersion") == "v1" && text(&node, "kind") == "List";
    match node.get("items").map(|items| &items.tree) {
        Some(Tree::List(items)) if is_list => items.clone(),
        Some(Tree::Scalar(_) | Tree::List(_) | Tree::Map(_)) | None => vec![node],
    }
}

/// Whether it is meant to be a gateway; a slip in one of the two is then found by the schema.
fn is_gateway(api_version: &str, kind: &str) -> bool {
    api_version == API_VERSION || api_version.starts_with("aigateway.dev/") || kind.eq_ignore_ascii_case("aigateway")
}

/// What an object of any kind has.
fn head(node: &Node, api_version: &str, kind: &str) -> Vec<Found> {
    let mut problems = Problems::new();
    for (path, value, example) in [("apiVersion", api_version, API_VERSION), ("kind", kind, "AIGateway")] {
        if value.is_empty() {
            problems.add(path, "(absent)", "every object says what it is", format!("add {path}: {example}"));
        }
    }
    problems.into_vec().into_iter().map(|problem| Found { location: node.locate(&problem.path), problem }).collect()
}

fn text(node: &Node, key: &str) -> String {
    match node.get(key).map(|value| &value.tree) {
        Some(Tree::Scalar(Value::String(text))) => text.clone(),
        Some(Tree::Scalar(_) | Tree::List(_) | Tree::Map(_)) | None => String::new(),
    }
}

fn in_order(one: &Found, other: &Found) -> Ordering {
    let key = |found: &Found| (found.location.line, found.location.column);
    key(one).cmp(&key(other))
}

fn not_yaml(error: &serde_yaml::Error) -> NotYaml {
    let location =
        error.location().map_or(Location { line: 1, column: 1, length: 1 }, |place| document::location(place, true));
    // The words for the one who wrote the file; the default ones are for who calls the parser.
    let said = error.without_snippet().render_with_formatter(&UserMessageFormatter);
    let first = said.lines().next().unwrap_or_default();
    let message = first.rsplit_once(" at line ").map_or(first, |(message, _)| message).trim().into();
    NotYaml { location, message }
}

#[cfg(test)]
mod tests;
