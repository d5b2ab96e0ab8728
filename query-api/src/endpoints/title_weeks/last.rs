//! The last week that a selection may be told of.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};

use crate::{database::ReadError, resource::Reading};

/// The Monday of the last week: that of the newest capture, or the one before where the places of its week rest on captures
/// beyond `as_of`; `None` before the first capture.
pub(in crate::endpoints) async fn last_week(reading: &mut Reading) -> Result<Option<NaiveDate>, ReadError> {
    let Some(captured_at) = reading.meta.captured_at else { return Ok(None) };
    let day = captured_at.date_naive();
    let monday = day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()));
    let (Some(monday), Some(as_of)) = (monday, reading.scope.as_of) else { return Ok(monday) };
    // The numbers of one source are counted up to `as_of`.
    if reading.scope.source_id.is_some() {
        return Ok(Some(monday));
    }
    let end = monday.checked_add_days(Days::new(7)).unwrap_or(NaiveDate::MAX);
    let sql =
        "select exists (select from run where catalogue = $1 and captured_at > $2 and captured_at < $3)";
    let goes_on: bool = sqlx::query_scalar(sql)
        .bind(reading.scope.catalogue.name())
        .bind(as_of)
        .bind(end.and_time(NaiveTime::MIN).and_utc())
        .fetch_one(reading.session())
        .await?;
    Ok(if goes_on { monday.checked_sub_days(Days::new(7)) } else { Some(monday) })
}
