//! Nothing here may exist: titles and companies are compared with lists of real ones, where those are at hand.

use std::{collections::HashSet, fs, path::PathBuf};

use kansoku_jikan_sim::{labels::companies, world::World};
use serde_json::Value;

fn shared() -> PathBuf {
    std::env::var_os("KANSOKU_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), PathBuf::from)
}

/// Real names in lower case, letters and digits only.
fn real_names() -> HashSet<String> {
    let mut names = HashSet::new();
    let folders = [shared().join("data/facts"), shared().join("data/jikan")];
    for file in folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
        let path = file.path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        match path.extension().and_then(|end| end.to_str()) {
            Some("csv") => names.extend(text.split([',', '"', '|', '\n']).map(plain)),
            Some("json") => collect(&serde_json::from_str(&text).unwrap_or_default(), &mut names),
            _ => {}
        }
    }
    names.remove("");
    names
}

fn collect(value: &Value, names: &mut HashSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "name" || key.starts_with("title") => {
                        names.insert(plain(text));
                    }
                    value => collect(value, names),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[test]
fn no_title_and_no_company_is_real() {
    let real = real_names();
    if real.len() < 1_000 {
        println!("SKIPPED: no lists of real titles in {}", shared().display());
        return;
    }
    let until = "2028-01-01T00:00:00Z".parse().unwrap();
    for seed in 0..20 {
        for title in World::until(seed, until).titles() {
            let name = &title.name;
            let names = [Some(&name.romaji), name.english.as_ref(), Some(&name.japanese)];
            for name in names.into_iter().flatten().chain(&name.synonyms) {
                assert!(!real.contains(&plain(name)), "{name} (seed {seed}) exists");
            }
        }
    }
    for company in companies() {
        assert!(!real.contains(&plain(&company.name)), "{} exists", company.name);
    }
}
