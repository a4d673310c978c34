//! The gateways of some files, proven good: what `render` and `diff` begin with.

use aigateway_config::check::Checked;
use aigateway_crds::parse::Object;
use aigateway_crds::v1alpha1::AIGateway;
use aigateway_operator::build;

use crate::diagnostic::Diagnostic;
use crate::objects;
use crate::source::Source;

/// A gateway that the operator would accept.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The object, with a namespace.
    pub(crate) gateway: AIGateway,
    /// What it is rendered to for a cluster.
    pub(crate) config: Checked,
    /// Whether its file says how many replicas there are; else an autoscaler, or who scaled by hand, has the say.
    pub(crate) says_replicas: bool,
}

/// Why the files have no gateways to go on with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// There is none in them.
    #[error("no AIGateway stands in these files")]
    NoGateway,
    /// Objects are wrong; nothing is done by halves.
    #[error("these files can't be used:\n\n{}", list(.0))]
    Problems(Vec<Diagnostic>),
}

fn list(problems: &[Diagnostic]) -> String {
    problems.iter().map(|problem| problem.to_string().trim_end().to_owned()).collect::<Vec<_>>().join("\n\n")
}

/// The gateways of these files, in their order; one that names no namespace gets this one.
///
/// # Errors
/// When an object is wrong, or there is no gateway.
pub(crate) fn wanted(sources: &[Source], namespace: &str) -> Result<Vec<Wanted>, Refused> {
    let (objects, mut problems) = objects::read(sources);
    let mut all = Vec::new();
    for object in &objects {
        let gateway = match &object.document.object {
            Object::Gateway(gateway) => with_namespace(gateway, namespace),
            Object::Secret(_) | Object::Other { .. } | Object::Unreadable { .. } => {
                problems.extend(object.found());
                continue;
            }
        };
        match object.document.judge(&build::place(&gateway)) {
            Some(Ok(config)) => {
                let says_replicas = object.document.has(&["spec", "proxy", "replicas"]);
                all.push(Wanted { gateway, config, says_replicas });
            }
            Some(Err(found)) => problems.extend(object.diagnostics(&found)),
            None => {}
        }
    }
    if !problems.is_empty() {
        return Err(Refused::Problems(problems));
    }
    if all.is_empty() { Err(Refused::NoGateway) } else { Ok(all) }
}

fn with_namespace(gateway: &AIGateway, namespace: &str) -> AIGateway {
    let mut gateway = gateway.clone();
    gateway.metadata.namespace.get_or_insert_with(|| namespace.into());
    gateway
}
