//! Dead letters and what was done about them: facts are written, everything else follows by `settle_dead_letters`.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

use super::{Store, letter_rows};
use crate::{action::Action, db_error::DbError, letter::Letter};

/// How far a stream is projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The stream.
    pub stream: &'static str,
    /// Its epoch.
    pub epoch: i64,
    /// The last sequence that is projected.
    pub seq: i64,
    /// The stream's last sequence.
    pub last_seq: i64,
    /// When that was.
    pub at: DateTime<Utc>,
    /// How full it is.
    pub capacity: Capacity,
}

/// How full a stream is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Bytes in it.
    pub bytes: i64,
    /// Bytes that it may hold.
    pub max_bytes: Option<i64>,
    /// When it is full, at the pace of the last minutes.
    pub full_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Writes letters; one that is there already changes nothing.
    ///
    /// The catalogues' lock makes sure that either this transaction sees the page that stored a row, or the one that stores it
    /// sees the letter.
    pub async fn write_letters(&self, letters: &[Letter], progress: Progress) -> Result<(), DbError> {
        self.supervised("write dead letters", async {
            let failed = DbError::ours("write dead letters");
            let mut tx = self.pool.begin().await.map_err(failed)?;
            let written = letter_rows::write(&mut tx, letters).await?;
            sqlx::query("select from data_version order by catalogue for no key update")
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
            sqlx::query("select lock_dead_letters()").execute(&mut *tx).await.map_err(failed)?;
            written.derive(&mut tx).await?;
            note(&mut tx, progress).await?;
            tx.commit().await.map_err(failed)
        })
        .await
    }

    /// Writes actions; one that is there already only learns its place in AUDIT.
    pub async fn write_actions(&self, actions: &[Action], progress: Progress) -> Result<(), DbError> {
        self.supervised("write actions", async {
            let failed = DbError::ours("write actions");
            let mut tx = self.pool.begin().await.map_err(failed)?;
            sqlx::query("select lock_dead_letters()").execute(&mut *tx).await.map_err(failed)?;
            act(&mut tx, actions).await.map_err(DbError::upstream("write actions"))?;
            note(&mut tx, progress).await?;
            tx.commit().await.map_err(failed)
        })
        .await
    }

    /// Notes up to where a stream's messages are settled; nothing while they are made again from the streams.
    pub async fn note_settled(&self, progress: Progress) -> Result<(), DbError> {
        self.supervised("note the progress of a projection", async {
            let failed = DbError::ours("note the progress of a projection");
            let mut tx = self.pool.begin().await.map_err(failed)?;
            note(&mut tx, progress).await?;
            // Looked at last: whoever begins after it forgets what is noted here.
            let is_rebuilding: bool =
                sqlx::query_scalar("select exists (select from dead_letter_rebuilding)")
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(failed)?;
            if is_rebuilding { tx.rollback().await } else { tx.commit().await }.map_err(failed)
        })
        .await
    }

    /// Notes how far a stream is.
    pub async fn note_progress(&self, progress: Progress) -> Result<(), DbError> {
        self.supervised("note the progress of a projection", async {
            let mut session = self.pool.acquire().await.map_err(DbError::ours("connect to Postgres"))?;
            note(&mut session, progress).await
        })
        .await
    }
}

async fn act(session: &mut PgConnection, actions: &[Action]) -> Result<(), sqlx::Error> {
    let new: Vec<i64> = sqlx::query_scalar(
        "with written as (
             insert into dead_letter_action as a (id, at, actor, action, root, version, n, plan, job, reason, detail,
                 audit_epoch, audit_seq)
             overriding system value
             select id, at, actor, action, root, version, n, plan, job, reason, coalesce(detail, '{}'), audit_epoch, audit_seq
             from jsonb_to_recordset($1) as i(id bigint, at timestamptz, actor text, action text, root text,
                 version int, n int, plan uuid, job uuid, reason text, detail jsonb, audit_epoch bigint, audit_seq bigint)
             on conflict (id) do update set audit_epoch = excluded.audit_epoch, audit_seq = excluded.audit_seq
             where a.audit_seq is null and (a.at, a.actor, a.action) = (excluded.at, excluded.actor, excluded.action)
             returning id, xmax = 0 as is_new
         )
         select id from written where is_new",
    )
    .bind(Json(actions))
    .fetch_all(&mut *session)
    .await?;
    // A database that is filled again must not give a number out twice; a later one stays as it is.
    sqlx::query(
        "select setval('dead_letter_action_id_seq', taken) from (select max(id) as taken from dead_letter_action) actions
         where taken > (select last_value from dead_letter_action_id_seq)",
    )
    .execute(&mut *session)
    .await?;
    sqlx::query(
        "select set_dead_letter_group(detail) from (
             select detail from dead_letter_action where id = any($1) and action = 'group' order by id
         ) groups",
    )
    .bind(&new)
    .execute(&mut *session)
    .await?;
    sqlx::query(
        "select settle_dead_letters(array(
             select distinct d.item from dead_letter_action a join dead_letter d using (root) where a.id = any($1)
         ))",
    )
    .bind(new)
    .execute(session)
    .await
    .map(drop)
}

/// Resolves the dead letters whose rows these pages stored, and settles corrections; the last of a batch's transaction, which has locked the catalogue.
pub(super) async fn resolve(session: &mut PgConnection, epochs: &[i64], seqs: &[i64]) -> Result<(), DbError> {
    let items: Vec<i64> = sqlx::query_scalar(
        "select distinct d.item from unnest($1::bigint[], $2::bigint[]) as i(epoch, seq)
         join page p using (epoch, seq)
         join run r using (run_id)
         join dead_letter d on d.run = r.run and d.page = p.page and resolves(p, d)
         where d.resolved_at is null or d.correction is not null",
    )
    .bind(epochs)
    .bind(seqs)
    .fetch_all(&mut *session)
    .await
    .map_err(DbError::ours("find the dead letters of stored rows"))?;
    if items.is_empty() {
        return Ok(());
    }
    sqlx::query("select lock_dead_letters()")
        .execute(&mut *session)
        .await
        .map_err(DbError::ours("lock the dead letters"))?;
    settle(session, &items).await
}

pub(super) async fn settle(session: &mut PgConnection, items: &[i64]) -> Result<(), DbError> {
    sqlx::query("select settle_dead_letters($1)")
        .bind(items)
        .execute(session)
        .await
        .map(drop)
        .map_err(DbError::ours("settle dead letters"))
}

async fn note(session: &mut PgConnection, progress: Progress) -> Result<(), DbError> {
    sqlx::query(
        "insert into dlq_progress as p (stream, epoch, seq, last_seq, at, bytes, max_bytes, full_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (stream) do update set
             seq = case when p.epoch = excluded.epoch then greatest(p.seq, excluded.seq) else excluded.seq end,
             epoch = excluded.epoch, last_seq = excluded.last_seq, at = excluded.at,
             bytes = excluded.bytes, max_bytes = excluded.max_bytes, full_at = excluded.full_at",
    )
    .bind(progress.stream)
    .bind(progress.epoch)
    .bind(progress.seq)
    .bind(progress.last_seq)
    .bind(progress.at)
    .bind(progress.capacity.bytes)
    .bind(progress.capacity.max_bytes)
    .bind(progress.capacity.full_at)
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::ours("note the progress of a projection"))
}
