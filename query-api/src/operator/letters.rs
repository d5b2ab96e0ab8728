//! The letters of an item, which are messages of DLQ.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, types::Json as Jsonb};
use utoipa::ToSchema;

use crate::problem::Failure;

/// A message of DLQ.
#[derive(Debug, Serialize, FromRow, ToSchema)]
pub(crate) struct Letter {
    /// Its name in the stream.
    dlq_id: String,
    /// When DLQ was made, in ms since 1970.
    epoch: i64,
    /// Its number in DLQ.
    seq: i64,
    /// 0 as fetched, n for the n-th replay.
    attempt: i32,
    /// When it was rejected.
    at: DateTime<Utc>,
    /// Where.
    stage: String,
    /// Why.
    reason: String,
    /// What was wrong, in words.
    message: String,
    /// Who rejected it.
    judge: String,
    /// How often its message had been delivered.
    #[schema(required = true)]
    deliveries: Option<i64>,
    /// When RAW was made, in ms since 1970.
    #[schema(required = true)]
    raw_epoch: Option<i64>,
    /// The number in RAW of the page that it came on.
    #[schema(required = true)]
    raw_seq: Option<i64>,
    /// The trace.
    #[schema(required = true)]
    trace_id: Option<String>,
    /// The process that rejected it.
    #[schema(required = true)]
    service: Option<String>,
}

impl Letter {
    /// All of an item, the oldest first.
    pub(super) async fn all(database: &mut PgConnection, item: i64) -> Result<Vec<Self>, Failure> {
        let sql = "select dlq_id, epoch, seq, attempt, at, stage, reason, message, judge, deliveries, raw_epoch, raw_seq,
                trace_id, headers ->> 'Dlq-Service' as service
            from dead_letter_letter where item = $1 order by attempt, at, letter";
        Ok(sqlx::query_as(sql).bind(item).fetch_all(database).await?)
    }
}

/// A fault as a letter names it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fault {
    pub instance_path: String,
    pub schema_path: String,
    pub keyword: String,
}

/// What is needed of an item's newest letter.
#[derive(Debug)]
pub(super) struct Newest {
    pub pointer: String,
    pub message: String,
    pub faults: Vec<Fault>,
    pub schema: Option<String>,
    pub schema_hash: Option<String>,
    pub trace_id: Option<String>,
    pub headers: Jsonb<Value>,
}

impl Newest {
    /// Reads it.
    pub(super) async fn read(database: &mut PgConnection, item: i64) -> Result<Self, Failure> {
        #[derive(FromRow)]
        struct Line {
            pointer: String,
            message: String,
            faults: Value,
            schema: Option<String>,
            schema_hash: Option<String>,
            trace_id: Option<String>,
            headers: Jsonb<Value>,
        }
        // What other columns say is not said in the column of the headers again.
        let sql = "select l.pointer, l.message, l.faults, l.schema, l.schema_hash, l.trace_id, jsonb_strip_nulls(jsonb_build_object(
                'Dlq-Id', nullif(l.dlq_id, ''), 'Dlq-Stage', l.stage, 'Dlq-Reason', nullif(l.reason, ''),
                'Dlq-Error', nullif(l.message, ''), 'Dlq-Pointer', nullif(l.pointer, ''), 'Dlq-Judge', nullif(l.judge, ''),
                'Dlq-Schema', nullif(l.schema, ''), 'Dlq-Schema-Hash', nullif(l.schema_hash, '')
            )) || l.headers as headers
            from dead_letter d join dead_letter_letter l using (letter) where d.item = $1";
        let Line { pointer, message, faults, schema, schema_hash, trace_id, headers } =
            sqlx::query_as(sql).bind(item).fetch_one(database).await?;
        // Who publishes by hand may name faults in a form of their own.
        let faults = serde_json::from_value(faults).unwrap_or_default();
        Ok(Self { pointer, message, faults, schema, schema_hash, trace_id, headers })
    }
}
