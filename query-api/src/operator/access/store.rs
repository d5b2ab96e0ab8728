//! The tables of operators, links and sessions.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, PgExecutor, Result};

use super::credentials::{equal, hash};

/// An operator.
#[derive(Debug, Clone, FromRow)]
pub(super) struct OperatorRow {
    pub name: String,
    pub rights: Vec<String>,
    pub token_hash: Vec<u8>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A session with its operator.
#[derive(Debug, Clone, FromRow)]
pub(super) struct SessionRow {
    pub name: String,
    pub rights: Vec<String>,
    pub csrf: String,
    pub expires_at: DateTime<Utc>,
}

/// All operators by name. There are few, so a token is compared with each.
pub(super) async fn operators(session: impl PgExecutor<'_>) -> Result<Vec<OperatorRow>> {
    let sql = "select name, rights, token_hash, created_at, expires_at from operator order by name";
    sqlx::query_as(sql).fetch_all(session).await
}

/// The operator whose token it is.
pub(super) fn of_token(operators: Vec<OperatorRow>, token: &str) -> Option<OperatorRow> {
    let shown = hash(token);
    // Each is compared, whoever it is.
    operators.into_iter().fold(
        None,
        |found, operator| {
            if equal(&operator.token_hash, &shown) { Some(operator) } else { found }
        },
    )
}

/// The session of a cookie, while it and its operator last.
pub(super) async fn session(
    database: impl PgExecutor<'_>,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<SessionRow>> {
    let sql = "select o.name, o.rights, s.csrf, least(s.expires_at, o.expires_at) as expires_at
        from operator_session s join operator o on o.name = s.operator
        where s.session_hash = $1 and least(s.expires_at, o.expires_at) > $2";
    sqlx::query_as(sql).bind(hash(secret).as_slice()).bind(now).fetch_optional(database).await
}

/// Whether there is any operator.
pub(super) async fn any(database: impl PgExecutor<'_>) -> Result<bool> {
    sqlx::query_scalar("select exists (select from operator)").fetch_one(database).await
}

/// Takes a link's code, which is good for once; says whose it was.
pub(super) async fn redeem(
    database: &mut PgConnection,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<OperatorRow>> {
    let sql = "with taken as (delete from operator_link where code_hash = $1 returning operator, expires_at)
        select o.* from taken t join operator o on o.name = t.operator
        where t.expires_at > $2 and (o.expires_at is null or o.expires_at > $2)";
    sqlx::query_as(sql).bind(hash(code).as_slice()).bind(now).fetch_optional(database).await
}

/// Begins a session, and forgets those that are over.
pub(super) async fn begin(
    database: &mut PgConnection,
    operator: &str,
    hashed: &[u8],
    csrf: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<()> {
    sqlx::query("delete from operator_session where expires_at <= $1")
        .bind(now)
        .execute(&mut *database)
        .await?;
    let sql = "insert into operator_session (session_hash, operator, csrf, created_at, expires_at) values ($1, $2, $3, $4, $5)";
    let query = sqlx::query(sql).bind(hashed).bind(operator).bind(csrf).bind(now).bind(until);
    query.execute(database).await.map(drop)
}

/// Ends a session.
pub(super) async fn end(database: impl PgExecutor<'_>, secret: &str) -> Result<()> {
    let query = sqlx::query("delete from operator_session where session_hash = $1");
    query.bind(hash(secret).as_slice()).execute(database).await.map(drop)
}
