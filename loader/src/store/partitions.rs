//! The months of `observation`.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};
use kansoku_schemas::Page;

use super::Store;
use crate::db_error::DbError;

/// Held while partitions are made; any number does, as long as nothing else uses it.
const LOCK: i64 = 0x006b_616e_736f_6b75;

/// How many months after the current one are made ahead of need.
const MONTHS_AHEAD: u32 = 2;

/// The first day of the month of `day`.
pub(super) fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The month of `today` and the ones made ahead of need.
pub fn ahead(today: NaiveDate) -> BTreeSet<NaiveDate> {
    (0..=MONTHS_AHEAD).filter_map(|count| month_of(today).checked_add_months(Months::new(count))).collect()
}

impl Store {
    /// Makes the partitions of the pages' months.
    pub async fn ensure_partitions(&self, pages: &[Page]) -> Result<usize, DbError> {
        self.ensure_months(pages.iter().map(|page| month_of(page.meta.captured_at.date_naive())).collect())
            .await
    }

    /// Makes the partitions of these months, in a transaction of their own, and says how many were new.
    pub async fn ensure_months(&self, wanted: BTreeSet<NaiveDate>) -> Result<usize, DbError> {
        let missing: Vec<NaiveDate> = {
            let known = self.months.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            wanted.difference(&known).copied().collect()
        };
        if missing.is_empty() {
            return Ok(0);
        }
        let making = async {
            let mut tx = self.pool.begin().await?;
            sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
            let made: i64 = sqlx::query_scalar(
                "select count(*) filter (where make_observation_partition(month)) from unnest($1::date[]) as m(month)",
            )
            .bind(&missing)
            .fetch_one(&mut *tx)
            .await?;
            tx.commit().await.map(|()| made)
        };
        let made = self.supervised_ours("make partitions of observation", making).await?;
        self.months.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(missing);
        Ok(usize::try_from(made).unwrap_or_default())
    }

    /// Forgets which months are there, after one turned out to be missing.
    pub fn forget_months(&self) {
        self.months.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_months_are_made_ahead_over_the_turn_of_the_year() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let months: Vec<_> = ahead(day(2026, 11, 30)).into_iter().collect();
        assert_eq!(months, [day(2026, 11, 1), day(2026, 12, 1), day(2027, 1, 1)]);
    }
}
