//! `kansoku dlq export`

use std::{io::Write, path::Path};

use serde_json::{Value, json};

use super::{Session, many};
use crate::{
    api::part,
    failure::{Failure, Outcome, usage},
    model::{Detail, Items},
    visible,
};

/// How many items a page of the list has.
const PAGE: &str = "200";

/// Writes dead letters with their bytes, a line each.
pub(super) fn run(session: &mut Session<'_>, filter: &str, output: &Path) -> Result<Outcome, Failure> {
    if output.as_os_str() == "-" {
        let each = &mut |session: &mut Session<'_>, line: &str| session.screen.print_json(line);
        write(session, filter, each)?;
        return Ok(Outcome::Done);
    }
    let failed = |error: std::io::Error| usage(format!("write {}: {error}", output.display()));
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Whole or not at all.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let each =
        &mut |_: &mut Session<'_>, line: &str| writeln!(file, "{}", visible::json(line)).map_err(failed);
    let written = write(session, filter, each)?;
    file.persist(output).map_err(|error| failed(error.error))?;
    session.screen.note(&format!("{} in {}", many(written, "dead letter"), output.display()));
    Ok(Outcome::Done)
}

type Each<'a> = &'a mut dyn FnMut(&mut Session<'_>, &str) -> Result<(), Failure>;

fn write(session: &mut Session<'_>, filter: &str, each: Each<'_>) -> Result<i64, Failure> {
    let (mut cursor, mut written) = (String::new(), 0);
    loop {
        // The oldest first: what dies meanwhile comes last.
        let query = [("filter", filter), ("limit", PAGE), ("order", "oldest"), ("cursor", &*cursor)];
        let page = session.api.get::<Items>("operator/dead-letters", &query)?.value;
        for item in &page.items {
            let path = format!("operator/dead-letters/{}", part(&item.root));
            let answer = session.api.get::<Detail>(&path, &[])?;
            let of: Value = serde_json::from_str(&answer.text).unwrap_or_default();
            each(session, &line(&of["item"], &answer.value).to_string())?;
            written += 1;
            session.screen.progress(&format!("{written} of {}", page.total.max(written)));
        }
        match page.next_cursor {
            Some(next) => cursor = next,
            None => return Ok(written),
        }
    }
}

/// The item as the list has it, the bytes that came, and the text that an operator gave it.
fn line(item: &Value, detail: &Detail) -> Value {
    let mut line = item.clone();
    match (&detail.original, &detail.text, &detail.body_base64) {
        (Some(original), edited, _) => {
            line["body"] = json!(original);
            line["edited_text"] = json!(edited);
        }
        (None, Some(text), _) => line["body"] = json!(text),
        (None, None, bytes) => line["body_base64"] = json!(bytes),
    }
    line
}
