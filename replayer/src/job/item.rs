//! A dead letter about to be replayed: whether it may be, and the message that does it.

use bytes::Bytes;
use kansoku_nats::{Headers, Outgoing, id, page};
use kansoku_schemas::{Root, splice::Steps};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::{FromRow, PgConnection};

use crate::failure::{Doing as _, Failure};

/// How a replay of one row is written: its bytes between these.
const BEFORE_ROW: &[u8] = br#"{"data":["#;
const AFTER_ROW: &[u8] = b"]}";
/// After so many failures nothing is replayed any more.
const MAX_FAILURES: i32 = 3;
/// Says that a dead letter's bytes are not the upstream's.
const BODY: &str = "Dlq-Body";

/// What the tables know of an item.
#[derive(Debug, Clone, Default, PartialEq, FromRow, Serialize, Deserialize)]
pub struct Item {
    /// The place upstream.
    pub root: String,
    /// Its number; `None` where there is no such item.
    pub item: Option<i64>,
    /// How many facts are known of it; as the next one, only for a replay.
    #[sqlx(default)]
    pub version: Option<i32>,
    /// What became of it.
    #[sqlx(default)]
    pub state: Option<String>,
    /// What becomes of a text in the place of a stored one; only for a replay.
    #[sqlx(default)]
    pub correction: Option<String>,
    /// Whether what it corrects is still what is stored; only for a replay.
    #[sqlx(default)]
    pub stands: Option<bool>,
    /// How many replays of it failed; only for a replay.
    #[sqlx(default)]
    pub failures: Option<i32>,
    /// Where it died first.
    pub stage: Option<String>,
    /// The dataset's token.
    pub dataset: Option<String>,
    /// The id of its newest dead letter; only for a replay.
    #[sqlx(default)]
    pub parent: Option<String>,
    /// The headers of that; where it is only judged, the one that says whose bytes they are.
    pub headers: Option<Value>,
    /// Its bytes as they came.
    #[serde(skip)]
    pub body: Option<Vec<u8>>,
    /// What an operator made of them.
    pub edit: Option<String>,
    /// How often it was replayed; only for a replay.
    #[sqlx(default)]
    pub replays: Option<i32>,
    /// A group of it that is on hold; only for a replay.
    #[sqlx(default)]
    pub hold: Option<String>,
}

/// What a job is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Several items: those of groups on hold stay away.
    Many,
    /// One item.
    One,
    /// One item, and that it is quarantined does not matter.
    Forced,
}

/// What is replayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The replay's number.
    pub n: i32,
    /// What the plan's steps made of the text, where they changed it.
    pub edit: Option<String>,
    /// The message.
    pub message: Outgoing,
    /// The headers of the dead letter, whose trace the replay is linked to.
    pub origin: Headers,
}

impl Item {
    /// The bytes that an operator sees, edited or not.
    pub fn text(&self) -> &[u8] {
        match &self.edit {
            Some(edit) => edit.as_bytes(),
            None => self.body.as_deref().unwrap_or_default(),
        }
    }

