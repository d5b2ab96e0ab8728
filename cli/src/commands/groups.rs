//! `kansoku dlq groups` and `group`

use kansoku_schemas::filter::{Fault, Filter};
use serde_json::{Map, Value, json};

use super::{Session, freshness, typed};
use crate::{
    args::GroupArgs,
    failure::{Failure, Outcome, usage},
    model::{Facet, Group, Groups},
    outside,
    table::{Table, cut, pairs},
    times::{bars, instant},
};

/// Lists the kinds of faults.
pub(super) fn list(session: &mut Session<'_>, filter: &str) -> Result<Outcome, Failure> {
    let answer = session.api.get::<Groups>("operator/dead-letters/groups", &[("filter", filter)])?;
    let asked = Filter::parse(filter).unwrap_or_default();
    session.screen.show(&answer.text, || {
        let Groups { groups, facets, counts_are_exact, projection } = &answer.value;
        let (of_filter, others): (Vec<_>, Vec<_>) = groups.iter().partition(|group| is_of(&asked, group));
        let mut text =
            if of_filter.is_empty() { "no group matches\n".to_owned() } else { table(&of_filter).render() };
        if !others.is_empty() {
            text += "\nother faults of the same dead letters\n";
            text += &table(&others).render();
        }
        let facet = |(name, values): (&String, &Vec<Facet>)| {
            let values: Vec<_> =
                values.iter().map(|facet| format!("{} {}", facet.value, facet.items)).collect();
            (!values.is_empty()).then(|| cut(&format!("{name}: {}", values.join(", ")), 160) + "\n")
        };
        text.push('\n');
        if !counts_are_exact {
            text += "counted over the newest that match; there are more\n";
        }
        text.extend(facets.iter().filter_map(facet));
        text + &freshness(projection) + "\n"
    })?;
    Ok(Outcome::Done)
}

/// What to say of a filter that matches nothing: whether no dead letter has such a fault at all.
pub(super) fn hint(session: &Session<'_>, filter: &str) -> String {
    let asked = Filter::parse(filter).unwrap_or_default();
    let all = session.api.get::<Groups>("operator/dead-letters/groups", &[]);
    let groups = all.map(|answer| answer.value.groups).unwrap_or_default();
    if groups.is_empty() || groups.iter().any(|group| is_of(&asked, group)) {
        return String::new();
    }
    format!("no dead letter has such a fault; `{} dlq groups` lists the faults there are\n", typed())
}

fn table(groups: &[&Group]) -> Table {
    let mut table = Table::new(&[
        "#GROUP",
        "STATE",
        "#OPEN",
        "#ITEMS",
        "#ONLY",
        "FAULT",
        "LAST 48 H",
        "SINCE (UTC)",
        "OWNER",
        "NOTE",
    ]);
    for group in groups {
        let hold = if group.hold { ", held" } else { "" };
        table.row([
            group.group.to_string(),
            format!("{}{hold}", stands(group)),
            group.open.to_string(),
            group.items.to_string(),
            group.sole.to_string(),
            cut(&fault(group), 60),
            bars(&group.hours, outside::now()),
            instant(group.first_at),
            cut(group.owner.as_deref().unwrap_or_default(), 16),
            cut(group.note.as_deref().unwrap_or_default(), 40),
        ]);
    }
    table
}

/// Whether a group is what the filter asks for; the others are there because of dead letters with several faults.
fn is_of(asked: &Filter, group: &Group) -> bool {
    let Group { group, path, keyword, .. } = group;
    asked.fits(&Fault { group: *group, path: path.clone(), keyword: keyword.clone() })
}

/// Its state: what is fixed may still have some that wait for a replay.
fn stands(group: &Group) -> String {
    match group.state.as_str() {
        "fixed" if group.open > 0 => format!("fixed, {} open", group.open),
        state => state.to_owned(),
    }
}

/// Shows one, and says something of it first where that is asked for.
pub(super) fn one(session: &mut Session<'_>, args: &GroupArgs) -> Result<Outcome, Failure> {
    let filter = format!("group:{}", args.group);
    let answer = session.api.get::<Groups>("operator/dead-letters/groups", &[("filter", &filter)])?;
    let found = answer.value.groups.into_iter().find(|group| group.group == args.group);
    let Some(found) = found else {
        return Err(usage(format!(
            "there is no group {} with dead letters; `{} dlq groups` lists them",
            args.group,
            typed()
        )));
    };
    let said = said(args);
    if said.is_empty() {
        // Of an answer about one group its text is the group.
        let text: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let text = text["groups"].as_array().into_iter().flatten().find(|group| group["group"] == args.group);
        session.screen.show(&text.unwrap_or(&Value::Null).to_string(), || people(&found))?;
        return Ok(Outcome::Done);
    }
    let mut body = said;
    body.insert("version".to_owned(), json!(found.version));
    let path = format!("operator/dead-letters/groups/{}", args.group);
    let answer = session.api.command::<Group>("PATCH", &path, &Value::Object(body))?;
    session.screen.show(&answer.text, || people(&answer.value))?;
    Ok(Outcome::Done)
}

fn said(args: &GroupArgs) -> Map<String, Value> {
    let text = |value: &Option<String>| {
        value.as_ref().map(|text| if text.is_empty() { Value::Null } else { json!(text) })
    };
    let said = [
        ("note", text(&args.note)),
        ("link", text(&args.link)),
        ("owner", text(&args.owner)),
        ("acknowledged", args.acknowledged.map(Value::Bool)),
        ("muted", args.muted.map(Value::Bool)),
        ("hold", args.hold.map(Value::Bool)),
    ];
    said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// `schema · /aired/from · pattern`
pub(super) fn fault(group: &Group) -> String {
    let parts = [&group.reason, &group.path, &group.keyword];
    parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" · ")
}

fn people(group: &Group) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    pairs(&[
        ("group", format!("{}: {}", group.group, fault(group))),
        ("state", stands(group)),
        (
            "dead letters",
            format!("{} ({} open, {} with this fault only)", group.items, group.open, group.sole),
        ),
        ("died", format!("{} to {} UTC", instant(group.first_at), instant(group.last_at))),
        ("last 48 h", bars(&group.hours, outside::now())),
        ("fixed by", text(&group.fixed_by)),
        ("held", if group.hold { "replays of many leave it out".to_owned() } else { String::new() }),
        ("owner", text(&group.owner)),
        ("note", text(&group.note)),
        ("link", text(&group.link)),
        ("see", format!("{} dlq ls group:{}", typed(), group.group)),
    ])
}
