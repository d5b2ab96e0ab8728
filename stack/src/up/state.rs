//! What one installation remembers from its first start: its ports and its password.

use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::folders::{Folders, write_private};
use crate::port;

/// The loopback ports of one installation.
/// A port that an older installation did not have is the fixed one.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Ports {
    /// The API and the dashboard.
    pub query_api: u16,
    /// Health and metrics of the API, apart from its clients.
    pub query_api_admin: u16,
    /// Health and metrics of the fetcher.
    pub fetcher: u16,
    /// Health and metrics of the validator.
    pub validator: u16,
    /// Health and metrics of the loader.
    pub loader: u16,
    /// Health and metrics of the archiver.
    pub archive: u16,
    /// Health and metrics of the replayer.
    pub replayer: u16,
    /// NATS clients.
    pub nats: u16,
    /// NATS monitoring.
    pub nats_monitor: u16,
    /// Postgres.
    pub postgres: u16,
    /// Redis.
    pub redis: u16,
    /// The simulated upstream.
    pub jikan_sim: u16,
    /// What switches its faults.
    pub jikan_sim_control: u16,
}

/// The ports that are used unless somebody else has them.
pub const FIXED: Ports = Ports {
    query_api: 7400,
    query_api_admin: 7410,
    fetcher: 7401,
    validator: 7402,
    loader: 7403,
    archive: 7404,
    replayer: 7405,
    nats: 7422,
    nats_monitor: 7423,
    postgres: 7432,
    redis: 7479,
    jikan_sim: 7450,
    jikan_sim_control: 7451,
};

impl Default for Ports {
    fn default() -> Self {
        FIXED
    }
}

impl Ports {
    /// The ports of this installation: chosen at its first start, and the same ever after.
    pub fn of(folders: &Folders) -> Result<Self> {
        let file = Self::file(folders);
        if let Ok(text) = std::fs::read_to_string(&file) {
            return serde_json::from_str(&text)
                .with_context(|| format!("read {}; delete it to choose again", file.display()));
        }
        let mut chosen = FIXED;
        port::prefer(chosen.each().map(|(_, port)| port))?;
        write_private(&file, &serde_json::to_string_pretty(&chosen)?)?;
        Ok(chosen)
    }

    /// Whether they were chosen by an earlier start.
    pub fn are_chosen(folders: &Folders) -> bool {
        Self::file(folders).exists()
    }

    fn file(folders: &Folders) -> PathBuf {
        folders.data.join("ports.json")
    }

    /// Each port with its name.
    pub fn named(&self) -> BTreeMap<&'static str, u16> {
        self.clone().each().map(|(name, port)| (name, *port)).into()
    }

    /// The same, to be changed.
    pub fn each(&mut self) -> [(&'static str, &mut u16); 13] {
        [
            ("query-api", &mut self.query_api),
            ("query-api admin", &mut self.query_api_admin),
            ("fetcher", &mut self.fetcher),
            ("validator", &mut self.validator),
            ("loader", &mut self.loader),
            ("archive", &mut self.archive),
            ("replayer", &mut self.replayer),
            ("nats", &mut self.nats),
            ("nats monitoring", &mut self.nats_monitor),
            ("postgres", &mut self.postgres),
            ("redis", &mut self.redis),
            ("jikan-sim", &mut self.jikan_sim),
            ("jikan-sim control", &mut self.jikan_sim_control),
        ]
    }
}

/// Moves away the database that an earlier installation in this folder left, and says where to: its password went with
/// its data folder, so nobody could open it here. Nothing is deleted. For a start only: a running database stays.
pub fn set_aside(folders: &Folders) -> Result<Option<PathBuf>> {
    if password_file(folders).exists() { Ok(None) } else { move_away(&folders.postgres()) }
}

fn move_away(postgres: &Path) -> Result<Option<PathBuf>> {
    if !postgres.exists() {
        return Ok(None);
    }
    let aside =
        (1..).map(|number| postgres.with_extension(format!("left-{number}"))).find(|path| !path.exists());
    let Some(aside) = aside else { return Ok(None) };
    std::fs::rename(postgres, &aside).with_context(|| {
        format!("move the database of an earlier installation, {}, away", postgres.display())
    })?;
    Ok(Some(aside))
}

fn password_file(folders: &Folders) -> PathBuf {
    folders.data.join("postgres.password")
}

/// The database superuser's password: made once, kept in the data folder.
pub fn password(folders: &Folders) -> Result<String> {
    let file = password_file(folders);
    if let Ok(word) = std::fs::read_to_string(&file) {
        return Ok(word.trim().to_owned());
    }
    let mut bytes = [0; 18];
    let mut source = std::fs::File::open("/dev/urandom").context("open the system's random source")?;
    source.read_exact(&mut bytes).context("read the system's random source")?;
    let word = hex::encode(bytes);
    write_private(&file, &word)?;
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_installation_left_is_moved_away_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let postgres = folder.path().join("postgres");
        assert_eq!(move_away(&postgres).unwrap(), None);
        for number in 1..=2 {
            std::fs::create_dir(&postgres).unwrap();
            std::fs::write(postgres.join("PG_VERSION"), number.to_string()).unwrap();
            let kept = move_away(&postgres).unwrap().unwrap();
            assert_eq!(kept, folder.path().join(format!("postgres.left-{number}")));
            let kept = kept.join("PG_VERSION");
            assert_eq!(std::fs::read_to_string(kept).unwrap(), number.to_string());
            assert!(!postgres.exists());
        }
    }
}
