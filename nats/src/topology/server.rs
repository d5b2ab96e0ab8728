//! Reads the topology of a server and changes it, as the user `admin`.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, bail};
use async_nats::{Client, Event};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Actual, ActualStream, Change, Config, Overrides, Target, desired, plan};
use crate::{
    api::{self, ApiError, code},
    client::{Denied, options, permission},
    settings::Settings,
};

/// A connection with the admin's rights.
pub struct Topology {
    client: Client,
    denied: Denied,
}

/// Makes the server's streams and consumers what the files say; returns what was changed. Changes nothing when
/// anything in the plan is refused: then the error holds the whole difference.
pub async fn apply(settings: &Settings, overrides: &Overrides) -> Result<Vec<Change>> {
    let topology = Topology::connect(settings).await?;
    let changes = plan(&desired(overrides)?, &topology.actual().await?);
    let refused = changes.iter().filter(|change| matches!(change, Change::Refuse(..)));
    let refused: Vec<_> = refused.map(ToString::to_string).collect();
    if !refused.is_empty() {
        bail!("nothing was changed, because this would lose data:\n{}", refused.join("\n"));
    }
    for change in &changes {
        topology.make(change).await?;
    }
    Ok(changes)
}

/// What [`apply`] would do.
pub async fn diff(settings: &Settings, overrides: &Overrides) -> Result<Vec<Change>> {
    let topology = Topology::connect(settings).await?;
    Ok(plan(&desired(overrides)?, &topology.actual().await?))
}

impl Topology {
    /// Connects once; an unreachable server is an error.
    pub async fn connect(settings: &Settings) -> Result<Self> {
        let denied = Denied::default();
        let last_denied = denied.clone();
        let options = options(settings, "admin")?.event_callback(move |event| {
            if let Event::ServerError(error) = event {
                last_denied.set(permission(&error));
            }
            std::future::ready(())
        });
        let connecting = || format!("connect to NATS at {}", settings.url);
        let addresses = settings.addresses().with_context(connecting)?;
        let client = options.connect(&addresses).await.with_context(connecting)?;
        Ok(Self { client, denied })
    }

    /// All streams with their consumers.
    pub async fn actual(&self) -> Result<Actual> {
        let mut streams = BTreeMap::new();
        for page in self.pages::<StreamInfo>("STREAM.LIST", "streams").await? {
            let name = page.config.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let age = page.ts - page.state.first_ts.unwrap_or(page.ts);
            let oldest =
                if page.state.messages == 0 { Duration::ZERO } else { age.to_std().unwrap_or_default() };
            let mut consumers = BTreeMap::new();
            for consumer in self.pages::<ConsumerInfo>(&format!("CONSUMER.LIST.{name}"), "consumers").await? {
                consumers.insert(consumer.name, consumer.config);
            }
            let State { messages, bytes, .. } = page.state;
            streams.insert(name, ActualStream { config: page.config, messages, bytes, oldest, consumers });
        }
        Ok(Actual { streams })
    }

    /// Carries out one change; a refused one is an error.
    pub async fn make(&self, change: &Change) -> Result<()> {
        let (target, config, create) = match change {
            Change::Create(target, config) => (target, config, true),
            Change::Update(target, config, _) => (target, config, false),
            Change::Refuse(..) => bail!("{change}"),
        };
        let (call, body) = request(target, config, create);
        let done: Result<Value, ApiError> = api::request(&self.client, &call, &body).await;
        self.explained(done)
            .with_context(|| format!("{} {target}", if create { "create" } else { "update" }))?;
        Ok(())
    }

    /// A request that the server refuses goes unanswered; why, it says elsewhere.
    fn explained<T>(&self, answer: Result<T, ApiError>) -> Result<T> {
        match (answer, self.denied.get()) {
            (Err(error), Some(what)) => {
                Err(error).context(format!("{what}: is the nkey that of the user admin?"))
            }
            (answer, _) => Ok(answer?),
        }
    }

    /// Every item of a list that the server gives in pages.
    async fn pages<T: for<'de> Deserialize<'de>>(&self, call: &str, field: &str) -> Result<Vec<T>> {
        let mut items = Vec::new();
        loop {
            let page: Result<Value, _> =
                api::request(&self.client, call, &json!({ "offset": items.len() })).await;
            let mut page = match page {
                Err(error) if error.code() == Some(code::STREAM_NOT_FOUND) => return Ok(items),
                page => self.explained(page).with_context(|| format!("read the server's {field}"))?,
            };
            let total = page.get("total").and_then(Value::as_u64).unwrap_or(0);
            let Some(Value::Array(found)) = page.get_mut(field).map(Value::take) else { return Ok(items) };
            let none = found.is_empty();
            for item in found {
                items.push(
                    serde_json::from_value(item).with_context(|| format!("read the server's {field}"))?,
                );
            }
            if none || items.len() as u64 >= total {
                return Ok(items);
            }
        }
    }
}

fn request(target: &Target, config: &Config, create: bool) -> (String, Value) {
    match target {
        Target::Stream(name) => {
            let verb = if create { "CREATE" } else { "UPDATE" };
            (format!("STREAM.{verb}.{name}"), Value::Object(config.clone()))
        }
        Target::Consumer(stream, name) => {
            let filter =
                config.get("filter_subject").and_then(Value::as_str).filter(|filter| !filter.is_empty());
            let filter = filter.map(|filter| format!(".{filter}")).unwrap_or_default();
            let action = if create { "create" } else { "update" };
            let body = json!({ "stream_name": stream, "config": config, "action": action });
            (format!("CONSUMER.CREATE.{stream}.{name}{filter}"), body)
        }
    }
}

#[derive(Deserialize)]
struct StreamInfo {
    config: Config,
    state: State,
    ts: DateTime<Utc>,
}

#[derive(Deserialize)]
struct State {
    messages: u64,
    bytes: u64,
    first_ts: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct ConsumerInfo {
    name: String,
    config: Config,
}
