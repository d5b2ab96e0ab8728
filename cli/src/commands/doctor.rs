//! `kansoku doctor`: what keeps this command or the pipeline from working.

use std::os::unix::fs::PermissionsExt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Session, TokenFrom, groups::fault, many, typed};
use crate::{
    failure::{Failure, Kind, Outcome},
    model::{Audit, Group, Groups, Items, Job, Jobs, Progress, Schemas, SignedIn},
    outside,
    table::cut,
    times::{instant, span},
    visible,
};

/// How long the replayer may leave something undone.
const SOON: TimeDelta = TimeDelta::seconds(15);

/// How many groups are named.
const NAMED: usize = 3;

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    /// Nothing is broken, and somebody is to look.
    Look,
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, PartialEq, Eq)]
struct Check {
    name: &'static str,
    level: Level,
    says: String,
    /// What to do, unless all is well.
    todo: Option<String>,
}

fn well(name: &'static str, says: impl Into<String>) -> Check {
    Check { name, level: Level::Ok, says: says.into(), todo: None }
}

fn wrong(name: &'static str, says: impl Into<String>, todo: impl Into<String>) -> Check {
    Check { name, level: Level::Wrong, says: says.into(), todo: Some(todo.into()) }
}

/// Looks at everything in the order in which one needs the other.
pub(super) fn run(session: &mut Session<'_>, from: &TokenFrom) -> Result<Outcome, Failure> {
    let now = outside::now();
    let mut checks = Vec::new();
    let is_there = api(session, &mut checks);
    if is_there {
        checks.push(token(session, from));
        if session.api.has_token() && operator(session, &mut checks) {
            checks.push(schemas(session));
            projection(session, &mut checks);
            checks.push(groups(session));
            replayer(session, now, &mut checks);
        }
    }
    let is_well = checks.iter().all(|check| check.level != Level::Wrong);
    session.screen.show(&json(&checks), || checks.iter().map(people).collect())?;
    if is_there {
        return Ok(Outcome::done_if(is_well));
    }
    Err(Failure { kind: Kind::Unreachable, words: "the API is away".to_owned() })
}

fn api(session: &Session<'_>, checks: &mut Vec<Check>) -> bool {
    let base = session.api.base();
    let answer = session.api.get::<Value>("runs", &[("limit", "1")]);
    let (check, is_there) = match answer {
        Ok(_) => (well("API", format!("{base} answers")), true),
        Err(failure) if failure.kind != Kind::Unreachable => {
            (well("API", format!("{base} answers: {}", failure.words)), true)
        }
        Err(failure) => {
            let todo =
                "make up starts the sample stack; make status shows what runs; --api names another address";
            (wrong("API", failure.words, todo), false)
        }
    };
    checks.push(check);
    is_there
}

fn token(session: &Session<'_>, from: &TokenFrom) -> Check {
    match from {
        _ if !session.api.has_token() => {
            let TokenFrom::Nowhere(path) = from else { return wrong("token", "it is empty", "give another") };
            wrong(
                "token",
                format!("there is none: neither KANSOKU_TOKEN nor {}", path.display()),
                format!(
                    "bin/query-api operator add NAME --rights read,act,edit > {0} && chmod 600 {0}",
                    path.display()
                ),
            )
        }
        TokenFrom::File(path) => {
            let mode = std::fs::metadata(path).map_or(0, |file| file.permissions().mode() & 0o777);
            if mode & 0o077 == 0 {
                return well("token", format!("from {}", path.display()));
            }
            let says = format!("{} can be read by others (mode {mode:o})", path.display());
            wrong("token", says, format!("chmod 600 {}", path.display()))
        }
        _ => well("token", "from KANSOKU_TOKEN"),
    }
}

fn operator(session: &Session<'_>, checks: &mut Vec<Check>) -> bool {
    let answer = session.api.get::<SignedIn>("operator/session", &[]);
    let check = match &answer {
        Ok(answer) => {
            let SignedIn { name, rights, expires_at } = &answer.value;
            let lacks: Vec<_> = ["read", "act", "edit"]
                .into_iter()
                .filter(|right| !rights.iter().any(|has| has == right))
                .collect();
            let lacks = if lacks.is_empty() { String::new() } else { format!(", not {}", lacks.join(", ")) };
            let until = expires_at.map(|end| format!("; the token is good until {} UTC", instant(end)));
            well("operator", format!("{name} may {}{lacks}{}", rights.join(", "), until.unwrap_or_default()))
        }
        Err(failure) => wrong("operator", &failure.words, "bin/query-api operator list shows who there is"),
    };
    checks.push(check);
    answer.is_ok()
}

fn schemas(session: &Session<'_>) -> Check {
    match session.api.get::<Schemas>("operator/schemas", &[]) {
        Err(failure) => wrong("schemas", failure.words, "look into the log of query-api"),
        Ok(answer) => match answer.value {
            Schemas { trouble: Some(trouble), .. } => wrong(
                "schemas",
                trouble,
                "mend that file in the folder of schemas (.data/schemas of a checkout), or take it away",
            ),
            Schemas { judge, .. } => well("schemas", format!("judge as {}", cut(&judge, 13))),
        },
    }
}

fn projection(session: &Session<'_>, checks: &mut Vec<Check>) {
    match session.api.get::<Items>("operator/dead-letters", &[("limit", "1")]) {
        Err(failure) => checks.push(wrong("projection", failure.words, "look into the log of query-api")),
        Ok(answer) => {
            let projection = answer.value.projection;
            let streams = [("DLQ", projection.dlq), ("AUDIT", projection.audit)];
            checks.push(behind(&streams));
            checks.extend(filling(&streams, outside::now()));
        }
    }
}

