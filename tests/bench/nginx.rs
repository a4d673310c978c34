//! nginx from Debian as a plain reverse proxy: what every figure is a ratio to.
//!
//! Its configuration is the one that serves it best without changing what it does: keep-alive on both sides with no
//! bound on requests a connection, no access log, a listener a worker, answers buffered, streams not.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// Where Debian's package puts the binary.
const INSTALLED: &str = "usr/sbin/nginx";

/// A running nginx; stopped when dropped.
pub(crate) struct Nginx {
    child: Child,
    binary: PathBuf,
    folder: PathBuf,
}

impl Nginx {
    /// Starts nginx in a folder of its own, with two workers.
    pub(crate) fn start(binary: &Path, folder: &Path, listen: SocketAddr, upstream: SocketAddr) -> Result<Self> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("nginx.conf"), configuration(folder, listen, upstream))?;
        let child = command(binary, folder).stderr(Stdio::null()).spawn().context("nginx does not start")?;
        Ok(Self { child, binary: binary.to_owned(), folder: folder.to_owned() })
    }

    /// The version, as the binary says it.
    pub(crate) fn version(&self) -> String {
        let output = Command::new(&self.binary).arg("-v").output().map(|output| output.stderr).unwrap_or_default();
        String::from_utf8_lossy(&output).trim().replace("nginx version: ", "")
    }

    /// The master's process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers; killed, it would leave them behind.
        let stopped = command(&self.binary, &self.folder).args(["-s", "stop"]).stderr(Stdio::null()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn command(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.arg("-p").arg(folder).arg("-e").arg(folder.join("error.log")).arg("-c").arg(folder.join("nginx.conf"));
    command
}

/// The binary: the one that is installed, else that of Debian's package, unpacked below `folder`.
///
/// Unpacked rather than installed, it needs no root and starts no service.
pub(crate) fn find(folder: &Path) -> Result<PathBuf> {
    let unpacked = folder.join(INSTALLED);
    for candidate in [Path::new("/").join(INSTALLED), unpacked.clone()] {
        if runs(&candidate) {
            return Ok(candidate);
        }
    }
    fs::create_dir_all(folder)?;
    if !quiet(folder, &["apt-get", "download", "nginx"])? {
        let updated = quiet(folder, &["apt-get", "update"])? || quiet(folder, &["sudo", "-n", "apt-get", "update"])?;
        ensure!(updated && quiet(folder, &["apt-get", "download", "nginx"])?, "apt has no nginx: install it by hand");
    }
    let package = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .context("apt-get downloaded no package")?;
    ensure!(quiet(folder, &["dpkg-deb", "-x", &package.to_string_lossy(), "."])?, "dpkg-deb could not unpack nginx");
    if !runs(&unpacked) {
        bail!("nginx does not run on this machine: install it with apt-get install nginx");
    }
    Ok(unpacked)
}

fn runs(binary: &Path) -> bool {
    Command::new(binary).arg("-v").stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Whether a command ends well; an error where it is not there and is not `sudo`.
fn quiet(folder: &Path, words: &[&str]) -> Result<bool> {
    let [program, arguments @ ..] = words else { return Ok(false) };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) => Ok(status.success()),
        Err(_) if *program == "sudo" => Ok(false),
        Err(error) => Err(error).with_context(|| format!("{program} cannot be run: install nginx by hand")),
    }
}

fn configuration(folder: &Path, listen: SocketAddr, upstream: SocketAddr) -> String {
    include_str!("nginx.conf")
        .replace("ROOT", &folder.display().to_string())
        .replace("LISTEN", &listen.to_string())
        .replace("UPSTREAM", &upstream.to_string())
}
