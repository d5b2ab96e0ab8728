//! Reading a configuration: defaults, then a TOML file, then the environment. The last one wins, key by key.

use std::path::Path;

use chrono::{DateTime, Utc};
use figment::{
    Error, Figment, Metadata, Profile, Provider,
    error::Kind,
    value::{Dict, Map, Value},
};
use serde::de::DeserializeOwned;

use crate::{
    TlsFiles,
    environment::{Environment, config_variable, variable},
    secret::MASK,
    settings::{ConfigError, Settings, Telemetry},
};

/// The section that belongs to the harness.
const TELEMETRY: &str = "telemetry";
/// How the layer of environment variables calls itself.
const VARIABLES: &str = "environment";
/// How the layer of defaults calls itself.
const DEFAULTS: &str = "defaults";
/// What is added to the key of a secret to name a file that holds it.
const FILE: &str = "_file";

/// A configuration, checked.
#[derive(Debug)]
pub(crate) struct Loaded<C> {
    pub(crate) service: C,
    pub(crate) telemetry: Telemetry,
}

impl<C: Settings> Loaded<C> {
    /// Reads and checks it. `file` was named on the command line; without one the environment may name it. Files of TLS
    /// are read where it is said what time it is: a process that serves may outlive its own.
    pub(crate) fn read(
        service: &str,
        file: Option<&Path>,
        environment: &Environment,
        now: Option<DateTime<Utc>>,
    ) -> Result<Self, ConfigError> {
        let named = environment.get(&config_variable(service)).map(Path::new);
        let file = match file.or(named) {
            Some(path) => Some((path.display().to_string(), read(path, "configuration file")?)),
            None => None,
        };
        let file = file.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
        Self::build(service, file, environment, now)
    }

    fn build(
        service: &str,
        file: Option<(&str, &str)>,
        environment: &Environment,
        now: Option<DateTime<Utc>>,
    ) -> Result<Self, ConfigError> {
        let shape = shape::<C>()?;
        let (mut own, mut harness) = (Figment::new(), Figment::new());
        let defaults = Layer { name: DEFAULTS.to_owned(), values: without_secrets(shape.clone()) };
        let file = file.map(|(name, text)| from_toml(name, text)).transpose()?;
        let variables = from_environment(service, environment, &shape)?;
        for mut layer in [defaults].into_iter().chain(file).chain([variables]) {
            layer.read_secrets(service, &shape)?;
            harness = harness.merge(layer.take(TELEMETRY));
            own = own.merge(layer);
        }
        let telemetry: Telemetry = extract(service, &harness)
            .map_err(|error| ConfigError { key: join(TELEMETRY, &error.key), ..error })?;
        crate::telemetry::check(&telemetry)?;
        let config: C = extract(service, &own)?;
        let checked = |files: &TlsFiles| now.map_or_else(|| files.check_paths(), |now| files.check(now));
        let files = || config.tls().iter().try_for_each(checked);
        config.check().and_then(|()| files()).map_err(|error| ConfigError {
            origin: origin(service, &error.key, own.find_metadata(&error.key)),
            ..error
        })?;
        Ok(Self { service: config, telemetry })
    }

    /// As TOML, secrets masked.
    pub(crate) fn print(&self) -> anyhow::Result<String> {
        let mut service = toml::Value::try_from(&self.service)?;
        mask(&mut service);
        let service = toml::to_string(&service)?;
        let telemetry = toml::to_string(&self.telemetry)?;
        Ok(format!("{service}\n[{TELEMETRY}]\n{telemetry}"))
    }
}

/// Masks the passwords that stand in addresses.
fn mask(value: &mut toml::Value) {
    match value {
        toml::Value::String(text) => *text = masked(text),
        toml::Value::Array(values) => values.iter_mut().for_each(mask),
        toml::Value::Table(values) => values.iter_mut().for_each(|(_, value)| mask(value)),
        _ => {}
    }
}

/// `scheme://user:word@host` with the word masked; NATS takes several addresses with commas between them.
fn masked(text: &str) -> String {
    let one = |address: &str| {
        let (scheme, rest) = address.split_once("://")?;
        let (login, host) = rest.split_once('@').filter(|(login, _)| !login.contains('/'))?;
        let (user, _) = login.split_once(':').unwrap_or(("", login));
        let user = if user.is_empty() { String::new() } else { format!("{user}:") };
        Some(format!("{scheme}://{user}***@{host}"))
    };
    let addresses = text.split(',').map(|address| one(address).unwrap_or_else(|| address.to_owned()));
    addresses.collect::<Vec<_>>().join(",")
}

/// Reads a configuration from TOML alone and checks it: what the test of a sample file calls.
///
/// # Errors
/// The first key that will not do.
pub fn parse<C: Settings>(toml: &str) -> Result<C, ConfigError> {
    Ok(Loaded::build("service", Some(("sample", toml)), &Environment::default(), None)?.service)
}

/// One source of values.
struct Layer {
    name: String,
    values: Dict,
}

impl Layer {
    /// Splits a section off.
    fn take(&mut self, section: &str) -> Self {
        let values = match self.values.remove(section) {
            Some(Value::Dict(_, values)) => values,
            Some(other) => Dict::from([(section.to_owned(), other)]),
            None => Dict::new(),
        };
        Self { name: self.name.clone(), values }
    }

