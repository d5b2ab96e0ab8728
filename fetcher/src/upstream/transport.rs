//! One request on the wire: the body is read up to a limit, and what goes wrong is told apart.

use std::{error::Error, io::ErrorKind, time::Duration};

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, future::BoxFuture};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};

use super::settings::{ClientSettings, Upstream};

/// The header by which our simulator says who it is.
const WHO: &str = "x-kansoku-source";
/// The header of a paid key.
const KEY: HeaderName = HeaderName::from_static("x-server-key");

/// An answer with its whole body, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// Who the upstream says it is.
    pub who: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// Which kind of no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// More came than is taken.
    TooLarge,
    /// It did not come in time.
    Slow,
    /// It broke off.
    Truncated,
    /// The name has no address.
    Dns,
    /// The connection is not trusted.
    Tls,
    /// Anything else on the way.
    Network,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which kind.
    pub kind: FaultKind,
    /// What happened, down to its last cause.
    pub why: String,
}

/// Sends one request. A test puts another upstream in its place.
pub trait Transport: Send + Sync {
    /// Requests an address; follows nothing, repeats nothing.
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Response, Fault>>;
}

/// The one HTTP client.
pub struct Http {
    http: reqwest::Client,
    most: usize,
}

impl Http {
    /// A client with an honest name, for one upstream.
    pub fn new(settings: &ClientSettings, upstream: &Upstream) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        if let Some(key) = upstream.key()? {
            let mut value = HeaderValue::from_str(key.expose()).context("read upstream.server_key")?;
            value.set_sensitive(true);
            headers.insert(KEY, value);
        }
        let http = reqwest::Client::builder()
            .user_agent(user_agent(settings.contact.as_deref()))
            .default_headers(headers)
            .timeout(settings.timeout())
            .connect_timeout(settings.timeout().min(Duration::from_secs(10)))
            // Each hop is a request of its own and takes a slot of its own: the client follows.
            .redirect(reqwest::redirect::Policy::none())
            // Nothing is repeated behind the limiter's back.
            .retry(reqwest::retry::never())
            .no_proxy()
            .build()
            .context("make the HTTP client")?;
        Ok(Self { http, most: settings.max_body })
    }

    async fn request(&self, url: &str) -> Result<Response, Fault> {
        let response = self.http.get(url).send().await.map_err(fault)?;
        let header = |name: &HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let (status, retry_after, location) =
            (response.status().as_u16(), header(&RETRY_AFTER), header(&LOCATION));
        let who = header(&HeaderName::from_static(WHO));
        let mut stream = response.bytes_stream();
        let mut body = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(fault)?;
            if body.len() + chunk.len() > self.most {
                let why = format!("answers with more than {} bytes", self.most);
                return Err(Fault { kind: FaultKind::TooLarge, why });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, retry_after, location, who, body: body.freeze() })
    }
}

impl Transport for Http {
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Response, Fault>> {
        Box::pin(self.request(url))
    }
}

/// Who sends requests.
pub fn user_agent(contact: Option<&str>) -> String {
    let contact = contact.map(|contact| format!(" (+{contact})")).unwrap_or_default();
    format!("Kansoku/{}{contact}", kansoku_service::VERSION)
}

/// The libraries below give no kinds for names and trust: their words are read.
fn fault(error: reqwest::Error) -> Fault {
    let (slow, decode, body) = (error.is_timeout(), error.is_decode(), error.is_body());
    let connecting = error.is_connect();
    let error = error.without_url();
    let mut reset = false;
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(current) = cause {
        if let Some(io) = current.downcast_ref::<std::io::Error>() {
            reset |= matches!(io.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe);
        }
        cause = current.source();
    }
    let why = format!("{:#}", anyhow::Error::new(error));
    let says = |words: &[&str]| words.iter().any(|word| why.to_lowercase().contains(word));
    let kind = if slow {
        FaultKind::Slow
    } else if says(&["dns error", "failed to lookup"]) {
        FaultKind::Dns
    } else if connecting
        // Once connected a cut is a cut, whatever the words about TLS.
        && says(&["certificate", "tls", "handshake", "corrupt message", "invalidcontenttype"])
    {
        FaultKind::Tls
    } else if reset {
        FaultKind::Network
    } else if decode || body {
        FaultKind::Truncated
    } else {
        FaultKind::Network
    };
    Fault { kind, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_honest() {
        let name = user_agent(Some("https://example.org/me"));
        assert_eq!(name, format!("Kansoku/{} (+https://example.org/me)", kansoku_service::VERSION));
    }
}
