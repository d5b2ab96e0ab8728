//! Connecting for a person, who would rather read what is wrong than wait.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, anyhow};
use kansoku_nats::{Client, ConnectError};
use kansoku_service::Context;

use crate::Streams;

/// How long a command waits for NATS before it says so.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a command waits for NATS in the middle of its work.
const PATIENCE: Duration = Duration::from_secs(120);

/// Connects as a NATS user; `archived` says whether RAW is archived.
///
/// # Errors
/// What is wrong, and which setting says otherwise.
pub async fn connect_soon<C>(
    context: &Context<C>,
    nats: &kansoku_nats::Settings,
    user: &'static str,
    archived: bool,
) -> Result<Arc<Streams>> {
    let variable = |key: &str| format!("{}_NATS__{key}", context.service.to_uppercase().replace('-', "_"));
    let (url, key_file) = (variable("URL"), variable("NKEY_FILE"));
    let client = Client::connect_soon(nats, user, context, CONNECT_TIMEOUT).await.map_err(|error| match error {
        ConnectError::Unavailable { .. } => anyhow!("{error}; `make up` starts it, nats.url ({url}) says where it is"),
        ConnectError::Refused { .. } => {
            let key = nats.nkey_file.as_ref().map_or("no key is given".to_owned(), |file| {
                format!("the key in {} is none that it knows", file.display())
            });
            anyhow!(
                "{error}: {key}. nats.nkey_file ({key_file}) names the file of the key, nats.url ({url}) the server: is \
                 it the one of this installation?"
            )
        }
        other => other.into(),
    })?;
    let streams = Streams::new(client, Arc::clone(&context.clock), PATIENCE, &context.health);
    Ok(Arc::new(streams.archived(archived)))
}
