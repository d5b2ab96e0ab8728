//! `kansoku dlq show`

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Session, audit, excerpt::excerpt, place, typed};
use crate::{
    api::part,
    failure::{Failure, Outcome},
    model::{Detail, Letter, SchemaChange, Stored},
    table::{Table, cut, pairs},
    times::instant,
    visible,
};

/// Shows everything about one dead letter.
pub(super) fn run(session: &mut Session<'_>, root: &str) -> Result<Outcome, Failure> {
    let answer = session.api.get::<Detail>(&format!("operator/dead-letters/{}", part(root)), &[])?;
    session.screen.show(&answer.text, || people(&answer.value))?;
    Ok(Outcome::Done)
}

fn people(detail: &Detail) -> String {
    let mut text = head(detail);
    text += "\nfaults\n";
    let original = detail.original.as_deref().or(detail.text.as_deref()).unwrap_or_default();
    for fault in &detail.faults {
        text += &format!("  {}\n", visible::line(&fault.words()));
        let place = fault.start.zip(fault.end).and_then(|(start, end)| excerpt(original, start, end));
        text.extend(place.iter().flat_map(|place| place.lines()).map(|line| format!("    {line}\n")));
    }
    text += &rules(&detail.schema);
    text += &now(detail);
    text += "\nletters\n";
    text += &indented(&letters(&detail.letters).render());
    if !detail.actions.is_empty() {
        text += "\nactions\n";
        text += &indented(&audit::table(&detail.actions, false).render());
        text += &audit::differences(&detail.actions);
    }
    text + "\n" + &body(detail)
}

fn head(detail: &Detail) -> String {
    let item = &detail.item;
    let from = [item.catalogue.as_deref(), item.source.as_deref()];
    let from: Vec<_> = from.into_iter().flatten().collect();
    let resolved = item.resolved_at.map(|at| {
        let judge = item.resolved_by.as_deref().unwrap_or("an unknown judge");
        format!("{} UTC, by {judge}", instant(at))
    });
    let number = item.mal_id.map(|id| format!(" ({id})")).unwrap_or_default();
    let journey = detail.journey.as_ref();
    pairs(&[
        ("root", item.root.clone()),
        ("state", format!("{} (version {})", item.stands(), item.version)),
        ("title", item.title.as_ref().map(|title| format!("{title}{number}")).unwrap_or_default()),
        (
            "place",
            format!(
                "{} of {}, run {} ({})",
                place(item.page, item.row),
                item.dataset,
                item.run,
                from.join(", ")
            ),
        ),
        ("died", format!("{} UTC at {}: {}", instant(item.first_at), item.stage, item.reason)),
        ("because", item.message.clone()),
        ("judge", item.judge.clone()),
        ("failed replays", if item.failures == 0 { String::new() } else { item.failures.to_string() }),
        ("resolved", resolved.unwrap_or_default()),
        ("stored", detail.stored.as_ref().map(stored).unwrap_or_default()),
        (
            "journey",
            journey.map(|at| format!("{} journey {} {}", typed(), at.epoch, at.seq)).unwrap_or_default(),
        ),
        ("trace", detail.trace_url.clone().unwrap_or_default()),
    ])
}

fn stored(stored: &Stored) -> String {
    let Stored { epoch, seq, n, edit, stands } = stored;
    let over = if *stands { "" } else { "; other facts have taken its place" };
    format!("as edited (action {edit}) by replay {n}: {} journey {epoch} {seq}{over}", typed())
}

fn rules(schema: &SchemaChange) -> String {
    let Some(name) = &schema.name else { return String::new() };
    let hash = schema.hash.as_deref().map(|hash| format!(" {}", cut(hash, 13))).unwrap_or_default();
    let unknown = || "not known here".to_owned();
    let then = schema.rule_then.clone().unwrap_or_else(unknown);
    let now = match &schema.rule_now {
        Some(now) if schema.rule_then.as_ref() == Some(now) => "the same".to_owned(),
        other => other.clone().unwrap_or_else(unknown),
    };
    let lines = pairs(&[("then", cut(&then, 400)), ("now", cut(&now, 400))]);
    format!("\nrule of {}{hash}\n{}", visible::line(name), indented(&lines))
}

fn now(detail: &Detail) -> String {
    let judge = visible::line(&detail.now.judge);
    if detail.now.passes {
        return format!("\nby the present schemas it passes (judge {judge})\n");
    }
    let faults: String =
        detail.now.faults.iter().map(|fault| format!("  {}\n", visible::line(&fault.words()))).collect();
    format!("\nby the present schemas it fails (judge {judge})\n{faults}")
}

fn letters(letters: &[Letter]) -> Table {
    let mut table =
        Table::new(&["#DLQ", "#ATTEMPT", "AT (UTC)", "STAGE", "REASON", "#DELIVERIES", "#RAW", "MESSAGE"]);
    for letter in letters {
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        table.row([
            letter.seq.to_string(),
            letter.attempt.to_string(),
            instant(letter.at),
            letter.stage.clone(),
            letter.reason.clone(),
            number(letter.deliveries),
            number(letter.raw_seq),
            cut(&letter.message, 80),
        ]);
    }
    table
}

fn body(detail: &Detail) -> String {
    let edited = if detail.original.is_some() { ", as it was edited" } else { "" };
    if let Some(text) = &detail.text {
        return format!("text ({} bytes came{edited})\n{}\n", detail.size, visible::block(text));
    }
    let encoded = detail.body_base64.as_deref().unwrap_or_default();
    let bytes = STANDARD.decode(encoded).unwrap_or_default();
    let shown = visible::block(&String::from_utf8_lossy(&bytes));
    format!("bytes ({}; not UTF-8, so that they cannot be edited)\n{shown}\n", detail.size)
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("  {line}\n")).collect()
}
