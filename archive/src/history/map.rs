//! The map of a history: which column is what.

use kansoku_schemas::{Catalogue, PageMeta};
use serde_json::Number;
use toml::de::DeTable;

use super::{
    keys::{MapError, Section, Value, line_of},
    time::{Form, zone},
};

/// What a row can tell, in the order in which rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The title's id.
    MalId,
    /// Its name.
    Title,
    /// Mean of the votes.
    Score,
    /// How many voted.
    ScoredBy,
    /// Place by score.
    Rank,
    /// Place by members.
    Popularity,
    /// In how many people's lists it is.
    Members,
    /// How many call it a favourite.
    Favorites,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::MalId,
        Self::Title,
        Self::Score,
        Self::ScoredBy,
        Self::Rank,
        Self::Popularity,
        Self::Members,
        Self::Favorites,
    ];

    /// Its key, in the map and in rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::MalId => "mal_id",
            Self::Title => "title",
            Self::Score => "score",
            Self::ScoredBy => "scored_by",
            Self::Rank => "rank",
            Self::Popularity => "popularity",
            Self::Members => "members",
            Self::Favorites => "favorites",
        }
    }

    /// Whether it is one of the numbers that are observed.
    pub fn is_observed(self) -> bool {
        !matches!(self, Self::MalId | Self::Title)
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The column of this name.
    Column(String),
    /// The same for all rows.
    Constant(String),
}

/// A field with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// Where from.
    pub origin: Origin,
    /// The line of the map that says so.
    pub line: usize,
    /// The key there.
    pub key: String,
}

/// A map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    /// The name of the history, if the map gives one.
    pub name: Option<String>,
    /// Which family of titles.
    pub catalogue: Catalogue,
    /// What stands between two cells.
    pub separator: u8,
    /// What stands for "not known", beside the empty cell.
    pub unknown: Vec<String>,
    /// Where the instants are.
    pub time: Mapped,
    /// How they are written.
    pub form: Form,
    /// The fields, in order.
    pub fields: Vec<(Field, Mapped)>,
}

impl Map {
    /// Reads a map.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        let parsed = DeTable::parse(text).map_err(|error| MapError {
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            key: String::new(),
            problem: error.message().to_owned(),
        })?;
        let mut all = Section::new(text, "", parsed.get_ref());
        let name = all.take("name").map(|value| name(&value)).transpose()?;
        let catalogue = all.take("catalogue").map(|value| catalogue(&value)).transpose()?;
        let separator = all.take("separator").map(|value| separator(&value)).transpose()?;
        let unknown = all.take("unknown").map(|value| value.texts()).transpose()?.unwrap_or_default();
        let end = line_of(all.text(), text.trim_end().len());
        let value = all.need("columns", end, "it says which column is what")?;
        let mut columns = value.section().ok_or_else(|| value.wrong("must be a table"))?;
        let when = columns.need("time", value.line, "no row without its instant")?;
        let (time, form) = instants(&when)?;
        let mut fields = Vec::new();
        for field in Field::ALL {
            if let Some(value) = columns.take(field.name()) {
                fields.push((field, mapped(&value, field)?));
            }
        }
        columns.finish()?;
        all.finish()?;
        if !fields.iter().any(|(field, _)| *field == Field::MalId) {
            return Err(value.wrong("mal_id is missing: no row without its title"));
        }
        if !fields.iter().any(|(field, _)| field.is_observed()) {
            return Err(value.wrong(
                "names none of score, scored_by, rank, popularity, members, favorites: there is nothing to keep",
            ));
        }
        let catalogue = catalogue.unwrap_or(Catalogue::Mal);
        Ok(Self { name, catalogue, separator: separator.unwrap_or(b','), unknown, time, form, fields })
    }
}

/// The name as a part of a source. It travels as a header.
pub fn source(name: &str) -> Result<String, String> {
    let source = format!("csv:{name}");
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err(format!("{name:?} is no name for a history"));
    }
    if source.len() > PageMeta::MOST_SOURCE {
        return Err(format!("has {} bytes, and {} are the most", name.len(), PageMeta::MOST_SOURCE - 4));
    }
    Ok(source)
}

fn name(value: &Value<'_>) -> Result<String, MapError> {
    let name = value.text()?;
    source(name).map_err(|problem| value.wrong(problem))?;
    Ok(name.to_owned())
}

fn catalogue(value: &Value<'_>) -> Result<Catalogue, MapError> {
    value.text()?.parse().map_err(|error: kansoku_schemas::UnknownToken| value.wrong(error.to_string()))
}

fn separator(value: &Value<'_>) -> Result<u8, MapError> {
    match value.text()?.as_bytes() {
        [separator] if separator.is_ascii() && !b"\"\r\n".contains(separator) => Ok(*separator),
        _ => Err(value.wrong("must be one ASCII character, such as \",\", \";\" or \"\\t\"")),
    }
}

/// Where a field comes from: the name of a column, `{ column = … }` or `{ value = … }`.
fn origin(value: &Value<'_>, section: Option<&mut Section<'_>>) -> Result<Origin, MapError> {
    let Some(section) = section else { return Ok(Origin::Column(value.text()?.to_owned())) };
    match (section.take("column"), section.take("value")) {
        (Some(column), None) => Ok(Origin::Column(column.text()?.to_owned())),
        (None, Some(constant)) => Ok(Origin::Constant(constant.written()?)),
        _ => Err(value.wrong("must have one of column and value")),
    }
}

fn mapped(value: &Value<'_>, field: Field) -> Result<Mapped, MapError> {
    let mut section = value.section();
    let origin = origin(value, section.as_mut())?;
    if let Some(section) = section {
        section.finish()?;
    }
    match &origin {
        Origin::Constant(text) if field != Field::Title && !is_number(text) => {
            Err(value.wrong(format!("{text:?} is no number")))
        }
        _ => Ok(Mapped { origin, line: value.line, key: value.key.clone() }),
    }
}

fn instants(value: &Value<'_>) -> Result<(Mapped, Form), MapError> {
    let mut section = value.section();
    let origin = origin(value, section.as_mut())?;
    let (mut format, mut of) = (None, None);
    if let Some(mut section) = section {
        format = section.take("format");
        of = section.take("zone");
        section.finish()?;
    }
    let offset = of.as_ref().map(|of| {
        let text = of.text()?;
        zone(text)
            .ok_or_else(|| of.wrong(format!("{text:?} is no offset from UTC, such as UTC, +09:00 or -05:30")))
    });
    let offset = offset.transpose()?;
    let named = match format.as_ref().map(|format| format.text()).transpose()? {
        None | Some("rfc3339") => Some(Form::Rfc3339),
        Some("unix") => Some(Form::Unix),
        Some("unix_ms") => Some(Form::UnixMs),
        Some(_) => None,
    };
    let form = match (named, &format, &of) {
        (Some(_), _, Some(of)) => {
            return Err(of.wrong("these instants hold their zone already: leave zone out, or give a pattern"));
        }
        (Some(form), ..) => form,
        (None, Some(format), _) => {
            Form::pattern(format.text()?, offset).map_err(|problem| format.wrong(problem))?
        }
        (None, None, _) => Form::Rfc3339,
    };
    if let Origin::Constant(text) = &origin
        && let Err(why) = form.read(text)
    {
        return Err(value.wrong(format!("{text:?} is {} ({})", why.name(), form.words())));
    }
    Ok((Mapped { origin, line: value.line, key: value.key.clone() }, form))
}

/// Whether a text is a number as JSON has them.
pub fn is_number(text: &str) -> bool {
    serde_json::from_str::<Number>(text).is_ok()
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
