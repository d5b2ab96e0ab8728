//! `kansoku runs`

use super::Session;
use crate::{
    failure::{Failure, Outcome},
    model::{Open, Run},
    table::Table,
    times::instant,
};

/// Lists captures.
pub(super) fn run(session: &mut Session<'_>, dataset: Option<&str>, limit: u32) -> Result<Outcome, Failure> {
    let limit = limit.to_string();
    let query = [("dataset", dataset.unwrap_or_default()), ("limit", &limit)];
    let answer = session.api.get::<Open<Vec<Run>>>("runs", &query)?;
    session.screen.show(&answer.text, || {
        let runs = &answer.value.data;
        if runs.is_empty() {
            return "nothing was captured yet\n".to_owned();
        }
        let mut table = Table::new(&[
            "RUN",
            "CAPTURED (UTC)",
            "DATASET",
            "SOURCE",
            "STATE",
            "#PAGES",
            "#RECEIVED",
            "#ACCEPTED",
            "#DEAD",
            "#STORED",
            "#DUPLICATE",
        ]);
        for run in runs {
            let planned = run.pages_planned.map_or_else(|| "?".to_owned(), |planned| planned.to_string());
            table.row([
                run.run.clone(),
                instant(run.captured_at),
                run.dataset.clone(),
                run.source.clone(),
                run.state.clone(),
                format!("{}/{planned}", run.pages_got),
                run.rows.received.to_string(),
                run.rows.accepted.to_string(),
                run.rows.dead.to_string(),
                run.rows.stored.to_string(),
                run.rows.duplicate.to_string(),
            ]);
        }
        table.render()
    })?;
    Ok(Outcome::Done)
}