    /// Whether it cannot be replayed before somebody has edited it: its bytes are no page, or not the upstream's.
    pub fn needs_edit(&self) -> bool {
        self.edit.is_none()
            && (self.stage.as_deref() == Some("fetch") || self.header(BODY) == Some("contract"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.as_ref()?.get(name)?.as_str()
    }

    /// The text after the plan's steps; `None` where they change nothing.
    ///
    /// # Errors
    /// In words, why a step does not apply.
    pub fn stepped(&self, steps: Option<&Steps>) -> Result<Option<String>, StepFault> {
        let Some(steps) = steps else { return Ok(None) };
        let text = std::str::from_utf8(self.text()).map_err(|_| StepFault {
            path: String::new(),
            message: "the body is not UTF-8 text".to_owned(),
        })?;
        let stepped = steps
            .apply(text)
            .map_err(|error| StepFault { path: error.path.clone(), message: error.to_string() })?;
        Ok((stepped != text).then_some(stepped))
    }

    /// What is replayed as a job's member, whose item had this version when the plan was made.
    ///
    /// # Errors
    /// In words, why it is not.
    pub fn prepare(&self, version: i32, scope: Scope, steps: Option<&Steps>) -> Result<Prepared, String> {
        let (Some(state), Some(now)) = (self.state.as_deref(), self.version) else {
            return Err("there is no such item any more".to_owned());
        };
        match state {
            "open" | "failed" => {}
            "resolved" => self.refuse_unless_correction()?,
            "published" => return Err("a replay of it is under way".to_owned()),
            "quarantined" if scope == Scope::Forced => {}
            "quarantined" => {
                return Err("quarantined: three replays failed; replay it alone, by force".to_owned());
            }
            other => return Err(other.to_owned()),
        }
        if now != version {
            return Err(format!("changed since the plan: version {version} then, {now} now"));
        }
        if let Some(group) = self.hold.as_deref().filter(|_| scope == Scope::Many) {
            return Err(format!("its group is on hold: {}", group.trim()));
        }
        let edit =
            self.stepped(steps).map_err(|fault| format!("a step does not apply: {}", fault.message))?;
        if edit.is_none() && self.needs_edit() {
            return Err("its bytes are not a page of the upstream: edit it first".to_owned());
        }
        let n = self.replays.unwrap_or_default().checked_add(1);
        let n = n.ok_or("the number of its last replay is the greatest there is")?;
        let text = edit.as_deref().map_or(self.text(), str::as_bytes);
        let message = self.message(n, text)?;
        message.check_size().map_err(|error| format!("too large: {error}"))?;
        Ok(Prepared { n, edit, message, origin: self.origin() })
    }

    /// What is stored is replayed only with another text than an operator gave it before.
    fn refuse_unless_correction(&self) -> Result<(), String> {
        let words = match self.correction.as_deref() {
            None => "resolved already",
            Some("published") => "a correction of it is under way",
            Some(_) if self.failures >= Some(MAX_FAILURES) => "quarantined: three replays failed",
            Some(_) if self.stands != Some(true) => "what it corrects was overwritten since",
            Some(_) => return Ok(()),
        };
        Err(words.to_owned())
    }

    /// The headers of the newest dead letter.
    pub fn origin(&self) -> Headers {
        let empty = Map::new();
        let headers = self.headers.as_ref().and_then(Value::as_object).unwrap_or(&empty);
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
    }

    /// The `n`-th replay of it, with these bytes: the page that it was, or a page of that one row, with all that is known of its
    /// place.
    ///
    /// # Errors
    /// In words, which header of the dead letter is missing.
    pub fn message(&self, n: i32, text: &[u8]) -> Result<Outgoing, String> {
        let origin = self.origin();
        let root: Root = self.root.parse().map_err(|error| format!("{error}"))?;
        let meta = page::meta(&origin).map_err(|error| error.to_string())?;
        let replay = page::replay(&origin).map_err(|error| error.to_string())?;
        let mut replay = replay.ok_or("its dead letter names no root")?;
        replay.root = root;
        replay.parent.clone_from(&self.parent);
        replay.row = root.row;
        replay.position = replay.position.filter(|_| root.row.is_some());
        replay.attempt = n.unsigned_abs();
        let body = match root.row {
            Some(_) => Bytes::from([BEFORE_ROW, text, AFTER_ROW].concat()),
            None => Bytes::copy_from_slice(text),
        };
        let mut message = page::raw_as(&meta, Some(&replay), id::replay(&root, &n.to_string()), body);
        let carried: Vec<_> = origin
            .iter()
            .filter(|(name, _)| is_carried(name) && message.headers.get(name).is_none())
            .collect();
        message.headers.extend(carried);
        Ok(message)
    }
}

/// Why the plan's steps do not apply to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFault {
    /// Where.
    pub path: String,
    /// In words.
    pub message: String,
}

/// Whether a header of the dead letter is one of the page's own. The replay has a trace of its own, linked to the old one.
fn is_carried(name: &str) -> bool {
    const OTHERS: [&str; 5] =
        ["traceparent", "tracestate", "Kansoku-Raw-Epoch", "Kansoku-Raw-Seq", "Kansoku-Judge"];
    !OTHERS.contains(&name) && !name.starts_with("Dlq-") && !name.starts_with("Nats-")
}

/// Reads items as they are now.
pub(crate) async fn read(session: &mut PgConnection, roots: &[String]) -> Result<Vec<Item>, Failure> {
    let now = vec![(i64::MAX, i32::MAX); roots.len()];
    read_before(session, roots, &now).await
}

/// Reads items as they were before an action and a replay of theirs.
pub(crate) async fn read_before(
    session: &mut PgConnection,
    roots: &[String],
    before: &[(i64, i32)],
) -> Result<Vec<Item>, Failure> {
    let (actions, replays): (Vec<i64>, Vec<i32>) = before.iter().copied().unzip();
    sqlx::query_as(include_str!("item.sql"))
        .bind(roots)
        .bind(actions)
        .bind(replays)
        .fetch_all(session)
        .await
        .doing("read dead letters")
}

#[cfg(test)]
#[path = "item_tests.rs"]
mod tests;
