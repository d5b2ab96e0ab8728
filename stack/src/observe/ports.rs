//! The loopback ports of what watches.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::{
    port,
    up::{
        folders::{Folders, write_private},
        state::{FIXED, Ports as Watched},
    },
};

/// One port for each listener, whether its program is there or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ports {
    /// Prometheus.
    pub prometheus: u16,
    /// Alertmanager.
    pub alertmanager: u16,
    /// OTLP over gRPC into the collector.
    pub otlp_grpc: u16,
    /// OTLP over HTTP into the collector.
    pub otlp_http: u16,
    /// The collector's own metrics.
    pub collector: u16,
    /// The receiver in the place of Slack.
    pub slack: u16,
    /// Grafana.
    pub grafana: u16,
    /// Tempo, for questions.
    pub tempo: u16,
    /// Tempo, for traces.
    pub tempo_otlp: u16,
    /// Tempo, for its own parts.
    pub tempo_grpc: u16,
    /// Loki.
    pub loki: u16,
    /// Loki, for its own parts.
    pub loki_grpc: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            prometheus: 7490,
            alertmanager: 7493,
            otlp_grpc: 7417,
            otlp_http: 7418,
            collector: 7419,
            slack: 7499,
            grafana: 7430,
            tempo: 7431,
            tempo_otlp: 7435,
            loki: 7436,
            tempo_grpc: 7437,
            loki_grpc: 7438,
        }
    }
}

impl Ports {
    /// The ports of the last start, or the usual ones.
    pub fn of(folders: &Folders) -> Result<Self> {
        let file = folders.observe().data.join("ports.json");
        match std::fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text)
                .with_context(|| format!("read {}; delete it to choose again", file.display())),
            Err(_) => Ok(Self::default()),
        }
    }

    /// Those of the last start, each that is taken by now replaced by the next free one; they are kept.
    pub fn choose(folders: &Folders) -> Result<Self> {
        let mut chosen = Self::of(folders)?;
        // What is watched may be down now, and wants its own back.
        let mut theirs: BTreeSet<u16> = FIXED.named().into_values().collect();
        theirs.extend(Watched::of(folders)?.named().into_values());
        step_over(chosen.each(), theirs, port::is_free)?;
        write_private(&folders.observe().data.join("ports.json"), &serde_json::to_string_pretty(&chosen)?)?;
        Ok(chosen)
    }

    fn each(&mut self) -> [&mut u16; 12] {
        [
            &mut self.prometheus,
            &mut self.alertmanager,
            &mut self.otlp_grpc,
            &mut self.otlp_http,
            &mut self.collector,
            &mut self.slack,
            &mut self.grafana,
            &mut self.tempo,
            &mut self.tempo_otlp,
            &mut self.loki,
            &mut self.tempo_grpc,
            &mut self.loki_grpc,
        ]
    }
}

/// Moves each port up to the first that is free and nobody else's.
fn step_over<'a>(
    ports: impl IntoIterator<Item = &'a mut u16>,
    mut taken: BTreeSet<u16>,
    is_free: impl Fn(u16) -> bool,
) -> Result<()> {
    for port in ports {
        let mut above = *port..=u16::MAX;
        let free = above.find(|port| !taken.contains(port) && is_free(*port));
        *port = free.with_context(|| format!("find a free port at or above {port}"))?;
        taken.insert(*port);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_stepped_over_and_none_is_chosen_twice() {
        let mut chosen = [7430, 7431, 7431, 7490];
        let watched = BTreeSet::from([7432]);
        step_over(&mut chosen, watched, |port| port != 7430).unwrap();
        assert_eq!(chosen, [7431, 7433, 7434, 7490]);
    }

    #[test]
    fn no_usual_port_is_one_of_what_is_watched() {
        let (mut usual, watched) = (Ports::default(), FIXED.named());
        for port in usual.each() {
            assert!(watched.values().all(|theirs| theirs != port), "{port}");
        }
    }
}
