//! The nkeys of the users of our server: made at the first start, one seed file a user, never in git.

use std::{
    collections::BTreeMap,
    fs::{DirBuilder, File},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use nkeys::KeyPair;

/// The users that `server.conf` knows.
pub const USERS: [&str; 8] =
    ["admin", "fetcher", "archiver", "validator", "loader", "replayer", "viewer", "operator"];

/// The public key of each user, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys(BTreeMap<&'static str, String>);

impl PublicKeys {
    /// Users and their public keys.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(user, key)| (*user, key.as_str()))
    }
}

/// The file in `folder` that holds the seed of `user`.
pub fn file(folder: &Path, user: &str) -> PathBuf {
    folder.join(format!("{user}.nk"))
}

/// Reads the seeds in `folder`, making the folder and every seed that is not there (mode 0700 and 0600).
pub fn ensure(folder: &Path) -> Result<PublicKeys> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("make the folder {}", folder.display()))?;
    let keys = USERS.into_iter().map(|user| Ok((user, public_key(&file(folder, user))?)));
    keys.collect::<Result<_>>().map(PublicKeys)
}

/// Reads a seed file.
pub fn read(path: &Path) -> Result<KeyPair> {
    let seed = std::fs::read_to_string(path).with_context(|| format!("read the nkey {}", path.display()))?;
    // The error of nkeys names no byte of the seed.
    KeyPair::from_seed(seed.trim()).with_context(|| format!("{} holds no nkey seed", path.display()))
}

fn public_key(path: &Path) -> Result<String> {
    if !path.exists() {
        make(path)?;
    }
    Ok(read(path)?.public_key())
}

/// Written beside and linked into place, so that a seed file is whole or not there, and of two starters one wins.
fn make(path: &Path) -> Result<()> {
    let seed = KeyPair::new_user().seed().context("make an nkey")?;
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(format!("{seed}\n").as_bytes())?;
        file.sync_all()?;
        let linked = std::fs::hard_link(&fresh, path);
        std::fs::remove_file(&fresh)?;
        match linked {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    };
    write().with_context(|| format!("write the nkey {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_made_once_and_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let first = ensure(&keys).unwrap();
        assert_eq!(ensure(&keys).unwrap(), first);
        assert_eq!(first.iter().count(), USERS.len());
        assert!(first.iter().all(|(_, key)| key.starts_with('U')));
        for user in USERS {
            let mode = std::fs::metadata(file(&keys, user)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{user}");
        }
        assert_eq!(std::fs::read_dir(&keys).unwrap().count(), USERS.len(), "nothing else is left there");
    }

    #[test]
    fn a_file_without_a_seed_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(file(folder.path(), "viewer"), "not a seed").unwrap();
        let error = format!("{:#}", ensure(folder.path()).unwrap_err());
        assert!(error.contains("viewer.nk holds no nkey seed"), "{error}");
        assert!(!error.contains("not a seed"), "{error}");
    }
}
