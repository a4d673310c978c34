//! Where the proxy's time goes: `perf` on its process while a load runs, the functions that took most.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::ask::Ask;
use crate::cases::Way;
use crate::load::{self, Load, Window};
use crate::rig::{Rig, Server};

/// How long samples are taken.
const MEASURED: Duration = Duration::from_secs(6);

/// Samples a second: no divisor of the kernel's tick.
const FREQUENCY: &str = "1999";

/// Loads a proxy at 64 connections and says which functions took its CPU time.
///
/// # Errors
///
/// Where there is no `perf`, or it may not look at processes.
pub(crate) async fn run(rig: &Rig, way: Way, ask: Ask, keep: &Path) -> Result<String> {
    let [pid] = rig.pids(Server::Proxy) else { anyhow::bail!("the proxy does not run") };
    let aim = way.aim(ask, rig)?;
    if way.is_hit() {
        load::once(&aim).await?;
    }
    let mut perf = Command::new("perf")
        .args(["record", "--quiet", "--event", "cpu-clock", "--freq", FREQUENCY, "--call-graph", "fp"])
        .args(["--pid", &pid.to_string(), "--output"])
        .arg(keep)
        .args(["--", "sleep", &MEASURED.as_secs().to_string()])
        .stderr(Stdio::null())
        .spawn()
        .context("perf cannot be run: install linux-perf")?;
    let window = Window { warm_up: Duration::from_millis(500), measured: MEASURED };
    load::run(&aim, Load::Closed { connections: 64 }, window, || Ok(())).await?;
    ensure!(perf.wait()?.success(), "perf record failed: see /proc/sys/kernel/perf_event_paranoid");
    report(keep)
}

fn report(data: &Path) -> Result<String> {
    let output = Command::new("perf")
        .args(["report", "--stdio", "--no-children", "--call-graph", "none", "--percent-limit", "0.4"])
        .args(["--sort", "dso,symbol", "--input"])
        .arg(data)
        .stderr(Stdio::null())
        .output()?;
    ensure!(output.status.success(), "perf report failed");
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).fold(
        String::new(),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    ))
}
