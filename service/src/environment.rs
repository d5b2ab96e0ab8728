//! The process's surroundings, read once.

use std::collections::BTreeMap;

use uuid::Uuid;

/// The environment variables, and what configuration calls them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The process's own. A variable that is not Unicode is none of ours.
    pub(crate) fn read() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// The value of a variable; an empty one counts as not set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The variables that set a key of this service, as (path of the key, value).
    pub(crate) fn keys(&self, service: &str) -> impl Iterator<Item = (Vec<String>, &str)> {
        let prefix = prefix(service);
        self.0.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(&prefix)?;
            let ours = rest != "CONFIG" && !rest.is_empty() && !is_service_link(rest);
            ours.then(|| (rest.to_lowercase().split("__").map(str::to_owned).collect(), value.as_str()))
        })
    }
}

#[cfg(test)]
impl From<&[(&str, &str)]> for Environment {
    fn from(variables: &[(&str, &str)]) -> Self {
        Self(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

/// The variable that sets a key, e.g. `QUERY_API_HTTP__LISTEN`.
pub(crate) fn variable(service: &str, key: &str) -> String {
    format!("{}{}", prefix(service), key.to_uppercase().replace('.', "__"))
}

/// The variable that names the configuration file.
pub(crate) fn config_variable(service: &str) -> String {
    format!("{}CONFIG", prefix(service))
}

fn prefix(service: &str) -> String {
    format!("{}_", service.to_uppercase().replace('-', "_"))
}

/// Kubernetes sets these in every pod for a Service that is called like ours; they are no configuration.
fn is_service_link(rest: &str) -> bool {
    rest == "PORT" || ["SERVICE_HOST", "SERVICE_PORT", "PORT_"].iter().any(|start| rest.starts_with(start))
}

/// This process among all: the host's name, and something that no restart repeats.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that makes a random id; a replica cannot derive its own"
)]
pub(crate) fn instance() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = match host.trim() {
        "" => "host",
        host => host,
    };
    let random = Uuid::new_v4().simple().to_string();
    format!("{host}-{}", &random[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_name_keys() {
        let environment = Environment::from(
            &[
                ("QUERY_API_HTTP__LISTEN", "127.0.0.1:1"),
                ("QUERY_API_CONFIG", "/etc/kansoku.toml"),
                ("QUERY_API_SERVICE_HOST", "10.0.0.1"),
                ("QUERY_API_PORT_7400_TCP", "tcp://10.0.0.1:7400"),
                ("QUERY_APIS", "no"),
                ("HTTP__LISTEN", "no"),
            ][..],
        );
        let keys: Vec<_> = environment.keys("query-api").collect();
        assert_eq!(keys, [(vec!["http".to_owned(), "listen".to_owned()], "127.0.0.1:1")]);
        assert_eq!(variable("query-api", "http.listen"), "QUERY_API_HTTP__LISTEN");
    }

    #[test]
    fn no_two_processes_are_the_same_instance() {
        assert_ne!(instance(), instance());
    }
}
