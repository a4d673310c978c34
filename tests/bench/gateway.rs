//! The proxy under test: how it is built, what it is told, how it is run.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aigateway_config::duration::Span;
use aigateway_config::policy::{Anonymous, Auth, By, ByType, Cache, Identity, IdentityType, Limit, Retry, Scope};
use aigateway_config::provider::{CallerKeys, Credential, Model, Provider, ProviderType, Timeouts, UnsupportedFields};
use aigateway_config::{CONFIG_FILE, FLEET_FILE, Fleet, GatewayConfig};
use anyhow::{Context, Result, ensure};

/// The workspace that the proxy is built from.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The header that names the user.
pub(crate) const USER_HEADER: &str = "x-user";

/// What a gateway of the bench has switched on; each leaves out one thing, so the difference is its cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Variant {
    /// Identity, a limit per user, a cache. All that the goals ask for.
    Whole,
    /// No limit.
    Unlimited,
    /// No cache.
    Uncached,
    /// No identity: the limit and the cache are for the whole gateway.
    Anonymous,
    /// None of the three: what record and metrics cost, and the engine.
    Bare,
}

impl Variant {
    /// Every variant.
    pub(crate) const ALL: [Self; 5] = [Self::Whole, Self::Unlimited, Self::Uncached, Self::Anonymous, Self::Bare];

    /// The gateway's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Whole => "bench",
            Self::Unlimited => "unlimited",
            Self::Uncached => "uncached",
            Self::Anonymous => "anonymous",
            Self::Bare => "bare",
        }
    }

    const fn identifies(self) -> bool {
        match self {
            Self::Whole | Self::Unlimited | Self::Uncached => true,
            Self::Anonymous | Self::Bare => false,
        }
    }

    const fn limits(self) -> bool {
        match self {
            Self::Whole | Self::Uncached | Self::Anonymous => true,
            Self::Unlimited | Self::Bare => false,
        }
    }

    const fn caches(self) -> bool {
        match self {
            Self::Whole | Self::Unlimited | Self::Anonymous => true,
            Self::Uncached | Self::Bare => false,
        }
    }
}

/// The three ports of a proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    /// Data.
    pub(crate) listen: SocketAddr,
    /// Metrics and health.
    pub(crate) admin: SocketAddr,
    /// Recent records.
    pub(crate) requests: SocketAddr,
}

/// A running proxy; stopped when dropped.
pub(crate) struct Gateway {
    child: Child,
    /// Where it serves.
    pub(crate) listen: SocketAddr,
}

impl Gateway {
    /// Starts a proxy with two workers on gateways below `folder`; its records go nowhere.
    pub(crate) fn start(
        binary: &Path,
        folder: &Path,
        variants: &[Variant],
        ports: Ports,
        upstream: SocketAddr,
    ) -> Result<Self> {
        let gateways = folder.join("gateways");
        let key = folder.join("key");
        fs::create_dir_all(&gateways)?;
        fs::write(&key, "sk-bench")?;
        for variant in variants {
            write_gateway(&gateways, &configuration(*variant, upstream, &key))?;
        }
        let child = Command::new(binary)
            .arg("--config")
            .arg(&gateways)
            .args(["--listen", &ports.listen.to_string()])
            .args(["--admin", &ports.admin.to_string()])
            .args(["--requests", &ports.requests.to_string()])
            .args(["--workers", "2"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("proxy.log"))?)
            .spawn()
            .with_context(|| format!("{} does not start", binary.display()))?;
        Ok(Self { child, listen: ports.listen })
    }

    /// Asks it to end, and waits for it.
    pub(crate) fn end(mut self) -> Result<()> {
        let asked = Command::new("kill").arg(self.pid().to_string()).status()?;
        ensure!(asked.success(), "the proxy can't be told to end");
        let status = self.child.wait()?;
        ensure!(status.success(), "the proxy ended with {status}");
        Ok(())
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the proxy in the target folder that this program came from.
///
/// # Errors
///
/// When cargo fails; it has then said why.
pub(crate) fn build(profile: &str) -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let target = this.parent().and_then(Path::parent).context("this program is not in a target folder")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(WORKSPACE)
        .args(["build", "--quiet", "--package", "aigateway-proxy", "--bin", "aigateway-proxy", "--profile", profile])
        .arg("--target-dir")
        .arg(target)
        .status()
        .context("cargo cannot be run")?;
    ensure!(status.success(), "the proxy does not build");
    Ok(target.join(profile).join("aigateway-proxy"))
}

fn write_gateway(gateways: &Path, config: &GatewayConfig) -> Result<()> {
    let folder = gateways.join(&config.name);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(CONFIG_FILE), serde_json::to_vec(config)?)?;
    Ok(fs::write(folder.join(FLEET_FILE), serde_json::to_vec(&Fleet { proxies: 1 })?)?)
}

fn configuration(variant: Variant, upstream: SocketAddr, key: &Path) -> GatewayConfig {
    let user = Identity { kind: IdentityType::Header, name: String::from(USER_HEADER) };
    let by_user = By { kind: ByType::User, name: None };
    let limit = Limit {
        name: String::from("requests"),
        requests: 1_000_000_000,
        window: span(60),
        by: if variant.identifies() { vec![by_user] } else { Vec::new() },
    };
    GatewayConfig {
        uid: format!("bench/{}", variant.name()),
        namespace: String::from("bench"),
        name: String::from(variant.name()),
        account_id: String::from("bench"),
        generation: 1,
        auth: Auth { anonymous: Anonymous::Allow },
        identity: variant.identifies().then_some(user),
        providers: vec![
            provider(ProviderType::Openai, "openai", format!("http://{upstream}/v1"), key),
            provider(ProviderType::Anthropic, "anthropic", format!("http://{upstream}"), key),
        ],
        models: Vec::new(),
        cache: Cache {
            ttl: variant.caches().then(|| span(3600)),
            scope: if variant.identifies() { Scope::User } else { Scope::Gateway },
            max_entry_bytes: 64 * 1024,
            max_bytes: Some(1024 * 1024),
        },
        limits: if variant.limits() { vec![limit] } else { Vec::new() },
        fallback: Vec::new(),
        retry: Retry { attempts: 2 },
    }
}

fn provider(kind: ProviderType, name: &str, base_url: String, key: &Path) -> Provider {
    Provider {
        name: String::from(name),
        kind,
        base_url,
        credentials: vec![Credential { name: String::from("default"), file: key.display().to_string(), aws: None }],
        caller_keys: CallerKeys::Ignore,
        models: Vec::<Model>::new(),
        timeouts: Timeouts {
            connect: span(5),
            first_byte: span(60),
            answer: span(600),
            idle: span(60),
            total: None,
            client_write: span(60),
        },
        options: None,
        headers: Vec::new(),
        unsupported_fields: UnsupportedFields::Refuse,
        tls: None,
    }
}

const fn span(seconds: u64) -> Span {
    Span(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variant_but_the_bare_one_leaves_out_one_switch() {
        let on = |variant: Variant| [variant.identifies(), variant.limits(), variant.caches()];
        let count = |variant| on(variant).into_iter().filter(|switch| *switch).count();
        assert_eq!(Variant::ALL.map(count), [3, 2, 2, 2, 0]);
    }

    #[test]
    fn every_variant_is_consistent() {
        for variant in Variant::ALL {
            let config = configuration(variant, SocketAddr::from(([127, 0, 0, 1], 80)), Path::new("/run/key"));
            assert_eq!(aigateway_config::check::check(config).map(|_| ()), Ok(()), "{variant:?}");
        }
    }
}
