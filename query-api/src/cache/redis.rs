//! The second level: in Redis, shared by all replicas. Without it responses are slower and just as right.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::Context;
use kansoku_service::{Dependency, Stop};
use redis::{
    Client, Cmd, FromRedisValue, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::CachedResponse;

/// Slower than this, the database is the better choice.
const TIMEOUT: Duration = Duration::from_millis(250);
/// Between two probes.
const PROBE_INTERVAL: Duration = Duration::from_secs(2);

/// The connection, and whether it is worth using.
pub(crate) struct Redis {
    connection: ConnectionManager,
    is_available: AtomicBool,
    health: Dependency,
    /// The first part of every key: another build has a cache of its own.
    prefix: String,
    ttl: Duration,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Redis").field("is_available", &self.is_available).finish_non_exhaustive()
    }
}

impl Redis {
    /// A connection that is made when it is first used. `build` names the program, `ttl` is how long a response stays,
    /// `health` is told how it goes.
    pub(crate) fn new(url: &str, build: &str, ttl: Duration, health: Dependency) -> anyhow::Result<Self> {
        let client = Client::open(url).context("read the address of Redis")?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT));
        let connection = ConnectionManager::new_lazy_with_config(client, config).context("prepare Redis")?;
        let prefix = format!("kansoku:response:{build}");
        Ok(Self { connection, is_available: AtomicBool::new(true), health, prefix, ttl })
    }

    /// The newest response under a key that any replica has put here, whatever its version.
    pub(crate) async fn get(&self, key: &str) -> Option<CachedResponse> {
        let bytes: Option<Vec<u8>> = self.query(Cmd::get(self.key(key))).await?;
        CachedResponse::from_bytes(&bytes?)
    }

    /// Puts a response in the place of the one before.
    pub(crate) async fn put(&self, key: &str, response: &CachedResponse) {
        let Ok(bytes) = response.to_bytes() else { return };
        self.query::<()>(Cmd::set_ex(self.key(key), bytes, self.ttl.as_secs().max(1))).await;
    }

    /// Probes every few seconds whether Redis answers, until the process stops.
    pub(crate) async fn watch(&self, stop: Stop) -> anyhow::Result<()> {
        let probe = async {
            loop {
                let mut connection = self.connection.clone();
                let pong: RedisResult<String> = redis::cmd("PING").query_async(&mut connection).await;
                if self.note(pong).is_some() {
                    if !self.is_available.swap(true, Ordering::Relaxed) {
                        tracing::info!("Redis answers again");
                    }
                    self.health.ready();
                }
                tokio::time::sleep(PROBE_INTERVAL).await;
            }
        };
        stop.run_until(probe).await;
        Ok(())
    }

    async fn query<T: FromRedisValue>(&self, command: Cmd) -> Option<T> {
        if !self.is_available.load(Ordering::Relaxed) {
            return None;
        }
        let mut connection = self.connection.clone();
        self.note(command.query_async(&mut connection).await)
    }

    /// After a failure no request waits for Redis until [`Redis::watch`] has got an answer.
    fn note<T>(&self, outcome: RedisResult<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                if self.is_available.swap(false, Ordering::Relaxed) {
                    tracing::warn!("failed to use Redis, responses come from the database: {error}");
                }
                self.health.unavailable(format!("responses come from the database: {error}"));
                None
            }
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}:{key}", self.prefix)
    }
}
