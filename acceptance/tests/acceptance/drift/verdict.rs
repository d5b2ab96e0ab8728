//! Holds what became of a case against what it demands. Everything expected is read off what was served, by plain JSON.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use kansoku_stack::pipeline::Pipeline;
use serde_json::{Value, json, value::RawValue};

use super::{
    cases::{Outcome, Part},
    journey::Seen,
};

/// A message in DLQ, as the `nats` command shows it.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) text: String,
}

impl Letter {
    fn header(&self, name: &str) -> &str {
        let mut lines = self.text.lines().map(str::trim_start);
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap_or_default().trim()
    }
}

/// Every message in DLQ.
pub(crate) async fn letters(pipeline: &Pipeline) -> Result<Vec<Letter>> {
    let count = pipeline.messages("DLQ").await?;
    let get = |seq: u64| pipeline.nats_cli(&["stream", "get", "DLQ", &seq.to_string()]);
    let read = |seq| Ok(Letter { text: String::from_utf8(get(seq)?).context("read a dead letter")? });
    (1..=count).map(read).collect()
}

/// Says how what was found differs from what was expected.
fn same(what: &str, found: &Value, expected: &Value) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: {found} for {expected}"))
}

/// The rows of the pages as served: number of the page, index, row.
fn rows(seen: &Seen) -> Vec<(usize, usize, Value)> {
    let mut rows = Vec::new();
    for (page, (_, body)) in seen.served.iter().enumerate() {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let data = body["data"].as_array().cloned().unwrap_or_default();
        rows.extend(data.into_iter().enumerate().map(|(index, row)| (page + 1, index, row)));
    }
    rows
}

/// A number as the database writes it.
fn number(value: &Value) -> Value {
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 => json!(number as i64),
        Some(number) => json!(number),
        None => Value::Null,
    }
}

/// The observations that follow from the rows: a title once, where it stands first; 0 for "not known" is null.
fn observations(seen: &Seen) -> Vec<Value> {
    let known = |value: &Value| Some(number(value)).filter(|number| *number != 0).unwrap_or_default();
    let is_dead = |page: usize, index: usize| {
        matches!(seen.case.demand.outcome, Outcome::RowDead(_)) && (page, index) == (1, 0)
    };
    let mut titles = BTreeSet::new();
    let mut found = Vec::new();
    for (page, index, row) in rows(seen) {
        if is_dead(page, index) || !titles.insert(row["mal_id"].as_u64()) {
            continue;
        }
        let position = (page - 1) * 25 + index;
        found.push(match seen.case.dataset {
            "genres" => json!([position, row["mal_id"], row["name"], row["count"]]),
            _ => json!([
                position,
                row["mal_id"],
                known(&row["score"]),
                number(&row["scored_by"]),
                known(&row["rank"]),
                known(&row["popularity"]),
                number(&row["members"]),
                number(&row["favorites"]),
            ]),
        });
    }
    found
}

/// The first row that is stored otherwise than it was served.
fn same_rows(found: &[Value], expected: &[Value]) -> Result<(), String> {
    let pairs = found.iter().zip(expected).find(|(found, expected)| found != expected);
    if let Some((found, expected)) = pairs {
        return Err(format!("stored: {found} for {expected}"));
    }
    same("rows stored", &json!(found.len()), &json!(expected.len()))
}

/// What the database holds of a capture.
struct Stored {
    run: Value,
    pages: Vec<Value>,
}

impl Stored {
    async fn of(pipeline: &Pipeline, seen: &Seen) -> Result<Self> {
        let (dataset, earlier) = (seen.case.dataset, seen.earlier);
        let runs = pipeline
            .json(&format!(
                "select * from run where dataset = '{dataset}' order by captured_at offset {earlier} limit 1"
            ))
            .await?;
        let run = runs.into_iter().next().with_context(|| format!("find the run of {dataset}"))?;
        let pages = pipeline
            .json(&format!("select * from page where run_id = {} order by page", run["run_id"]))
            .await?;
        Ok(Self { run, pages })
    }

    fn sum(&self, key: &str) -> u64 {
        self.pages.iter().filter_map(|page| page[key].as_u64()).sum()
    }

    /// The drift of all pages, by name.
    fn drift(&self) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (name, count) in self.pages.iter().filter_map(|page| page["drift"].as_object()).flatten() {
            *all.entry(name.clone()).or_default() += count.as_u64().unwrap_or_default();
        }
        all
    }

    async fn observations(&self, pipeline: &Pipeline, dataset: &str) -> Result<Vec<Value>> {
        let (table, columns) = match dataset {
            "genres" => ("genre_observation", "position, genre_id, name, titles"),
            _ => (
                "observation",
                "position, mal_id, score::float8, scored_by, rank, popularity, members, favorites",
            ),
        };
        let query = format!(
            "select jsonb_build_array({columns}) as row from {table} where run_id = {} and owner order by position",
            self.run["run_id"]
        );
        Ok(pipeline.json(&query).await?.into_iter().map(|found| found["row"].clone()).collect())
    }
}

