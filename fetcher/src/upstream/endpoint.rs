//! The state of one base URL, kept where every process sees it, and changed by compare-and-set.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_nats::PublishError;
use kansoku_runs::Streams;
use kansoku_service::Clock;
use tokio::time::sleep;

use super::state::{Cause, Decision, EndpointState, Limits, Outcome, decide, end};

/// The bucket.
const BUCKET: &str = "UPSTREAM";
/// A decision that took longer to store is made again: it says by when the request will have ended.
const STALE: TimeDelta = TimeDelta::seconds(5);

/// Where states are kept.
#[derive(Clone)]
pub enum Store {
    /// In NATS: every process sees them, and they outlive each.
    Shared(Arc<Streams>),
    /// In this process, where there is no NATS: for one request of a person, and for tests.
    Local(Arc<Mutex<EndpointState>>),
}

impl Store {
    /// A new one in this process.
    pub fn local() -> Self {
        Self::Local(Arc::default())
    }
}

/// Why the state cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// NATS stayed away.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Another version has written it.
    #[error("read the state of the base URL (key {key} of the bucket {BUCKET}): {source}")]
    Unreadable {
        /// Its key.
        key: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// One base URL.
pub struct Endpoint {
    key: String,
    limits: Limits,
    store: Store,
    /// The calendar that captures live by: where it runs fast, so do pauses, because so does the upstream.
    calendar: Arc<dyn Clock>,
    /// The real time, in which the state is kept.
    real: Arc<dyn Clock>,
}

impl Endpoint {
    /// The state of `url`.
    pub fn new(
        url: &str,
        limits: Limits,
        store: Store,
        calendar: Arc<dyn Clock>,
        real: Arc<dyn Clock>,
    ) -> Self {
        // A decision may be as old as that when it is acted upon.
        let timeout = limits.timeout + STALE.to_std().unwrap_or_default();
        Self { key: key(url), limits: Limits { timeout, ..limits }, store, calendar, real }
    }

    /// What it allows.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Now, by the time that the state is kept in.
    pub fn now(&self) -> DateTime<Utc> {
        self.real.now()
    }

    /// The instant after so long a time of the calendar.
    fn after(&self, length: Duration) -> DateTime<Utc> {
        let add = |clock: &Arc<dyn Clock>, length| {
            let length = TimeDelta::from_std(length).ok();
            length
                .and_then(|length| clock.now().checked_add_signed(length))
                .unwrap_or(DateTime::<Utc>::MAX_UTC)
        };
        add(&self.real, self.calendar.until(add(&self.calendar, length)))
    }

    /// The state as it is now.
    pub async fn state(&self) -> Result<EndpointState, StateError> {
        Ok(self.read().await?.0)
    }

    /// Waits until the request `id` may be sent, and returns the state then. Where the base URL is left alone for longer than
    /// `patience`: until when, and why. The pace of the limits is waited for in any case; any other wait `notify` hears of.
    pub async fn permit(
        &self,
        id: u64,
        patience: impl Fn() -> Duration,
        notify: impl Fn(DateTime<Utc>, &Cause),
    ) -> Result<(EndpointState, Option<(DateTime<Utc>, Cause)>), StateError> {
        loop {
            let begun = self.now();
            let (decision, state) = self
                .change(|state| {
                    let (next, decision) = decide(state, &self.limits, id, self.now());
                    (next.clone(), (decision, next))
                })
                .await?;
            match decision {
                Decision::Go if self.now() - begun < STALE => return Ok((state, None)),
                Decision::Go => {}
                Decision::Wait(until, Cause::Rate) => sleep(self.real.until(until)).await,
                Decision::Wait(until, cause) => {
                    let wait = self.real.until(until);
                    if wait >= patience() {
                        return Ok((state, Some((until, cause))));
                    }
                    notify(until, &cause);
                    sleep(wait).await;
                }
            }
        }
    }

    /// Notes how a request ended, and how long the base URL is to be left alone; the state after it.
    pub async fn end(
        &self,
        id: u64,
        outcome: Outcome,
        pause: Option<(Duration, &str)>,
    ) -> Result<EndpointState, StateError> {
        let now = self.now();
        let open_until = self.after(self.limits.open);
        let pause = pause.map(|(length, why)| (self.after(length), why));
        self.change(|state| {
            let next = end(state, &self.limits, id, now, outcome, open_until);
            let next = pause.map_or(next.clone(), |(until, why)| next.cool_down(until, why));
            (next.clone(), next)
        })
        .await
    }

    /// Leaves the base URL alone as long as its breaker would: until when.
    pub async fn leave(&self, why: &str) -> Result<DateTime<Utc>, StateError> {
        let until = self.after(self.limits.open);
        self.change(|state| (state.cool_down(until, why), ())).await?;
        Ok(until)
    }

    /// Changes the state: `change` sees the newest one, again and again until nobody else has changed it meanwhile.
    async fn change<T>(
        &self,
        change: impl Fn(&EndpointState) -> (EndpointState, T),
    ) -> Result<T, StateError> {
        let streams = match &self.store {
            Store::Local(state) => {
                // A poisoned lock holds a whole state all the same.
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                let (next, result) = change(&state);
                *state = next;
                return Ok(result);
            }
            Store::Shared(streams) => streams,
        };
        loop {
            let (state, revision) = self.read().await?;
            let (next, result) = change(&state);
            if next == state {
                return Ok(result);
            }
            // Numbers and words have nothing to fail on.
            let value = serde_json::to_vec(&next).unwrap_or_default();
            if streams.kv_update(BUCKET, &self.key, value.into(), revision).await?.is_some() {
                return Ok(result);
            }
        }
    }

    async fn read(&self) -> Result<(EndpointState, u64), StateError> {
        let streams = match &self.store {
            // A poisoned lock holds a whole state all the same.
            Store::Local(state) => {
                return Ok((state.lock().unwrap_or_else(PoisonError::into_inner).clone(), 0));
            }
            Store::Shared(streams) => streams,
        };
        let Some(entry) = streams.kv_get(BUCKET, &self.key).await? else { return Ok(Default::default()) };
        // Somebody has deleted the key.
        if entry.value.is_empty() {
            return Ok((EndpointState::default(), entry.revision));
        }
        let state = serde_json::from_slice(&entry.value);
        let state = state.map_err(|source| StateError::Unreadable { key: self.key.clone(), source })?;
        Ok((state, entry.revision))
    }
}

/// The key of a base URL: what a key may not have is written as = and two hexadecimal digits.
fn key(url: &str) -> String {
    // As it is requested: the host in small letters, no port that goes without saying.
    let url = url::Url::parse(url).map_or_else(|_| url.to_owned(), String::from);
    let bytes = url.trim_end_matches('/').as_bytes();
    let is_plain = |place: usize| {
        let near = |place: Option<usize>| {
            place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_alphanumeric)
        };
        match bytes[place] {
            // No part of a subject is empty.
            b'.' => near(place.checked_sub(1)) && near(Some(place + 1)),
            byte => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/'),
        }
    };
    let letters = (0..bytes.len()).map(|place| {
        if is_plain(place) { char::from(bytes[place]).to_string() } else { format!("={:02X}", bytes[place]) }
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_base_url_has_a_key_that_a_subject_takes() {
        for (url, expected) in [
            ("https://api.tenrai.org/v1/", "https=3A//api.tenrai.org/v1"),
            ("http://127.0.0.1:7450/v4", "http=3A//127.0.0.1=3A7450/v4"),
            ("HTTPS://API.tenrai.org:443/v1", "https=3A//api.tenrai.org/v1"),
            ("http://h./a b/*", "http=3A//h=2E/a=2520b/=2A"),
            ("http://h/=..x>", "http=3A//h/=3D=2E=2Ex=253E"),
        ] {
            assert_eq!(key(url), expected);
        }
    }
}
