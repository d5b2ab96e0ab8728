//! Holds the map of `ARCHITECTURE.md` against the code: who may use what, and no file too long to read.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

const LONGEST: usize = 500;

/// A crate from outside, and the rooms that may depend on it.
const OUTSIDE: [(&str, &[&str]); 4] = [
    ("async-nats", &["nats"]),
    ("sqlx", &["loader", "postgres", "query-api", "replayer", "stack"]),
    ("reqwest", &["fetcher"]),
    ("redis", &["query-api"]),
];

/// Which of our crates each may depend on when it runs. Tests may use more.
const ARROWS: [(&str, &[&str]); 18] = [
    ("schemas", &[]),
    ("service", &[]),
    ("postgres", &[]),
    ("nats", &["schemas", "service"]),
    ("runs", &["schemas", "service", "nats"]),
    ("fetcher", &["schemas", "service", "nats", "runs"]),
    ("archive", &["schemas", "service", "nats", "runs"]),
    ("validator", &["schemas", "service", "nats"]),
    ("loader", &["schemas", "service", "nats", "postgres"]),
    ("query-api", &["schemas", "service", "postgres"]),
    ("replayer", &["schemas", "service", "nats", "postgres", "runs"]),
    ("jikan-sim", &["schemas", "service"]),
    ("observability", &[]),
    ("stack", &["nats", "postgres", "schemas", "service"]),
    ("cli", &["schemas", "service"]),
    ("bench", &["schemas", "nats", "stack"]),
    ("acceptance", &["observability", "stack"]),
    ("chaos", &["acceptance", "observability", "service", "stack"]),
];

struct Dependency {
    name: String,
    in_tests: bool,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Room → its direct dependencies, as cargo reads them.
fn rooms() -> BTreeMap<String, Vec<Dependency>> {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let room = |package: &Value| package["name"].as_str().unwrap().trim_start_matches("kansoku-").to_owned();
    let dependency = |found: &Value| Dependency {
        name: found["name"].as_str().unwrap().to_owned(),
        in_tests: found["kind"].as_str() == Some("dev"),
    };
    packages
        .iter()
        .map(|package| {
            let all = package["dependencies"].as_array().unwrap().iter().map(dependency).collect();
            (room(package), all)
        })
        .collect()
}

#[test]
fn only_the_rooms_on_the_list_use_each_client() {
    let rooms = rooms();
    for (client, allowed) in OUTSIDE {
        let mut users = BTreeSet::new();
        for (room, dependencies) in &rooms {
            let uses = dependencies.iter().any(|found| {
                // Tests may ask a running service by HTTP and look into a running database.
                let in_test = found.in_tests && matches!(client, "reqwest" | "sqlx");
                found.name == client && !in_test
            });
            if uses {
                users.insert(room.as_str());
            }
        }
        let strangers: Vec<_> = users.iter().filter(|room| !allowed.contains(room)).collect();
        assert!(strangers.is_empty(), "{client} is for {allowed:?}, and {strangers:?} depends on it");
        assert!(!users.is_empty(), "nobody uses {client}: is the list out of date?");
    }
}

#[test]
fn our_crates_depend_on_each_other_only_along_the_arrows() {
    let arrows = BTreeMap::from(ARROWS);
    for (room, dependencies) in rooms() {
        let allowed = arrows.get(room.as_str()).unwrap_or_else(|| panic!("{room} has no line in ARROWS"));
        for found in dependencies.iter().filter(|found| !found.in_tests) {
            if let Some(sibling) = found.name.strip_prefix("kansoku-") {
                assert!(
                    allowed.contains(&sibling),
                    "{room} must not depend on {sibling}; it may on {allowed:?}"
                );
            }
        }
    }
}

#[test]
fn no_source_file_is_too_long_to_read() {
    let listed = Command::new("git")
        .args(["ls-files", "-co", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let is_source = |name: &&str| {
        let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        ["rs", "ts", "tsx", "css", "sql", "sh", "py"].contains(&ending) && !name.contains(".gen.")
    };
    let sources: Vec<_> = listed.lines().filter(is_source).collect();
    assert!(sources.len() > 50, "only {} source files found", sources.len());
    let long: Vec<_> = sources
        .iter()
        .filter_map(|name| Some((name, std::fs::read_to_string(root().join(name)).ok()?.lines().count())))
        .filter(|(_, lines)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "split these files, they have more than {LONGEST} lines: {long:?}");
}
