//! `PATCH dead-letters/groups/{group}`: what people say of a group.

use axum::{Json, extract::State};
use kansoku_schemas::filter::Filter;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use url::Url;
use utoipa::ToSchema;

use super::{
    Operators,
    access::{Act, Operator},
    command::wake,
    groups::{Group, read},
    refusal::{bad, conflict, unknown},
    request::{At, Body},
    state::commit,
};
use crate::problem::{Failure, Problem};

const MAX_NOTE: usize = 2_000;

/// What changes; what is left out stays, and `null` takes a text away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupChange {
    /// The group's version that the operator saw.
    version: i32,
    /// Whether somebody knows of it.
    acknowledged: Option<bool>,
    /// Whether it is not to be told of any more.
    muted: Option<bool>,
    /// Whether replays of many items leave its items out.
    hold: Option<bool>,
    /// A note.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    note: Option<Option<String>>,
    /// An address of the web.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    link: Option<Option<String>>,
    /// Who takes care of it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    owner: Option<Option<String>>,
}

/// Tells `null` from what is left out.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Say something of a group
#[utoipa::path(patch, path = "/api/v1/operator/dead-letters/groups/{group}", operation_id = "change_group", tag = "operator",
    params(("group" = i64, Path, description = "The group's number")), request_body = GroupChange,
    responses((status = 200, description = "The group", body = Group),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn change(
    State(operators): State<Operators>,
    operator: Operator<Act>,
    At(group): At<i64>,
    Body(given): Body<GroupChange>,
) -> Result<Json<Group>, Failure> {
    let set = given.set()?;
    let now = operators.clock.now();
    let mut transaction = operators.command().await?;
    let before = one(&mut transaction, group, now).await?;
    if before.version != given.version {
        return Err(conflict(format!(
            "group {group} is at version {}, and you saw {}; look again, then repeat",
            before.version, given.version
        )));
    }
    let detail = json!({"reason": before.reason, "path": before.path, "keyword": before.keyword, "set": set});
    let sql = "insert into dead_letter_action (at, actor, action, detail) values ($1, $2, 'group', $3)";
    sqlx::query(sql).bind(now).bind(&operator.name).bind(&detail).execute(&mut *transaction).await?;
    sqlx::query("select set_dead_letter_group($1)").bind(&detail).execute(&mut *transaction).await?;
    wake(&mut transaction).await?;
    let after = one(&mut transaction, group, now).await?;
    commit(transaction).await?;
    tracing::info!(actor = operator.name, group, "{} changed the group {group}", operator.name);
    Ok(Json(after))
}

impl GroupChange {
    /// What changes, checked.
    fn set(&self) -> Result<Map<String, Value>, Failure> {
        let mut set = Map::new();
        for (key, value) in [("acknowledged", self.acknowledged), ("muted", self.muted), ("hold", self.hold)]
        {
            set.extend(value.map(|value| (key.to_owned(), value.into())));
        }
        for (key, value) in [("note", &self.note), ("link", &self.link), ("owner", &self.owner)] {
            let Some(value) = value else { continue };
            let value = value.as_deref().map(str::trim).filter(|text| !text.is_empty());
            let text = value.unwrap_or_default();
            if text.chars().count() > MAX_NOTE || text.contains('\0') {
                return Err(bad(format!(
                    "{key}: {MAX_NOTE} characters are the most, and U+0000 is none of them"
                )));
            }
            let is_address =
                |text: &str| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if key == "link" && value.is_some_and(|text| !is_address(text)) {
                return Err(bad("link: must be an address that begins with http:// or https://"));
            }
            set.insert(key.to_owned(), value.into());
        }
        if set.is_empty() {
            return Err(bad("nothing is given to change: acknowledged, muted, hold, note, link, owner"));
        }
        Ok(set)
    }
}

async fn one(
    database: &mut sqlx::PgConnection,
    group: i64,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Group, Failure> {
    let found = read(database, &Filter::default(), Some(group), now).await?.into_iter().next();
    found.ok_or_else(|| unknown(format!("no group {group} is known")))
}
