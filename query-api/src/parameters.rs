//! Query parameters: what is not understood is refused, never ignored.

use std::{collections::BTreeMap, ops::RangeInclusive};

use utoipa::IntoParams;

use crate::problem::Failure;

/// Longer values name nothing of ours.
const LONGEST: usize = 200;

/// The query parameters of one request.
#[derive(Debug)]
pub struct Given(BTreeMap<String, String>);

impl Given {
    /// Reads a query string of which only the `allowed` names may be in, each once.
    ///
    /// # Errors
    /// Names the first parameter that is unknown, empty, too long or there twice.
    pub fn parse(query: &str, allowed: &[String]) -> Result<Self, Failure> {
        let mut given = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if !allowed.iter().any(|known| *known == name) {
                let names = if allowed.is_empty() { "none".into() } else { allowed.join(", ") };
                let message = format!("is not a parameter of this resource; it takes {names}");
                return Err(bad(&shortened(&name), message, allowed.to_vec()));
            }
            if value.is_empty() {
                return Err(bad(&name, "is empty; give it a value or leave it out", Vec::new()));
            }
            if value.chars().count() > LONGEST || value.chars().any(char::is_control) {
                let message = format!("is longer than {LONGEST} characters or holds control characters");
                return Err(bad(&name, message, Vec::new()));
            }
            if given.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(bad(&name, "is there more than once", Vec::new()));
            }
        }
        Ok(Self(given))
    }

    /// The value as it came.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// One of some words.
    ///
    /// # Errors
    /// When the value is none of them.
    pub fn word<T: Copy>(&self, name: &str, words: &[(&'static str, T)]) -> Result<Option<T>, Failure> {
        let Some(value) = self.text(name) else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning);
        let allowed: Vec<String> = words.iter().map(|(word, _)| (*word).into()).collect();
        let message = || format!("{value:?} is not one of {}", allowed.join(", "));
        found.map(Some).ok_or_else(|| bad(name, message(), allowed.clone()))
    }

    /// A whole number within a range.
    ///
    /// # Errors
    /// When the value is not.
    pub fn number(&self, name: &str, range: RangeInclusive<u32>, default: u32) -> Result<u32, Failure> {
        let Some(value) = self.text(name) else { return Ok(default) };
        let number = value.parse().ok().filter(|number| range.contains(number));
        let (low, high) = (range.start(), range.end());
        number.ok_or_else(|| {
            bad(
                name,
                format!("{value:?} is not a whole number from {low} to {high}"),
                vec![format!("{low} to {high}")],
            )
        })
    }
}

/// The names in a documented set of parameters: the document is what is checked against.
pub fn names<P: IntoParams>() -> Vec<String> {
    P::into_params(|| None).into_iter().map(|parameter| parameter.name).collect()
}

/// A parameter that cannot be understood.
pub fn bad(parameter: &str, message: impl Into<String>, allowed: Vec<String>) -> Failure {
    Failure::BadParameter { parameter: parameter.into(), message: message.into(), allowed }
}

fn shortened(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Vec<String> {
        vec!["limit".into(), "kind".into()]
    }

    fn refusal(query: &str) -> String {
        Given::parse(query, &allowed()).expect_err("it is bad").to_string()
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(refusal("x=1"), "x: is not a parameter of this resource; it takes limit, kind");
        assert_eq!(refusal("limit="), "limit: is empty; give it a value or leave it out");
        assert_eq!(refusal("limit=1&limit=1"), "limit: is there more than once");
        assert_eq!(
            refusal(&format!("kind={}", "x".repeat(201))),
            "kind: is longer than 200 characters or holds control characters"
        );
        let given = Given::parse("limit=0&kind=b", &allowed()).expect("known names");
        let limit = given.number("limit", 1..=100, 10).expect_err("out of range");
        assert_eq!(limit.to_string(), "limit: \"0\" is not a whole number from 1 to 100");
        let kind = given.word("kind", &[("a", 1), ("c", 2)]).expect_err("no such word");
        assert_eq!(kind.to_string(), "kind: \"b\" is not one of a, c");
    }

    #[test]
    fn values_are_read_and_left_out_ones_have_defaults() {
        let given = Given::parse("kind=a%20b", &allowed()).expect("known names");
        assert_eq!(given.text("kind"), Some("a b"));
        assert_eq!(given.number("limit", 1..=100, 10), Ok(10));
        assert_eq!(given.word("kind", &[("a b", 7)]), Ok(Some(7)));
    }
}
