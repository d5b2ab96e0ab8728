//! From text to terms.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};

use super::{Comparison, Moment, Pattern, Term};
use crate::{ItemState, UnknownToken};

const KEYS: &str = "state, reason, stage, dataset, path, keyword, group, only, run, page, source, catalogue, judge, root, \
                    title, edited, since, until, attempts, job, version";
/// The longest span, so that no instant leaves the calendar.
const MAX_DAYS: i64 = 36_500;
/// The longest filter.
const MAX_CHARACTERS: usize = 2_000;

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct FilterError {
    /// The character that is wrong, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// `key:value`, with the columns at which both begin.
struct Written {
    at: usize,
    key: String,
    value_at: usize,
    value: String,
}

/// Reads all terms.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, FilterError> {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() > MAX_CHARACTERS {
        let message = format!("a filter has at most {MAX_CHARACTERS} characters");
        return Err(FilterError { column: MAX_CHARACTERS + 1, message });
    }
    let mut terms: Vec<Term> = Vec::new();
    let mut next = 0;
    while let Some(written) = written(&characters, &mut next)? {
        let term = term(&written)?;
        let again = terms.iter().any(|other| other.key() == term.key() && term.key() != "attempts");
        if again {
            let message = format!("{} is there twice; items meet every term", written.key);
            return Err(FilterError { column: written.at, message });
        }
        terms.push(term);
    }
    Ok(terms)
}

/// The next `key:value`; `None` at the end.
fn written(characters: &[char], next: &mut usize) -> Result<Option<Written>, FilterError> {
    let error = |at: usize, message: &str| FilterError { column: at + 1, message: message.to_owned() };
    while characters.get(*next).is_some_and(|character| character.is_whitespace()) {
        *next += 1;
    }
    let at = *next;
    let mut key = String::new();
    loop {
        match characters.get(*next) {
            None if key.is_empty() => return Ok(None),
            Some(':') if !key.is_empty() => break,
            Some(character) if character.is_ascii_alphabetic() || *character == '_' => key.push(*character),
            _ => return Err(error(at, &format!("a term is key:value; keys: {KEYS}"))),
        }
        *next += 1;
    }
    *next += 1;
    let value_at = *next;
    let value = value(characters, next)?;
    if value.is_empty() {
        return Err(error(value_at, &format!("{key}: needs a value")));
    }
    Ok(Some(Written { at: at + 1, key, value_at: value_at + 1, value }))
}

/// A word, or what stands in quotes.
fn value(characters: &[char], next: &mut usize) -> Result<String, FilterError> {
    let quoted = characters.get(*next) == Some(&'"');
    let open = *next;
    if quoted {
        *next += 1;
    }
    let mut value = String::new();
    loop {
        let error = |at: usize, message: &str| FilterError { column: at + 1, message: message.to_owned() };
        match characters.get(*next) {
            None if quoted => return Err(error(open, "this quote is not closed")),
            None => return Ok(value),
            Some('"') if quoted => {
                *next += 1;
                return match characters.get(*next) {
                    Some(after) if !after.is_whitespace() => {
                        Err(error(*next, "a blank is needed after the closing quote"))
                    }
                    _ => Ok(value),
                };
            }
            Some('\\') if quoted => {
                *next += 1;
                match characters.get(*next) {
                    Some(escaped @ ('"' | '\\')) => value.push(*escaped),
                    _ => return Err(error(*next - 1, "in quotes, \\ stands before \" or \\ alone")),
                }
            }
            Some(character) if !quoted && character.is_whitespace() => return Ok(value),
            Some(character) if character.is_control() => {
                return Err(error(*next, "no control character may stand here"));
            }
            Some(character) => value.push(*character),
        }
        *next += 1;
    }
}

