//! All that is derived of titles and runs, made again.

use sqlx::{Connection as _, PgConnection};

use super::{version, weeks};

/// Makes the lines, newest numbers, names and weeks of all titles again from the observations and facts, and what each source
/// and run brought; says how many days of titles there are. One transaction a catalogue, which the writers wait for.
///
/// # Errors
/// The server is away, or refuses.
pub async fn rebuild(mut session: PgConnection) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let catalogues: Vec<String> = sqlx::query_scalar("select catalogue from data_version order by catalogue")
        .fetch_all(&mut session)
        .await?;
    let mut made = Vec::new();
    for catalogue in catalogues {
        let mut tx = session.begin().await?;
        // A roll-up beside it would mark weeks as done that it has not seen.
        sqlx::query("select pg_advisory_xact_lock($1)").bind(weeks::LOCK).execute(&mut *tx).await?;
        sqlx::query("select from data_version where catalogue = $1 for no key update")
            .bind(&catalogue)
            .execute(&mut *tx)
            .await?;
        for statement in [
            "select rebuild_titles($1)",
            "delete from title_first_year where catalogue = $1",
            "select make_run_balance(array_agg(distinct run_id)) from page where catalogue = $1 having count(*) > 0",
        ] {
            sqlx::query(statement).bind(&catalogue).execute(&mut *tx).await?;
        }
        sqlx::query(
            "with shown as (update data_version set version = version + 1 where catalogue = $1)
             update data_facet set version = version + 1 where catalogue = $1",
        )
        .bind(&catalogue)
        .execute(&mut *tx)
        .await?;
        let days: i64 =
            sqlx::query_scalar("select count(*) from title_daily where catalogue = $1 and line = 0")
                .bind(&catalogue)
                .fetch_one(&mut *tx)
                .await?;
        sqlx::query("select pg_notify($1, '{}')").bind(version::CHANNEL).execute(&mut *tx).await?;
        tx.commit().await?;
        made.push((catalogue, days));
    }
    Ok(made)
}
