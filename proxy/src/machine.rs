//! What the machine, or the container, gives this process.

use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

/// The memory that is counted on where nothing bounds it: 512 MiB.
const MEMORY_BYTES: u64 = 512 << 20;

/// Above this a limit of cgroup v1 means none: it writes the largest multiple of a page below 2^63.
const NO_LIMIT_BYTES: u64 = 1 << 60;

/// More workers than this cost more in accepting and waking than they give.
const MAX_WORKERS: usize = 8;

/// How many data-plane threads to run: the CPU limit, whole CPUs of it, else the cores; 1 to 8.
pub(crate) fn workers() -> usize {
    // The standard library reads the quota of the cgroup (v1 and v2) and of each one above it, and the affinity.
    thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MAX_WORKERS)
}

/// The memory limit in bytes: the least of the process's cgroup and those above it, or 512 MiB.
pub(crate) fn memory_limit() -> u64 {
    limit_of(|path| fs::read_to_string(path)).unwrap_or(MEMORY_BYTES)
}

/// Where cgroup v1 and v2 are mounted, and under which name each keeps the limit: `man 7 cgroups` and
/// <https://docs.kernel.org/admin-guide/cgroup-v2.html>.
fn limit_of(read: impl Fn(&Path) -> io::Result<String>) -> Option<u64> {
    let groups = read(Path::new("/proc/self/cgroup")).ok()?;
    groups.lines().filter_map(group).flat_map(|(mount, file, group)| files(mount, file, group)).fold(
        None,
        |least, path| {
            let limit =
                read(&path).ok().and_then(|text| text.trim().parse().ok()).filter(|limit| *limit < NO_LIMIT_BYTES);
            match (least, limit) {
                (Some(least), Some(limit)) => Some(least.min(limit)),
                (least, limit) => least.or(limit),
            }
        },
    )
}

/// Mount, file and path of a group that bounds memory, from its line: `0::/a/b` in v2, `7:memory:/a/b` in v1.
fn group(line: &str) -> Option<(&'static str, &'static str, &str)> {
    let mut parts = line.splitn(3, ':').skip(1);
    let (controllers, path) = (parts.next()?, parts.next()?);
    if controllers.is_empty() {
        return Some(("/sys/fs/cgroup", "memory.max", path));
    }
    let bounds_memory = controllers.split(',').any(|controller| controller == "memory");
    bounds_memory.then_some(("/sys/fs/cgroup/memory", "memory.limit_in_bytes", path))
}

/// The file in the group and in each one above it. In a container the path may be the host's: then only the last is
/// there, which is the container's own.
fn files(mount: &'static str, file: &'static str, group: &str) -> Vec<PathBuf> {
    let group = Path::new(group.trim_start_matches('/'));
    group.ancestors().map(|ancestor| Path::new(mount).join(ancestor).join(file)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limit where these files are there.
    fn check(present: &[(&str, &str)], expected: Option<u64>) {
        let read = |path: &Path| {
            let found = present.iter().find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
        };
        assert_eq!(limit_of(read), expected, "{present:?}");
    }

    #[test]
    fn the_memory_limit_is_the_least_of_the_group_and_those_above() {
        let v2 = ("/proc/self/cgroup", "0::/pod/proxy\n");
        check(&[v2, ("/sys/fs/cgroup/pod/proxy/memory.max", "268435456\n")], Some(268_435_456));
        check(
            &[v2, ("/sys/fs/cgroup/pod/proxy/memory.max", "max\n"), ("/sys/fs/cgroup/pod/memory.max", "1000\n")],
            Some(1_000),
        );
        check(
            &[v2, ("/sys/fs/cgroup/pod/proxy/memory.max", "2000\n"), ("/sys/fs/cgroup/pod/memory.max", "1000\n")],
            Some(1_000),
        );
        check(&[("/proc/self/cgroup", "0::/\n"), ("/sys/fs/cgroup/memory.max", "3000\n")], Some(3_000));
        let v1 = ("/proc/self/cgroup", "8:cpu,cpuacct:/docker/a\n7:memory:/docker/a\n");
        check(&[v1, ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "4000\n")], Some(4_000));
        check(&[v1, ("/sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes", "5000\n")], Some(5_000));
    }

    #[test]
    fn what_bounds_nothing_is_no_limit() {
        check(&[], None);
        check(&[("/proc/self/cgroup", "0::/\n"), ("/sys/fs/cgroup/memory.max", "max\n")], None);
        check(
            &[
                ("/proc/self/cgroup", "7:memory:/\n"),
                ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ],
            None,
        );
        check(&[("/proc/self/cgroup", "nonsense\n4:cpu:/\n")], None);
    }

    #[test]
    fn there_is_a_worker_and_there_are_not_too_many() {
        assert!((1..=MAX_WORKERS).contains(&workers()));
    }
}
