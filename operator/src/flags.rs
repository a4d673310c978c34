//! The command line; each flag is an environment variable too.

use std::net::SocketAddr;

use aigateway_config::duration::Span;
use clap::Parser;

use crate::settings::Settings;

/// Reconciles AIGateway objects into fleets of proxies
///
/// Of several that run one leads, and the others wait. SIGTERM and SIGINT give the lead back: exit code 0. It is 1 when
/// the lead was lost, which ends the process at once, or it can't start; 2 for a wrong flag. `RUST_LOG` sets what is logged
/// to standard error, as JSON lines (info).
#[derive(Clone, Debug, Parser)]
#[command(version, name = "aigateway-operator")]
pub struct Flags {
    /// The operator's own namespace, where its Lease is
    #[arg(long, env = "POD_NAMESPACE", value_name = "NAMESPACE")]
    pub namespace: String,

    /// What this process is called among others of its kind
    #[arg(long, env = "POD_NAME", value_name = "NAME")]
    pub identity: String,

    /// The Lease that says who leads
    #[arg(long, env = "LEASE_NAME", value_name = "NAME", default_value = "aigateway-operator")]
    pub lease_name: String,

    /// A namespace whose gateways are served; may be given again, or several with commas [default: all]
    #[arg(long, env = "WATCH_NAMESPACE", value_name = "NAMESPACE", value_delimiter = ',')]
    pub watch_namespace: Vec<String>,

    /// The proxies' image where a gateway names none
    #[arg(long, env = "PROXY_IMAGE", value_name = "IMAGE")]
    pub proxy_image: String,

    /// When that image is pulled [default: as Kubernetes has it]
    #[arg(long, env = "PROXY_PULL_POLICY", value_name = "POLICY", value_parser = ["Always", "IfNotPresent", "Never", ""])]
    pub proxy_pull_policy: Option<String>,

    /// A Secret that images are pulled with, in each gateway's namespace; may be given again, or several with commas
    #[arg(long, env = "PROXY_PULL_SECRETS", value_name = "NAME", value_delimiter = ',')]
    pub proxy_pull_secret: Vec<String>,

    /// How many gateways roll at a time when the default image has changed
    #[arg(long, env = "MAX_ROLLS", value_name = "N", default_value = "10", value_parser = clap::value_parser!(u16).range(1..))]
    pub max_rolls: u16,

    /// Where metrics and health are served
    #[arg(long, env = "LISTEN", value_name = "ADDRESS", default_value = "0.0.0.0:9090")]
    pub listen: SocketAddr,

    /// How often everything is listed anew
    #[arg(long, env = "RESYNC", value_name = "DURATION", default_value = "5m", value_parser = Span::parse)]
    pub resync: Span,
}

impl Flags {
    /// The namespaces that are watched; none where all are.
    pub fn namespaces(&self) -> Vec<String> {
        named(&self.watch_namespace)
    }

    /// What plans count on.
    pub fn settings(&self) -> Settings {
        Settings {
            proxy_image: self.proxy_image.clone(),
            proxy_pull_policy: self.proxy_pull_policy.clone().filter(|policy| !policy.is_empty()),
            proxy_pull_secrets: named(&self.proxy_pull_secret),
            rolls: usize::from(self.max_rolls),
        }
    }
}

/// Those that are not empty, each once: a variable that is set to nothing names nothing.
fn named(all: &[String]) -> Vec<String> {
    let mut named: Vec<String> = all.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect();
    named.sort();
    named.dedup();
    named
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    const REQUIRED: [&str; 7] =
        ["aigateway-operator", "--namespace", "system", "--identity", "operator-1", "--proxy-image", "proxy:1"];

    fn flags(more: &[&str]) -> Result<Flags, clap::Error> {
        Flags::try_parse_from(REQUIRED.iter().chain(more))
    }

    #[test]
    fn the_version_is_the_packages() {
        Flags::command().debug_assert();
        let shown = Flags::try_parse_from(["aigateway-operator", "--version"]).unwrap_err();
        assert_eq!(shown.kind(), ErrorKind::DisplayVersion);
        assert_eq!(shown.to_string(), format!("aigateway-operator {}\n", env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn defaults_are_those_that_the_help_says() {
        let flags = flags(&[]).unwrap();
        assert_eq!((flags.namespaces(), &*flags.lease_name), (Vec::new(), "aigateway-operator"));
        assert_eq!(flags.listen.to_string(), "0.0.0.0:9090");
        let settings = Settings {
            proxy_image: "proxy:1".into(),
            proxy_pull_policy: None,
            proxy_pull_secrets: Vec::new(),
            rolls: 10,
        };
        assert_eq!(flags.settings(), settings);
    }

    #[test]
    fn lists_are_read_with_commas_and_again_and_what_is_empty_names_nothing() {
        let check = |arguments: &[&str], expected: &[&str]| {
            assert_eq!(flags(arguments).unwrap().namespaces(), expected, "{arguments:?}");
        };
        check(&["--watch-namespace", "b,a"], &["a", "b"]);
        check(&["--watch-namespace=a", "--watch-namespace=b, a"], &["a", "b"]);
        check(&["--watch-namespace="], &[]);
        assert_eq!(flags(&["--proxy-pull-policy="]).unwrap().settings().proxy_pull_policy, None);
    }

    #[test]
    fn what_can_t_be_is_refused() {
        let check = |flag, value, expected| assert_eq!(flags(&[flag, value]).unwrap_err().kind(), expected, "{flag}");
        check("--max-rolls", "0", ErrorKind::ValueValidation);
        check("--resync", "soon", ErrorKind::ValueValidation);
        check("--proxy-pull-policy", "Sometimes", ErrorKind::InvalidValue);
    }
}
