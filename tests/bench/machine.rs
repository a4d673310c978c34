//! What the kernel says of processes: CPU time, memory, and what the rest of the machine did meanwhile.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// The unit of `/proc/stat`: `USER_HZ`, 100 on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time of processes, by all their threads that live.
///
/// It is the sum of `/proc/PID/task/TID/schedstat`, which counts nanoseconds; `utime` and `stime` of
/// `/proc/PID/stat` are the same time in ticks of 10 ms, too coarse for rounds of a second.
pub(crate) fn cpu(pids: &[u32]) -> Result<Duration> {
    let mut nanoseconds = 0;
    for pid in pids {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).with_context(|| format!("process {pid} has ended"))?;
        for task in tasks {
            // A thread that ends while it is listed takes its time with it.
            let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            nanoseconds += text.split(' ').next().and_then(|first| first.parse::<u64>().ok()).unwrap_or_default();
        }
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// The resident memory of processes, in bytes; pages that they share count for each.
pub(crate) fn resident(pids: &[u32]) -> Result<u64> {
    let mut kibibytes = 0;
    for pid in pids {
        let status =
            fs::read_to_string(format!("/proc/{pid}/status")).with_context(|| format!("process {pid} has ended"))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .with_context(|| format!("process {pid} has ended"))?;
        kibibytes += line.trim().trim_end_matches(" kB").parse::<u64>()?;
    }
    Ok(kibibytes * 1024)
}

/// A process and those of its children that stay; `passing` says by its command line which child ends by itself.
pub(crate) fn family(parent: u32, passing: impl Fn(&str) -> bool) -> Result<Vec<u32>> {
    let mut pids = vec![parent];
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let command = || fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if parent_of(&stat) == Some(parent) && !passing(&command()) {
            pids.push(pid);
        }
    }
    Ok(pids)
}

/// The fourth field of `/proc/PID/stat`; the second is in brackets and may hold anything.
fn parent_of(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The machine's CPU time since it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy {
    /// What all processes and interrupts took.
    pub(crate) used: Duration,
    /// What the hypervisor kept.
    pub(crate) stolen: Duration,
}

/// Reads [`Busy`] from `/proc/stat`.
pub(crate) fn busy() -> Result<Busy> {
    parse_busy(&fs::read_to_string("/proc/stat")?)
}

/// `cpu user nice system idle iowait irq softirq steal ...` (proc(5)).
fn parse_busy(stat: &str) -> Result<Busy> {
    let line = stat.lines().next().context("/proc/stat is empty")?;
    let ticks = line.split_whitespace().skip(1).map(str::parse).collect::<Result<Vec<u32>, _>>()?;
    let [user, nice, system, _idle, _waiting, irq, softirq, steal, ..] = ticks[..] else {
        anyhow::bail!("/proc/stat has {} fields", ticks.len());
    };
    Ok(Busy { used: TICK * (user + nice + system + irq + softirq), stolen: TICK * steal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_hide_the_parent() {
        let check = |stat, expected| assert_eq!(parent_of(stat), expected);
        check("7 (nginx: worker) S 4 7 7", Some(4));
        check("7 (a) b) 9 (c) R 12 7", Some(12));
        check("", None);
    }

    #[test]
    fn waiting_is_not_work() {
        let busy = parse_busy("cpu  1 2 3 400 500 6 7 8 9 0\ncpu0 1 1 1 1\n").unwrap();
        assert_eq!(busy, Busy { used: TICK * 19, stolen: TICK * 8 });
        assert!(parse_busy("cpu 1 2").is_err());
    }

    #[test]
    fn this_process_has_memory_and_is_its_own_family() {
        let me = std::process::id();
        assert!(family(me, |_| false).unwrap().contains(&me));
        assert!(resident(&[me]).unwrap() > 100_000);
        assert!(cpu(&[u32::MAX]).is_err());
    }
}
