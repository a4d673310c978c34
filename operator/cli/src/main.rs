//! `kubectl aigateway`: the gateway's commands, as a plugin of kubectl.

mod cluster;
mod diagnostic;
mod diff;
mod images;
mod objects;
mod render;
mod run;
mod simulate;
mod source;
mod status;
mod table;
mod validate;
mod wanted;

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Serves and checks AIGateway files, and says how gateways in a cluster are
#[derive(Debug, Parser)]
#[command(name = "kubectl-aigateway", bin_name = "kubectl aigateway", version, propagate_version = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve AIGateway files on this machine, with no cluster
    Run(run::Run),
    /// Check AIGateway files, with no cluster
    Validate(validate::Validate),
    /// Print all that the operator would apply for AIGateway files, with no cluster
    Render(render::Render),
    /// Say what AIGateway files would change in a cluster; exits with 1 where they would change anything
    Diff(diff::Diff),
    /// Say what is wrong with a gateway in a cluster, and what to do; exits with 1 where it is not Ready
    Status(status::Status),
}

/// The exit code where something could not be done, of commands whose 1 says something else. As kubectl diff has it.
const NOT_DONE: u8 = 2;

/// What is logged unless `RUST_LOG` says something else. An error of the client is this program's own message too.
const LOGGED: &str = "warn,kube_client=off";

#[expect(clippy::print_stderr, reason = "the message of a command line")]
fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOGGED));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let command = CommandLine::parse().command;
    let not_done = match command {
        Command::Diff(_) | Command::Status(_) => ExitCode::from(NOT_DONE),
        Command::Run(_) | Command::Validate(_) | Command::Render(_) => ExitCode::FAILURE,
    };
    match execute(command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            not_done
        }
    }
}

/// Whether all is good; what is not was said.
fn execute(command: Command) -> Result<bool> {
    match command {
        Command::Run(command) => run::run(command),
        Command::Validate(command) => Ok(validate::validate(&command.files.read()?, &mut io::stdout().lock())?),
        Command::Render(command) => render::render(&command).map(|()| true),
        Command::Diff(command) => wait_for(diff::diff(&command)),
        Command::Status(command) => wait_for(status::status(&command)),
    }
}

/// Runs what asks a cluster, on this thread.
fn wait_for(answer: impl Future<Output = Result<bool>>) -> Result<bool> {
    // Whoever was first has named the same one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(answer)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        CommandLine::command().debug_assert();
    }
}
