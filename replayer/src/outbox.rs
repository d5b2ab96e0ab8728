//! The outbox: actions of the tables that AUDIT does not have yet, in the order of their numbers. Actions on one item are
//! written one after the other, so they come to AUDIT in the order in which they happened.

use chrono::{DateTime, Utc};
use kansoku_nats::{Client, Outgoing, id, page, subject};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::{FromRow, PgConnection};

use crate::{
    SERVICE,
    failure::{Doing as _, Failure},
    metrics::ReplayerMetrics,
};

/// How many actions go at once.
const BATCH: usize = 500;
const STREAM: &str = "AUDIT";

/// An action on its way to AUDIT.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Unsent {
    /// Its number.
    pub id: i64,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// What was done.
    pub action: String,
    /// The item it is about.
    pub root: Option<String>,
    /// The whole row as JSON, but for its place in AUDIT.
    pub body: Value,
}

impl Unsent {
    /// The message that tells of it. What is too large for a message is cut, with its size and hash in its place.
    pub fn message(&self) -> Outgoing {
        let whole = self.message_of(&self.body);
        if whole.check_size().is_ok() {
            return whole;
        }
        let detail = self.body["detail"].to_string();
        tracing::warn!(
            action = self.id,
            "the detail of action {} is too large for AUDIT and is cut",
            self.id
        );
        let mut body = self.body.clone();
        body["detail"] = json!({
            "cut": true,
            "bytes": detail.len(),
            "sha256": hex::encode(Sha256::digest(&detail)),
        });
        self.message_of(&body)
    }

    fn message_of(&self, body: &Value) -> Outgoing {
        let id = id::audit(self.id);
        let about = self.root.as_deref().unwrap_or(&self.action);
        let headers = page::event(page::Kind::Audit, &id, SERVICE, about, self.at);
        let subject = subject::audit(&self.action);
        Outgoing { subject, id, headers, body: body.to_string().into(), expect_last: None }
    }
}

/// Brings the next actions to AUDIT; whether there may be more.
pub(crate) async fn send(
    session: &mut PgConnection,
    client: &Client,
    metrics: &ReplayerMetrics,
) -> Result<bool, Failure> {
    let unsent: Vec<Unsent> = sqlx::query_as(
        "select id, at, action, root, to_jsonb(a) - 'audit_epoch' - 'audit_seq' as body
         from dead_letter_action a where audit_seq is null order by id limit $1",
    )
    .bind(i64::try_from(BATCH).unwrap_or(i64::MAX))
    .fetch_all(&mut *session)
    .await
    .doing("read the outbox")?;
    metrics.unsent(count(session, unsent.len()).await?);
    if unsent.is_empty() {
        return Ok(false);
    }
    let epoch = client.stream_state(STREAM).await?.epoch();
    let acks = client.publish_batch(unsent.iter().map(Unsent::message).collect()).await?;
    crate::failpoint("replayer::after_audit");
    let ids: Vec<i64> = unsent.iter().map(|action| action.id).collect();
    let seqs: Vec<i64> = acks.iter().map(|ack| i64::try_from(ack.seq).unwrap_or(i64::MAX)).collect();
    sqlx::query(
        "update dead_letter_action a set audit_epoch = $1, audit_seq = s.seq
         from unnest($2::bigint[], $3::bigint[]) as s(id, seq) where a.id = s.id and a.audit_seq is null",
    )
    .bind(i64::try_from(epoch).unwrap_or(i64::MAX))
    .bind(&ids)
    .bind(&seqs)
    .execute(&mut *session)
    .await
    .doing("note what AUDIT has")?;
    metrics.sent(ids.len());
    metrics.unsent(count(session, usize::MAX).await?);
    Ok(ids.len() == BATCH)
}

/// How many actions wait; `read` of them are in hand, which are all where there are fewer than a batch.
async fn count(session: &mut PgConnection, read: usize) -> Result<i64, Failure> {
    if read < BATCH {
        return Ok(i64::try_from(read).unwrap_or_default());
    }
    sqlx::query_scalar("select count(*) from dead_letter_action where audit_seq is null")
        .fetch_one(session)
        .await
        .doing("count the outbox")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsent(text: &str) -> Unsent {
        Unsent {
            id: 7,
            at: DateTime::UNIX_EPOCH,
            action: "edit".to_owned(),
            root: Some("r".to_owned()),
            body: json!({"id": 7, "action": "edit", "root": "r", "detail": {"text": text}}),
        }
    }

    #[test]
    fn an_action_is_an_event_under_an_id_of_its_own() {
        let message = unsent("{}").message();
        assert_eq!((message.subject.as_str(), message.id.as_str()), ("audit.edit", "audit:7"));
        assert_eq!(message.headers.get("ce-type"), Some("moe.kansoku.audit.action.v1"));
        assert_eq!(message.headers.get("ce-subject"), Some("r"));
        assert_eq!(serde_json::from_slice::<Value>(&message.body).unwrap(), unsent("{}").body);
    }

    #[test]
    fn a_detail_that_no_message_takes_is_cut_visibly() {
        let message = unsent(&"\u{1}".repeat(300 << 10)).message();
        assert!(message.check_size().is_ok());
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        assert_eq!((&body["id"], &body["detail"]["cut"]), (&json!(7), &json!(true)));
        assert!(body["detail"]["bytes"].as_u64().unwrap() > 1 << 20);
    }
}
