//! One request to a base URL, to see how it is: its state, and whether a page of it is one of ours.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::{
    classes::Class,
    client::{Client, Exchange, RequestError},
    endpoint::StateError,
    state::{EndpointState, Limits},
};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Its state before the request.
    pub before: EndpointState,
    /// Its state after the request.
    pub after: EndpointState,
    /// When that was.
    pub at: DateTime<Utc>,
    /// What came of the request.
    pub result: ProbeResult,
}

/// What came of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeResult {
    /// It was not sent: the base URL is left alone.
    NotSent,
    /// An answer came.
    Answer {
        /// The HTTP status.
        status: u16,
        /// From the request to the last byte.
        took: Duration,
        /// What kind of answer.
        class: Class,
        /// The source that it names, when it is another one than configured.
        mismatch: Option<String>,
        /// The body.
        body: Bytes,
    },
    /// Nothing came, or it broke off.
    Failed {
        /// The class of the failure.
        class: Class,
        /// What happened.
        why: String,
    },
}

impl Client {
    /// The limits of the base URL.
    pub fn limits(&self) -> &Limits {
        self.endpoint.limits()
    }

    /// Sends one request for a path, within the limits; none while the base URL is left alone. The outcome is counted like
    /// any other, so a breaker that is half open closes over a good one.
    pub async fn probe(&self, path: &str) -> Result<Probe, StateError> {
        let before = self.endpoint.state().await?;
        let at = self.endpoint.now();
        let result = match before.unavailable_until(at) {
            Some(_) => ProbeResult::NotSent,
            None => match self.send(&self.address(path), || Duration::ZERO).await {
                Ok(Exchange { class, response: Ok(response), took, .. }) => {
                    let mismatch = response.who.filter(|who| *who != self.upstream().source);
                    let (status, body) = (response.status, response.body);
                    ProbeResult::Answer { status, took, class, mismatch, body }
                }
                Ok(Exchange { class, response: Err(fault), .. }) => {
                    ProbeResult::Failed { class, why: fault.why }
                }
                Err(RequestError::State(error)) => return Err(error),
                Err(_) => ProbeResult::NotSent,
            },
        };
        Ok(Probe { before, after: self.endpoint.state().await?, at, result })
    }
}
