//! An experiment as a file of `chaos/experiments/`.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Deserializer};

use crate::{
    clock,
    collector::{self, COLLECTOR},
    disk,
    fault::Fault,
};

/// How many times shorter windows are where an experiment says nothing: five minutes are ten seconds.
const CUT: u64 = 30;

/// What is believed, what is done, and what has to be true afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The name of its file.
    #[serde(skip)]
    pub name: String,
    /// In a few words.
    pub title: String,
    /// What is believed to happen.
    pub hypothesis: String,
    /// What has to be true before anything is done.
    #[serde(default)]
    pub steady: Steady,
    /// What is done.
    pub injection: Vec<Injection>,
    /// When it is given up.
    #[serde(default)]
    pub abort: Abort,
    /// What those who ask the API see meanwhile.
    #[serde(default)]
    pub api: Api,
    /// The alerts that have to fire.
    #[serde(default)]
    pub alert: Vec<Alert>,
    /// The alerts that must not fire, by name.
    #[serde(default)]
    pub silent: Vec<String>,
    /// So many times shorter are the windows, waits and ages of the rules that watch.
    #[serde(default = "cut")]
    pub cut: u64,
    /// What has to be true again.
    #[serde(default)]
    pub recovery: Recovery,
    /// What has to be found in the end, besides that nothing is lost or doubled.
    #[serde(default)]
    pub oracle: Expected,
}

/// What has to be true before anything is done.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Steady {
    /// So many pages are stored.
    pub pages: i64,
}

impl Default for Steady {
    fn default() -> Self {
        Self { pages: 20 }
    }
}

/// A fault, when it begins and how long it lasts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// What.
    pub fault: Fault,
    /// How long after the steady state.
    #[serde(default, deserialize_with = "duration")]
    pub after: Duration,
    /// For how long.
    #[serde(deserialize_with = "duration")]
    pub lasts: Duration,
}

/// When an experiment is given up: all is undone at once, and the hypothesis counts as refuted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Abort {
    /// The API has not answered for so long.
    #[serde(deserialize_with = "duration")]
    pub silent_for: Duration,
}

impl Default for Abort {
    fn default() -> Self {
        Self { silent_for: Duration::from_secs(30) }
    }
}

/// What those who ask the API see, of answers that it has given before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// It may fail or be silent: it is killed, or all that it knows is.
    pub may_fail: bool,
    /// Some of its answers are marked as stale.
    pub stale: bool,
}

/// An alert that has to fire, and to resolve when all is well again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// How long after the injection, with windows cut.
    #[serde(deserialize_with = "duration")]
    pub within: Duration,
    /// Whether somebody has to be told of it, or must not be: another alert says it all. Without it nobody looks.
    pub told: Option<bool>,
    /// Another alert has to silence it at some time.
    #[serde(default)]
    pub inhibited: bool,
}

/// What has to be true again when all is undone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recovery {
    /// Every service is ready, a new page is stored, and the API tells of it, within so long.
    #[serde(deserialize_with = "duration")]
    pub within: Duration,
}

impl Default for Recovery {
    fn default() -> Self {
        Self { within: Duration::from_secs(60) }
    }
}

/// What has to be found in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expected {
    /// Some rows are dead letters; without it none may be.
    pub dead_rows: bool,
    /// Some whole pages are; without it none may be.
    pub dead_pages: bool,
    /// The upstream answered with other than 200, and the fetcher met it.
    pub refused: bool,
}

fn cut() -> u64 {
    CUT
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    humantime::parse_duration(&text).map_err(serde::de::Error::custom)
}

impl Experiment {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong in it, by its key.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let read: Self = toml::from_str(text).with_context(|| format!("read the experiment {name}"))?;
        ensure!(!read.injection.is_empty(), "{name}: an experiment without an injection shows nothing");
        for (place, injection) in read.injection.iter().enumerate() {
            let wrong = |why| anyhow::anyhow!("{name}: injection[{place}].fault.{why}");
            injection.fault.check().map_err(wrong)?;
        }
        Ok(Self { name: name.to_owned(), ..read })
    }

    /// All of a folder, by name.
    ///
    /// # Errors
    /// The folder or a file cannot be read.
    pub fn all(folder: &Path) -> Result<Vec<Self>> {
        let entries = std::fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
        let mut all = Vec::new();
        for entry in entries {
            let path = entry.context("read the folder of experiments")?.path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let text = std::fs::read_to_string(&path);
                all.push(Self::parse(&name, &text.with_context(|| format!("read {}", path.display()))?)?);
            }
        }
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    /// What this machine lacks for it, and how to get it.
    pub fn lacks(&self) -> Option<String> {
        let lacks = |one: &Injection| match &one.fault {
            Fault::DiskFull => disk::lacks(),
            Fault::Clock { .. } => clock::lacks(),
            fault if fault.target() == COLLECTOR => collector::lacks(),
            _ => None,
        };
        self.injection.iter().find_map(lacks)
    }

    /// Whether it matters who is told of an alert.
    pub fn is_told(&self) -> bool {
        self.alert.iter().any(|alert| alert.told.is_some() || alert.inhibited)
    }

    /// Whether something is done to this target.
    pub fn does_to(&self, target: &str) -> bool {
        self.injection.iter().any(|one| one.fault.target() == target)
    }

    /// Whether the servers' data have to be on a disk of their own.
    pub fn has_own_disk(&self) -> bool {
        self.injection.iter().any(|one| one.fault == Fault::DiskFull)
    }

    /// How long until the last injection is undone.
    pub fn lasts(&self) -> Duration {
        self.injection.iter().map(|one| one.after + one.lasts).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_an_experiment() {
        let all = Experiment::all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments")).unwrap();
        assert!(all.len() >= 3);
        assert!(all.iter().all(|one| one.lasts() < Duration::from_secs(90)));
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_key() {
        let head = "title = \"t\"\nhypothesis = \"h\"\n";
        let refusal =
            |rest: &str| format!("{:#}", Experiment::parse("e", &(head.to_owned() + rest)).unwrap_err());
        let wrong =
            refusal("[[injection]]\nlasts = \"1s\"\nfault = { kind = \"kill\", target = \"nobody\" }");
        assert!(wrong.contains("e: injection[0].fault.target: there is no \"nobody\""), "{wrong}");
        assert!(refusal("injection = []").contains("shows nothing"));
        assert!(
            refusal("[[injection]]\nlasts = \"x\"\nfault = { kind = \"full\", stream = \"RAW\" }")
                .contains("lasts")
        );
    }
}
