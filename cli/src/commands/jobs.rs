//! `kansoku dlq jobs`

use serde_json::json;

use super::{Session, many};
use crate::{
    api::part,
    args::Steer,
    failure::{Failure, Outcome},
    model::{Counts, Job, Jobs, Skip},
    table::{Table, cut, pairs},
    times::{instant, span},
    visible,
};

/// Lists jobs, shows one, or does something with it.
pub(super) fn run(
    session: &mut Session<'_>,
    job: Option<&str>,
    steer: Option<Steer>,
) -> Result<Outcome, Failure> {
    let Some(job) = job else { return list(session) };
    let path = format!("operator/jobs/{}", part(super::id(job, "job", "dlq jobs` lists them")?));
    let answer = match steer {
        None => session.api.get::<Job>(&path, &[])?,
        Some(steer) => {
            let word = match steer {
                Steer::Pause => "pause",
                Steer::Resume => "resume",
                Steer::Cancel => "cancel",
            };
            session.api.command::<Job>("POST", &format!("{path}/{word}"), &json!({}))?
        }
    };
    session.screen.show(&answer.text, || people(&answer.value))?;
    Ok(Outcome::Done)
}

fn list(session: &mut Session<'_>) -> Result<Outcome, Failure> {
    let answer = session.api.get::<Jobs>("operator/jobs", &[])?;
    session.screen.show(&answer.text, || {
        let Jobs { jobs, next_cursor } = &answer.value;
        if jobs.is_empty() {
            return "nothing was replayed yet\n".to_owned();
        }
        let mut table = Table::new(&[
            "JOB",
            "STATE",
            "ASKED (UTC)",
            "BY",
            "#MEMBERS",
            "#WAITING",
            "#ON THE WAY",
            "#RESOLVED",
            "#FAILED",
            "#SKIPPED",
            "WHY",
        ]);
        for job in jobs {
            let Counts { members, waiting, published, resolved, failed, skipped } = job.counts;
            let numbers =
                [members, waiting, published, resolved, failed, skipped].map(|number| number.to_string());
            let words = [job.job.clone(), job.state.clone(), instant(job.created_at), job.created_by.clone()];
            table.row(words.into_iter().chain(numbers).chain([cut(&job.reason, 60)]));
        }
        let more =
            if next_cursor.is_some() { "\nolder ones are not shown; --json has the cursor\n" } else { "" };
        table.render() + more
    })?;
    Ok(Outcome::Done)
}

/// A job in words.
pub(super) fn people(job: &Job) -> String {
    let Counts { members, waiting, published, resolved, failed, skipped } = job.counts;
    let not_none = |number: i64, words: &str| (number > 0).then(|| format!("{number} {words}"));
    let counts = [
        Some(format!("{resolved} resolved")),
        not_none(failed, "failed again"),
        not_none(skipped, "skipped"),
        not_none(published, "on the way"),
        not_none(waiting, "waiting"),
    ];
    let counts = counts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let words = job.words.as_deref().filter(|words| !words.is_empty());
    let eta =
        job.eta_seconds.and_then(|seconds| chrono::TimeDelta::try_milliseconds((seconds * 1_000.0) as i64));
    let mut text = pairs(&[
        ("job", job.job.clone()),
        ("state", format!("{}{}", job.state, words.map(|words| format!(": {words}")).unwrap_or_default())),
        ("asked", format!("{} UTC by {}: {}", instant(job.created_at), job.created_by, job.reason)),
        ("plan", job.plan.clone()),
        ("pace", format!("{} a second at most, after a canary of {}", job.rate, job.canary)),
        ("of", many(members, "dead letter")),
        ("now", counts),
        ("left", eta.map(span).unwrap_or_default()),
    ]);
    for Skip { why, members } in &job.skips {
        text += &format!("  {members} skipped: {}\n", visible::line(why));
    }
    text
}
