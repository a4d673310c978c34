//! The files that a command is given, read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

/// The flag that names files.
#[derive(Args, Clone, Debug)]
pub(crate) struct Files {
    /// A YAML file, or a folder whose .yaml and .yml files are read, its sub-folders not; may be repeated
    #[arg(short = 'f', long = "filename", value_name = "FILE|DIR", required = true)]
    pub(crate) paths: Vec<PathBuf>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its path, as it was given.
    pub(crate) name: String,
    /// What it says.
    pub(crate) text: String,
}

impl Files {
    /// All files, in the order of the flags and of their names.
    ///
    /// # Errors
    /// When one can't be read, or a folder has none.
    pub(crate) fn read(&self) -> Result<Vec<Source>> {
        let mut paths = Vec::new();
        for path in &self.paths {
            if path.is_dir() {
                paths.extend(yaml_files(path)?);
            } else {
                paths.push(path.clone());
            }
        }
        paths.into_iter().map(read).collect()
    }
}

fn read(path: PathBuf) -> Result<Source> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("can't read {name}"))?;
    Ok(Source { name, text })
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let context = || format!("can't read {}", folder.display());
    let entries = fs::read_dir(folder).with_context(context)?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(context)?.path();
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_yaml && !is_hidden && path.is_file() {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        bail!("{} has no .yaml or .yml file", folder.display());
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_yaml_files_of_a_folder_are_read_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.yml", "a.yaml", ".hidden.yaml", "c.json"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        fs::create_dir(folder.path().join("d.yaml")).unwrap();
        let sources = Files { paths: vec![folder.path().into()] }.read().unwrap();
        assert_eq!(sources.into_iter().map(|source| source.text).collect::<Vec<_>>(), ["a.yaml", "b.yml"]);
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = |path: &Path| Files { paths: vec![path.into()] }.read().unwrap_err().to_string();
        assert!(error(&folder.path().join("none.yaml")).ends_with("none.yaml"));
        assert!(error(folder.path()).ends_with("has no .yaml or .yml file"));
    }
}