fn term(written: &Written) -> Result<Term, FilterError> {
    let Written { at, key, value_at, value } = written;
    let wrong = |message: String| FilterError { column: *value_at, message: format!("{key}: {message}") };
    let number = |text: &str| {
        let number = text.parse::<i64>().ok().filter(|number| *number >= 0);
        number.ok_or_else(|| wrong(format!("{text:?} is not a whole number from 0")))
    };
    let unknown = |error: UnknownToken| wrong(error.to_string());
    let uuid = || value.parse().map_err(|_| wrong(format!("{value:?} is not a UUID")));
    Ok(match key.as_str() {
        "state" => Term::State(states(value, *value_at)?),
        "reason" => Term::Reason(value.parse().map_err(unknown)?),
        "stage" => Term::Stage(value.parse().map_err(unknown)?),
        "dataset" => Term::Dataset(pattern(value)),
        "path" if value.starts_with('/') || value == "*" => Term::Path(pattern(&normalised(value))),
        "path" => return Err(wrong(format!("{value:?} does not begin with /"))),
        "keyword" => Term::Keyword(value.clone()),
        "group" => Term::Group(value.split(',').map(number).collect::<Result<_, _>>()?),
        "only" if value == "yes" => Term::Only,
        "only" => return Err(wrong(format!("{value:?} is not yes"))),
        "run" => Term::Run(uuid()?),
        "page" => Term::Page(number(value)?),
        "source" => Term::Source(value.clone()),
        "catalogue" => Term::Catalogue(value.parse().map_err(unknown)?),
        "judge" => Term::Judge(value.clone()),
        "root" => Term::Root(value.clone()),
        "title" => Term::Title(value.clone()),
        "edited" => match value.as_str() {
            "yes" => Term::Edited(true),
            "no" => Term::Edited(false),
            _ => return Err(wrong(format!("{value:?} is neither yes nor no"))),
        },
        "since" => Term::Since(moment(value).map_err(wrong)?),
        "until" => Term::Until(moment(value).map_err(wrong)?),
        "attempts" => match value.split_at_checked(1) {
            Some((">", rest)) => Term::Attempts(Comparison::Above, number(rest)?),
            Some(("<", rest)) => Term::Attempts(Comparison::Below, number(rest)?),
            _ => Term::Attempts(Comparison::Equal, number(value)?),
        },
        "job" => Term::Job(uuid()?),
        "version" => Term::Version(number(value)?),
        _ => {
            return Err(FilterError { column: *at, message: format!("unknown key {key:?}; keys: {KEYS}") });
        }
    })
}

fn states(list: &str, at: usize) -> Result<Vec<ItemState>, FilterError> {
    let mut column = at;
    let mut states = Vec::new();
    for word in list.split(',') {
        let wrong = |error: UnknownToken| FilterError { column, message: format!("state: {error}") };
        states.push(word.parse().map_err(wrong)?);
        column += word.chars().count() + 1;
    }
    Ok(states)
}

fn pattern(value: &str) -> Pattern {
    match value.strip_suffix('*') {
        Some(begin) => Pattern::Prefix(begin.to_owned()),
        None => Pattern::Exact(value.to_owned()),
    }
}

/// A pointer with `*` for every index, as groups have it.
fn normalised(pointer: &str) -> String {
    let index = |segment: &str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    let segments = pointer.split('/').map(|segment| if index(segment) { "*" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn moment(text: &str) -> Result<Moment, String> {
    if let Some(span) = span(text) {
        return Ok(Moment::Ago(span));
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return in_calendar(text, day.and_time(NaiveTime::MIN).and_utc());
    }
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => in_calendar(text, instant.to_utc().trunc_subsecs(6)),
        Err(_) => Err(format!("{text:?} is neither a span (90s, 15m, 2h, 3d, 1w), a day nor an instant")),
    }
}

/// Postgres keeps years that the notation of instants cannot say.
fn in_calendar(text: &str, instant: DateTime<Utc>) -> Result<Moment, String> {
    let inside = (0..=9999).contains(&instant.year());
    inside.then_some(Moment::At(instant)).ok_or_else(|| format!("{text:?} is not in the years 0 to 9999"))
}

fn span(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().next_back()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok().filter(|number| *number >= 0)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let span = TimeDelta::try_seconds(number.checked_mul(seconds)?)?;
    (span <= TimeDelta::days(MAX_DAYS)).then_some(span)
}