    /// Replaces each `x_file` by the `x` that is in the file, where only `x` is a key.
    fn read_secrets(&mut self, service: &str, shape: &Dict) -> Result<(), ConfigError> {
        let name = self.name.clone();
        read_secrets(&mut self.values, shape, "").map_err(|error| {
            let origin = if name == VARIABLES { variable(service, &error.key) } else { name };
            ConfigError { origin: error.origin.or(Some(origin)), ..error }
        })
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// The known keys with their defaults.
fn shape<C: Settings>() -> Result<Dict, ConfigError> {
    let whole = |value: Result<Value, Error>| value.ok().and_then(Value::into_dict);
    let own = whole(Value::serialize(C::default()));
    let telemetry = whole(Value::serialize(Telemetry::default()));
    let mut shape = own.ok_or_else(|| ConfigError::new("", "the defaults are no table of keys"))?;
    shape.extend(telemetry.map(|values| (TELEMETRY.to_owned(), values.into())));
    Ok(shape)
}

/// The defaults that can be read back: a masked secret cannot, and its section fills it in.
fn without_secrets(mut values: Dict) -> Dict {
    values.retain(|_, value| value.as_str() != Some(MASK));
    for value in values.values_mut() {
        if let Value::Dict(_, inner) = value {
            *inner = without_secrets(std::mem::take(inner));
        }
    }
    values
}

fn from_toml(name: &str, text: &str) -> Result<Layer, ConfigError> {
    let values = toml::from_str(text).map_err(|error: toml::de::Error| ConfigError {
        key: String::new(),
        problem: error.to_string().trim_end().to_owned(),
        origin: Some(name.to_owned()),
    })?;
    Ok(Layer { name: name.to_owned(), values })
}

fn from_environment(service: &str, environment: &Environment, shape: &Dict) -> Result<Layer, ConfigError> {
    let mut values = Dict::new();
    for (path, text) in environment.keys(service) {
        insert(&mut values, &path, typed(text, find(shape, &path))).map_err(|()| {
            let key = path.join(".");
            let origin = Some(variable(service, &key));
            ConfigError { origin, ..ConfigError::new(key, "another variable sets a part of this") }
        })?;
    }
    Ok(Layer { name: VARIABLES.to_owned(), values })
}

/// Text stays text where text is expected, so that a password of digits is one.
fn typed(text: &str, default: Option<&Value>) -> Value {
    match default {
        Some(Value::String(..)) => text.into(),
        _ => {
            let Ok(value) = text.parse::<Value>();
            value
        }
    }
}

fn find<'a>(shape: &'a Dict, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    match (shape.get(first)?, rest.is_empty()) {
        (value, true) => Some(value),
        (Value::Dict(_, inner), false) => find(inner, rest),
        _ => None,
    }
}

fn insert(values: &mut Dict, path: &[String], value: Value) -> Result<(), ()> {
    match path {
        [] => Err(()),
        [last] => match values.insert(last.clone(), value) {
            None => Ok(()),
            Some(_) => Err(()),
        },
        [first, rest @ ..] => match values.entry(first.clone()).or_insert_with(|| Dict::new().into()) {
            Value::Dict(_, inner) => insert(inner, rest, value),
            _ => Err(()),
        },
    }
}

fn read_secrets(values: &mut Dict, shape: &Dict, section: &str) -> Result<(), ConfigError> {
    let keys: Vec<String> = values.keys().cloned().collect();
    for key in keys {
        let place = join(section, &key);
        if let (Some(Value::Dict(_, inner)), Some(Value::Dict(_, known))) =
            (values.get_mut(&key), shape.get(&key))
        {
            read_secrets(inner, known, &place)?;
        }
        let Some(secret) =
            key.strip_suffix(FILE).filter(|secret| shape.contains_key(*secret) && !shape.contains_key(&key))
        else {
            continue;
        };
        let Some(Value::String(_, path)) = values.remove(&key) else {
            return Err(ConfigError::new(place, "expected the path of a file"));
        };
        if values.contains_key(secret) {
            return Err(ConfigError::new(place, format!("{secret} is given as well; keep one of them")));
        }
        let content = read(Path::new(&path), "file with the secret")
            .map_err(|error| ConfigError { key: place, ..error })?;
        values.insert(secret.to_owned(), content.trim_end_matches(['\r', '\n']).into());
    }
    Ok(())
}

fn read(path: &Path, what: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map_err(|error| ConfigError::new("", format!("read the {what} {}: {error}", path.display())))
}

fn extract<T: DeserializeOwned>(service: &str, figment: &Figment) -> Result<T, ConfigError> {
    figment.extract().map_err(|error| {
        let mut path = error.path.clone();
        let problem = match &error.kind {
            Kind::UnknownField(field, known) => {
                if path.last() != Some(field) {
                    path.push(field.clone());
                }
                // The harness takes its own section off before.
                let own = (path.len() == 1).then_some("telemetry");
                let known: Vec<_> = known.iter().copied().chain(own).collect();
                format!("unknown key; known here: {}", known.join(", "))
            }
            kind => kind.to_string(),
        };
        let key = path.join(".");
        let origin = origin(service, &key, error.metadata.as_ref())
            .or_else(|| origin(service, &key, figment.find_metadata(&key)));
        ConfigError { key, problem, origin }
    })
}

fn origin(service: &str, key: &str, metadata: Option<&Metadata>) -> Option<String> {
    match metadata?.name.as_ref() {
        VARIABLES => Some(variable(service, key)),
        DEFAULTS => None,
        name => Some(name.to_owned()),
    }
}

fn join(section: &str, key: &str) -> String {
    match (section, key) {
        ("", key) => key.to_owned(),
        (section, "") => section.to_owned(),
        (section, key) => format!("{section}.{key}"),
    }
}

#[cfg(test)]
mod tests;
