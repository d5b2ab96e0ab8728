//! `kansoku dlq edit`

use std::{io::Read, path::Path, process::Command};

use serde_json::json;

use super::{Session, change};
use crate::{
    args::EditArgs,
    failure::{Failure, Outcome, usage},
    outside, splice,
};

/// Gives a dead letter another text.
pub(super) fn run(session: &mut Session<'_>, args: &EditArgs) -> Result<Outcome, Failure> {
    let detail = change::read(session, &args.root)?;
    let Some(old) = &detail.text else {
        return Err(usage(format!("the bytes of {} are not UTF-8, so they cannot be edited", args.root)));
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
        let more = [("text", json!(new)), ("force", json!(args.force))];
        change::act(session, &detail, "edit", &reason, &more)
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
        splice::set(&text, path, value).map_err(|error| usage(format!("--set {given}: {error}")))
    })
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
