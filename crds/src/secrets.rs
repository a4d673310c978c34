//! Which Secrets a gateway names, and where their keys are as files.

use std::collections::BTreeSet;

use crate::v1alpha1::AIGateway;
use crate::v1alpha1::provider::{CredentialSpec, ProviderSpec, SecretKeyRef, SecretRef};

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

/// The keys of a Secret that holds an access key of AWS.
pub mod aws {
    /// The access key's id.
    pub const ACCESS_KEY_ID: &str = "accessKeyId";
    /// The secret access key.
    pub const SECRET_ACCESS_KEY: &str = "secretAccessKey";
    /// The session token, which temporary credentials have.
    pub const SESSION_TOKEN: &str = "sessionToken";
}

/// A key of a Secret that a gateway names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where in the object it is named.
    pub path: String,
    /// Which it is.
    pub reference: SecretKeyRef,
    /// It must be there.
    pub required: bool,
}

/// Every key of a Secret that a gateway names, in the order of its specification.
pub fn named(gateway: &AIGateway) -> Vec<Named> {
    let providers = gateway.spec.providers.iter().enumerate();
    providers.flat_map(|(index, provider)| of_provider(&format!("spec.providers[{index}]"), provider)).collect()
}

/// Every Secret and key that a gateway names, each once.
pub fn referenced(gateway: &AIGateway) -> BTreeSet<SecretKeyRef> {
    named(gateway).into_iter().map(|named| named.reference).collect()
}

/// Those that a provider names, which stands at `path`.
pub fn of_provider(path: &str, provider: &ProviderSpec) -> Vec<Named> {
    let one = |path: String, reference: &SecretKeyRef| Named { path, reference: reference.clone(), required: true };
    let mut all = Vec::new();
    for (index, credential) in provider.credentials.iter().enumerate() {
        all.extend(of_credential(&format!("{path}.credentials[{index}]"), credential));
    }
    for (index, header) in provider.headers.iter().enumerate() {
        let reference = header.secret_key_ref.as_ref();
        all.extend(reference.map(|reference| one(format!("{path}.headers[{index}].secretKeyRef"), reference)));
    }
    let ca = provider.tls.as_ref().and_then(|tls| tls.ca_secret_key_ref.as_ref());
    all.extend(ca.map(|reference| one(format!("{path}.tls.caSecretKeyRef"), reference)));
    all
}

/// Those that a credential names, which stands at `path`; the first is the key itself, or AWS's secret access key.
pub fn of_credential(path: &str, credential: &CredentialSpec) -> Vec<Named> {
    let CredentialSpec { name: _, secret_key_ref, secret_ref } = credential;
    if let Some(reference) = secret_key_ref {
        return vec![Named { path: format!("{path}.secretKeyRef"), reference: reference.clone(), required: true }];
    }
    let Some(SecretRef { name }) = secret_ref else { return Vec::new() };
    let key = |key: &str, required| Named {
        path: format!("{path}.secretRef"),
        reference: SecretKeyRef { name: name.clone(), key: key.into() },
        required,
    };
    vec![key(aws::SECRET_ACCESS_KEY, true), key(aws::ACCESS_KEY_ID, true), key(aws::SESSION_TOKEN, false)]
}

/// The file of a Secret's key below the folder that Secrets are mounted in.
pub fn file(secrets_dir: &str, reference: &SecretKeyRef) -> String {
    format!("{}/{}/{}", secrets_dir.trim_end_matches('/'), reference.name, reference.key)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let credential =
            |name: &str| CredentialSpec { name: name.into(), secret_key_ref: Some(key(name)), secret_ref: None };
        let mut gateway = AIGateway::new("a", crate::v1alpha1::AIGatewaySpec::default());
        let one = ProviderSpec { credentials: vec![credential("b"), credential("a")], ..ProviderSpec::default() };
        gateway.spec.providers = vec![one.clone(), one];
        assert_eq!(referenced(&gateway), BTreeSet::from([key("a"), key("b")]));
        assert_eq!(file("/etc/secrets/", &key("a")), "/etc/secrets/keys/a");
    }

    #[test]
    fn all_that_a_provider_names_is_found_with_its_path() {
        let spec = serde_json::json!({
            "name": "aws-bedrock",
            "credentials": [{"secretRef": {"name": "aws"}}],
            "headers": [{"name": "x-a", "value": "1"}, {"name": "x-b", "secretKeyRef": {"name": "s", "key": "b"}}],
            "tls": {"caSecretKeyRef": {"name": "ca", "key": "ca.crt"}},
        });
        let provider: ProviderSpec = serde_json::from_value(spec).unwrap();
        let found: Vec<String> = of_provider("p", &provider)
            .into_iter()
            .map(|Named { path, reference, required }| {
                format!("{path} {}/{} {required}", reference.name, reference.key)
            })
            .collect();
        assert_eq!(
            found,
            [
                "p.credentials[0].secretRef aws/secretAccessKey true",
                "p.credentials[0].secretRef aws/accessKeyId true",
                "p.credentials[0].secretRef aws/sessionToken false",
                "p.headers[1].secretKeyRef s/b true",
                "p.tls.caSecretKeyRef ca/ca.crt true",
            ]
        );
    }
}
