//! `kubectl aigateway validate`: says offline what the API server and the operator would say.

use std::io::{self, Write};

use aigateway_crds::parse::Object;
use aigateway_crds::render::{Place, Services};
use clap::Args;

use crate::diagnostic::Diagnostic;
use crate::objects::{self, DEFAULT_NAMESPACE, Placed, full_name};
use crate::source::{Files, Source};

/// Checks AIGateway files without a cluster.
#[derive(Args, Debug)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) files: Files,
}

/// Writes a report of these files; whether nothing is wrong with them.
///
/// # Errors
/// When the report can't be written.
pub(crate) fn validate(sources: &[Source], out: &mut impl Write) -> io::Result<bool> {
    let (objects, mut problems) = objects::read(sources);
    for object in &objects {
        match judge(object) {
            Ok(line) => writeln!(out, "{line}")?,
            Err(found) => problems.extend(found),
        }
    }
    let gateways = objects.iter().filter(|object| matches!(object.document.object, Object::Gateway(_))).count();
    for problem in &problems {
        writeln!(out, "\n{}", problem.to_string().trim_end())?;
    }
    let is_good = problems.is_empty() && gateways > 0;
    match problems.len() {
        0 if gateways == 0 => writeln!(out, "\nerror: no AIGateway stands in these files")?,
        0 => {}
        1 => writeln!(out, "\n1 problem in {} objects", objects.len())?,
        count => writeln!(out, "\n{count} problems in {} objects", objects.len())?,
    }
    Ok(is_good)
}

/// A line that says that an object is good, or what is wrong with it.
fn judge(object: &Placed<'_>) -> Result<String, Vec<Diagnostic>> {
    // What only a cluster knows, uid and generation among it, says nothing about the spec.
    let place = Place {
        uid: "unknown".into(),
        namespace: DEFAULT_NAMESPACE.into(),
        generation: 1,
        secrets_dir: "/secrets".into(),
        services: Services::Cluster,
    };
    if let Some(Err(found)) = object.document.judge(&place) {
        return Err(object.diagnostics(&found));
    }
    let found = object.found();
    if !found.is_empty() {
        return Err(found);
    }
    Ok(match &object.document.object {
        Object::Gateway(gateway) => format!("ok: AIGateway {} ({})", full_name(&gateway.metadata), object.place()),
        Object::Secret(secret) => format!("ok: Secret {} ({})", full_name(&secret.metadata), object.place()),
        Object::Other { api_version, kind } => {
            format!("skipped: {kind} of {api_version} ({})", object.place())
        }
        // It has problems, and they were said.
        Object::Unreadable { .. } => return Err(Vec::new()),
    })
}

#[cfg(test)]
mod tests;
