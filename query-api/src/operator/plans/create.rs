//! `POST plans`: freezes the members; the replayer gives the verdicts.

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use kansoku_schemas::{Judge, SchemaTexts, filter::Filter, splice::Steps};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use sqlx::{PgConnection, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Plan, read};
use crate::{
    operator::{
        Operators,
        access::{Act, Operator},
        bulk::{check_expected, count, selecting},
        command::wake,
        condition,
        ids::random_id,
        refusal::bad,
        request::Body,
        state::{commit, whole},
    },
    problem::{Failure, Problem},
};

/// The most members of a plan.
const MAX_MEMBERS: i64 = 200_000;
/// The most items that are named one by one.
const MAX_ROOTS: usize = 10_000;

/// A schema that nobody deployed yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Candidate {
    /// Which schema it is to replace.
    #[schema(example = "anime.v1")]
    name: String,
    /// Its text.
    text: String,
}

/// Which items, and by what they are judged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlan {
    /// Which items, unless `roots` names them.
    filter: Option<String>,
    /// How many the operator expects; another number is refused.
    expect: Option<i64>,
    /// Needed for an empty filter.
    #[serde(default)]
    all: bool,
    /// The items one by one.
    roots: Option<Vec<String>>,
    /// A schema to judge by that is not deployed; without one, the running schemas judge.
    schema: Option<Candidate>,
    /// Changes to each text before it is judged: `set`, `remove`, `rename`, `cast`, `replace`. Needs the right `edit`.
    #[schema(value_type = Option<Vec<Object>>)]
    steps: Option<Box<RawValue>>,
}

/// Make a plan
///
/// A dry run: the items that match are frozen as members with their versions, and a judge says which of them would pass.
#[utoipa::path(post, path = "/api/v1/operator/plans", operation_id = "create_plan", tag = "operator",
    request_body = NewPlan, responses((status = 202, description = "The plan", body = Plan),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn create(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    Body(given): Body<NewPlan>,
) -> Result<(StatusCode, Json<Plan>), Failure> {
    let steps = steps(&given, &operator)?;
    if let Some(Candidate { name, text }) = &given.schema {
        compile(name.clone(), text.clone()).await?;
    }
    let members = Selected::of(&given)?;
    let (plan, now) = (random_id()?, operators.clock.now());
    let mut transaction = operators.commands.begin().await?;
    whole(&mut transaction).await?;
    if let Selected::Filter(filter) = &members {
        let count = count(&mut transaction, filter, now, None, MAX_MEMBERS).await?;
        check_expected(count, given.expect)?;
    }
    let sql = "insert into dlq_plan (plan, created_at, created_by, filter, schema_name, schema_text, steps)
        values ($1, $2, $3, $4, $5, $6, $7::text::json)";
    let filter = members.text(&given);
    let (name, text) = given.schema.as_ref().map(|schema| (&schema.name, &schema.text)).unzip();
    let query = sqlx::query(sql).bind(plan).bind(now).bind(&operator.name).bind(&filter);
    query.bind(name).bind(text).bind(steps).execute(&mut *transaction).await?;
    let frozen = freeze(&mut transaction, plan, &members, now).await?;
    check_frozen(&members, frozen, given.expect)?;
    let sql =
        "insert into dead_letter_action (at, actor, action, plan, detail) values ($1, $2, 'plan', $3, $4)";
    let detail = json!({"filter": filter, "items": frozen, "schema": name, "steps": steps.is_some()});
    let query = sqlx::query(sql).bind(now).bind(&operator.name).bind(plan).bind(detail);
    query.execute(&mut *transaction).await?;
    wake(&mut transaction).await?;
    let made = read(&mut transaction, plan).await?;
    commit(transaction).await?;
    tracing::info!(actor = operator.name, %plan, items = frozen, "{} made the plan {plan}", operator.name);
    Ok((StatusCode::ACCEPTED, Json(made)))
}

/// The steps as JSON, if there are any and they make sense.
fn steps<'a>(given: &'a NewPlan, operator: &Operator<Act>) -> Result<Option<&'a str>, Failure> {
    let Some(steps) = given.steps.as_deref().map(RawValue::get).filter(|steps| *steps != "null") else {
        return Ok(None);
    };
    readable(steps).map_err(bad)?;
    operator.require_edit("steps change texts")?;
    Ok(Some(steps))
}

