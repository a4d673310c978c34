//! Which Secrets a gateway names, and where their keys are as files.

use std::collections::BTreeSet;

use crate::v1alpha1::AIGateway;
use crate::v1alpha1::provider::SecretKeyRef;

/// A Secret's name, as the Kubernetes API takes it, in at most 253 characters.
pub const NAME: &str = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";

/// A Secret's key, as the Kubernetes API takes it, in at most 253 characters; neither `.` nor `..`.
pub const KEY: &str = r"^[-._a-zA-Z0-9]*[-_a-zA-Z0-9][-._a-zA-Z0-9]*$";

/// Whether it is a Secret's name.
pub fn is_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=253).contains(&name.len())
        && name.bytes().all(|byte| inner(byte) || byte == b'-' || byte == b'.')
        && name.bytes().next().is_some_and(inner)
        && name.bytes().next_back().is_some_and(inner)
}

/// Whether it is a Secret's key.
pub fn is_key(key: &str) -> bool {
    (1..=253).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        && key.bytes().any(|byte| byte != b'.')
}

/// Every Secret and key that a gateway names, each once.
pub fn referenced(gateway: &AIGateway) -> BTreeSet<SecretKeyRef> {
    let providers = gateway.spec.providers.iter();
    providers.flat_map(|provider| &provider.credentials).map(|one| one.secret_key_ref.clone()).collect()
}

/// The file of a Secret's key below the folder that Secrets are mounted in.
pub fn file(secrets_dir: &str, reference: &SecretKeyRef) -> String {
    format!("{}/{}/{}", secrets_dir.trim_end_matches('/'), reference.name, reference.key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1alpha1::provider::{CredentialSpec, ProviderSpec};

    #[test]
    fn names_and_keys_are_told_from_paths() {
        let all = [("keys", true, true), ("a.b-1", true, true), ("API_KEY", false, true), (".env", false, true)];
        let none =
            [("", false, false), (".", false, false), ("..", false, false), ("a/b", false, false), ("é", false, false)];
        for (text, name, key) in all.into_iter().chain(none) {
            assert_eq!((is_name(text), is_key(text)), (name, key), "{text:?}");
        }
    }

    #[test]
    fn each_reference_is_named_once() {
        let key = |key: &str| SecretKeyRef { name: "keys".into(), key: key.into() };
        let credential = |name: &str| CredentialSpec { name: name.into(), secret_key_ref: key(name) };
        let mut gateway = AIGateway::new("a", crate::v1alpha1::AIGatewaySpec::default());
        let one = ProviderSpec { credentials: vec![credential("b"), credential("a")], ..ProviderSpec::default() };
        gateway.spec.providers = vec![one.clone(), one];
        assert_eq!(referenced(&gateway), BTreeSet::from([key("a"), key("b")]));
        assert_eq!(file("/etc/secrets/", &key("a")), "/etc/secrets/keys/a");
    }
}
