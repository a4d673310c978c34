//! The private folder that the proxy reads: the same layout as a pod's mounts, in a temporary place that is removed at
//! the end.
//!
//! `config/NAMESPACE.NAME/` has a gateway's files, `secrets/NAMESPACE/SECRET/KEY` a key. Every file is replaced whole,
//! by a rename; a gateway's folder comes and goes whole.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aigateway_config::{CONFIG_FILE, FLEET_FILE, Fleet, GatewayConfig};
use serde::Serialize;
use tempfile::TempDir;

use crate::run::key::KeyPlace;
use crate::run::plan::Plan;

/// The folder. It is removed when dropped.
#[derive(Debug)]
pub(crate) struct Folder(TempDir);

impl Folder {
    /// A new folder, which only this user can read.
    ///
    /// # Errors
    /// When it can't be made.
    pub(crate) fn create() -> io::Result<Self> {
        let root =
            tempfile::Builder::new().prefix("aigateway-").permissions(Permissions::from_mode(0o700)).tempdir()?;
        let folder = Self(root);
        for part in [folder.config(), folder.secrets(), folder.staging()] {
            create_folder(&part)?;
        }
        Ok(folder)
    }

    /// The folder whose sub-folders are gateways.
    pub(crate) fn config(&self) -> PathBuf {
        self.0.path().join("config")
    }

    /// The folder that has a folder of Secrets for each namespace.
    pub(crate) fn secrets(&self) -> PathBuf {
        self.0.path().join("secrets")
    }

    /// Where files are written before they are moved to their places.
    fn staging(&self) -> PathBuf {
        self.0.path().join("staging")
    }

    /// Removes it, and says so when that fails.
    ///
    /// # Errors
    /// When something of it is left.
    pub(crate) fn remove(self) -> io::Result<()> {
        self.0.close()
    }

    /// Goes from one plan to another. Keys are there before a gateway needs them, and go after it.
    ///
    /// # Errors
    /// When a file can't be written; writing the same plan again goes on from there.
    pub(crate) fn write(&self, before: &Plan, plan: &Plan) -> io::Result<()> {
        for (place, key) in &plan.keys {
            let path = self.key_path(place);
            path.parent().map_or(Ok(()), create_folder)?;
            self.replace(&path, key.expose())?;
        }
        for gateway in plan.gateways.values() {
            self.write_gateway(gateway)?;
        }
        for (_, gone) in before.gateways.iter().filter(|(uid, _)| !plan.gateways.contains_key(*uid)) {
            self.remove_gateway(gone)?;
        }
        for gone in before.keys.keys().filter(|place| !plan.keys.contains_key(place)) {
            ignore_absent(fs::remove_file(self.key_path(gone)))?;
        }
        Ok(())
    }

    fn write_gateway(&self, gateway: &GatewayConfig) -> io::Result<()> {
        let folder = self.config().join(folder_name(gateway));
        // One proxy serves, whatever `spec.proxy.replicas` says.
        let files = [(FLEET_FILE, to_json(&Fleet { proxies: 1 })?), (CONFIG_FILE, to_json(gateway)?)];
        if folder.is_dir() {
            return files.iter().try_for_each(|(name, content)| self.replace(&folder.join(name), content));
        }
        let staged = self.staging().join(folder_name(gateway));
        ignore_absent(fs::remove_dir_all(&staged))?;
        create_folder(&staged)?;
        files.iter().try_for_each(|(name, content)| write_file(&staged.join(name), content))?;
        fs::rename(staged, folder)
    }

    fn remove_gateway(&self, gateway: &GatewayConfig) -> io::Result<()> {
        let staged = self.staging().join(folder_name(gateway));
        ignore_absent(fs::remove_dir_all(&staged))?;
        ignore_absent(fs::rename(self.config().join(folder_name(gateway)), &staged))?;
        ignore_absent(fs::remove_dir_all(&staged))
    }

    /// Gives a file a new content, if it has another one.
    fn replace(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        if fs::read(path).is_ok_and(|present| present == content) {
            return Ok(());
        }
        let staged = self.staging().join("file");
        ignore_absent(fs::remove_file(&staged))?;
        write_file(&staged, content)?;
        fs::rename(staged, path)
    }

    fn key_path(&self, KeyPlace { namespace, reference }: &KeyPlace) -> PathBuf {
        self.secrets().join(namespace).join(&reference.name).join(&reference.key)
    }
}

/// Neither part has a dot in it.
fn folder_name(gateway: &GatewayConfig) -> String {
    format!("{}.{}", gateway.namespace, gateway.name)
}

fn to_json(document: &impl Serialize) -> io::Result<Vec<u8>> {
    serde_json::to_vec(document).map_err(Into::into)
}

fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(content)
}

fn ignore_absent(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests;
