//! `title_week`: rolled up behind the commits, since a place is among all titles, and each commit would move most of them.
//! `title_first_year` says a part of it in another order.

use chrono::NaiveDate;
use kansoku_schemas::Catalogue;
use sqlx::PgConnection;

use super::{
    Store,
    version::{self, Facet},
};
use crate::db_error::DbError;

/// Held by the one who rolls up; any number does, as long as nothing else uses it.
pub(super) const LOCK: i64 = 0x6b61_6e73_6f6b_7578;

impl Store {
    /// Rolls up the weeks that have changed by now, the oldest first, and says how many there were.
    pub async fn roll_up_weeks(&self) -> Result<usize, DbError> {
        let changed = sqlx::query_as(
            "select catalogue, week from week_change where changed > rolled order by week, catalogue",
        );
        let changed: Vec<(String, NaiveDate)> =
            self.supervised_ours("look up changed weeks", changed.fetch_all(&self.pool)).await?;
        for (catalogue, week) in &changed {
            self.supervised_ours("roll up a week", self.roll_up(catalogue, *week)).await?;
        }
        Ok(changed.len())
    }

    async fn roll_up(&self, catalogue: &str, week: NaiveDate) -> Result<(), sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
        let changed = sqlx::query_scalar(
            "select changed from week_change where catalogue = $1 and week = $2 and changed > rolled",
        );
        let changed: Option<i64> = changed.bind(catalogue).bind(week).fetch_optional(&mut *tx).await?;
        let Some(changed) = changed else { return Ok(()) };
        make(&mut tx, catalogue, week, changed).await?;
        if let Ok(catalogue) = catalogue.parse::<Catalogue>() {
            let raised = version::raise_facet(&mut tx, catalogue, Facet::Weeks, &[]).await;
            raised.map_err(|error| error.source)?;
        }
        tx.commit().await
    }
}

/// Makes a week. Changes that come after these `changed` may be in it or not: they stay to be rolled up.
async fn make(
    session: &mut PgConnection,
    catalogue: &str,
    week: NaiveDate,
    changed: i64,
) -> Result<(), sqlx::Error> {
    for statement in ["select make_title_week($1, $2)", "select make_title_first_years($1, $2)"] {
        sqlx::query(statement).bind(catalogue).bind(week).execute(&mut *session).await?;
    }
    sqlx::query("update week_change set rolled = $3 where catalogue = $1 and week = $2")
        .bind(catalogue)
        .bind(week)
        .bind(changed)
        .execute(session)
        .await
        .map(drop)
}
