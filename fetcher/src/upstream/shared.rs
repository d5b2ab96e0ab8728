//! The part of a base URL's state that is in Redis: a restart, `fetcher probe` and a second fetcher see it. While Redis
//! is away the fetcher goes on by its own count, at a third of the rates, and says so once.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use kansoku_service::{Clock, Dependency};
use redis::{
    Client, Cmd, FromRedisValue, RedisResult, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::{
    breaker::Breaker,
    standing::{Cooling, Standing, Used},
};

/// Slower than this, it is away.
const PATIENCE: Duration = Duration::from_millis(250);
/// Between two looks whether it is there again.
const LOOK: Duration = Duration::from_secs(2);
/// For how long failures in a row are remembered after the last one, beyond the time that the breaker stays open.
const MEMORY: Duration = Duration::from_secs(3_600);

/// Books one request: the next free instant of the base URL, if its day has room. One script, so that two processes
/// never book the same instant. KEYS: next, sent, day. ARGV: interval and longest window in µs, hour, the day's most (0:
/// any).
const BOOK: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local used = 0
local hours = redis.call('HGETALL', KEYS[3])
for place = 1, #hours, 2 do
  if tonumber(hours[place]) >= tonumber(ARGV[3]) - 24 then
    used = used + tonumber(hours[place + 1])
  else
    redis.call('HDEL', KEYS[3], hours[place])
  end
end
if tonumber(ARGV[4]) > 0 and used >= tonumber(ARGV[4]) then return {-1, used} end
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local next = string.format('%.0f', at + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], next, 'PX', math.ceil((at - now + ARGV[1]) / 1000) + 1000)
local stamp = string.format('%.0f', at)
redis.call('ZADD', KEYS[2], stamp, stamp)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now - ARGV[2]))
redis.call('PEXPIRE', KEYS[2], math.ceil(ARGV[2] / 1000) + 1000)
redis.call('HINCRBY', KEYS[3], ARGV[3], 1)
redis.call('EXPIRE', KEYS[3], 90000)
return {at - now, used + 1}
";

/// How much is used. KEYS: sent, day. ARGV: hour, then windows in µs.
const USED: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local used = 0
local hours = redis.call('HGETALL', KEYS[2])
for place = 1, #hours, 2 do
  if tonumber(hours[place]) >= tonumber(ARGV[1]) - 24 then used = used + tonumber(hours[place + 1]) end
end
local answer = {used}
for place = 2, #ARGV do
  answer[place] = redis.call('ZCOUNT', KEYS[1], string.format('%.0f', now - ARGV[place]), '+inf')
end
return answer
";

/// Leaves a base URL alone, unless it is left alone for longer. KEYS: cool. ARGV: ms, why.
const COOL: &str = r"
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1]) end
return 1
";

/// The answer to a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    /// After this time; the day has used so many with it.
    After {
        /// How long.
        wait: Duration,
        /// How many, with this one.
        used: u64,
    },
    /// The day has no room.
    Spent,
}

/// The connection, and whether it is worth asking.
pub struct Shared {
    connection: ConnectionManager,
    clock: std::sync::Arc<dyn Clock>,
    there: AtomicBool,
    looked: Mutex<Option<Instant>>,
    health: Dependency,
}

impl Shared {
    /// A connection that is made when it is first used; `health` is told how it goes.
    pub fn new(url: &str, clock: std::sync::Arc<dyn Clock>, health: Dependency) -> anyhow::Result<Self> {
        let client = Client::open(url).context("read the address of Redis (redis.url)")?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = ConnectionManager::new_lazy_with_config(client, config).context("prepare Redis")?;
        Ok(Self { connection, clock, there: AtomicBool::new(true), looked: Mutex::default(), health })
    }

    /// Whether it answered the last time.
    pub fn is_there(&self) -> bool {
        self.there.load(Ordering::Relaxed)
    }

