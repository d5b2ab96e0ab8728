//! `alerts.toml`: one definition an alert.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// All alerts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// The address below which the runbooks are.
    pub runbooks: String,
    /// The jobs of our services.
    pub services: Vec<String>,
    /// Each of them.
    #[serde(rename = "alert")]
    pub all: Vec<Alert>,
}

/// One alert.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Its name, which is also that of its runbook.
    pub name: String,
    /// `page` wakes somebody, `ticket` waits for a working day, `none` is for machines.
    pub severity: String,
    /// Whose trouble it is: a job, the whole pipeline, or a template that says it.
    pub service: String,
    /// The condition; in the file it may name our services.
    pub expr: String,
    /// How long the condition has to hold.
    #[serde(rename = "for")]
    pub hold: String,
    /// One line with the value.
    pub summary: String,
    /// What is wrong and how bad it is.
    pub description: String,
    /// Where it can be seen.
    pub dashboard: Panel,
    /// Where the panel draws its line.
    pub threshold: Option<f64>,
    /// The experiment that causes it, and waits for it.
    pub inject: Option<String>,
    /// Why nothing does.
    pub not_injected: Option<String>,
}

/// A panel of a dashboard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// The dashboard.
    pub uid: String,
    /// The panel's number in it.
    pub panel: u32,
}

impl Alerts {
    /// Reads them from the folder of the definitions.
    ///
    /// # Errors
    /// When the file cannot be read, or an alert in it is not one.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("alerts.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("understand {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let mut alerts: Self = toml::from_str(text)?;
        for alert in &mut alerts.all {
            alert.expr = with_services(&alert.expr, &alerts.services);
        }
        for (place, alert) in alerts.all.iter().enumerate() {
            let name = &alert.name;
            ensure!(alerts.all[..place].iter().all(|other| other.name != *name), "{name} is there twice");
            ensure!(
                ["page", "ticket", "none"].contains(&alert.severity.as_str()),
                "{name} has the severity {:?}, which is none of page, ticket and none",
                alert.severity
            );
            ensure!(
                alert.inject.is_some() != alert.not_injected.is_some(),
                "{name} needs either `inject` or `not_injected`"
            );
        }
        Ok(alerts)
    }
}

/// An expression with the jobs of all services, or once for each of them.
fn with_services(expr: &str, services: &[String]) -> String {
    let all = expr.replace("$services", &services.join("|"));
    if !all.contains("$service") {
        return all;
    }
    services.iter().map(|service| all.replace("$service", service)).collect::<Vec<_>>().join("\nor ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_names_all_services_or_each() {
        let services = ["a", "b"].map(str::to_owned);
        assert_eq!(with_services("up{job=~\"$services\"} == 0", &services), "up{job=~\"a|b\"} == 0");
        assert_eq!(
            with_services("absent(up{job=\"$service\"})", &services),
            "absent(up{job=\"a\"})\nor absent(up{job=\"b\"})"
        );
        assert_eq!(with_services("x > 0", &services), "x > 0");
    }

    fn with(line: &str) -> String {
        format!(
            "runbooks = \"https://example.org\"\nservices = []\n[[alert]]\nname = \"A\"\nservice = \"loader\"\nexpr = \"up == 0\"\n\
             for = \"1m\"\nsummary = \"s\"\ndescription = \"d\"\ndashboard = {{ uid = \"u\", panel = 1 }}\n{line}\n"
        )
    }

    #[test]
    fn an_alert_says_how_it_is_caused_or_why_it_is_not() {
        assert!(Alerts::parse(&with("severity = \"page\"\ninject = \"x\"")).is_ok());
        let refused = |line: &str| format!("{:#}", Alerts::parse(&with(line)).unwrap_err());
        assert_eq!(refused("severity = \"page\""), "A needs either `inject` or `not_injected`");
        assert!(refused("severity = \"loud\"\ninject = \"x\"").contains("\"loud\", which is none of"));
        assert!(refused("severity = \"page\"\ninject = \"x\"\nsound = 1").contains("sound"));
    }
}
