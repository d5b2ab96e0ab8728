//! How a fault is asked for, in a profile or at the control port.

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Fault;

/// One fault, and where and when it happens. What is left out does not limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name in the catalogue.
    pub name: String,
    /// A path it is limited to: a prefix, or a pattern when it holds a `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A page it is limited to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The rows of the page, from 0; all of them by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<usize>>,
    /// How likely it is for each request that matches.
    #[serde(default = "one")]
    pub probability: f64,
    /// The same seed draws the same requests.
    #[serde(default)]
    pub seed: u64,
    /// Only the first so many requests that match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// From this instant of the simulator's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Until before this instant of the simulator's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// How long `delay` and `slow-accept` wait, and how long `drip` waits for each byte.
    #[serde(default = "second")]
    pub millis: u64,
    /// The status of `server-error`; 500, 502, 503 and 504 in turn by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The form of the header of `too-many-requests`.
    #[serde(default)]
    pub retry_after: RetryAfter,
    /// The wait that `retry_after` tells, in seconds.
    #[serde(default = "two")]
    pub seconds: u32,
    /// The size of `too-large`, and of the body that `truncate` and `half-close` let through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
}

/// The ways in which an upstream says when to come back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfter {
    /// A number of seconds.
    #[default]
    Seconds,
    /// An HTTP date.
    Date,
    /// An HTTP date that is over.
    Past,
    /// A year.
    Long,
    /// No header.
    Absent,
}

/// The most bytes that a fault may send.
const MOST_BYTES: usize = 256 << 20;

fn one() -> f64 {
    1.0
}

fn second() -> u64 {
    1_000
}

fn two() -> u32 {
    2
}

impl Spec {
    /// The fault of this name, everywhere and always.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            path: None,
            page: None,
            rows: None,
            probability: 1.0,
            seed: 0,
            count: None,
            from: None,
            until: None,
            millis: second(),
            status: None,
            retry_after: RetryAfter::Seconds,
            seconds: two(),
            bytes: None,
        }
    }

    /// Checks what types cannot say, and finds the fault.
    ///
    /// # Errors
    /// When a value makes no sense; the message names its key.
    pub fn checked(&self) -> Result<&'static Fault> {
        let fault = super::named(&self.name)
            .with_context(|| format!("name: there is no fault {:?}; see `jikan-sim faults`", self.name))?;
        ensure!(
            (0.0..=1.0).contains(&self.probability),
            "probability: {} is not from 0 to 1",
            self.probability
        );
        ensure!(self.page != Some(0), "page: pages count from 1");
        ensure!(self.rows.as_ref().is_none_or(|rows| !rows.is_empty()), "rows: names no row");
        ensure!(self.path.as_ref().is_none_or(|path| path.starts_with(['/', '*'])), "path: begins with a /");
        ensure!(self.status.is_none_or(|status| (400..600).contains(&status)), "status: is from 400 to 599");
        ensure!(self.bytes.is_none_or(|bytes| bytes <= MOST_BYTES), "bytes: at most {MOST_BYTES}");
        ensure!(self.millis <= 3_600_000, "millis: at most an hour");
        if let (Some(from), Some(until)) = (self.from, self.until) {
            ensure!(from < until, "until: does not lie after from");
        }
        if fault.kind.is_accept() && (self.path.is_some() || self.page.is_some()) {
            bail!(
                "{}: {} comes before any request",
                if self.path.is_some() { "path" } else { "page" },
                self.name
            );
        }
        if self.rows.is_some() && !fault.kind.takes_rows() {
            bail!("rows: {} is not about rows", self.name);
        }
        Ok(fault)
    }
}

/// A list of faults in TOML: `[[fault]]` tables.
///
/// # Errors
/// When it is not TOML, has an unknown key or a bad value; the message names the key.
pub fn profile(text: &str) -> Result<Vec<Spec>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Profile {
        #[serde(default)]
        fault: Vec<Spec>,
    }
    let Profile { fault } = toml::from_str(text).context("read the profile")?;
    for (number, spec) in fault.iter().enumerate() {
        spec.checked().with_context(|| format!("fault {} of the profile", number + 1))?;
    }
    Ok(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_profile_is_refused_by_the_name_of_the_key() {
        for (text, key) in [
            ("[[fault]]\nname = \"html\"\ncolour = 1", "colour"),
            ("[[faults]]\nname = \"html\"", "faults"),
            ("[[fault]]\nname = \"htm\"", "name: there is no fault \"htm\""),
            ("[[fault]]\nname = \"html\"\nprobability = 2", "probability"),
            ("[[fault]]\nname = \"html\"\npage = 0", "page"),
            ("[[fault]]\nname = \"html\"\npage = \"x\"", "page"),
            ("[[fault]]\nname = \"html\"\nrows = [1]", "rows"),
            ("[[fault]]\nname = \"slow-accept\"\npath = \"/v4\"", "path"),
            ("[[fault]]\nname = \"server-error\"\nstatus = 200", "status"),
            ("[[fault]]\nname = \"html\"\nretry_after = \"soon\"", "soon"),
            (
                "[[fault]]\nname = \"html\"\nfrom = \"2026-01-02T00:00:00Z\"\nuntil = \"2026-01-01T00:00:00Z\"",
                "until",
            ),
        ] {
            let message = format!("{:#}", profile(text).unwrap_err());
            assert!(message.contains(key), "{text}: {message}");
        }
        assert_eq!(profile("[[fault]]\nname = \"score-null\"\nrows = [3]").unwrap().len(), 1);
    }
}
