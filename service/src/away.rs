//! A dependency that is away: nothing is wrong with the work in hand, it has to wait.

use std::fmt;

/// An effect could not happen because something it needs does not answer. The work is held and tried again; it is never
/// thrown away for this.
#[derive(Debug)]
pub struct Away {
    /// The name under which readiness shows it, e.g. `nats`.
    pub dependency: &'static str,
    /// What a person can do about it, where that is known.
    pub cure: Option<String>,
    /// What happened.
    pub error: anyhow::Error,
}

impl Away {
    /// A dependency that is away for a reason that mends itself, or that nobody knows a cure for.
    pub fn new(dependency: &'static str, error: impl Into<anyhow::Error>) -> Self {
        Self { dependency, cure: None, error: error.into() }
    }

    /// Names what a person can do about it.
    #[must_use]
    pub fn with_cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }
}

impl fmt::Display for Away {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} is away: {:#}", self.dependency, self.error)?;
        match &self.cure {
            Some(cure) => write!(formatter, "; {cure}"),
            None => Ok(()),
        }
    }
}

// The message already holds the whole chain, so there is no source to print a second time.
impl std::error::Error for Away {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_is_away_why_and_what_to_do() {
        let error =
            anyhow::anyhow!("maximum bytes exceeded").context("publish to dlq.validate.schema.top.score");
        let away = Away::new("nats", error);
        let plain = "nats is away: publish to dlq.validate.schema.top.score: maximum bytes exceeded";
        assert_eq!(away.to_string(), plain);
        assert_eq!(
            away.with_cure("raise max_bytes of DLQ").to_string(),
            format!("{plain}; raise max_bytes of DLQ")
        );
    }
}
