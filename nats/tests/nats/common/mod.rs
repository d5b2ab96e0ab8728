//! A fresh server with our topology, and what the tests do with it.

use std::{sync::Arc, time::Duration};

use kansoku_nats::{Client, ClientContext, ConsumerSpec, Headers, Outgoing, Settings, topology};
use kansoku_service::{Health, Metrics, Stop, SystemClock};
use kansoku_stack::nats::Server;

/// The longest that anything in these tests may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// A server with streams and consumers.
pub(crate) struct World {
    pub(crate) server: Server,
}

/// A client and what it reports to.
pub(crate) struct User {
    pub(crate) client: Client,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
}

impl User {
    /// Whether readiness says these words.
    pub(crate) fn names(&self, words: &str) -> bool {
        format!("{:?}", self.health).contains(words)
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(topology::Overrides::default()).await
    }

    /// With consumers that wait no longer than a second for a sign of life.
    pub(crate) async fn impatient() -> Self {
        Self::with(topology::Overrides { ack_wait: Some(Duration::from_secs(1)), ..Default::default() }).await
    }

    pub(crate) async fn with(overrides: topology::Overrides) -> Self {
        let server = Server::temporary().await.unwrap();
        let world = Self { server };
        topology::apply(&world.settings("admin"), &overrides).await.unwrap();
        world
    }

    pub(crate) fn settings(&self, user: &str) -> Settings {
        Settings {
            url: self.server.url(),
            nkey_file: Some(self.server.key_file(user)),
            ..Settings::default()
        }
    }

    pub(crate) async fn user(&self, user: &'static str) -> User {
        let (health, metrics) = (Health::default(), Metrics::default());
        let clock = Arc::new(SystemClock);
        let client_context = ClientContext { health: health.clone(), metrics: metrics.clone(), clock };
        let client = Client::connect(&self.settings(user), user, client_context).await.unwrap();
        User { client, health, metrics }
    }
}

/// A message with a body and no headers of its own.
pub(crate) fn message(subject: &str, id: &str, body: impl Into<Vec<u8>>) -> Outgoing {
    Outgoing {
        subject: subject.to_owned(),
        id: id.to_owned(),
        headers: Headers::new(),
        body: body.into().into(),
        expect_last: None,
    }
}

pub(crate) mod handler;

/// A consume loop in a task of its own.
pub(crate) struct Consuming {
    pub(crate) user: User,
    pub(crate) stop: Stop,
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Consuming {
    /// Starts `RAW.validator` with batches of `batch`.
    pub(crate) async fn start(world: &World, handler: &handler::Scripted, batch: usize) -> Self {
        Self::on(world, ("validator", "RAW", "validator"), handler, batch).await
    }

    /// Starts a consumer given as (user, stream, durable).
    pub(crate) async fn on(
        world: &World,
        (user, stream, durable): (&'static str, &'static str, &'static str),
        handler: &handler::Scripted,
        batch: usize,
    ) -> Self {
        Self::with(world, (user, stream, durable), handler, batch, Duration::from_secs(2)).await
    }

    /// The same, with pulls that wait this long for a message.
    pub(crate) async fn with(
        world: &World,
        (user, stream, durable): (&'static str, &'static str, &'static str),
        handler: &handler::Scripted,
        batch: usize,
        expires: Duration,
    ) -> Self {
        let user = world.user(user).await;
        let stop = Stop::new();
        let spec = ConsumerSpec { stream, durable, batch, batch_bytes: 8 << 20, expires, at_once: 2 };
        let (client, handler, health) = (user.client.clone(), handler.clone(), user.health.clone());
        let stopped = stop.clone();
        let task = tokio::spawn(async move { client.consume(spec, &handler, &stopped, &health).await });
        Self { user, stop, task }
    }

    /// Stops it as SIGTERM does; it must end within the 10 s of the harness.
    pub(crate) async fn end(self) {
        self.stop.stop();
        tokio::time::timeout(Duration::from_secs(10), self.task).await.unwrap().unwrap().unwrap();
    }

    /// Waits until it ends by itself, and says why it did.
    pub(crate) async fn dies(self) -> String {
        let ended = tokio::time::timeout(LIMIT, self.task).await.unwrap().unwrap();
        format!("{:#}", ended.unwrap_err())
    }

    /// Ends it as kill -9 does: nothing is settled, and its connection is gone.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// Waits until `condition` holds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, condition: impl FnMut() -> F) {
    kansoku_stack::until(what, LIMIT, condition).await.unwrap();
}

/// A plain connection of a user, for what the library has no call for.
pub(crate) async fn async_nats_of(world: &World, user: &str) -> async_nats::Client {
    let seed = std::fs::read_to_string(world.server.key_file(user)).unwrap();
    let options = async_nats::ConnectOptions::with_nkey(seed.trim().to_owned());
    options.custom_inbox_prefix(format!("_INBOX.{user}")).connect(world.server.url()).await.unwrap()
}

/// Publishes pages with these bodies.
pub(crate) async fn feed(fetcher: &Client, bodies: impl IntoIterator<Item = String>) {
    for body in bodies {
        fetcher.publish(message("raw.top.score", &body, body.clone())).await.unwrap();
    }
}

/// Bodies that sort as they count.
pub(crate) fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|number| format!("{number:04}")).collect()
}

/// (unsettled, waiting) messages of RAW.validator.
pub(crate) async fn open(client: &Client) -> (u64, u64) {
    let state = client.consumer_state("RAW", "validator").await.unwrap();
    (state.num_ack_pending, state.num_pending)
}
