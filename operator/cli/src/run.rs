//! `kubectl aigateway run`: serves AIGateway files on this machine, with no cluster.
//!
//! The same parsing, rendering and proxy as in a cluster; what the operator does there, files in a private folder do
//! here.

mod flags;
mod folder;
mod key;
mod plan;
mod served;
mod signals;
mod tries;
mod watch;
mod welcome;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use aigateway_config::provider::ProviderType;
use aigateway_crds::v1alpha1::provider::SecretKeyRef;
use aigateway_proxy::clock::Clock;
use aigateway_proxy::{Options, Running};
use anyhow::{Context, Result, bail};
use clap::Args;
use tokio::runtime::Builder;

use self::flags::{KeyVariable, ServiceUrl, loopback};
use self::folder::Folder;
use self::plan::{BaseUrl, Plan, Setting};
use self::served::Served;
use self::signals::Signals;
use self::watch::Watch;
use self::welcome::{Addresses, welcome};
use crate::simulate::Simulator;
use crate::simulate::rule::{Rule, Rules, Simulate};
use crate::source::Files;

/// How long calls under way may take after the first signal.
const DRAIN: Duration = Duration::from_secs(30);

/// Serves AIGateway files on this machine
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    files: Files,

    /// Where calls are taken; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value_t = local(8080))]
    listen: SocketAddr,

    /// Where metrics, health and status are served
    #[arg(long, value_name = "ADDRESS", default_value_t = local(9090))]
    admin: SocketAddr,

    /// Where recent records are served; an address of this machine only
    #[arg(long, value_name = "ADDRESS", default_value_t = local(9091), value_parser = loopback)]
    requests: SocketAddr,

    /// Where a Service is that a provider names; may be repeated
    #[arg(long = "service", value_name = "NAME=URL")]
    services: Vec<ServiceUrl>,

    /// A key of a Secret that is in the environment; goes before the files; may be repeated
    #[arg(long = "env", value_name = "SECRET/KEY=VARIABLE")]
    keys: Vec<KeyVariable>,

    /// Simulates all providers; says how one of them behaves:
    /// PROVIDER:delay=200ms,status=503|hang|cut,model=NAME; may be repeated
    #[arg(
        long,
        value_name = "PROVIDER:HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    simulate: Vec<Simulate>,
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Serves until a signal; whether it served at all.
///
/// # Errors
/// When a flag, a file or a port can't be used.
pub(crate) fn run(command: Run) -> Result<bool> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    // From here a signal does not kill, so that no key is left behind.
    let mut signals = runtime.block_on(async { Signals::catch() })?;
    let rules = Rules::new(&command.simulate).map_err(anyhow::Error::msg)?;
    let is_simulated = !command.simulate.is_empty();
    let simulator = is_simulated.then(|| Simulator::start(rules.clone())).transpose();
    let simulator = simulator.context("can't start the simulated providers")?;
    let base_url = simulator.as_ref().map(|it| |name: &str, kind: ProviderType| it.base_url(name, kind));
    let folder = Folder::create().context("can't make a private folder for config and keys")?;
    let setting = setting(&command, &folder, base_url.as_ref().map(|it| it as _))?;
    let sources = command.files.read()?;
    let plan = match plan::plan(&sources, &setting, &Plan::default()) {
        Ok(plan) => plan,
        Err(refused) => {
            say(refused.to_string().trim_end());
            return Ok(false);
        }
    };
    check_providers(&plan, &rules)?;
    folder.write(&Plan::default(), &plan).context("can't write config and keys")?;
    let running = aigateway_proxy::start(options(&command, &folder)).context("can't serve")?;
    greet(&running, &plan, is_simulated.then_some(&rules));
    let mut served = Served { watch: Watch::new(command.files, sources), setting, plan, folder };
    runtime.block_on(served.follow_until(&mut signals));
    runtime.block_on(drain(running, &mut signals));
    served.folder.remove().context("can't remove the private folder")?;
    Ok(true)
}

fn greet(running: &Running, plan: &Plan, simulated: Option<&Rules>) {
    let addresses = Addresses { data: running.data, admin: running.admin, requests: running.requests };
    say(welcome(&addresses, plan, simulated));
    plan.warnings.iter().for_each(|warning| say(format!("warning: {warning}")));
}

/// Lets calls under way end; a second signal ends them.
async fn drain(running: Running, signals: &mut Signals) {
    say(format!("\ncalls under way may end within {} s; a second signal ends them at once", DRAIN.as_secs()));
    tokio::select! {
        () = running.drain() => {}
        () = signals.next() => {}
    }
}

fn setting<'a>(command: &Run, folder: &Folder, simulated: Option<&'a BaseUrl<'a>>) -> Result<Setting<'a>> {
    Ok(Setting {
        services: services(&command.services)?,
        environment: environment(&command.keys)?,
        secrets_dir: folder.secrets().display().to_string(),
        simulated,
    })
}

fn options(command: &Run, folder: &Folder) -> Options {
    Options {
        config: folder.config(),
        listen: command.listen,
        admin: command.admin,
        requests: command.requests,
        workers: None,
        // No load balancer has to notice first.
        settle: Duration::ZERO,
        drain: DRAIN,
        memory_limit: None,
        clock: Clock::system(),
        records: Box::new(io::stdout()),
    }
}

fn services(flags: &[ServiceUrl]) -> Result<BTreeMap<String, String>> {
    let mut services = BTreeMap::new();
    for ServiceUrl { name, url } in flags {
        if services.insert(name.clone(), url.clone()).is_some() {
            bail!("--service {name} is said twice");
        }
    }
    Ok(services)
}

fn environment(flags: &[KeyVariable]) -> Result<BTreeMap<SecretKeyRef, key::Key>> {
    let mut keys = BTreeMap::new();
    for flag in flags {
        let reference = SecretKeyRef { name: flag.secret.clone(), key: flag.key.clone() };
        if keys.insert(reference, flag.read()?).is_some() {
            bail!("--env {}/{} is said twice", flag.secret, flag.key);
        }
    }
    Ok(keys)
}

/// A rule for a provider that is nowhere is a slip.
fn check_providers(plan: &Plan, rules: &Rules) -> Result<()> {
    let known: Vec<&str> =
        plan.gateways.values().flat_map(|gateway| &gateway.providers).map(|it| it.name.as_str()).collect();
    match rules.iter().find(|rule| !known.contains(&rule.provider.as_str())) {
        Some(Rule { provider, .. }) => {
            bail!("--simulate={provider}:... names no provider of these gateways; they have: {}", known.join(", "))
        }
        None => Ok(()),
    }
}

/// Says something to the user. Standard output is for records alone.
pub(crate) fn say(text: impl std::fmt::Display) {
    let mut out = io::stderr().lock();
    // Nobody is left to be told when it fails.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests;
