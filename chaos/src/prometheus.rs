//! What a Prometheus recorded, asked after the fact.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, SecondsFormat, Utc};
use kansoku_stack::process;
use serde_json::Value;

/// A Prometheus, by its port.
#[derive(Debug, Clone, Copy)]
pub struct Prometheus(pub u16);

/// One series of a range: its labels, and its values by seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// The labels, without those of every series of a job.
    pub labels: BTreeMap<String, String>,
    /// When, and what.
    pub values: Vec<(f64, f64)>,
}

impl Prometheus {
    /// The one number that a query gives at an instant; `None` where it gives no series or no number.
    ///
    /// # Errors
    /// Prometheus does not answer, or does not understand the query.
    pub async fn number(self, query: &str, at: DateTime<Utc>) -> Result<Option<f64>> {
        let result = self.ask("query", query, &format!("time={}", instant(at))).await?;
        let number = result[0]["value"][1].as_str().and_then(|number| number.parse::<f64>().ok());
        Ok(number.filter(|number| number.is_finite()))
    }

    /// The series that a query gives over a time, a value a second.
    ///
    /// # Errors
    /// As above.
    pub async fn range(self, query: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Series>> {
        let time = format!("start={}&end={}&step=1", instant(from), instant(to));
        let result = self.ask("query_range", query, &time).await?;
        Ok(result.as_array().into_iter().flatten().map(series).collect())
    }

    async fn ask(self, what: &str, query: &str, time: &str) -> Result<Value> {
        let mut path = format!("/api/v1/{what}?{time}&query=");
        query.bytes().try_for_each(|byte| write!(path, "%{byte:02X}")).context("write the address")?;
        let (status, body) = process::get(self.0, &path).await.context("ask Prometheus")?;
        ensure!(status == 200, "Prometheus refuses {query}: {body}");
        let mut answer: Value = serde_json::from_str(&body).context("read what Prometheus answers")?;
        Ok(answer["data"]["result"].take())
    }
}

fn series(value: &Value) -> Series {
    let labels = value["metric"].as_object().into_iter().flatten();
    let labels = labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let point = |value: &Value| Some((value[0].as_f64()?, value[1].as_str()?.parse::<f64>().ok()?));
    let values = value["values"].as_array().into_iter().flatten().filter_map(point);
    Series { labels: labels.collect(), values: values.filter(|(_, value)| value.is_finite()).collect() }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
