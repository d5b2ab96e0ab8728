//! Hears that there is new work. Only a hint: the work is looked for every second all the same.

use std::{sync::Arc, time::Duration};

use kansoku_postgres::Addresses;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::Notify;

/// What the query API notifies when it has written a command.
const CHANNEL: &str = "kansoku_replayer";
const PAUSE: Duration = Duration::from_secs(5);

/// Passes notices on, on a session of its own, for ever.
pub(crate) async fn listen(addresses: Addresses, wake: Arc<Notify>) {
    loop {
        if let Err(error) = hear(&addresses, &wake).await {
            tracing::debug!("work is looked for every second only: listen on {CHANNEL}: {error}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear(addresses: &Addresses, wake: &Notify) -> Result<(), sqlx::Error> {
    let own = PgPoolOptions::new().max_connections(1).acquire_timeout(PAUSE);
    let found = addresses.find().await?;
    let mut listener = PgListener::connect_with(&own.connect_lazy_with(found.clone())).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    let hearing = async {
        while listener.try_recv().await?.is_some() {
            wake.notify_one();
        }
        Ok(())
    };
    tokio::select! {
        ended = hearing => ended,
        () = addresses.moved_from(&found) => Ok(()),
    }
}