fn groups(session: &Session<'_>) -> Check {
    match session.api.get::<Groups>("operator/dead-letters/groups", &[]) {
        Err(failure) => wrong("groups", failure.words, "look into the log of query-api"),
        Ok(answer) => waiting(&answer.value),
    }
}

/// The groups in which dead letters wait. A muted one was judged by somebody. In a regressed one rows die again for what was
/// mended, which is wrong for as long as they wait.
fn waiting(all: &Groups) -> Check {
    let mut open: Vec<_> =
        all.groups.iter().filter(|group| group.open > 0 && group.state != "muted").collect();
    open.sort_by_key(|group| (group.state != "regressed", -group.open));
    let Some(first) = open.first() else { return well("groups", "no dead letter waits") };
    let words = |group: &&Group| {
        let regressed = if group.state == "regressed" { ", regressed" } else { "" };
        format!("{} for {} (group {}{regressed})", group.open, fault(group), group.group)
    };
    let named: Vec<_> = open.iter().take(NAMED).map(words).collect();
    let more = open.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    let level = if first.state == "regressed" { Level::Wrong } else { Level::Look };
    let todo = format!("`{0} dlq groups` shows them, `{0} dlq group {1}` the first", typed(), first.group);
    let says = format!("dead letters wait: {}{more}", named.join("; "));
    Check { name: "groups", level, says, todo: Some(todo) }
}

/// How full the streams are, and when they are full.
fn filling(streams: &[(&str, Option<Progress>)], now: DateTime<Utc>) -> Option<Check> {
    let mut says = Vec::new();
    let mut is_soon = false;
    for (name, progress) in streams {
        let Some(Progress { bytes: Some(bytes), max_bytes: Some(most), full_at, .. }) = progress else {
            continue;
        };
        let percent = *bytes as f64 / (*most).max(1) as f64 * 100.0;
        is_soon |= percent >= 80.0 || full_at.is_some_and(|at| at - now < TimeDelta::days(1));
        let when = match full_at {
            Some(at) if *at <= now => "; it is full now".to_owned(),
            Some(at) => format!(", full in {} at this pace", span(*at - now)),
            None => String::new(),
        };
        says.push(format!("{name} is {percent:.0} % full{when}"));
    }
    let says = says.join(", ");
    match is_soon {
        _ if says.is_empty() => None,
        false => Some(well("capacity", says)),
        true => Some(wrong(
            "capacity",
            says,
            "stop what is rejected at its source, or raise max_bytes in nats/streams/ and run make up",
        )),
    }
}

fn behind(streams: &[(&str, Option<Progress>)]) -> Check {
    let all = streams.iter().map(|(name, progress)| match progress {
        Some(Progress { seq, last_seq, at, .. }) => {
            format!("{name} {seq} of {last_seq} at {} UTC", instant(*at))
        }
        None => format!("nothing of {name} yet"),
    });
    let says = all.collect::<Vec<_>>().join(", ");
    let is_behind =
        streams.iter().any(|(_, progress)| progress.as_ref().is_some_and(|at| at.seq < at.last_seq));
    if is_behind {
        return wrong(
            "projection",
            format!("is behind: {says}"),
            "the loader projects; look whether it is ready and into its log",
        );
    }
    well("projection", says)
}

fn replayer(session: &Session<'_>, now: DateTime<Utc>, checks: &mut Vec<Check>) {
    let asked = session.api.get::<Audit>("operator/audit", &[("limit", "200")]);
    let asked =
        asked.and_then(|audit| Ok((audit.value, session.api.get::<Jobs>("operator/jobs", &[])?.value)));
    checks.push(match asked {
        Ok((audit, jobs)) => idle(&audit, &jobs.jobs, now),
        Err(failure) => wrong("replayer", failure.words, "look into the log of query-api"),
    });
}

/// Whether the replayer has left something undone.
fn idle(audit: &Audit, jobs: &[Job], now: DateTime<Utc>) -> Check {
    let todo = "look whether the replayer runs and is ready (make status), and into its log";
    let oldest = audit.actions.iter().filter(|action| !action.sent).map(|action| action.at).min();
    if let Some(at) = oldest.filter(|at| now - *at > SOON) {
        let waits = many(audit.unsent, "action");
        return wrong("replayer", format!("{waits} wait for AUDIT, the oldest for {}", span(now - at)), todo);
    }
    let stuck = jobs.iter().find(|job| job.state == "queued" && now - job.created_at > SOON);
    if let Some(job) = stuck {
        return wrong(
            "replayer",
            format!("the job {} waits for {}", job.job, span(now - job.created_at)),
            todo,
        );
    }
    let alive: Vec<_> =
        jobs.iter().filter(|job| matches!(job.state.as_str(), "canary" | "running" | "paused")).collect();
    if alive.is_empty() {
        return well("replayer", "has nothing left to do");
    }
    let alive: Vec<_> = alive.iter().map(|job| format!("{} {}", job.job, job.state)).collect();
    well("replayer", format!("works: {}", alive.join(", ")))
}

fn people(check: &Check) -> String {
    let mark = match check.level {
        Level::Ok => "ok   ",
        Level::Look => "look ",
        Level::Wrong => "WRONG",
    };
    let todo = check.todo.as_ref().map(|todo| format!("{:18}→ {}\n", "", visible::line(todo)));
    let todo = todo.unwrap_or_default();
    format!("{mark}  {:<11}{}\n{todo}", check.name, visible::line(&check.says))
}

fn json(checks: &[Check]) -> String {
    let one = |check: &Check| json!({ "check": check.name, "level": check.level, "ok": check.level != Level::Wrong, "says": check.says, "do": check.todo });
    Value::from_iter(checks.iter().map(one)).to_string()
}
