//! The files that a proxy reads, written as the operator would have them mounted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use aigateway_config::{CONFIG_FILE, FLEET_FILE, Fleet, GatewayConfig};
use aigateway_crds::parse::{Object, documents};
use aigateway_crds::render::Place;

/// The name of the only Secret that specifications of tests refer to.
const SECRET: &str = "keys";

/// What stands before a test's `spec`.
const HEAD: &str = "apiVersion: aigateway.dev/v1alpha1\nkind: AIGateway\nmetadata: {name: production, namespace: ai}\n";

/// The folder of one proxy with one gateway.
pub struct Folder {
    root: PathBuf,
    generation: i64,
}

impl Folder {
    /// Makes the empty folders.
    pub fn new(root: &Path) -> Self {
        let folder = Self { root: root.to_owned(), generation: 0 };
        fs::create_dir_all(folder.gateway()).unwrap();
        fs::create_dir_all(folder.secrets().join(SECRET)).unwrap();
        folder.replace(FLEET_FILE, &serde_json::to_vec(&Fleet { proxies: 1 }).unwrap());
        folder
    }

    /// What the proxy is told to read.
    pub fn config(&self) -> PathBuf {
        self.root.join("config")
    }

    /// The file that holds a stored key.
    pub fn key_file(&self, key: &str) -> PathBuf {
        self.secrets().join(SECRET).join(key)
    }

    /// Writes a stored key.
    pub fn write_key(&self, key: &str, value: &str) {
        replace(&self.key_file(key), value.as_bytes());
    }

    /// Renders a specification into the gateway's file; gives the generation that it has.
    pub fn write(&mut self, spec: &str) -> i64 {
        self.generation += 1;
        let config = render(spec, self.generation, &self.secrets());
        self.write_raw(&serde_json::to_vec(&config).unwrap());
        self.generation
    }

    /// Puts any bytes in the place of the gateway's file.
    pub fn write_raw(&self, bytes: &[u8]) {
        self.replace(CONFIG_FILE, bytes);
    }

    /// Removes the gateway's file.
    pub fn remove(&self) {
        fs::remove_file(self.gateway().join(CONFIG_FILE)).unwrap();
    }

    fn gateway(&self) -> PathBuf {
        self.config().join("ai.production")
    }

    fn secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }

    fn replace(&self, file: &str, bytes: &[u8]) {
        replace(&self.gateway().join(file), bytes);
    }
}

/// Replaces a file at once, so that no reader sees half of it.
fn replace(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).unwrap();
    fs::rename(&beside, path).unwrap();
}

/// The gateway `ai/production` of this specification, as its proxy reads it.
fn render(spec: &str, generation: i64, secrets: &Path) -> GatewayConfig {
    let yaml = format!("{HEAD}spec:\n  {}\n", spec.trim().replace('\n', "\n  "));
    let document = documents(&yaml).unwrap_or_else(|error| panic!("{error} in {yaml}")).remove(0);
    let Object::Gateway(gateway) = &document.object else { panic!("no gateway: {:?} in {yaml}", document.found) };
    let services = BTreeMap::new();
    let place = Place::local(gateway, generation, secrets.to_str().unwrap(), &services);
    match document.judge(&place) {
        Some(Ok(checked)) => GatewayConfig::clone(&checked),
        refused => panic!("{refused:#?} in {yaml}"),
    }
}
