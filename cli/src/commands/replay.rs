//! `kansoku dlq replay`

use serde_json::json;

use super::{
    Session, jobs, many,
    plan::{self, POLL},
    plan_id, quoted, typed,
};
use crate::{
    api::{Answer, part},
    args::{Members, Replay},
    failure::{Failure, Outcome, usage},
    model::{Job, Plan},
    outside,
    times::span,
    visible,
};

/// Starts a replay, and follows it to its end.
pub(super) fn run(session: &mut Session<'_>, args: &Replay) -> Result<Outcome, Failure> {
    // A root has colons, and the id of a plan has none.
    let is_one = args.plan.contains(':');
    let plan = if is_one {
        plan::of_one(session, &args.plan)?
    } else {
        session.api.get::<Plan>(&format!("operator/plans/{}", part(plan_id(&args.plan)?)), &[])?.value
    };
    let (members, number) = match args.members {
        // Of one alone the replay says why it is left out, or is forced.
        Members::Pass if is_one || plan.passes == 0 => ("pass", plan.passes),
        Members::Pass if plan.replayable == 0 => {
            return Err(usage(format!(
                "nothing of the plan {} can be replayed: {}",
                plan.plan,
                plan::left(&plan)
            )));
        }
        Members::Pass => ("pass", plan.replayable),
        Members::All => ("all", plan.items),
    };
    if number == 0 {
        let why = plan.failures.first().map(|failure| format!(": {}", visible::line(&failure.words())));
        let why = why.unwrap_or_default();
        return Err(usage(format!("no member of the plan {} is to be replayed{why}", plan.plan)));
    }
    let reason = session.screen.reason(args.reason.as_deref())?;
    session.screen.confirm(args.yes, &format!("Replay {}?", many(number, "dead letter")))?;
    let body = json!({
        "plan": plan.plan, "members": members, "rate": args.rate, "canary": args.canary,
        "stop_share": args.stop_share, "force": args.force, "reason": reason,
    });
    let answer = session.api.command::<Job>("POST", "operator/jobs", &body)?;
    if args.no_wait {
        session.screen.show(&answer.text, || {
            format!("job {0}; {1} dlq jobs {0} shows it\n", answer.value.job, typed())
        })?;
        return Ok(Outcome::Done);
    }
    let Answer { text, value } = follow(session, answer)?;
    session.screen.show(&text, || jobs::people(&value) + &joined(&value, &plan))?;
    let counts = &value.counts;
    Ok(Outcome::done_if(value.state == "done" && counts.failed == 0 && counts.skipped == 0))
}

/// Waits for the end. A job goes on without us: whoever interrupts this has not cancelled it.
fn follow(session: &mut Session<'_>, mut answer: Answer<Job>) -> Result<Answer<Job>, Failure> {
    let path = format!("operator/jobs/{}", part(&answer.value.job));
    while !matches!(answer.value.state.as_str(), "done" | "stopped" | "cancelled") {
        session.screen.progress(&line(&answer.value));
        outside::pause(POLL);
        answer = session.api.get(&path, &[])?;
    }
    Ok(answer)
}

fn line(job: &Job) -> String {
    let counts = &job.counts;
    let settled = counts.resolved + counts.failed + counts.skipped;
    let width = 20;
    let full = usize::try_from(settled * width / counts.members.max(1)).unwrap_or(0).min(20);
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(20 - full));
    let eta =
        job.eta_seconds.and_then(|seconds| chrono::TimeDelta::try_milliseconds((seconds * 1_000.0) as i64));
    let eta = eta.map(|eta| format!(", {} left", span(eta))).unwrap_or_default();
    let failed = if counts.failed > 0 { format!(", {} failed again", counts.failed) } else { String::new() };
    let words = match (job.state.as_str(), &job.words) {
        ("paused", words) => {
            let words = words.as_deref().unwrap_or("by an operator");
            format!(": {words}; {} dlq jobs {} resume", typed(), job.job)
        }
        _ => String::new(),
    };
    format!(
        "{bar} {settled} of {} {}, {} on the way{failed}{eta}{words}",
        counts.members, job.state, counts.published
    )
}

fn joined(job: &Job, plan: &Plan) -> String {
    if job.joined_since == 0 {
        return String::new();
    }
    let filter = quoted(&plan.filter);
    format!(
        "{} joined since the plan was made: {} dlq ls {filter}\n",
        many(job.joined_since, "dead letter"),
        typed()
    )
}