    /// Books one request.
    pub(super) async fn book(
        &self,
        key: &str,
        interval: Duration,
        longest: Duration,
        hour: i64,
        most: Option<u64>,
    ) -> Option<Booked> {
        let script = Script::new(BOOK);
        let mut call = script.key(format!("{key}:next"));
        call.key(format!("{key}:sent")).key(format!("{key}:day"));
        call.arg(micros(interval)).arg(micros(longest)).arg(hour).arg(most.unwrap_or(0));
        let (wait, used): (i64, u64) = self.script(&call).await?;
        Some(u64::try_from(wait).map_or(Booked::Spent, |wait| {
            let wait = Duration::from_micros(wait);
            Booked::After { wait, used }
        }))
    }

    /// How much of each window, and of the day, is used.
    pub(super) async fn used(&self, key: &str, lengths: &[Duration], hour: i64) -> Option<Used> {
        let script = Script::new(USED);
        let mut call = script.key(format!("{key}:sent"));
        call.key(format!("{key}:day")).arg(hour);
        for length in lengths {
            call.arg(micros(*length));
        }
        let counts: Vec<u64> = self.script(&call).await?;
        let (day, windows) = counts.split_first()?;
        Some(Used { windows: windows.to_vec(), day: *day })
    }

    /// How a base URL stands.
    pub(super) async fn standing(&self, key: &str, now: DateTime<Utc>) -> Option<Standing> {
        if !self.is_worth_asking() {
            return None;
        }
        let mut both = redis::pipe();
        both.get(format!("{key}:cool")).pttl(format!("{key}:cool")).get(format!("{key}:breaker"));
        let mut connection = self.connection.clone();
        let told: RedisResult<(Option<String>, i64, Option<String>)> =
            both.query_async(&mut connection).await;
        let (why, left, breaker) = self.note(told)?;
        let cooling = why.filter(|_| left > 0).map(|why| {
            let until = now + TimeDelta::milliseconds(left);
            Cooling { until, why }
        });
        let breaker = breaker.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Some(Standing { cooling, breaker })
    }

    /// Leaves a base URL alone for so long by Redis' own clock.
    pub(super) async fn cool(&self, key: &str, length: Duration, why: &str) {
        let script = Script::new(COOL);
        let mut call = script.key(format!("{key}:cool"));
        call.arg(micros(length).div_ceil(1_000).max(1)).arg(why);
        let _: Option<i64> = self.script(&call).await;
    }

    /// Keeps the breaker's state; a closed one without failures is forgotten.
    pub(super) async fn set_breaker(&self, key: &str, breaker: Breaker, open: Duration) {
        let key = format!("{key}:breaker");
        let command = if breaker == Breaker::default() {
            Cmd::del(key)
        } else {
            // Two numbers have nothing to fail on.
            let text = serde_json::to_string(&breaker).unwrap_or_default();
            Cmd::set_ex(key, text, (open + MEMORY).as_secs())
        };
        if self.is_worth_asking() {
            let mut connection = self.connection.clone();
            let done: RedisResult<redis::Value> = command.query_async(&mut connection).await;
            self.note(done);
        }
    }

    async fn script<T: FromRedisValue>(&self, call: &redis::ScriptInvocation<'_>) -> Option<T> {
        if !self.is_worth_asking() {
            return None;
        }
        let mut connection = self.connection.clone();
        self.note(call.invoke_async(&mut connection).await)
    }

    /// While it is away, one look now and then is enough.
    fn is_worth_asking(&self) -> bool {
        if self.is_there() {
            return true;
        }
        let now = self.clock.monotonic();
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = looked.is_none_or(|last| now.duration_since(last) >= LOOK);
        if is_time {
            *looked = Some(now);
        }
        is_time
    }

    fn note<T>(&self, outcome: RedisResult<T>) -> Option<T> {
        match outcome {
            Ok(value) => {
                if !self.there.swap(true, Ordering::Relaxed) {
                    tracing::info!("Redis answers again; the upstream is asked at the full rates");
                }
                self.health.ready();
                Some(value)
            }
            Err(error) => {
                *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.clock.monotonic());
                if self.there.swap(false, Ordering::Relaxed) {
                    tracing::warn!(
                        "Redis is away, the upstream is asked at a third of the rates, by this process's own count (run at most three at once): {error}"
                    );
                }
                self.health.unavailable(format!("the upstream is asked at a third of the rates: {error}"));
                None
            }
        }
    }
}

fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}
