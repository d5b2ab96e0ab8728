//! `kansoku journey`

use chrono::{DateTime, Utc};
use kansoku_schemas::Root;
use serde::Deserialize;

use super::{Session, change, place};
use crate::{
    failure::{Failure, Outcome},
    model::{Action, Open},
    table::pairs,
    times::{instant, span},
};

#[derive(Debug, Deserialize)]
struct Journey {
    seq: i64,
    catalogue: String,
    dataset: String,
    run: String,
    run_state: String,
    source: String,
    page: i64,
    pages_planned: Option<i64>,
    url: Option<String>,
    judge: String,
    received: i64,
    accepted: i64,
    dead: i64,
    stored: i64,
    duplicate: i64,
    replay_root: Option<String>,
    edited_at: Option<DateTime<Utc>>,
    edit: Option<i64>,
    trace_id: Option<String>,
    trace_url: Option<String>,
    archive: Option<String>,
    captured_at: DateTime<Utc>,
    stored_at: DateTime<Utc>,
    judged_at: DateTime<Utc>,
    committed_at: DateTime<Utc>,
}

/// Follows one page.
pub(super) fn run(session: &mut Session<'_>, epoch: u64, seq: u64) -> Result<Outcome, Failure> {
    let answer = session.api.get::<Open<Journey>>(&format!("journey/{epoch}/{seq}"), &[])?;
    let editor = if session.screen.json { None } else { editor(session, &answer.value.data) };
    session.screen.show(&answer.text, || people(&answer.value.data, editor.as_ref()))?;
    Ok(Outcome::Done)
}

/// Who edited what was replayed: the API tells it to operators alone.
fn editor(session: &Session<'_>, journey: &Journey) -> Option<Action> {
    let (root, edit) = (journey.replay_root.as_ref()?, journey.edit.filter(|_| session.api.has_token())?);
    let detail = change::read(session, root).ok()?;
    detail.actions.into_iter().find(|action| action.id == edit)
}

fn edited(journey: &Journey, editor: Option<&Action>) -> String {
    let Some(at) = journey.edited_at else { return String::new() };
    let at = instant(at);
    match editor {
        Some(Action { actor, reason, .. }) => {
            format!("by {actor} on {at} UTC: {}", reason.as_deref().unwrap_or_default())
        }
        None => format!("by an operator on {at} UTC"),
    }
}

fn people(journey: &Journey, editor: Option<&Action>) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let after = |at: DateTime<Utc>, before: DateTime<Utc>| {
        format!("{} UTC (after {})", instant(at), span(at - before))
    };
    let replayed = journey.replay_root.as_deref().and_then(|root| root.parse::<Root>().ok());
    let row = replayed.and_then(|root| root.row);
    let planned = journey.pages_planned.map(|planned| format!(" of {planned}")).unwrap_or_default();
    pairs(&[
        (
            "page",
            format!(
                "{}{planned} of {} ({}, {})",
                journey.page, journey.dataset, journey.catalogue, journey.source
            ),
        ),
        ("run", format!("{} ({})", journey.run, journey.run_state)),
        ("address", text(&journey.url)),
        (
            "replay of",
            row.map(|row| format!("{}: ", place(journey.page, Some(row.into())))).unwrap_or_default()
                + &text(&journey.replay_root),
        ),
        ("edited", edited(journey, editor)),
        ("captured", format!("{} UTC", instant(journey.captured_at))),
        ("in RAW", after(journey.stored_at, journey.captured_at)),
        ("judged", after(journey.judged_at, journey.stored_at)),
        ("committed", after(journey.committed_at, journey.judged_at)),
        ("judge", journey.judge.clone()),
        (
            "rows",
            format!(
                "{}{} accepted, {} dead; {} stored, {} duplicate",
                // A replayed row was received with its page, and counts there.
                if row.is_some() { String::new() } else { format!("{} received, ", journey.received) },
                journey.accepted,
                journey.dead,
                journey.stored,
                journey.duplicate
            ),
        ),
        ("bytes", format!("bin/nats stream get RAW {}", journey.seq)),
        ("archive", text(&journey.archive)),
        ("trace", journey.trace_url.clone().or_else(|| journey.trace_id.clone()).unwrap_or_default()),
    ])
}
