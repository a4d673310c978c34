//! What the control thread asks of the file system. No decision is made here.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use aigateway_config::{CONFIG_FILE, FLEET_FILE};

/// A longer file is not read. A rendering is at most 900 KiB, an object of Kubernetes at most 1.5 MiB.
const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// What stands at a path.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A file with this content.
    Content(Vec<u8>),
    /// Nothing.
    Absent,
    /// Something that can't be read; why.
    Unreadable(String),
}

/// What tells, without reading a file, that something is another than before. Cheap: a few microseconds a file.
#[derive(PartialEq, Eq)]
pub(super) struct Fingerprint {
    folders: Result<Vec<PathBuf>, ErrorKind>,
    stamps: Vec<Option<Stamp>>,
}

/// What a file has that another content in its place has not: links are followed, so that of a mounted volume changes
/// with the volume.
#[derive(PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Fingerprint {
    /// That of the gateways below `root` and of these files.
    pub(super) fn of<'a>(root: &Path, keys: impl Iterator<Item = &'a str>) -> Self {
        let folders = folders(root).map_err(|error| error.kind());
        let own = folders.iter().flatten().flat_map(|folder| [folder.join(CONFIG_FILE), folder.join(FLEET_FILE)]);
        let stamps = own.chain(keys.map(PathBuf::from)).map(|path| Stamp::of(&path)).collect();
        Self { folders, stamps }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        Some(Self {
            device: file.dev(),
            inode: file.ino(),
            bytes: file.len(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        })
    }
}

/// The sub-folders of `root` in the order of their names, those left out that begin with a dot: a mounted volume keeps
/// its versions in such.
///
/// # Errors
/// `root` can't be listed.
pub(super) fn folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = BTreeSet::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let path = entry.path();
        if !entry.file_name().as_encoded_bytes().starts_with(b".") && path.is_dir() {
            folders.insert(path);
        }
    }
    Ok(folders.into_iter().collect())
}

/// Reads the file at `path`.
pub(super) fn read(path: &Path) -> Found {
    match read_file(path) {
        Ok(content) => Found::Content(content),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Found::Absent,
        Err(error) => Found::Unreadable(error.to_string()),
    }
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    // Opening anything but a file could wait for ever.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("longer than {MAX_BYTES} bytes")));
    }
    Ok(content)
}
