//! A dependency that is unavailable: nothing is wrong with the work in hand, it has to wait.

use std::fmt;

/// An effect could not happen because something it needs does not answer. The work is held and tried again; it is never
/// thrown away for this.
#[derive(Debug)]
pub struct Unavailable {
    /// The name under which readiness shows it, e.g. `nats`.
    pub dependency: &'static str,
    /// What a person can do about it, where that is known.
    pub remediation: Option<String>,
    /// What happened.
    pub error: anyhow::Error,
}

impl Unavailable {
    /// A dependency that is unavailable for a reason that passes by itself, or without a known remediation.
    pub fn new(dependency: &'static str, error: impl Into<anyhow::Error>) -> Self {
        Self { dependency, remediation: None, error: error.into() }
    }

    /// Names what a person can do about it.
    #[must_use]
    pub fn with_remediation(mut self, remediation: impl Into<String>) -> Self {
        self.remediation = Some(remediation.into());
        self
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} is unavailable: {:#}", self.dependency, self.error)?;
        match &self.remediation {
            Some(remediation) => write!(formatter, "; {remediation}"),
            None => Ok(()),
        }
    }
}

// The message already holds the whole chain, so there is no source to print a second time.
impl std::error::Error for Unavailable {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_is_unavailable_why_and_what_to_do() {
        let error =
            anyhow::anyhow!("maximum bytes exceeded").context("publish to dlq.validate.schema.top.score");
        let away = Unavailable::new("nats", error);
        let plain = "nats is unavailable: publish to dlq.validate.schema.top.score: maximum bytes exceeded";
        assert_eq!(away.to_string(), plain);
        assert_eq!(
            away.with_remediation("raise max_bytes of DLQ").to_string(),
            format!("{plain}; raise max_bytes of DLQ")
        );
    }
}
