//! `kubectl aigateway`: the gateway's commands, as a plugin of kubectl.

mod diagnostic;
mod objects;
mod run;
mod simulate;
mod source;
mod validate;

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Serves and checks AIGateway files
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
}

#[expect(clippy::print_stderr, reason = "the message of a command line")]
fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    match execute(CommandLine::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is good; what is not was said.
fn execute(command: Command) -> Result<bool> {
    match command {
        Command::Run(command) => run::run(command),
        Command::Validate(command) => Ok(validate::validate(&command.files.read()?, &mut io::stdout().lock())?),
    }
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
