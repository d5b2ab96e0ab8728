//! The second level: in Redis, shared by all replicas. Without it answers are slower and just as right.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::Context;
use kansoku_service::{Dependency, Stop};
use redis::{
    Client, Cmd, FromRedisValue, Pipeline, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::Finished;

/// Slower than this, the database is the better choice.
const PATIENCE: Duration = Duration::from_millis(250);
/// Between two looks at whether it is there.
const LOOK: Duration = Duration::from_secs(2);

/// The connection, and whether it is worth asking.
pub(crate) struct Redis {
    connection: ConnectionManager,
    there: AtomicBool,
    health: Dependency,
    /// The first part of every key: another shape of answers is another cache.
    prefix: String,
    keep: Duration,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Redis").field("there", &self.there).finish_non_exhaustive()
    }
}

impl Redis {
    /// A connection that is made when it is first used. `shape` names the form of the bodies, `keep` is how long an answer
    /// nobody asks for stays, `health` is told how it goes.
    pub(crate) fn new(url: &str, shape: &str, keep: Duration, health: Dependency) -> anyhow::Result<Self> {
        let client = Client::open(url).context("read the address of Redis")?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = ConnectionManager::new_lazy_with_config(client, config).context("prepare Redis")?;
        let prefix = format!("kansoku:answer:{shape}");
        Ok(Self { connection, there: AtomicBool::new(true), health, prefix, keep })
    }

    /// The answer to a question at one version of the data.
    pub(crate) async fn get(&self, tag: &str, key: &str) -> Option<Finished> {
        let bytes: Option<Vec<u8>> = self.ask(Cmd::get(self.versioned(tag, key))).await?;
        Finished::from_bytes(&bytes?).filter(|answer| answer.tag == tag)
    }

    /// The newest answer to a question that any replica has put here.
    pub(crate) async fn last(&self, key: &str) -> Option<Finished> {
        let tag: Option<String> = self.ask(Cmd::get(self.newest(key))).await?;
        self.get(&tag?, key).await
    }

    /// Keeps an answer.
    pub(crate) async fn put(&self, key: &str, answer: &Finished) {
        let Ok(bytes) = answer.to_bytes() else { return };
        let seconds = self.keep.as_secs().max(1);
        let mut both = Pipeline::new();
        both.set_ex(self.versioned(&answer.tag, key), bytes, seconds).ignore();
        both.set_ex(self.newest(key), &answer.tag, seconds).ignore();
        if self.there.load(Ordering::Relaxed) {
            let mut connection = self.connection.clone();
            let put: RedisResult<()> = both.query_async(&mut connection).await;
            self.note(put);
        }
    }

    /// Looks every few seconds whether Redis is there, until the process stops.
    pub(crate) async fn watch(&self, stop: Stop) -> anyhow::Result<()> {
        let look = async {
            loop {
                let mut connection = self.connection.clone();
                let answer: RedisResult<String> = redis::cmd("PING").query_async(&mut connection).await;
                if self.note(answer).is_some() {
                    if !self.there.swap(true, Ordering::Relaxed) {
                        tracing::info!("Redis answers again");
                    }
                    self.health.ready();
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        stop.run_until(look).await;
        Ok(())
    }

    async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Option<T> {
        if !self.there.load(Ordering::Relaxed) {
            return None;
        }
        let mut connection = self.connection.clone();
        self.note(command.query_async(&mut connection).await)
    }

    /// After a failure nobody waits for Redis again until [`Redis::watch`] has seen it.
    fn note<T>(&self, outcome: RedisResult<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                if self.there.swap(false, Ordering::Relaxed) {
                    tracing::warn!("Redis is away, answers come from the database: {error}");
                }
                self.health.unavailable(format!("answers come from the database: {error}"));
                None
            }
        }
    }

    fn versioned(&self, tag: &str, key: &str) -> String {
        format!("{}:{tag}:{key}", self.prefix)
    }

    fn newest(&self, key: &str) -> String {
        format!("{}:newest:{key}", self.prefix)
    }
}
