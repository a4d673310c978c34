//! Policies: who may call, who it counts for, what is stored and limited.

use super::{count, slug, unique};
use crate::duration::Span;
use crate::policy::{Anonymous, Auth, By, ByType, Cache, Identity, IdentityType, Limit, Scope};
use crate::problems::Problems;
use crate::quantity::shown;
use crate::{bounds, names};

/// What an identity looks like, for the fix of what needs one.
const ADD_IDENTITY: &str = "add identity: {type: Header, name: x-user-id}";

pub(super) fn auth(auth: Auth, problems: &mut Problems) {
    match auth.anonymous {
        Anonymous::Allow => {}
        Anonymous::Deny => problems.add(
            "spec.auth.anonymous",
            "Deny",
            "Allow: this version knows no keys of callers, so Deny would refuse everyone",
            "set it to Allow, and restrict who reaches the gateway by other means",
        ),
    }
}

pub(super) fn identity(identity: Option<&Identity>, problems: &mut Problems) {
    let Some(Identity { kind, name }) = identity else { return };
    match kind {
        IdentityType::Header if !names::is_header(name) => {
            problems.add("spec.identity.name", name, "the name of a request header", "use x-user-id, for example");
        }
        IdentityType::Header if !names::is_identity_header(name) => problems.add(
            "spec.identity.name",
            name,
            "a header that carries no key, is none of the connection's and does not begin with cf-aig-",
            "use a header of its own, like x-user-id",
        ),
        IdentityType::Metadata if !names::is_field(name) => {
            problems.add("spec.identity.name", name, "the name of a field of cf-aig-metadata", "use user, for example");
        }
        IdentityType::Header | IdentityType::Metadata => {}
    }
}

pub(super) fn cache(cache: &Cache, identified: bool, problems: &mut Problems) {
    let Cache { ttl, scope, max_entry_bytes, max_bytes } = cache;
    if let Some(ttl) = ttl {
        window("spec.cache.ttl", *ttl, "use 1h, for example", problems);
    }
    match scope {
        Scope::User if !identified => {
            problems.add("spec.cache.scope", "User", "Credential or Gateway where there is no identity", ADD_IDENTITY);
        }
        Scope::User | Scope::Credential | Scope::Gateway => {}
    }
    if !(1..=bounds::MAX_ENTRY_BYTES).contains(max_entry_bytes) {
        problems.add("spec.cache.maxEntryBytes", shown(*max_entry_bytes), "1 to 64Mi", "leave it out for 1Mi");
    }
    if let Some(room) = max_bytes.filter(|room| room < max_entry_bytes) {
        let allowed = format!("at least maxEntryBytes, which is {}", shown(*max_entry_bytes));
        problems.add("spec.cache.maxBytes", shown(room), allowed, "raise it, or lower maxEntryBytes");
    }
}

pub(super) fn limits(all: &[Limit], identified: bool, problems: &mut Problems) {
    count("spec.limits", all.len(), bounds::LIMITS, problems);
    unique("spec.limits", all.iter().map(|limit| limit.name.as_str()), problems);
    for (index, Limit { name, requests, window, by }) in all.iter().enumerate() {
        let path = format!("spec.limits[{index}]");
        slug(&format!("{path}.name"), name, problems);
        if !(1..=bounds::REQUESTS).contains(requests) {
            problems.add(format!("{path}.requests"), requests, "1 to 1000000000", "leave the limit out for no bound");
        }
        self::window(&format!("{path}.window"), *window, "use 1m, for example", problems);
        self::by(&format!("{path}.by"), by, identified, problems);
    }
}

fn by(path: &str, all: &[By], identified: bool, problems: &mut Problems) {
    count(path, all.len(), bounds::BY, problems);
    for (index, By { kind, name }) in all.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if all[..index].iter().any(|earlier| earlier.kind == *kind && earlier.name == *name) {
            problems.add(&path, format!("{kind:?}, again"), "each once", "leave out the second one");
        }
        match (kind, name) {
            (ByType::User, _) if !identified => {
                problems.add(format!("{path}.type"), "User", "Metadata where there is no identity", ADD_IDENTITY);
            }
            (ByType::User, Some(name)) => {
                problems.add(format!("{path}.name"), name, "no name with type User", "leave name out");
            }
            (ByType::Metadata, None) => {
                let fix = "name the field of cf-aig-metadata: {type: Metadata, name: team}";
                problems.add(format!("{path}.name"), "(absent)", "a name with type Metadata", fix);
            }
            (ByType::Metadata, Some(name)) if !names::is_field(name) => {
                let allowed = "the name of a field of cf-aig-metadata";
                problems.add(format!("{path}.name"), name, allowed, "use team, for example");
            }
            (ByType::User, None) | (ByType::Metadata, Some(_)) => {}
        }
    }
}

/// The life of an answer or the window of a limit.
fn window(path: &str, span: Span, fix: &str, problems: &mut Problems) {
    if !(bounds::SHORTEST_WINDOW..=bounds::LONGEST_WINDOW).contains(&span.as_duration()) {
        problems.add(path, span, "1s to 720h", fix);
    }
}
