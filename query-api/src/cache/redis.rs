//! The second level: in Redis, shared by all replicas. Without it responses are slower and just as right.

mod connection;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use kansoku_service::{Dependency, Stop, tls_problem};
use redis::{Cmd, RedisResult, Script, aio::ConnectionManager};

use self::connection::Connection;
use super::CachedResponse;
use crate::{database::Versions, settings::RedisSettings};

/// Between two probes.
const PROBE_INTERVAL: Duration = Duration::from_secs(2);

/// A response is a hash with these fields.
const VERSION: &str = "version";
const HEAD: &str = "head";
const BODY: &str = "body";
/// Head and body, if the version is the one asked for: a body of another version is not sent over.
const CURRENT: &str = "if redis.call('HGET', KEYS[1], 'version') == ARGV[1] then
    return redis.call('HMGET', KEYS[1], 'head', 'body')
end
return false";

type Parts = (Option<Vec<u8>>, Option<Vec<u8>>);

/// The connection, and whether it is worth using.
pub(crate) struct Redis {
    connection: Connection,
    is_available: AtomicBool,
    health: Dependency,
    /// The first part of every key: another build has a cache of its own.
    prefix: String,
    ttl: i64,
    current: Script,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Redis").field("is_available", &self.is_available).finish_non_exhaustive()
    }
}

impl Redis {
    /// A connection that is made when it is first used. `build` names the program, `ttl` is how long a response stays,
    /// `health` is told how it goes.
    pub(crate) fn new(
        settings: &RedisSettings,
        build: &str,
        ttl: Duration,
        health: Dependency,
    ) -> anyhow::Result<Self> {
        let connection = Connection::new(settings)?;
        let prefix = format!("kansoku:response:{build}");
        let ttl = i64::try_from(ttl.as_secs().max(1)).unwrap_or(i64::MAX);
        let current = Script::new(CURRENT);
        Ok(Self { connection, is_available: AtomicBool::new(true), health, prefix, ttl, current })
    }

    /// The response under a key, if it is of that version: another's body stays where it is.
    pub(crate) async fn get(&self, key: &str, version: &Versions) -> Option<CachedResponse> {
        let version = serde_json::to_vec(version).ok()?;
        let mut get = self.current.key(self.key(key));
        get.arg(version);
        self.use_with(async |connection| get.invoke_async(connection).await).await.and_then(whole)
    }

    /// The newest response under a key that any replica has put here, whatever its version.
    pub(crate) async fn last(&self, key: &str) -> Option<CachedResponse> {
        let get = Cmd::hmget(self.key(key), &[HEAD, BODY]);
        self.use_with(async |connection| get.query_async(connection).await).await.and_then(whole)
    }

    /// Puts a response in the place of the one before.
    pub(crate) async fn put(&self, key: &str, response: &CachedResponse) {
        let texts = (serde_json::to_vec(&response.version), serde_json::to_vec(&response.head()));
        let (Ok(version), Ok(head)) = texts else { return };
        let key = self.key(key);
        let fields = [(VERSION, &version[..]), (HEAD, &head[..]), (BODY, &response.body[..])];
        let mut put = redis::pipe();
        put.atomic().hset_multiple(&key, &fields).ignore().expire(&key, self.ttl).ignore();
        self.use_with(async |connection| put.query_async::<()>(connection).await).await;
    }

    /// Probes every few seconds whether Redis answers, until the process stops.
    pub(crate) async fn watch(&self, stop: Stop) -> anyhow::Result<()> {
        let probe = async {
            loop {
                self.connection.take_up_files();
                let mut connection = self.connection.get();
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

    async fn use_with<T>(
        &self,
        command: impl AsyncFnOnce(&mut ConnectionManager) -> RedisResult<T>,
    ) -> Option<T> {
        if !self.is_available.load(Ordering::Relaxed) {
            return None;
        }
        self.note(command(&mut self.connection.get()).await)
    }

    /// After a failure no request waits for Redis until [`Redis::watch`] has got an answer.
    fn note<T>(&self, outcome: RedisResult<T>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                let why = tls_problem(&error).unwrap_or_else(|| error.to_string());
                if self.is_available.swap(false, Ordering::Relaxed) {
                    tracing::warn!("failed to use Redis, responses come from the database: {why}");
                }
                self.health.unavailable(format!("responses come from the database: {why}"));
                None
            }
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}:{key}", self.prefix)
    }
}

/// A response whose parts are there and belong together.
fn whole(parts: Option<Parts>) -> Option<CachedResponse> {
    let (head, body) = parts?;
    CachedResponse::from_parts(serde_json::from_slice(&head?).ok()?, body?)
}
