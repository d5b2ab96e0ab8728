//! What can be done to a pipeline.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::collector::COLLECTOR;

/// The services that take part, in the order the data flows.
pub const SERVICES: [&str; 6] = ["fetcher", "archive", "validator", "loader", "replayer", "query-api"];
/// The servers that they use.
pub const SERVERS: [&str; 3] = ["nats", "postgres", "redis"];
/// Every connection between them, each through a proxy of its own.
pub const LINKS: [&str; 10] = [
    "fetcher-upstream",
    "fetcher-nats",
    "archive-nats",
    "validator-nats",
    "loader-nats",
    "loader-postgres",
    "replayer-nats",
    "replayer-postgres",
    "query-api-postgres",
    "query-api-redis",
];
/// All else that a fault is done to, beside links.
pub const HOLDS: [&str; 19] = [
    "fetcher",
    "archive",
    "validator",
    "loader",
    "replayer",
    "query-api",
    "nats",
    "postgres",
    "redis",
    "upstream",
    "second",
    "RAW",
    "VALID",
    "DLQ",
    COLLECTOR,
    "tables",
    "operator",
    "load",
    "disk",
];

/// One thing that is done, and undone when its time is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// SIGKILL; it starts again when the time is over.
    Kill {
        /// A service or a server.
        target: String,
    },
    /// SIGSTOP, then SIGCONT.
    Pause {
        /// A service, Redis or NATS. (Postgres answers by processes of its own.)
        target: String,
    },
    /// It is told to end, and starts again when the time is over.
    Restart {
        /// A service or a server.
        target: String,
    },
    /// What passes is late.
    Latency {
        /// A link, or a server for all links to it.
        link: String,
        /// By how many milliseconds.
        ms: u64,
    },
    /// So little passes.
    Bandwidth {
        /// A link, or a server.
        link: String,
        /// KiB a second.
        kib: u64,
    },
    /// Connections stay, and nothing passes.
    BlackHole {
        /// A link, or a server.
        link: String,
    },
    /// Connections are reset.
    Reset {
        /// A link, or a server.
        link: String,
    },
    /// Connections are refused.
    Gone {
        /// A link, or a server.
        link: String,
    },
    /// The upstream misbehaves, as `jikan-sim faults` names it.
    Upstream {
        /// The fault.
        name: String,
        /// Each so many-th request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        every: Option<u64>,
        /// Only paths that begin so.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        path: String,
    },
    /// A service kills itself where it is told to, and starts again.
    Failpoint {
        /// The service.
        target: String,
        /// The point.
        point: String,
        /// A part of the subject of the message in hand.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        subject: String,
        /// How often it passes the point before.
        #[serde(default)]
        after: u64,
    },
    /// Every page of a dataset kills the validator.
    Poison {
        /// The dataset.
        dataset: String,
    },
    /// Another process of a service beside it.
    Second {
        /// The service.
        target: String,
    },
    /// A stream takes nothing more.
    Full {
        /// The stream.
        stream: String,
    },
    /// The disk that Postgres, NATS and the archive write to takes nothing more.
    DiskFull,
    /// The clock of a service jumps, and jumps back.
    Clock {
        /// The service.
        target: String,
        /// By how much, as faketime(1) writes it: `-26h`.
        jump: String,
    },
    /// A service runs with other settings.
    Settings {
        /// The service.
        target: String,
        /// Variables of its environment; without text the usual one is taken away.
        env: BTreeMap<String, String>,
    },
    /// Somebody changes the tables by hand, and changes them back.
    Statement {
        /// What is done.
        run: String,
        /// What is done when the time is over.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        undo: String,
    },
    /// An operator gives a command.
    Command {
        /// The arguments of `kansoku`; `{root}` is a dead letter that waits.
        run: Vec<String>,
        /// How it ends.
        #[serde(default)]
        exit: i32,
    },
    /// Many ask the API what nobody has asked yet.
    Load {
        /// How many a second.
        per_second: u32,
    },
}

