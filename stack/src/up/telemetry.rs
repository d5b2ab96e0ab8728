//! The settings that a start takes from the environment. Those of telemetry are written down for the commands in `bin/`: a
//! command that samples otherwise would switch the trace off, or on, for all that comes after it.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;

use super::{
    env::quoted,
    folders::{Folders, write_private},
};
use crate::observe;

/// The file: an assignment a line, as shells and systemd read them.
pub fn file(folders: &Folders) -> PathBuf {
    folders.config().join("telemetry.env")
}

/// The variables of this process, and after them those of what watches this installation.
pub fn environment(folders: &Folders) -> BTreeMap<String, String> {
    let mut all = observe::environment::of(folders);
    let own = std::env::vars_os();
    all.extend(own.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))));
    all
}

/// Writes down those of telemetry.
pub fn save(folders: &Folders) -> Result<()> {
    write_private(&file(folders), &assignments(environment(folders).into_iter()))
}

/// Whether a variable says where traces go, or where they are seen.
fn is_of_telemetry(name: &str) -> bool {
    name.starts_with("OTEL_") || name == "QUERY_API_TRACE_URL"
}

/// The services' own settings; one that a systemd unit starts has those of telemetry alone.
const SERVICES: [&str; 5] = ["FETCHER_", "ARCHIVE_", "VALIDATOR_", "LOADER_", "QUERY_API_"];

/// The settings of this shell that a running supervisor was not started with. One that is not set here stays as it was there.
pub fn changed(folders: &Folders, supervisor: u32, has_unit: bool) -> Vec<String> {
    let Ok(running) = std::fs::read(format!("/proc/{supervisor}/environ")) else { return Vec::new() };
    let running = String::from_utf8_lossy(&running);
    let running = running.split('\0').filter_map(|variable| variable.split_once('=')).collect();
    let here = environment(folders).into_iter();
    differing(here, &running, if has_unit { &[] } else { &SERVICES })
}

fn differing(
    here: impl Iterator<Item = (String, String)>,
    running: &BTreeMap<&str, &str>,
    services: &[&str],
) -> Vec<String> {
    let is_ours =
        |name: &str| is_of_telemetry(name) || services.iter().any(|service| name.starts_with(service));
    let new =
        here.filter(|(name, value)| is_ours(name) && running.get(name.as_str()) != Some(&value.as_str()));
    let names: std::collections::BTreeSet<String> = new.map(|(name, _)| name).collect();
    names.into_iter().collect()
}

fn assignments(variables: impl Iterator<Item = (String, String)>) -> String {
    let ours = variables.filter(|(name, _)| is_of_telemetry(name));
    ours.map(|(name, value)| format!("{name}={}\n", quoted(&value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_that_are_new_here_are_a_reason_to_start_again() {
        let running =
            BTreeMap::from([("OTEL_SERVICE_NAME", "a"), ("FETCHER_LIMITS__PER_DAY", "1"), ("PATH", "/bin")]);
        let here = |variables: &[(&str, &str)], services: &[&str]| {
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            differing(variables, &running, services)
        };
        assert!(here(&[("PATH", "/usr/bin"), ("OTEL_SERVICE_NAME", "a")], &SERVICES).is_empty());
        assert_eq!(here(&[("OTEL_SERVICE_NAME", "b")], &[]), ["OTEL_SERVICE_NAME"]);
        let limit = [("FETCHER_LIMITS__PER_DAY", "2")];
        assert_eq!(here(&limit, &SERVICES), ["FETCHER_LIMITS__PER_DAY"]);
        assert!(here(&limit, &[]).is_empty(), "a unit would not pass it on");
    }

    #[test]
    fn only_telemetry_is_written_down() {
        let variables = [("PATH", "/bin"), ("OTEL_SERVICE_NAME", "it's"), ("PGPASSWORD", "secret")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(assignments(variables.into_iter()), "OTEL_SERVICE_NAME='it'\\''s'\n");
    }
}
