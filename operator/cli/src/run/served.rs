//! Keeps what is served up with the files.

use super::folder::Folder;
use super::plan::{self, Plan, Setting};
use super::signals::Signals;
use super::watch::{self, Watch};
use crate::run::say;

/// What is served now, and how it is kept up with the files.
pub(crate) struct Served<'a> {
    /// The files.
    pub(crate) watch: Watch,
    /// What stays the same.
    pub(crate) setting: Setting<'a>,
    /// What is served.
    pub(crate) plan: Plan,
    /// What the proxy reads.
    pub(crate) folder: Folder,
}

impl Served<'_> {
    /// Follows the files until a signal.
    pub(crate) async fn follow_until(&mut self, signals: &mut Signals) {
        let mut looks = tokio::time::interval(watch::EVERY);
        loop {
            tokio::select! {
                () = signals.next() => return,
                _ = looks.tick() => self.follow(),
            }
        }
    }

    /// Serves what the files say now, where they have changed; files that can't be served change nothing.
    fn follow(&mut self) {
        let Some(look) = self.watch.look() else { return };
        let outcome = look
            .map_err(|unreadable| format!("error: {unreadable}"))
            .and_then(|sources| plan::plan(&sources, &self.setting, &self.plan).map_err(|refused| refused.to_string()));
        match outcome {
            Ok(plan) => self.change_to(plan),
            Err(reason) => {
                let reason = reason.trim_end();
                say(format!("\n{reason}\nthe files changed and can't be served; what was served before still is"));
            }
        }
    }

    fn change_to(&mut self, plan: Plan) {
        if let Err(error) = self.folder.write(&self.plan, &plan) {
            say(format!("\nerror: can't write config and keys: {error}; save a file again to try again"));
            return;
        }
        let changes = changes(&self.plan, &plan);
        say(format!("\nthe files changed: {}", if changes.is_empty() { "no gateway is another" } else { &changes }));
        plan.warnings.iter().for_each(|warning| say(format!("warning: {warning}")));
        self.plan = plan;
    }
}

/// Which gateways have come, changed and gone.
fn changes(before: &Plan, plan: &Plan) -> String {
    let written = plan.gateways.iter().filter_map(|(uid, gateway)| match before.gateways.get(uid) {
        None => Some(format!("AIGateway {uid} is new")),
        Some(last) if last != gateway => Some(format!("AIGateway {uid} has generation {}", gateway.generation)),
        Some(_) => None,
    });
    let gone = before.gateways.keys().filter(|uid| !plan.gateways.contains_key(*uid));
    let keys = (before.keys != plan.keys).then(|| "keys are others".to_owned());
    written.chain(gone.map(|uid| format!("AIGateway {uid} is gone"))).chain(keys).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
