//! The API, asked over HTTP.

use std::{path::Path, sync::Arc, time::Duration};

use kansoku_service::TlsFiles;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::crypto::ring;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use ureq::{
    Agent, http,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::{
    failure::{Failure, unreachable, usage},
    outside,
};

const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest answer that is read: a page of dead letters with long texts is far below it.
const MAX_ANSWER: u64 = 256 << 20;
/// How often a question is repeated that the API had no time for.
const RETRIES: u32 = 5;
/// How often something is read again that the API could not give for now.
const READS_AGAIN: u32 = 2;
/// The longest that the API may ask us to wait.
const MAX_WAIT: u64 = 30;
/// What a part of a path keeps as it is.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':');

/// An answer: its text, and what it says.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The JSON as it came.
    pub text: String,
    /// What is shown of it.
    pub value: T,
}

/// What a mistake is marked in.
#[derive(Deserialize)]
struct Filtered {
    filter: Option<String>,
}

/// Where the API is, and who asks it.
#[derive(Debug)]
pub(crate) struct Api {
    agent: Agent,
    base: String,
    token: Option<String>,
}

/// A part of a path, whatever is in it.
pub(crate) fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// Trusts the certificates of a file alone, or those of the system.
fn trusting(tls_ca: Option<&Path>) -> Result<TlsConfig, Failure> {
    TlsFiles::of_options(tls_ca, None, None).check_paths().map_err(|refused| usage(refused.to_string()))?;
    let roots = match tls_ca {
        None => RootCerts::PlatformVerifier,
        Some(file) => {
            let shown = file.display();
            let text = std::fs::read(file).map_err(|error| usage(format!("--tls-ca {shown}: {error}")))?;
            let certificate = |item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            };
            let all: Vec<_> = parse_pem(&text).filter_map(certificate).collect();
            if all.is_empty() {
                return Err(usage(format!(
                    "--tls-ca {shown}: holds no certificate; it has to be PEM, -----BEGIN CERTIFICATE-----"
                )));
            }
            RootCerts::from(all)
        }
    };
    let provider = Arc::new(ring::default_provider());
    Ok(TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build())
}

impl Api {
    /// The API at this address.
    ///
    /// # Errors
    /// When it is no address of HTTP, or the authority's certificates cannot be read.
    pub(crate) fn at(base: &str, tls_ca: Option<&Path>, token: Option<String>) -> Result<Self, Failure> {
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(usage(format!("--api {base}: not an address like http://127.0.0.1:7400")));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .tls_config(trusting(tls_ca)?)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("kansoku/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.new_agent(), base: base.trim_end_matches('/').to_owned(), token })
    }

    /// Its address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Whether there is a token to show.
    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// `GET`; `path` begins behind `/api/v1/`.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer<T>, Failure> {
        let filter = query.iter().find(|(name, _)| *name == "filter").map(|(_, filter)| *filter);
        let query = query.iter().filter(|(_, value)| !value.is_empty());
        let query: Vec<_> = query.map(|(name, value)| format!("{name}={}", part(value))).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        self.send("GET", &format!("{path}{query}"), None, filter)
    }

    /// `POST` or `PATCH` of a body.
    pub(crate) fn command<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>, Failure> {
        let text =
            serde_json::to_string(body).map_err(|error| usage(format!("write the request: {error}")))?;
        let filter = serde_json::from_str::<Filtered>(&text).ok().and_then(|body| body.filter);
        self.send(method, path, Some(&text), filter.as_deref())
    }

    fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        filter: Option<&str>,
    ) -> Result<Answer<T>, Failure> {
        let url = format!("{}/api/v1/{path}", self.base);
        for tried in 0..RETRIES {
            let (status, text, wait) = self.once(method, &url, body)?;
            match (status, wait) {
                (200..=299, _) => return read(&url, text),
                // Nothing was done: the API had too much to do.
                (429, Some(wait)) if wait <= MAX_WAIT => outside::pause(Duration::from_secs(wait)),
                // Who reads again does nothing twice.
                (503, Some(wait)) if wait <= MAX_WAIT && method == "GET" && tried < READS_AGAIN => {
                    outside::pause(Duration::from_secs(wait));
                }
                _ => return Err(Failure::answered(status, &text, filter)),
            }
        }
        let (status, text, _) = self.once(method, &url, body)?;
        if status < 300 { read(&url, text) } else { Err(Failure::answered(status, &text, filter)) }
    }

    /// Status, body, and how many seconds the API wants us to wait.
    fn once(
        &self,
        method: &str,
        url: &str,
        body: Option<&str>,
    ) -> Result<(u16, String, Option<u64>), Failure> {
        let away = |error: &dyn std::fmt::Display| {
            let (said, base) = (error.to_string(), &self.base);
            unreachable(if said.contains("certificate") {
                format!(
                    "the API at {base} is not who it has to be ({said}); --tls-ca or KANSOKU_TLS_CA names whom to trust"
                )
            } else {
                format!(
                    "the API at {base} does not answer ({said}); `make up` starts it, --api or KANSOKU_API_URL names another"
                )
            })
        };
        let mut request = http::Request::builder().method(method).uri(url);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let text = body.unwrap_or_default().to_owned();
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(text).map_err(|error| usage(format!("ask {url}: {error}")))?;
        let mut answer = self.agent.run(request).map_err(|error| away(&error))?;
        let wait = answer.headers().get("retry-after").and_then(|wait| wait.to_str().ok()?.parse().ok());
        let text = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_string();
        Ok((answer.status().as_u16(), text.map_err(|error| away(&error))?, wait))
    }
}

fn read<T: DeserializeOwned>(url: &str, text: String) -> Result<Answer<T>, Failure> {
    match serde_json::from_str(&text) {
        Ok(value) => Ok(Answer { text, value }),
        Err(error) => Err(unreachable(format!(
            "{url} answers with something else than this version of the program expects ({error})"
        ))),
    }
}
