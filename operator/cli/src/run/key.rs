//! Keys of providers, and where `run` has them from.

use std::collections::BTreeMap;
use std::fmt;

use aigateway_crds::parse::Object;
use aigateway_crds::v1alpha1::provider::SecretKeyRef;

use crate::objects::{Placed, namespace};

/// What the simulated providers are called with where no key is given.
const SIMULATED: &str = "simulated";

/// A key. It prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// A key of these bytes.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for the file that the proxy reads.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// A key of a Secret of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyPlace {
    /// The Secret's namespace.
    pub(crate) namespace: String,
    /// The Secret and its key.
    pub(crate) reference: SecretKeyRef,
}

/// Every key that was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keyring {
    from_files: BTreeMap<KeyPlace, Key>,
    from_environment: BTreeMap<SecretKeyRef, Key>,
    simulated: bool,
}

impl Keyring {
    /// The keys of the Secrets among these objects, and those of the environment, which go before.
    pub(crate) fn new(objects: &[Placed<'_>], environment: &BTreeMap<SecretKeyRef, Key>, simulated: bool) -> Self {
        let from_files = objects.iter().flat_map(secret_keys).collect();
        Self { from_files, from_environment: environment.clone(), simulated }
    }

    /// The key at a place. Simulated providers need none, so there is always one for them.
    pub(crate) fn get(&self, place: &KeyPlace) -> Option<Key> {
        let given = self.from_environment.get(&place.reference).or_else(|| self.from_files.get(place));
        given.cloned().or_else(|| self.simulated.then(|| Key::new(SIMULATED.into())))
    }
}

/// The keys of a Secret; `stringData` goes before `data`, as in Kubernetes.
fn secret_keys(object: &Placed<'_>) -> Vec<(KeyPlace, Key)> {
    let Object::Secret(secret) = &object.document.object else { return Vec::new() };
    let name = secret.metadata.name.clone().unwrap_or_default();
    let place = |key: &String| KeyPlace {
        namespace: namespace(&secret.metadata).into(),
        reference: SecretKeyRef { name: name.clone(), key: key.clone() },
    };
    let data = secret.data.iter().flatten().map(|(key, value)| (place(key), Key::new(value.0.clone())));
    let plain = secret.string_data.iter().flatten();
    data.chain(plain.map(|(key, value)| (place(key), Key::new(value.clone().into_bytes())))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::read;
    use crate::source::Source;

    fn reference(name: &str, key: &str) -> SecretKeyRef {
        SecretKeyRef { name: name.into(), key: key.into() }
    }

    #[test]
    fn keys_come_from_the_environment_then_from_plain_text_then_from_base64() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: ai}\n\
                    data: {a: YmFzZTY0, b: YmFzZTY0, c: YmFzZTY0}\nstringData: {b: plain, c: plain}\n";
        let sources = [Source { name: "a.yaml".into(), text: text.into() }];
        let (objects, _) = read(&sources);
        let environment = BTreeMap::from([(reference("keys", "c"), Key::new(b"variable".into()))]);
        let keyring = Keyring::new(&objects, &environment, false);
        let get = |namespace: &str, key: &str| {
            let place = KeyPlace { namespace: namespace.into(), reference: reference("keys", key) };
            keyring.get(&place).map(|key| String::from_utf8(key.0).unwrap())
        };
        assert_eq!(get("ai", "a").as_deref(), Some("base64"));
        assert_eq!(get("ai", "b").as_deref(), Some("plain"));
        assert_eq!(get("ai", "c").as_deref(), Some("variable"));
        assert_eq!(get("other", "c").as_deref(), Some("variable"));
        assert_eq!(get("other", "a"), None);
        assert_eq!(get("ai", "d"), None);
    }

    #[test]
    fn a_simulated_provider_has_a_key_always() {
        let keyring = Keyring::new(&[], &BTreeMap::new(), true);
        let place = KeyPlace { namespace: "ai".into(), reference: reference("keys", "a") };
        assert_eq!(keyring.get(&place), Some(Key::new(b"simulated".into())));
    }

    #[test]
    fn a_key_does_not_print() {
        assert_eq!(format!("{:?}", Key::new(b"sk-secret".into())), "***");
    }
}
