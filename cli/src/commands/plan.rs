//! `kansoku dlq plan` and `dry-run`

use std::{path::Path, time::Duration};

use serde::Serialize;
use serde_json::{json, value::RawValue};

use super::{Session, groups, many, plan_id, quoted, steps, typed};
use crate::{
    api::{Answer, part},
    args::Judged,
    failure::{Failure, Outcome, usage},
    model::Plan,
    outside,
    table::{cut, pairs},
    times::instant,
    visible,
};

/// How often the API is asked how far something is.
pub(super) const POLL: Duration = Duration::from_millis(400);

#[derive(Serialize)]
struct Asked {
    filter: String,
    expect: Option<i64>,
    all: bool,
    schema: Option<Schema>,
    steps: Option<Vec<Box<RawValue>>>,
}

#[derive(Serialize)]
struct Schema {
    name: String,
    text: String,
}

/// Judges by a schema that may not be deployed yet.
pub(super) fn dry_run(
    session: &mut Session<'_>,
    judged: &Judged,
    schema: Option<&Path>,
) -> Result<Outcome, Failure> {
    judge(session, judged, schema.map(read).transpose()?)
}

/// Judges by the deployed schemas.
pub(super) fn plan(session: &mut Session<'_>, judged: &Judged) -> Result<Outcome, Failure> {
    judge(session, judged, None)
}

/// Ends a plan that is not over.
pub(super) fn cancel(session: &mut Session<'_>, plan: &str) -> Result<Outcome, Failure> {
    let path = format!("operator/plans/{}/cancel", part(plan_id(plan)?));
    let answer = session.api.command::<Plan>("POST", &path, &json!({}))?;
    session.screen.show(&answer.text, || format!("the plan {} is cancelled\n", answer.value.plan))?;
    Ok(Outcome::Done)
}

/// The schema of a file, which is named after it.
fn read(path: &Path) -> Result<Schema, Failure> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let Some(name) = name.strip_suffix(".json") else {
        return Err(usage(format!(
            "--schema {}: a schema's file is called like anime.v1.json",
            path.display()
        )));
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| usage(format!("read the schema from {}: {error}", path.display())))?;
    Ok(Schema { name: name.to_owned(), text })
}

/// Passed when some match, all of them pass, and no row that was accepted would now fail.
fn judge(session: &mut Session<'_>, judged: &Judged, schema: Option<Schema>) -> Result<Outcome, Failure> {
    let filter = judged.filter.text();
    if filter.trim().is_empty() && !judged.bulk.all {
        return Err(usage("an empty filter is every dead letter; --all says that this is meant"));
    }
    let steps: Result<Vec<_>, _> = judged.steps.iter().map(|step| steps::parse(step)).collect();
    let steps = Some(steps.map_err(usage)?).filter(|steps| !steps.is_empty());
    let asked =
        Asked { filter: filter.clone(), expect: judged.bulk.expect, all: judged.bulk.all, schema, steps };
    let Answer { text, value } = follow(session, &asked)?;
    let hint = if value.items == 0 { groups::hint(session, &filter) } else { String::new() };
    session.screen.show(&text, || people(&value) + &hint)?;
    Ok(Outcome::done_if(value.passes > 0 && value.fails == 0 && value.accepted_failing.unwrap_or(0) == 0))
}

/// The plan of one dead letter, by the deployed schemas.
pub(super) fn of_one(session: &mut Session<'_>, root: &str) -> Result<Plan, Failure> {
    Ok(follow(session, &json!({ "roots": [root] }))?.value)
}

/// Asks for a plan, and waits until all of it is judged.
fn follow(session: &mut Session<'_>, asked: &impl Serialize) -> Result<Answer<Plan>, Failure> {
    let mut answer = session.api.command::<Plan>("POST", "operator/plans", asked)?;
    let path = format!("operator/plans/{}", part(&answer.value.plan));
    while matches!(answer.value.state.as_str(), "requested" | "running") {
        let Plan { items, passes, fails, .. } = &answer.value;
        session.screen.progress(&format!("judging: {} of {}", passes + fails, many(*items, "dead letter")));
        outside::pause(POLL);
        answer = session.api.get(&path, &[])?;
    }
    let value = &answer.value;
    if let Some(error) = value.error.as_ref().filter(|_| value.state == "failed") {
        return Err(usage(format!("the dry run failed: {}", visible::line(error))));
    }
    Ok(answer)
}

/// A plan in words, and what can be done with it.
pub(super) fn people(plan: &Plan) -> String {
    let accepted = match (plan.accepted_checked, plan.accepted_failing) {
        (Some(checked), Some(failing)) => {
            format!("of the last {}, {failing} would now fail", many(checked, "accepted row"))
        }
        _ => String::new(),
    };
    let by = match (&plan.schema, plan.deployed) {
        (Some(schema), Some(true)) => format!("{schema} as given, which is deployed"),
        (Some(schema), _) => format!("{schema} as given, which is not deployed"),
        (None, Some(false)) => "schemas that are not deployed any more".to_owned(),
        (None, _) => "the deployed schemas".to_owned(),
    };
    let judge = plan.judge.as_deref().map(|judge| format!(" ({})", cut(judge, 13))).unwrap_or_default();
    let changed = if plan.invalid == 0 {
        String::new()
    } else {
        format!("{} changed since, and will be left out", many(plan.invalid, "dead letter"))
    };
    // A plan that was carried out has nothing left.
    let replayable =
        if plan.job.is_some() || plan.replayable == plan.passes { String::new() } else { left(plan) };
    let mut text = pairs(&[
        ("plan", plan.plan.clone()),
        ("made", format!("{} UTC by {}", instant(plan.created_at), plan.created_by)),
        ("filter", plan.filter.clone()),
        ("judged by", format!("{by}{judge}")),
        ("pass", format!("{} of {}", plan.passes, plan.items)),
        ("fail", plan.fails.to_string()),
        ("replayable", replayable),
        ("accepted", accepted),
        ("changed", changed),
    ]);
    for failure in &plan.failures {
        let items = failure.items.map(|items| format!("{items} × ")).unwrap_or_default();
        let words = visible::line(&failure.words());
        // Of several they are those of one.
        let words = if failure.items > Some(1) { words.replacen(": ", ", for instance: ", 1) } else { words };
        text += &format!("  {items}{words}\n");
    }
    text + "\n" + &next(plan)
}

/// What can be replayed of what passes, and why not all of it.
pub(super) fn left(plan: &Plan) -> String {
    let Plan { replayable, passes, .. } = plan;
    format!("{replayable} of the {passes} that pass; the others are not open, changed since, or held back")
}

fn next(plan: &Plan) -> String {
    let filter = quoted(&plan.filter);
    match (&plan.schema, plan.deployed) {
        (Some(schema), deployed) if deployed != Some(true) => {
            let folder = outside::variable("KANSOKU_SCHEMAS_DIR");
            let folder = folder.unwrap_or_else(|| "the folder of schemas".to_owned());
            format!("deploy {schema}.json (copy it into {folder}), then: {} dlq plan {filter}\n", typed())
        }
        _ if plan.passes == 0 => "nothing passes, so there is nothing to replay\n".to_owned(),
        _ if plan.job.is_none() && plan.replayable == 0 => {
            "nothing that passes can be replayed now; state:open,failed in the filter takes what can\n"
                .to_owned()
        }
        _ => format!("replay what passes: {} dlq replay {} --reason WHY\n", typed(), plan.plan),
    }
}
