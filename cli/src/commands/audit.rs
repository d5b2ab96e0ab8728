//! `kansoku dlq audit`

use serde_json::Value;

use super::{Session, many, quoted, typed};
use crate::{
    difference::difference,
    failure::{Failure, Outcome},
    model::{Action, Audit},
    table::{Table, cut},
    times::instant,
};

/// Lists what was done.
pub(super) fn run(
    session: &mut Session<'_>,
    of: [(&str, Option<String>); 4],
    limit: u32,
) -> Result<Outcome, Failure> {
    let limit = limit.to_string();
    let given = of.iter().map(|(name, value)| (*name, value.as_deref().unwrap_or_default()));
    let query: Vec<_> = given.chain([("limit", limit.as_str())]).collect();
    let answer = session.api.get::<Audit>("operator/audit", &query)?;
    session.screen.show(&answer.text, || {
        let page = &answer.value;
        let mut text = if page.actions.is_empty() {
            "nothing was done yet\n".to_owned()
        } else {
            table(&page.actions, true).render() + &differences(&page.actions)
        };
        if page.unsent > 0 {
            text += &format!("\n{} not in the stream AUDIT yet\n", many(page.unsent, "action"));
        }
        if let Some(cursor) = &page.next_cursor {
            let same = query.iter().filter(|(name, value)| *name != "cursor" && !value.is_empty());
            let same: String = same.map(|(name, value)| format!(" --{name} {}", quoted(value))).collect();
            text += &format!("\nthe next page: {} dlq audit{same} --cursor {}\n", typed(), quoted(cursor));
        }
        text
    })?;
    Ok(Outcome::Done)
}

/// Actions as a table; of one item they need not name it.
pub(super) fn table(actions: &[Action], named: bool) -> Table {
    let mut table = if named {
        Table::new(&["#ID", "AT (UTC)", "WHO", "DID", "WHAT", "WHY"])
    } else {
        Table::new(&["#ID", "AT (UTC)", "WHO", "DID", "WHY"])
    };
    for action in actions {
        let unsent = if action.sent { "" } else { " (not in AUDIT yet)" };
        let number = action.n.map(|n| format!(" {n}")).unwrap_or_default();
        let mut cells = vec![
            action.id.to_string(),
            instant(action.at),
            action.actor.clone(),
            format!("{}{number}", action.action),
            what(action),
            format!("{}{unsent}", cut(action.reason.as_deref().unwrap_or_default(), 80)),
        ];
        if !named {
            cells.remove(4);
        }
        table.row(cells);
    }
    table
}

/// What the edits changed.
pub(super) fn differences(actions: &[Action]) -> String {
    let one = |action: &Action| {
        let (before, after) = (action.before.as_deref()?, action.detail["text"].as_str()?);
        let lines = difference(before, after).lines().map(|line| format!("  {line}\n")).collect::<String>();
        Some(format!("\nwhat {} changed\n{lines}", action.id))
    };
    actions.iter().filter_map(one).collect()
}

/// What it was about.
fn what(action: &Action) -> String {
    if let Some(root) = &action.root {
        return root.clone();
    }
    let detail = |name: &str| action.detail[name].as_str().unwrap_or_default();
    if let Some(job) = &action.job {
        return format!("job {job} {}", detail("state"));
    }
    if let Some(plan) = &action.plan {
        return format!("plan {plan}");
    }
    let set = action.detail["set"].as_object();
    let set = set
        .map(|set| set.iter().map(|(name, value)| format!(" {name}={}", plain(value))).collect::<String>());
    let group = [detail("reason"), detail("path"), detail("keyword")];
    let group: Vec<_> = group.into_iter().filter(|part| !part.is_empty()).collect();
    cut(&format!("{}{}", group.join(" · "), set.unwrap_or_default()), 80)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
