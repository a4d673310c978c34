//! The operator's binary. In this version it reconciles nothing, and says so: gateways are served by
//! `kubectl aigateway run`, without a cluster.

use std::process::ExitCode;

use clap::Parser;

/// What the binary says for itself.
const NOTHING_HERE: &str = "this version has no reconciler: it serves AIGateway files with `kubectl aigateway run -f \
                            FILE`, and no cluster";

/// Reconciles AIGateway objects into proxies; in this version it does not
#[derive(Debug, Parser)]
#[command(version)]
struct CommandLine {}

#[expect(clippy::print_stderr, reason = "the message of a command line")]
fn main() -> ExitCode {
    let CommandLine {} = CommandLine::parse();
    eprintln!("error: {NOTHING_HERE}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn the_version_is_the_packages() {
        CommandLine::command().debug_assert();
        let shown = CommandLine::try_parse_from(["aigateway-operator", "--version"]).unwrap_err();
        assert_eq!(shown.kind(), ErrorKind::DisplayVersion);
        assert_eq!(shown.to_string(), format!("aigateway-operator {}\n", env!("CARGO_PKG_VERSION")));
    }
}
