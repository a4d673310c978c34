//! Keeps what is served up with the files, without losing a request: whole new gateways are built beside those that
//! serve, and put in their place at once. What is bad changes nothing, and is told in `/status`.

mod files;
pub(crate) mod keys;
mod mount;
pub(crate) mod status;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aigateway_config::{CONFIG_FILE, FLEET_FILE};

use self::files::Fingerprint;
use self::keys::Keys;
use self::mount::Mount;
use self::status::{FolderStatus, GatewayStatus, Statuses, credential_files};
use crate::runtime::build::gateways;
use crate::shared::Shared;

/// Each so many looks, the files are read even where nothing seems to have changed: a file that was rewritten in its
/// place, at the same length and within one tick of the file system's clock, looks the same.
const READ_ALL_THE_SAME: u32 = 50;

/// Files that change while they are read are read again, at most so often; the next look goes on.
const MOST_READINGS: u32 = 5;

/// The folder that a proxy reads, as far as it is known.
pub(crate) struct Reload {
    root: PathBuf,
    shared: Arc<Shared>,
    mounts: BTreeMap<PathBuf, Mount>,
    keys: Keys,
    /// Why `root` itself can't be listed.
    problem: Option<String>,
    fingerprint: Option<Fingerprint>,
    looks: u32,
    statuses: Arc<Statuses>,
}

impl Reload {
    /// Reads the folder for the first time. No gateway in it, or none that is good, is no error.
    ///
    /// # Errors
    /// It can't be listed.
    pub(crate) fn start(root: PathBuf, shared: &Arc<Shared>) -> io::Result<Self> {
        files::folders(&root)?;
        let mut reload = Self {
            root,
            shared: Arc::clone(shared),
            mounts: BTreeMap::new(),
            keys: Keys::default(),
            problem: None,
            fingerprint: None,
            looks: 0,
            statuses: Arc::default(),
        };
        reload.look();
        Ok(reload)
    }

    /// What was found last.
    pub(crate) fn statuses(&self) -> &Arc<Statuses> {
        &self.statuses
    }

    /// Serves what the files say now, where they have changed. For ten times a second: mostly it only asks whether
    /// they have.
    pub(crate) fn look(&mut self) {
        // Before the files are read, so that what changes meanwhile is found by the next look.
        let fingerprint = Some(Fingerprint::of(&self.root, self.keys.paths()));
        self.looks = (self.looks + 1) % READ_ALL_THE_SAME;
        if fingerprint == self.fingerprint && self.looks != 0 {
            return;
        }
        self.fingerprint = fingerprint;
        let mut changed = self.read();
        for _ in 1..MOST_READINGS {
            // Files that were replaced between two of them would be seen half old and half new.
            let after = Some(Fingerprint::of(&self.root, self.keys.paths()));
            if after == self.fingerprint {
                break;
            }
            self.fingerprint = after;
            changed |= self.read();
        }
        if changed {
            self.publish();
        }
    }

    /// Reads all files; whether anything is another than before.
    fn read(&mut self) -> bool {
        let mut changed = match files::folders(&self.root) {
            Ok(folders) => self.problem.take().is_some() | self.read_folders(folders),
            Err(error) => self.miss_root(&error),
        };
        let paths: BTreeSet<String> = self.mounts.values().flat_map(Mount::key_files).map(str::to_owned).collect();
        changed |= self.keys.update(&paths, |path| files::read(Path::new(path)));
        changed
    }

    /// A folder that went away takes its gateway with it; a file that did does not.
    fn read_folders(&mut self, folders: Vec<PathBuf>) -> bool {
        let known = self.mounts.len();
        self.mounts.retain(|folder, _| folders.contains(folder));
        let mut changed = self.mounts.len() != known;
        for folder in folders {
            let (config, fleet) = (files::read(&folder.join(CONFIG_FILE)), files::read(&folder.join(FLEET_FILE)));
            let mount = self.mounts.entry(folder).or_insert_with_key(|folder| Mount::new(name_of(folder)));
            changed |= mount.take_fleet(fleet);
            changed |= mount.take_config(config, &self.shared);
        }
        changed
    }

    fn miss_root(&mut self, error: &io::Error) -> bool {
        let problem = format!("{} can't be listed: {error}", self.root.display());
        let is_new = self.problem.as_ref() != Some(&problem);
        if is_new {
            tracing::warn!(problem, "all gateways stay as they were");
        }
        self.problem = Some(problem);
        is_new
    }

    fn publish(&mut self) {
        for mount in self.mounts.values_mut() {
            mount.build(&self.shared, &self.keys);
        }
        self.settle_conflicts();
        let served: Vec<_> = self.mounts.values().filter_map(Mount::served).map(Arc::clone).collect();
        self.shared.stores.retain(|uid| served.iter().any(|gateway| gateway.config.uid == uid));
        self.shared.live.store(Arc::new(gateways(served)));
        self.statuses.store(Arc::new(self.mounts.values().map(|mount| self.status(mount)).collect()));
    }

    /// Of two folders with the same account and name, the first in the order of folders is served.
    fn settle_conflicts(&mut self) {
        let mut first: HashMap<(String, String), String> = HashMap::new();
        for mount in self.mounts.values_mut() {
            let Some(gateway) = &mount.gateway else { continue };
            let path = (gateway.config.account_id.clone(), gateway.config.name.clone());
            let other = first.get(&path).cloned();
            mount.conflicts_with(other.as_deref());
            first.entry(path).or_insert_with(|| mount.name.clone());
        }
    }

    fn status(&self, mount: &Mount) -> FolderStatus {
        let running = mount.served();
        let files = mount.gateway.iter().flat_map(|gateway| credential_files(&gateway.config.providers));
        let keys = files.filter_map(|file| self.keys.problem(file));
        let problems: Vec<&str> = self.problem.as_deref().into_iter().chain(mount.problems()).chain(keys).collect();
        FolderStatus {
            folder: mount.name.clone(),
            running: running.map(|gateway| GatewayStatus::of(gateway, &self.keys)),
            proxies: mount.proxies(),
            last_error: (!problems.is_empty()).then(|| problems.join("; ")),
        }
    }
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
