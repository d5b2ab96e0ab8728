//! The one HTTP client: time-outs, a limit on bodies, an honest name, a pause between requests.

use std::time::Duration;

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use tokio::{sync::Mutex, time::Interval};

use crate::settings::{ClientSettings, Upstream};

/// The header by which our simulator says who it is.
const WHO: &str = "X-Kansoku-Source";

/// An answer with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The address that was asked.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// The decoded body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nothing came, or it broke off.
    #[error("ask {url}: {why}")]
    Network {
        /// The address.
        url: String,
        /// What happened, down to its last cause.
        why: String,
    },
    /// More came than is taken.
    #[error("{url} answers with more than {limit} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The most bytes.
        limit: usize,
    },
    /// The base URL belongs to another source than the configuration says.
    #[error(
        "{url} is {found}, and the configuration calls it {expected}: set upstream.source, or another url"
    )]
    Mistaken {
        /// The address.
        url: String,
        /// Who it says it is.
        found: String,
        /// Who it should be.
        expected: String,
    },
}

/// Asks one upstream.
pub struct Client {
    http: reqwest::Client,
    upstream: Upstream,
    most: usize,
    pace: Mutex<Interval>,
}

impl Client {
    /// A client for `upstream`.
    pub fn new(settings: &ClientSettings, upstream: Upstream) -> anyhow::Result<Self> {
        let contact = settings.contact.as_ref().map(|contact| format!(" (+{contact})")).unwrap_or_default();
        let http = reqwest::Client::builder()
            .user_agent(format!("Kansoku/{}{contact}", kansoku_service::VERSION))
            .timeout(settings.timeout())
            .connect_timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::limited(3))
            .build()
            .context("make the HTTP client")?;
        let pace = tokio::time::interval(settings.interval().max(Duration::from_millis(1)));
        let mut pace = Mutex::new(pace);
        pace.get_mut().set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Ok(Self { http, upstream, most: settings.max_body, pace })
    }

    /// The upstream that is asked.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Asks for a path under the base URL, when its turn has come.
    pub async fn ask(&self, path: &str) -> Result<Answer, AskError> {
        self.pace.lock().await.tick().await;
        let url = format!("{}/{path}", self.upstream.url.trim_end_matches('/'));
        let network = |error: reqwest::Error| AskError::Network {
            url: url.clone(),
            why: format!("{:#}", anyhow::Error::new(error.without_url())),
        };
        let response = self.http.get(&url).send().await.map_err(network)?;
        let found = response.headers().get(WHO).and_then(|name| name.to_str().ok()).map(str::to_owned);
        if let Some(found) = found.filter(|found| *found != self.upstream.source) {
            return Err(AskError::Mistaken { url, found, expected: self.upstream.source.clone() });
        }
        let status = response.status().as_u16();
        let mut stream = response.bytes_stream();
        let mut body = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(network)?;
            if body.len() + chunk.len() > self.most {
                return Err(AskError::TooLarge { url, limit: self.most });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { url, status, body: body.freeze() })
    }
}
