//! Where things of one installation are.

use std::{
    fs::Permissions,
    io::Write,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{postgres, process, tools};

/// The folders of one installation.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The checkout.
    pub root: PathBuf,
    /// All that the installation keeps, except Postgres' files when we are root.
    pub data: PathBuf,
    /// The programs: they were built together with the running one.
    pub programs: PathBuf,
}

impl Folders {
    /// The folders of this checkout: `.data` in it, or `KANSOKU_DATA`.
    pub fn here() -> Result<Self> {
        let root = tools::root().canonicalize().context("find the project's folder")?;
        let given = std::env::var_os("KANSOKU_DATA").map(std::path::absolute);
        let data = given.transpose().context("read KANSOKU_DATA")?.unwrap_or_else(|| root.join(".data"));
        Ok(Self { root, data, programs: process::programs()? })
    }

    /// What watches this installation, as one of its own: its lock, progress and logs are where ours are, in a folder of ours.
    pub fn observe(&self) -> Self {
        Self { data: self.data.join("observe"), ..self.clone() }
    }

    /// Whether a start has made the data's folder.
    pub fn is_ours(&self) -> bool {
        ["up.lock", "lock", "ports.json"].iter().any(|file| self.data.join(file).exists())
    }

    /// Whether nothing is there that a person would miss.
    pub fn is_free(&self) -> bool {
        std::fs::read_dir(&self.data).map_or(true, |mut files| files.next().is_none())
    }

    /// Makes the folders, readable for their owner alone: keys and passwords are in them.
    pub fn make(&self) -> Result<()> {
        for folder in [self.data.clone(), self.logs(), self.nats(), self.config(), self.schemas()] {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .with_context(|| format!("make the folder {}", folder.display()))?;
        }
        Ok(())
    }

    /// Makes what holds Postgres' files. Where that is a folder of ours its server's own user has to pass through it,
    /// whatever the umask says.
    pub fn make_for_postgres(&self) -> Result<()> {
        let around = self.of_postgres();
        std::fs::create_dir_all(&around).with_context(|| format!("make the folder {}", around.display()))?;
        for folder in around.ancestors().take(2).filter(|_| around != self.data) {
            std::fs::set_permissions(folder, Permissions::from_mode(0o755))
                .with_context(|| format!("open the folder {} to Postgres", folder.display()))?;
        }
        Ok(())
    }

    /// The logs, one file a process.
    pub fn logs(&self) -> PathBuf {
        self.data.join("log")
    }

    /// The log of one process.
    pub fn log(&self, process: &str) -> PathBuf {
        self.logs().join(format!("{process}.log"))
    }

    /// What nats-server and its command-line client keep: streams, keys, configuration, context.
    pub fn nats(&self) -> PathBuf {
        self.data.join("nats")
    }

    /// The services' configuration files.
    pub fn config(&self) -> PathBuf {
        self.data.join("config")
    }

    /// The configuration file of one service.
    pub fn service_config(&self, service: &str) -> PathBuf {
        self.config().join(format!("{service}.toml"))
    }

    /// Schemas that take the place of the built-in ones: a file that is copied here is deployed.
    pub fn schemas(&self) -> PathBuf {
        self.data.join("schemas")
    }

    /// Days of RAW that `archive keep` has written into files.
    pub fn archive(&self) -> PathBuf {
        self.data.join("archive")
    }

    /// Postgres' files. Its server refuses to run as root, and its own user cannot pass through root's folders, so
    /// root's installation keeps them in `/var/lib/kansoku/<a name made of the data folder's path>`.
    pub fn postgres(&self) -> PathBuf {
        self.of_postgres().join("postgres")
    }

    /// What holds them, and those of earlier installations in the same place.
    pub fn of_postgres(&self) -> PathBuf {
        if postgres::is_root() {
            Path::new("/var/lib/kansoku").join(self.digest())
        } else {
            self.data.clone()
        }
    }

    /// The name of the systemd unit that starts this installation.
    pub fn unit(&self) -> String {
        format!("kansoku-{}.service", self.digest())
    }

    /// Tells installations of one machine apart.
    fn digest(&self) -> String {
        hex::encode(&Sha256::digest(self.data.as_os_str().as_encoded_bytes())[..6])
    }
}

/// Writes a file that only its owner reads, whole or not at all.
pub fn write_private(path: &Path, content: &str) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(content.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("write {}", path.display()))
}
