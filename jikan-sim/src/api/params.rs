//! Query parameters: read, checked, and complained about in upstream's manner.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::Refusal;
use crate::body::Paging;

/// Rows on a page, unless another number is asked for.
const USUAL_LIMIT: u32 = 25;

/// The parameters of one question. What is not asked for by name is passed over, as upstream does.
pub(super) struct Params {
    values: BTreeMap<String, String>,
    wrong: BTreeMap<&'static str, Vec<String>>,
    most_rows: u32,
}

impl Params {
    /// Of a parameter given twice the last value counts.
    pub(super) fn parse(query: &str, most_rows: u32) -> Self {
        Self {
            values: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            wrong: BTreeMap::new(),
            most_rows,
        }
    }

    /// The parameter as text; an empty one counts as absent.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.values.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// Whether a flag is there and not false.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| !matches!(value.as_str(), "false" | "0"))
    }

    /// One of the allowed words, as what it stands for.
    pub(super) fn one_of<T: Copy>(&mut self, name: &'static str, allowed: &[(&str, T)]) -> Option<T> {
        let value = self.text(name)?;
        let found = allowed.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning);
        if found.is_none() {
            self.complain(name, format!("The selected {name} is invalid."));
        }
        found
    }

    /// `page` and `limit`.
    pub(super) fn paging(&mut self) -> Paging {
        Paging {
            page: self.number("page", 1, u32::MAX),
            limit: self.number("limit", USUAL_LIMIT, self.most_rows),
        }
    }

    /// What was wrong, if anything was.
    pub(super) fn checked<T>(self, route: T) -> Result<T, Refusal> {
        if self.wrong.is_empty() { Ok(route) } else { Err(Refusal::Invalid(self.wrong)) }
    }

    fn number(&mut self, name: &'static str, usual: u32, most: u32) -> u32 {
        let Some(value) = self.text(name) else { return usual };
        match value.parse::<u32>() {
            Ok(0) => self.complain(name, format!("The {name} must be at least 1.")),
            Ok(number) if number > most => {
                self.complain(name, format!("The {name} may not be greater than {most}."));
            }
            Ok(number) => return number,
            Err(_) => self.complain(name, format!("The {name} must be an integer.")),
        }
        usual
    }

    fn complain(&mut self, name: &'static str, message: String) {
        self.wrong.entry(name).or_default().push(message);
    }
}
