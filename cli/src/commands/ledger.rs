//! `kansoku ledger`

use serde_json::Value;

use super::{Session, freshness, place};
use crate::{
    failure::{Failure, Outcome},
    model::{Ledger, LedgerRun, Place, Progress},
    table::pairs,
    times::instant,
    visible,
};

/// Says whether every row that came is accounted for.
pub(super) fn run(session: &mut Session<'_>, run: Option<&str>) -> Result<Outcome, Failure> {
    let answer = session.api.get::<Ledger>("operator/ledger", &[("run", run.unwrap_or_default())])?;
    session.screen.show(&answer.text, || people(&answer.value))?;
    Ok(Outcome::done_if(answer.value.balanced))
}

fn people(ledger: &Ledger) -> String {
    let mut text = String::new();
    for run in &ledger.runs {
        text += &of_run(run);
        text.push('\n');
    }
    let number = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let totals =
        ledger.totals.iter().map(|(name, value)| format!("{} {}", name.replace('_', " "), number(value)));
    let totals: Vec<_> = totals.collect();
    text += if ledger.balanced {
        "every row that came is accounted for\n"
    } else {
        "rows are missing or too many\n"
    };
    let is_behind = |stream: &Option<Progress>| stream.as_ref().is_some_and(|at| at.seq < at.last_seq);
    if !ledger.balanced && is_behind(&ledger.projection.dlq) {
        text += &format!("{}: what is not read yet counts as missing\n", freshness(&ledger.projection));
    }
    if !totals.is_empty() {
        text += &visible::line(&totals.join(", "));
        text.push('\n');
    }
    text
}

fn of_run(run: &LedgerRun) -> String {
    let dead = format!(
        "{} stored + {} duplicate + {} dead ({} open, {} quarantined, {} discarded)",
        run.stored,
        run.duplicate,
        run.dead_open + run.dead_quarantined + run.dead_discarded,
        run.dead_open,
        run.dead_quarantined,
        run.dead_discarded
    );
    let in_flight = if run.in_flight_pages == 0 { String::new() } else { run.in_flight_pages.to_string() };
    pairs(&[
        ("run", run.run.clone()),
        ("capture", format!("{}, {} UTC", run.dataset, instant(run.captured_at))),
        ("received", run.received.to_string()),
        ("found", dead),
        ("pages in flight", in_flight),
        ("missing", places(&run.missing)),
        ("too many", places(&run.extra)),
    ])
}

/// `row 8 of page 3, page 4`
fn places(places: &[Place]) -> String {
    places.iter().map(|at| place(at.page, at.row)).collect::<Vec<_>>().join(", ")
}
