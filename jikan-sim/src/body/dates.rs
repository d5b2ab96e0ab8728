//! Dates and broadcast times as upstream states them: exact once they are sure, vague before.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use crate::snapshot::{Status, TitleState};

/// How exactly a first day is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    Year,
    Month,
    Day,
}

/// A title that is not dated is known by its month, and by its year when it takes long to settle.
pub(super) fn precision(state: &TitleState) -> Precision {
    let title = state.title;
    let days_ahead = (title.premiere - title.dated).num_days();
    if state.dated {
        Precision::Day
    } else if days_ahead > 70 && title.story.season == 1 {
        Precision::Year
    } else {
        Precision::Month
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Aired {
    from: Option<String>,
    to: Option<String>,
    prop: Prop,
    string: String,
}

#[derive(Debug, Serialize)]
struct Prop {
    from: Parts,
    to: Parts,
}

#[derive(Debug, Serialize)]
struct Parts {
    day: Option<u32>,
    month: Option<u32>,
    year: Option<i32>,
}

impl Parts {
    fn of(day: Option<NaiveDate>) -> Self {
        Self {
            day: day.map(|day| day.day()),
            month: day.map(|day| day.month()),
            year: day.map(|day| day.year()),
        }
    }
}

pub(super) fn aired(state: &TitleState) -> Aired {
    let title = state.title;
    let exact = precision(state);
    let from = match exact {
        Precision::Day => Some(title.first_day),
        Precision::Month => title.first_day.with_day(1),
        Precision::Year => title.first_day.with_day(1).and_then(|day| day.with_month(1)),
    };
    let one_day = title.episodes == 1;
    let to = (state.status == Status::Finished && !one_day).then_some(title.last_day);
    let begin = from.map(|day| match exact {
        Precision::Day => day.format("%b %-d, %Y").to_string(),
        Precision::Month => day.format("%b %Y").to_string(),
        Precision::Year => day.format("%Y").to_string(),
    });
    let begin = begin.unwrap_or_else(|| "Not available".to_owned());
    let string = match to {
        Some(to) => format!("{begin} to {}", to.format("%b %-d, %Y")),
        None if one_day && exact == Precision::Day => begin,
        None => format!("{begin} to ?"),
    };
    Aired {
        from: from.map(midnight),
        to: to.map(midnight),
        prop: Prop { from: Parts::of(from), to: Parts::of(to) },
        string,
    }
}

/// Upstream writes a Tokyo day as midnight in UTC.
fn midnight(day: NaiveDate) -> String {
    format!("{day}T00:00:00+00:00")
}

#[derive(Debug, Serialize)]
pub(super) struct Broadcast {
    day: Option<String>,
    time: Option<String>,
    timezone: Option<&'static str>,
    string: Option<String>,
}

pub(super) fn broadcast(state: &TitleState) -> Broadcast {
    let unknown = |string: Option<&str>| Broadcast {
        day: None,
        time: None,
        timezone: None,
        string: string.map(str::to_owned),
    };
    let Some(slot) = state.title.slot else {
        return unknown(None);
    };
    if !state.dated {
        return unknown(Some("Unknown"));
    }
    let day = state.title.first_day.format("%As").to_string();
    let time = slot.format("%H:%M").to_string();
    Broadcast {
        string: Some(format!("{day} at {time} (JST)")),
        day: Some(day),
        time: Some(time),
        timezone: Some("Asia/Tokyo"),
    }
}