/// Everything that is not as the case demands it.
pub(crate) async fn faults(pipeline: &Pipeline, seen: &Seen, letters: &[Letter]) -> Result<Vec<String>> {
    let demand = seen.case.demand;
    let stored = Stored::of(pipeline, seen).await?;
    let mut checks = vec![seen.injected()];

    let expected = match demand.outcome {
        Outcome::AnswerDead(_) => Vec::new(),
        Outcome::Stored | Outcome::RowDead(_) => observations(seen),
    };
    let found = stored.observations(pipeline, seen.case.dataset).await?;
    checks.push(same_rows(&found, &expected));
    let tries = seen.served.len() + demand.again;
    checks.push(same("requests", &json!(seen.asked.len()), &json!(tries)));
    let state = if matches!(demand.outcome, Outcome::AnswerDead(_)) { "failed" } else { "complete" };
    checks.push(same("state of the run", &stored.run["state"], &json!(state)));
    checks.push(same("duplicates", &json!(stored.sum("duplicate")), &json!(demand.duplicates)));
    let drift: BTreeMap<_, _> = demand.drift.iter().copied().collect();
    checks.push(same("drift", &json!(stored.drift()), &json!(drift)));
    checks.push(same("news of the pages", &json!(news(&stored)), &json!(demand.new)));
    checks.push(alarms(&stored, demand.alarms));
    checks.push(letter(&stored, seen, letters));
    checks.push(facts(pipeline, seen).await?);
    Ok(checks.into_iter().filter_map(Result::err).collect())
}

fn news(stored: &Stored) -> Vec<String> {
    let warnings = stored.pages.iter().filter_map(|page| page["warnings"].as_array()).flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    warnings.map(|warning| format!("{} {}", text(&warning["field"]), text(&warning["value"]))).collect()
}

/// The run warns of this, in this order, and of nothing else.
fn alarms(stored: &Stored, expected: &[&str]) -> Result<(), String> {
    let found: Vec<_> =
        stored.run["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fit = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, start)| found.starts_with(start));
    if fit { Ok(()) } else { Err(format!("warnings of the run: {found:?} for {expected:?}")) }
}

/// The one dead letter of the run is the one demanded, with the bytes as they came; or there is none.
fn letter(stored: &Stored, seen: &Seen, letters: &[Letter]) -> Result<(), String> {
    let run = stored.run["run"].as_str().unwrap_or_default();
    let own: Vec<_> = letters.iter().filter(|letter| letter.header("Dlq-Root").starts_with(run)).collect();
    let (row, stage, reason, pointer) = match seen.case.demand.outcome {
        Outcome::Stored => return same("dead letters", &json!(own.len()), &json!(0)),
        Outcome::RowDead(pointer) => ("0", "validate", "schema", pointer),
        Outcome::AnswerDead(reason) => ("page", "fetch", reason, ""),
    };
    let [letter] = own[..] else { return Err(format!("{} dead letters, not one", own.len())) };
    let said =
        ["Dlq-Root", "Dlq-Row", "Dlq-Stage", "Dlq-Reason", "Dlq-Pointer"].map(|name| letter.header(name));
    same(
        "dead letter",
        &json!(said),
        &json!([format!("{run}:1:{row}:{stage}"), row, stage, reason, pointer]),
    )?;
    let served = &seen.served[0].1;
    let body = match seen.case.demand.outcome {
        Outcome::RowDead(_) => first_row(served).ok_or("no row was served")?,
        _ => served,
    };
    if letter.text.trim_end().ends_with(body.trim_end()) {
        return Ok(());
    }
    Err(format!("the dead letter has other bytes than came: {}", letter.text))
}

/// The bytes of the first row of a page.
fn first_row(page: &str) -> Option<&str> {
    let page: BTreeMap<String, &RawValue> = serde_json::from_str(page).ok()?;
    let rows: Vec<&RawValue> = serde_json::from_str(page.get("data")?.get()).ok()?;
    rows.first().map(|row| row.get())
}

/// The title of the row that the fault was limited to is stored as the case says.
async fn facts(pipeline: &Pipeline, seen: &Seen) -> Result<Result<(), String>> {
    let first = rows(seen).into_iter().next().map(|(_, _, row)| row).unwrap_or_default();
    if !matches!((seen.case.part, seen.case.demand.outcome), (Part::Row(0), Outcome::Stored))
        || seen.case.dataset == "genres"
    {
        return Ok(Ok(()));
    }
    let quoted = |value: &Value| format!("'{}'", value.as_str().unwrap_or_default().replace('\'', "''"));
    let facts = seen.case.demand.facts;
    let facts = facts
        .replace("{title}", &quoted(&first["title"]))
        .replace("{aired.from}", &quoted(&first["aired"]["from"]));
    let title = format!("from anime a where catalogue = 'sample' and mal_id = {}", first["mal_id"]);
    if pipeline.number(&format!("select count(*) {title} and ({facts})")).await? == 1 {
        return Ok(Ok(()));
    }
    Ok(Err(format!(
        "the title does not hold {facts}: {:?}",
        pipeline.json(&format!("select * {title}")).await?
    )))
}