impl Fault {
    /// Names that mean nothing, said by the key.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> Result<(), String> {
        let one_of = |key: &str, name: &str, lists: &[&[&str]]| {
            if lists.iter().any(|list| list.contains(&name)) {
                return Ok(());
            }
            Err(format!("{key}: there is no {name:?}; there are {}", lists.concat().join(", ")))
        };
        match self {
            Self::Kill { target } | Self::Restart { target } => {
                one_of("target", target, &[&SERVICES, &SERVERS, &[COLLECTOR]])
            }
            Self::Pause { target } => one_of("target", target, &[&SERVICES, &["nats", "redis"]]),
            Self::Failpoint { target, .. }
            | Self::Second { target }
            | Self::Clock { target, .. }
            | Self::Settings { target, .. } => one_of("target", target, &[&SERVICES]),
            Self::Latency { link, .. }
            | Self::Bandwidth { link, .. }
            | Self::BlackHole { link }
            | Self::Reset { link }
            | Self::Gone { link } => one_of("link", link, &[&LINKS, &SERVERS, &["upstream"]]),
            Self::Full { stream } => one_of("stream", stream, &[&["RAW", "VALID", "DLQ"]]),
            Self::Upstream { .. }
            | Self::Poison { .. }
            | Self::DiskFull
            | Self::Statement { .. }
            | Self::Command { .. }
            | Self::Load { .. } => Ok(()),
        }
    }

    /// What it is done to.
    pub fn target(&self) -> &str {
        match self {
            Self::Kill { target } | Self::Pause { target } | Self::Restart { target } => target,
            Self::Failpoint { target, .. } | Self::Clock { target, .. } | Self::Settings { target, .. } => {
                target
            }
            Self::Latency { link, .. }
            | Self::Bandwidth { link, .. }
            | Self::BlackHole { link }
            | Self::Reset { link }
            | Self::Gone { link } => link,
            Self::Upstream { .. } => "upstream",
            Self::Poison { .. } => "validator",
            Self::Second { .. } => "second",
            Self::Full { stream } => stream,
            Self::DiskFull => "disk",
            Self::Statement { .. } => "tables",
            Self::Command { .. } => "operator",
            Self::Load { .. } => "load",
        }
    }

    /// What nobody else may touch meanwhile: the target, and of a link each that is meant.
    pub fn holds(&self) -> Vec<&'static str> {
        let target = self.target();
        let is_link = matches!(
            self,
            Self::Latency { .. }
                | Self::Bandwidth { .. }
                | Self::BlackHole { .. }
                | Self::Reset { .. }
                | Self::Gone { .. }
        );
        if is_link {
            return links(target).collect();
        }
        // A stream is changed through a server that answers.
        let needs_nats = matches!(self, Self::Full { .. });
        HOLDS.into_iter().filter(|held| *held == target || needs_nats && *held == "nats").collect()
    }

    /// Whether an answer of the upstream may come to nothing because of it: whoever asked did not get it, could not store it,
    /// or asked a second time.
    pub fn may_waste_answers(&self) -> bool {
        let held = self.target();
        matches!(held, "fetcher" | "upstream" | "nats" | "RAW" | "second" | "disk")
            || held.starts_with("fetcher-")
    }
}

/// The links that a name means: itself, or all to a server.
pub fn links(name: &str) -> impl Iterator<Item = &'static str> {
    let ending = format!("-{name}");
    let name = name.to_owned();
    LINKS.into_iter().filter(move |link| *link == name || link.ends_with(&ending))
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill { target } => write!(out, "kill -9 {target}"),
            Self::Pause { target } => write!(out, "pause {target}"),
            Self::Restart { target } => write!(out, "restart {target}"),
            Self::Latency { link, ms } => write!(out, "+{ms} ms on {link}"),
            Self::Bandwidth { link, kib } => write!(out, "{kib} KiB/s on {link}"),
            Self::BlackHole { link } => write!(out, "black hole on {link}"),
            Self::Reset { link } => write!(out, "reset {link}"),
            Self::Gone { link } => write!(out, "refuse {link}"),
            Self::Upstream { name, every: None, .. } => write!(out, "upstream: {name}"),
            Self::Upstream { name, every: Some(every), .. } => write!(out, "upstream: {name}, 1 in {every}"),
            Self::Failpoint { target, point, subject, .. } => {
                write!(out, "{target} dies at {point}")?;
                if subject.is_empty() { Ok(()) } else { write!(out, " ({subject})") }
            }
            Self::Poison { dataset } => write!(out, "{dataset} kills the validator"),
            Self::Second { target } => write!(out, "a second {target}"),
            Self::Full { stream } => write!(out, "{stream} is full"),
            Self::DiskFull => write!(out, "the disk is full"),
            Self::Clock { target, jump } => write!(out, "the clock of {target} jumps by {jump}"),
            Self::Settings { target, env } => write!(out, "{target} with {env:?}"),
            Self::Statement { run, .. } => write!(out, "{}", run.trim()),
            Self::Command { run, .. } => write!(out, "kansoku {}", run.join(" ")),
            Self::Load { per_second } => write!(out, "{per_second} new questions a second"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_means_all_links_to_it() {
        assert_eq!(links("postgres").count(), 3);
        assert_eq!(links("loader-postgres").collect::<Vec<_>>(), ["loader-postgres"]);
        assert!(SERVERS.iter().chain(&["upstream"]).all(|server| links(server).count() > 0));
    }

    #[test]
    fn a_name_that_means_nothing_is_refused() {
        let refused = Fault::Kill { target: "loder".to_owned() }.check().unwrap_err();
        assert!(refused.starts_with("target: there is no \"loder\"; there are fetcher"), "{refused}");
        assert!(Fault::Pause { target: "postgres".to_owned() }.check().is_err());
        let all = Fault::Reset { link: "nats".to_owned() };
        assert_eq!(
            all.holds(),
            ["fetcher-nats", "archive-nats", "validator-nats", "loader-nats", "replayer-nats"]
        );
        assert_eq!(Fault::Kill { target: "nats".to_owned() }.holds(), ["nats"]);
        assert!(Fault::BlackHole { link: "redis".to_owned() }.check().is_ok());
    }
}
