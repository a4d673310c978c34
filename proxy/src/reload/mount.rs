//! One gateway's folder: what its files say, and what is kept when they say nothing good.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aigateway_config::check::{Checked, check};
use aigateway_config::{CONFIG_FILE, FLEET_FILE, Fleet, GatewayConfig};

use super::files::Found;
use super::keys::Keys;
use super::status::credential_files;
use crate::runtime::Gateway;
use crate::shared::Shared;

/// How many problems of a configuration are told; the operator tells all.
const PROBLEMS_TOLD: usize = 5;

/// One folder.
pub(super) struct Mount {
    /// Its name, for people.
    pub(super) name: String,
    /// The last good configuration, ready to serve.
    pub(super) gateway: Option<Arc<Gateway>>,
    /// A good one that is to be built.
    candidate: Option<Checked>,
    proxies: Arc<AtomicU32>,
    config: Source,
    fleet: Source,
    /// Why the gateway is not served, although it is good.
    conflict: Option<String>,
}

/// A file, as it was when last looked at.
#[derive(Default)]
struct Source {
    seen: Option<Found>,
    problem: Option<String>,
}

impl Mount {
    /// A folder that was not looked into yet.
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            gateway: None,
            candidate: None,
            proxies: Arc::new(AtomicU32::new(1)),
            config: Source::default(),
            fleet: Source::default(),
            conflict: None,
        }
    }

    /// Takes what the gateway's file says now; whether it is another than before.
    pub(super) fn take_config(&mut self, found: Found, shared: &Shared) -> bool {
        if !self.config.is_changed(&found) {
            return false;
        }
        self.candidate = None;
        match parse_config(&found) {
            Ok(config) => {
                self.candidate = Some(config);
                self.config.problem = None;
            }
            Err(problem) => self.refuse(problem, shared),
        }
        self.config.seen = Some(found);
        true
    }

    /// Takes how many proxies share the limits; whether the file is another than before. While there is no good file
    /// the last number holds, and 1 before any.
    pub(super) fn take_fleet(&mut self, found: Found) -> bool {
        if !self.fleet.is_changed(&found) {
            return false;
        }
        match parse_fleet(&found) {
            Ok(proxies) => {
                self.proxies.store(proxies, Ordering::Relaxed);
                self.fleet.problem = None;
            }
            Err(problem) => {
                tracing::warn!(folder = self.name, problem, "the number of proxies stays as it was");
                self.fleet.problem = Some(problem);
            }
        }
        self.fleet.seen = Some(found);
        true
    }

    /// The configuration that is to run: the new one, or the one that runs.
    fn wanted(&self) -> Option<&Checked> {
        self.candidate.as_ref().or(self.gateway.as_ref().map(|gateway| &gateway.config))
    }

    /// The files of the keys of what runs and of what is to run.
    pub(super) fn key_files(&self) -> impl Iterator<Item = &str> {
        let running = self.gateway.as_ref().map(|gateway| &gateway.config);
        running.into_iter().chain(&self.candidate).flat_map(|config| credential_files(&config.providers))
    }

    /// Builds what is to run, with these keys; where that fails, what ran before goes on.
    pub(super) fn build(&mut self, shared: &Shared, keys: &Keys) {
        let Some(config) = self.wanted().cloned() else { return };
        let is_new = self.candidate.take().is_some();
        let generation = config.generation;
        match Gateway::build(shared, config, keys, &self.proxies) {
            Ok(gateway) => {
                if is_new {
                    gateway.cells.loaded(generation);
                    tracing::info!(folder = self.name, generation, "a configuration was taken");
                }
                self.gateway = Some(Arc::new(gateway));
            }
            Err(error) => self.refuse(error.to_string(), shared),
        }
    }

    /// Notes which other folder serves a gateway of that account and name, if one does.
    pub(super) fn conflicts_with(&mut self, other: Option<&str>) {
        let conflict = other.map(|other| format!("the folder {other} has a gateway of the same account and name"));
        if conflict.is_some() && conflict != self.conflict {
            tracing::warn!(folder = self.name, problem = conflict, "a gateway is not served");
        }
        self.conflict = conflict;
    }

    /// The gateway, unless another folder's is served in its place.
    pub(super) fn served(&self) -> Option<&Arc<Gateway>> {
        self.gateway.as_ref().filter(|_| self.conflict.is_none())
    }

    /// Everything that is wrong with the folder.
    pub(super) fn problems(&self) -> impl Iterator<Item = &str> {
        [&self.config.problem, &self.conflict, &self.fleet.problem].into_iter().filter_map(Option::as_deref)
    }

    /// How many proxies share the limits.
    pub(super) fn proxies(&self) -> u32 {
        self.proxies.load(Ordering::Relaxed)
    }

    fn refuse(&mut self, problem: String, shared: &Shared) {
        self.gateway.as_ref().map_or(shared.metrics.no_gateway(), |gateway| &gateway.cells).rejected();
        tracing::warn!(folder = self.name, problem, "a configuration was refused; the last good one stays");
        self.config.problem = Some(problem);
    }
}

impl Source {
    fn is_changed(&self, found: &Found) -> bool {
        self.seen.as_ref() != Some(found)
    }
}

fn parse_config(found: &Found) -> Result<Checked, String> {
    let content = content(found, CONFIG_FILE)?;
    let config: GatewayConfig =
        serde_json::from_slice(content).map_err(|error| format!("{CONFIG_FILE} is no configuration: {error}"))?;
    check(config).map_err(|problems| {
        let told: Vec<String> = problems.iter().take(PROBLEMS_TOLD).map(ToString::to_string).collect();
        let rest = problems.len() - told.len();
        if rest == 0 { told.join("; ") } else { format!("{}; and {rest} more", told.join("; ")) }
    })
}

fn parse_fleet(found: &Found) -> Result<u32, String> {
    let fleet: Fleet = serde_json::from_slice(content(found, FLEET_FILE)?)
        .map_err(|error| format!("{FLEET_FILE} has no number of proxies: {error}"))?;
    match fleet.proxies {
        0 => Err(format!("{FLEET_FILE} says that there are 0 proxies")),
        proxies => Ok(proxies),
    }
}

fn content<'a>(found: &'a Found, file: &str) -> Result<&'a [u8], String> {
    match found {
        Found::Content(content) => Ok(content),
        Found::Absent => Err(format!("{file} is not there")),
        Found::Unreadable(reason) => Err(format!("{file} can't be read: {reason}")),
    }
}
