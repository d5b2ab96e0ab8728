//! The parameters of requests: what is not understood is refused, never ignored.

mod declared;
mod value;

use std::borrow::Cow;

use crate::problem::Failure;

pub(crate) use declared::{Parameters, described, parameters};
pub(crate) use value::{Refusal, Value, Whole};

/// Longer values name nothing of ours.
pub(crate) const MAX_VALUE_CHARS: usize = 200;

/// The parameters of one request, every one of which its resource knows.
#[derive(Debug)]
pub struct RequestParameters<'a> {
    path: &'a [(Box<str>, String)],
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> RequestParameters<'a> {
    /// Reads the query string beside the values in the path; `known` are the lists of what the resource takes.
    ///
    /// # Errors
    /// Names a parameter that is unknown or there twice.
    pub fn read(path: &'a [(Box<str>, String)], query: &'a str, known: &[&[&str]]) -> Result<Self, Failure> {
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        for (at, (name, _)) in query.iter().enumerate() {
            if !known.iter().any(|names| names.contains(&&**name)) {
                let allowed: Vec<String> = known.concat().into_iter().map(Into::into).collect();
                let names = if allowed.is_empty() { "none".into() } else { allowed.join(", ") };
                let message = format!("is not a parameter of this resource; it takes {names}");
                return Err(bad(&shortened(name), message, allowed));
            }
            if query[..at].iter().any(|(before, _)| before == name) {
                return Err(bad(name, "is there more than once", Vec::new()));
            }
        }
        Ok(Self { path, query })
    }

    /// The value of a parameter, or what stands for one that is left out.
    ///
    /// # Errors
    /// When it cannot be understood, or is missing.
    pub(crate) fn value<T: Value>(&self, name: &str, default: Option<T>) -> Result<T, Failure> {
        let refused = |Refusal { message, allowed }| bad(name, message, allowed);
        match self.text(name)? {
            Some(text) => T::parse(text).map_err(refused),
            None => default.or_else(T::left_out).ok_or_else(|| refused(T::missing())),
        }
    }

    fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        let of_path = self.path.iter().find(|(given, _)| &**given == name).map(|(_, value)| value.as_str());
        let of_query = || self.query.iter().find(|(given, _)| given == name).map(|(_, value)| &**value);
        let Some(value) = of_path.or_else(of_query) else { return Ok(None) };
        if value.is_empty() {
            return Err(bad(name, "is empty; give it a value or leave it out", Vec::new()));
        }
        if value.chars().nth(MAX_VALUE_CHARS).is_some() || value.chars().any(char::is_control) {
            let message = format!("is longer than {MAX_VALUE_CHARS} characters or holds control characters");
            return Err(bad(name, message, Vec::new()));
        }
        Ok(Some(value))
    }
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
    use crate::vocabulary::words;

    words! {
        /// Words of the tests.
        pub(super) enum Kind { /// One.
            A = "a", /// Another.
            C = "c d" }
    }

    parameters! {
        /// Parameters of the tests.
        pub(super) struct Params {
            /// A number.
            query limit: Whole<1, 100> = 10,
            /// A word.
            query kind: Option<Kind>,
        }
    }

    fn read(query: &str) -> Result<Params, Failure> {
        let parameters = RequestParameters::read(&[], query, &[Params::NAMES])?;
        Params::from_request(&parameters)
    }

    fn refusal(query: &str) -> String {
        read(query).expect_err("it is bad").to_string()
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(refusal("x=1"), "x: is not a parameter of this resource; it takes limit, kind");
        assert_eq!(refusal("x=1&x=2"), "x: is not a parameter of this resource; it takes limit, kind");
        assert_eq!(refusal("limit="), "limit: is empty; give it a value or leave it out");
        assert_eq!(refusal("limit=1&limit=1"), "limit: is there more than once");
        assert_eq!(
            refusal(&format!("kind={}", "x".repeat(201))),
            "kind: is longer than 200 characters or holds control characters"
        );
        assert_eq!(refusal("limit=0"), "limit: \"0\" is not a whole number from 1 to 100");
        assert_eq!(refusal("kind=b"), "kind: \"b\" is not one of a, c d");
    }

    #[test]
    fn values_are_read_and_left_out_ones_have_defaults() {
        let some = read("kind=c%20d").expect("good");
        assert_eq!((some.limit.get(), some.kind), (10, Some(Kind::C)));
        assert_eq!(serde_json::to_string(&some).expect("JSON"), r#"{"limit":10,"kind":"c d"}"#);
    }
}
