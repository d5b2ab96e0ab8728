//! What the code logs is what is listed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::{events, root};

/// Each `level message` that a source file writes, but for those of its tests.
fn logged(source: &str) -> BTreeSet<String> {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut found = BTreeSet::new();
    for call in source.split("tracing::").skip(1) {
        let Some((level, arguments)) = call.split_once("!(") else { continue };
        if ["info", "warn", "error"].contains(&level) {
            let message =
                last_text(arguments).unwrap_or_else(|| panic!("no text in {level}!({arguments:.80}"));
            found.insert(format!("{level} {message}"));
        }
    }
    found
}

/// The last text between a call's own parentheses; the lines that it goes on over are one.
fn last_text(arguments: &str) -> Option<String> {
    let (mut depth, mut last, mut text, mut escaped) = (1, None, None::<String>, false);
    for char in arguments.chars() {
        match (&mut text, char) {
            (Some(_), '"') if !escaped => last = text.take().filter(|_| depth == 1).or(last),
            (Some(words), char) => words.push(char),
            (None, '"') => text = Some(String::new()),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, _) => {}
        }
        escaped = char == '\\' && !escaped;
        if depth == 0 {
            break;
        }
    }
    let mut parts = last?.split("\\\n").map(str::to_owned).collect::<Vec<_>>();
    parts.iter_mut().skip(1).for_each(|part| *part = part.trim_start().to_owned());
    Some(parts.concat())
}

fn of_folder(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            of_folder(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.append(&mut logged(&fs::read_to_string(path).unwrap()));
        }
    }
}

#[test]
fn what_the_code_logs_is_what_is_listed() {
    let listed = events().0;
    for entry in fs::read_dir(root()).unwrap().flatten() {
        let (name, source) = (entry.file_name().into_string().unwrap(), entry.path().join("src"));
        // These are tools: what they say is for the person who started them.
        if !source.is_dir() || ["acceptance", "bench", "chaos", "stack", "web"].contains(&name.as_str()) {
            continue;
        }
        let mut found = BTreeSet::new();
        of_folder(&source, &mut found);
        let listed: BTreeSet<_> =
            listed.get(&name).map(BTreeMap::keys).into_iter().flatten().cloned().collect();
        let new: Vec<_> = found.difference(&listed).collect();
        let gone: Vec<_> = listed.difference(&found).collect();
        assert!(
            new.is_empty() && gone.is_empty(),
            "observability/events.toml, [{name}]: lacks {new:#?}, has too much {gone:#?}"
        );
    }
}

#[test]
fn a_call_is_read_whatever_is_in_it() {
    let source = r#"
        tracing::warn!(error = format!("{error:#}"), left_out, "a {b} \
            goes on", one("two"));
        tracing::debug!("not this");
        tracing::info!("simple");
"#;
    let expected = ["info simple", "warn a {b} goes on"].map(str::to_owned);
    assert_eq!(logged(source), expected.into());
}