/// Steps that make sense, of values that can be kept and shown.
fn readable(steps: &str) -> Result<(), String> {
    Steps::read(steps).map_err(|error| error.to_string())?;
    // Numbers that nothing can hold and halves of characters are JSON to the letter only.
    serde_json::from_str::<Value>(steps)
        .map_err(|error| format!("steps: hold a value that cannot be read: {error}"))?;
    if steps.contains("\\u0000") {
        return Err("steps: hold the character U+0000, which no JSON text may".to_owned());
    }
    Ok(())
}

/// Whether a schema compiles. A long chain of references takes seconds, which nobody else is to wait for.
async fn compile(name: String, text: String) -> Result<(), Failure> {
    let texts = SchemaTexts::from([(name, text)]);
    let compiled = tokio::task::spawn_blocking(move || Judge::with_texts(&texts).map(drop)).await;
    let compiled = compiled.map_err(|error| Failure::Internal(format!("compile a schema: {error}")))?;
    compiled.map_err(|error| bad(format!("schema: {error}")))
}

/// Which items become members.
enum Selected<'a> {
    Filter(Filter),
    Roots(&'a [String]),
}

impl<'a> Selected<'a> {
    fn of(given: &'a NewPlan) -> Result<Self, Failure> {
        match (&given.filter, &given.roots) {
            (Some(filter), None) => Ok(Self::Filter(selecting(filter, given.all)?)),
            (None, Some(roots)) if roots.is_empty() => Err(bad("roots: none is named")),
            (None, Some(roots)) if roots.len() > MAX_ROOTS => {
                Err(bad(format!("roots: {} are named, and {MAX_ROOTS} are the most", roots.len())))
            }
            (None, Some(roots)) => Ok(Self::Roots(roots)),
            _ => Err(bad("name the items either by \"filter\" or by \"roots\"")),
        }
    }

    /// What the plan says of its members. Where several are named, it is no filter.
    fn text(&self, given: &NewPlan) -> String {
        match self {
            Self::Filter(_) => given.filter.clone().unwrap_or_default(),
            Self::Roots([root]) => format!("root:{root}"),
            Self::Roots(roots) => format!("roots:{}", roots.len()),
        }
    }
}

/// Writes the members with the versions of their items.
async fn freeze(
    database: &mut PgConnection,
    plan: Uuid,
    members: &Selected<'_>,
    now: DateTime<Utc>,
) -> Result<i64, Failure> {
    let mut query = QueryBuilder::new("insert into dlq_plan_member (plan, root, version) select ");
    query.push_bind(plan).push(", d.root, d.version from dead_letter d where ");
    match members {
        Selected::Filter(filter) => condition::push(database, &mut query, filter, now).await?,
        Selected::Roots(roots) => {
            query.push("d.root = any(").push_bind(*roots).push(")");
        }
    }
    let frozen = query.build().persistent(false).execute(database).await?.rows_affected();
    Ok(i64::try_from(frozen).unwrap_or(i64::MAX))
}

/// Another command may have come between the count and the freezing.
fn check_frozen(members: &Selected<'_>, frozen: i64, expected: Option<i64>) -> Result<(), Failure> {
    if let Selected::Roots(roots) = members {
        let named = roots.iter().collect::<std::collections::BTreeSet<_>>().len();
        if usize::try_from(frozen) != Ok(named) {
            return Err(bad(format!("roots: {frozen} of the {named} dead letters that are named are known")));
        }
    }
    check_expected(frozen, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_cannot_be_kept_are_refused_in_words() {
        let set = |value: &str| readable(&format!(r#"[{{"op":"set","path":"/a","value":{value}}}]"#));
        assert_eq!(set("1.0e2"), Ok(()));
        for (value, why) in [
            ("1e200000", "number out of range"),
            (r#""\ud800""#, "cannot be read"),
            (r#""\u0000""#, "U+0000"),
        ] {
            let said = set(value).unwrap_err();
            assert!(said.starts_with("steps: ") && said.contains(why), "{said}");
        }
    }
}
