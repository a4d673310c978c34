//! The objects of some files: gateways, Secrets, and what is wrong with the files before anything is judged.

use std::collections::HashMap;

use aigateway_crds::document::Location;
use aigateway_crds::parse::{Document, Found, NotYaml, Object, documents};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::diagnostic::Diagnostic;
use crate::source::Source;

/// The namespace of an object that names none.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";

/// One object, and the file that it stands in.
#[derive(Clone, Debug)]
pub(crate) struct Placed<'a> {
    /// The file.
    pub(crate) source: &'a Source,
    /// The object.
    pub(crate) document: Document,
}

/// The objects of these files, and what keeps some of them from being read: text that is no YAML, and objects that stand
/// there twice.
pub(crate) fn read(sources: &[Source]) -> (Vec<Placed<'_>>, Vec<Diagnostic>) {
    let (mut objects, mut diagnostics) = (Vec::new(), Vec::new());
    for source in sources {
        match documents(&source.text) {
            Ok(all) => objects.extend(all.into_iter().map(|document| Placed { source, document })),
            Err(error) => diagnostics.push(not_yaml(source, &error)),
        }
    }
    diagnostics.extend(doubles(&objects));
    (objects, diagnostics)
}

impl Placed<'_> {
    /// `file:line`, where it begins.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.source.name, self.document.location().line)
    }

    /// What its schema says against it.
    pub(crate) fn found(&self) -> Vec<Diagnostic> {
        self.diagnostics(&self.document.found)
    }

    /// These problems of it.
    pub(crate) fn diagnostics(&self, found: &[Found]) -> Vec<Diagnostic> {
        let of = |Found { location, problem }: &Found| Diagnostic::of_problem(self.source, *location, problem);
        found.iter().map(of).collect()
    }

    /// Its kind, namespace and name, where it is one of those that are read here.
    fn identity(&self) -> Option<(&'static str, String)> {
        match &self.document.object {
            Object::Gateway(gateway) => Some(("AIGateway", full_name(&gateway.metadata))),
            Object::Secret(secret) => Some(("Secret", full_name(&secret.metadata))),
            Object::Other { .. } | Object::Unreadable { .. } => None,
        }
    }
}

/// `namespace/name` of an object.
pub(crate) fn full_name(metadata: &ObjectMeta) -> String {
    format!("{}/{}", namespace(metadata), metadata.name.as_deref().unwrap_or_default())
}

/// The namespace of an object.
pub(crate) fn namespace(metadata: &ObjectMeta) -> &str {
    metadata.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE)
}

/// A file that holds a Secret, or may, has its lines kept to itself.
fn not_yaml(source: &Source, error: &NotYaml) -> Diagnostic {
    let diagnostic = Diagnostic::new(source, error.location, format!("not YAML: {error}"));
    if source.text.contains("Secret") { diagnostic.without_line() } else { diagnostic }
}

/// Objects of a kind and name that another one has already.
fn doubles(objects: &[Placed<'_>]) -> Vec<Diagnostic> {
    let mut seen: HashMap<(&str, String), String> = HashMap::new();
    let mut diagnostics = Vec::new();
    for object in objects {
        let Some((kind, name)) = object.identity() else { continue };
        let message = format!("{kind} {name} stands here a second time");
        if let Some(first) = seen.get(&(kind, name.clone())) {
            let location: Location = object.document.locate("metadata.name");
            let help = format!("the first is at {first}; leave one out, or rename it");
            diagnostics.push(Diagnostic::new(object.source, location, message).with_help(help));
        } else {
            seen.insert((kind, name), object.place());
        }
    }
    diagnostics
}
