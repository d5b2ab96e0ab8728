//! Query parameters: what is not understood is refused, never ignored.

use std::ops::RangeInclusive;

use utoipa::IntoParams;

use crate::problem::Failure;

/// Longer values name nothing of ours.
const MAX_VALUE_CHARS: usize = 200;

/// The query parameters of one request. Each is taken once; what nobody takes is not a parameter of the resource.
#[derive(Debug)]
pub struct RequestParameters(Vec<(String, String)>);

impl RequestParameters {
    /// Reads a query string.
    pub fn parse(query: &str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The value as it came.
    ///
    /// # Errors
    /// When it is empty, too long or there twice.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let Some(at) = self.0.iter().position(|(given, _)| given == name) else { return Ok(None) };
        let (_, value) = self.0.swap_remove(at);
        if self.0.iter().any(|(given, _)| given == name) {
            return Err(bad(name, "is there more than once", Vec::new()));
        }
        if value.is_empty() {
            return Err(bad(name, "is empty; give it a value or leave it out", Vec::new()));
        }
        if value.chars().count() > MAX_VALUE_CHARS || value.chars().any(char::is_control) {
            let message = format!("is longer than {MAX_VALUE_CHARS} characters or holds control characters");
            return Err(bad(name, message, Vec::new()));
        }
        Ok(Some(value))
    }

    /// Ends the reading; `documented` names what the resource takes.
    ///
    /// # Errors
    /// Names a parameter that was not taken.
    pub fn finish(self, documented: impl FnOnce() -> Vec<String>) -> Result<(), Failure> {
        let Some((name, _)) = self.0.first() else { return Ok(()) };
        let allowed = documented();
        let names = if allowed.is_empty() { "none".into() } else { allowed.join(", ") };
        let message = format!("is not a parameter of this resource; it takes {names}");
        Err(bad(&shortened(name), message, allowed))
    }

    /// One of some words.
    ///
    /// # Errors
    /// When the value is none of them.
    pub fn word<T: Copy>(&mut self, name: &str, words: &[(&'static str, T)]) -> Result<Option<T>, Failure> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning);
        let allowed: Vec<String> = words.iter().map(|(word, _)| (*word).into()).collect();
        let message = || format!("{value:?} is not one of {}", allowed.join(", "));
        found.map(Some).ok_or_else(|| bad(name, message(), allowed.clone()))
    }

    /// A whole number within a range.
    ///
    /// # Errors
    /// When the value is not.
    pub fn number(&mut self, name: &str, range: RangeInclusive<u32>, default: u32) -> Result<u32, Failure> {
        let Some(value) = self.text(name)? else { return Ok(default) };
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

/// The names in a documented set of parameters.
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

    fn refusal(query: &str) -> String {
        let mut parameters = RequestParameters::parse(query);
        let read = parameters
            .number("limit", 1..=100, 10)
            .and_then(|_| parameters.word("kind", &[("a", 1), ("c", 2)]))
            .and_then(|_| parameters.finish(|| vec!["limit".into(), "kind".into()]));
        read.expect_err("it is bad").to_string()
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
        assert_eq!(refusal("limit=0"), "limit: \"0\" is not a whole number from 1 to 100");
        assert_eq!(refusal("kind=b"), "kind: \"b\" is not one of a, c");
    }

    #[test]
    fn values_are_read_and_left_out_ones_have_defaults() {
        let mut parameters = RequestParameters::parse("kind=a%20b&source=x");
        assert_eq!(parameters.text("source"), Ok(Some("x".into())));
        assert_eq!(parameters.number("limit", 1..=100, 10), Ok(10));
        assert_eq!(parameters.word("kind", &[("a b", 7)]), Ok(Some(7)));
        assert_eq!(parameters.finish(Vec::new), Ok(()));
    }
}
