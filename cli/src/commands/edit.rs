//! `kansoku dlq edit`

use std::{io::Read, path::Path, process::Command};

use kansoku_schemas::splice::Steps;
use serde_json::{json, value::RawValue};

use super::{Session, change, typed};
use crate::{
    args::EditArgs,
    failure::{Failure, Outcome, usage},
    outside,
};

/// Gives a dead letter another text.
pub(super) fn run(session: &mut Session<'_>, args: &EditArgs) -> Result<Outcome, Failure> {
    let detail = change::read(session, &args.root)?;
    let Some(old) = &detail.text else {
        return Err(usage(format!("the bytes of {} are not UTF-8, so they cannot be edited", args.root)));
    };
    let stored = match (&detail.stored, args.correct) {
        (Some(stored), true) => Some(stored),
        (None, true) => {
            let words = "what is stored of it is not an operator's text: there is nothing to correct";
            return Err(usage(format!("{}: {words}", args.root)));
        }
        (_, false) => None,
    };
    let (new, kept) = match &args.file {
        Some(path) => (of_file(path)?, None),
        None if !args.set.is_empty() => (of_values(old, &args.set)?, None),
        None => {
            let (new, file) = of_editor(old)?;
            (new, Some(file))
        }
    };
    if new == *old {
        session.screen.note("the text is as it was; nothing was done");
        return Ok(Outcome::Done);
    }
    let edited = session.screen.reason(args.reason.as_deref()).and_then(|reason| {
        let mut more = vec![("text", json!(new)), ("force", json!(args.force))];
        let Some(stored) = stored else { return change::act(session, &detail, "edit", &reason, &more) };
        more.push(("stored", json!({ "epoch": stored.epoch, "seq": stored.seq })));
        let done = change::act(session, &detail, "correct", &reason, &more)?;
        session.screen.note(&format!(
            "a dry run and its replay store it: {} dlq dry-run root:{}",
            typed(),
            args.root
        ));
        Ok(done)
    });
    // The API names its own field.
    let edited = edited.map_err(|failure| Failure {
        words: failure.words.replacen("\"force\": true", "--force", 1),
        ..failure
    });
    // What somebody has typed is not lost with a refusal.
    edited.map_err(|failure| match kept.map(tempfile::NamedTempFile::keep) {
        Some(Ok((_, path))) => {
            let words =
                format!("{}\nyour text is in {1}; --file {1} takes it", failure.words, path.display());
            Failure { words, ..failure }
        }
        _ => failure,
    })
}

fn of_file(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|read| text = read)
    };
    read.map_err(|error| usage(format!("read the text from {}: {error}", path.display())))?;
    Ok(text)
}

fn of_values(old: &str, values: &[String]) -> Result<String, Failure> {
    values.iter().try_fold(old.to_owned(), |text, given| {
        let (path, value) = given
            .split_once('=')
            .ok_or_else(|| usage(format!("--set {given}: after the path = and a value are expected")))?;
        set(&text, path, value).map_err(|problem| usage(format!("--set {given}: {problem}")))
    })
}

/// The text with the value at this JSON pointer set, and every other byte as it is.
fn set(text: &str, path: &str, value: &str) -> Result<String, String> {
    serde_json::from_str::<&RawValue>(value)
        .map_err(|_| format!("{value} is not JSON; a text stands in quotes: \"{value}\""))?;
    let step = format!("[{{\"op\":\"set\",\"path\":{},\"value\":{value}}}]", json!(path));
    Steps::read(&step).and_then(|step| step.apply(text)).map_err(|error| error.problem)
}

fn of_editor(old: &str) -> Result<(String, tempfile::NamedTempFile), Failure> {
    let editor = outside::variable("VISUAL").or_else(|| outside::variable("EDITOR"));
    let editor = editor.ok_or_else(|| {
        usage("set EDITOR to the editor that you want, or give the text by --file or --set")
    })?;
    let failed = |error: std::io::Error| usage(format!("edit the text with {editor}: {error}"));
    let file = tempfile::Builder::new().prefix("dead-letter-").suffix(".json").tempfile().map_err(failed)?;
    std::fs::write(file.path(), old).map_err(failed)?;
    // The variable may hold options, as everywhere.
    let command = format!("{editor} \"$1\"");
    let status = Command::new("sh").args(["-c", &command, "sh"]).arg(file.path()).status().map_err(failed)?;
    if !status.success() {
        return Err(usage(format!("{editor} ended with {status}; nothing was done")));
    }
    let mut new = std::fs::read_to_string(file.path()).map_err(failed)?;
    // Editors end the last line.
    if new.ends_with('\n') && !old.ends_with('\n') {
        new.pop();
    }
    Ok((new, file))
}
