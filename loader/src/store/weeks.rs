//! `title_week`: rolled up behind the commits, since a place is among all titles, and each commit would move most of them.

use chrono::NaiveDate;
use kansoku_schemas::Catalogue;
use sqlx::PgConnection;

use super::{
    Store,
    version::{self, Facet},
};
use crate::db_error::DbError;

/// Held by the one who rolls up; any number does, as long as nothing else uses it.
const LOCK: i64 = 0x6b61_6e73_6f6b_7578;

impl Store {
    /// Rolls up the weeks that have changed, the oldest first, and says how many there were.
    pub async fn roll_up_weeks(&self) -> Result<usize, DbError> {
        let mut rolled = 0;
        while self.supervised_ours("roll up a week", self.roll_up_oldest()).await? {
            rolled += 1;
        }
        Ok(rolled)
    }

    async fn roll_up_oldest(&self) -> Result<bool, sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
        let oldest = sqlx::query_as(
            "select catalogue, week, changed from week_change where changed > rolled order by week, catalogue limit 1",
        );
        let oldest: Option<(String, NaiveDate, i64)> = oldest.fetch_optional(&mut *tx).await?;
        let Some((catalogue, week, changed)) = oldest else { return Ok(false) };
        make(&mut tx, &catalogue, week, changed).await?;
        if let Ok(catalogue) = catalogue.parse::<Catalogue>() {
            let raised = version::raise_facet(&mut tx, catalogue, Facet::Weeks, &[]).await;
            raised.map_err(|error| error.source)?;
        }
        tx.commit().await.map(|()| true)
    }
}

/// Makes a week. Changes that come after these `changed` may be in it or not: they stay to be rolled up.
async fn make(
    session: &mut PgConnection,
    catalogue: &str,
    week: NaiveDate,
    changed: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("select make_title_week($1, $2)").bind(catalogue).bind(week).execute(&mut *session).await?;
    sqlx::query("update week_change set rolled = $3 where catalogue = $1 and week = $2")
        .bind(catalogue)
        .bind(week)
        .bind(changed)
        .execute(session)
        .await
        .map(drop)
}
