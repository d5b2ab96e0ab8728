//! Recorded replies from a folder: what was recorded for an address is sent again, byte for byte.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use url::Url;

use crate::api::Reply;

/// An entry of `captures.json`; what else it says is passed over.
#[derive(Deserialize)]
struct Capture {
    name: String,
    url: String,
    status: Option<u16>,
    headers: Option<BTreeMap<String, String>>,
}

/// Answers by path and query.
#[derive(Debug)]
pub struct Recorded(HashMap<String, Reply>);

/// Headers that speak of the connection and the coding of the original, not of the bytes that are kept.
const NOT_KEPT: [&str; 6] = [
    "connection",
    "content-encoding",
    "content-length",
    "keep-alive",
    "transfer-encoding",
    "x-kansoku-source",
];

impl Recorded {
    /// Reads the index of a folder and the bodies it names; an entry whose address is unknown is left out.
    ///
    /// # Errors
    /// When a file is missing or the index cannot be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).with_context(|| format!("read {}", path.display()))
        };
        let index: Vec<Capture> = serde_json::from_slice(&read("captures.json")?)
            .with_context(|| format!("read captures.json in {}", folder.display()))?;
        let mut replies = HashMap::new();
        for Capture { name, url, status, headers } in index {
            let Ok(url) = Url::parse(&url) else { continue };
            ensure!(!name.contains('/'), "captures.json names {name:?}, which is no file of its folder");
            let headers = headers.unwrap_or_default().into_iter();
            let mut reply = Reply {
                status: status.unwrap_or(200),
                headers: headers
                    .filter(|(name, _)| !NOT_KEPT.contains(&name.to_ascii_lowercase().as_str()))
                    .collect(),
                body: read(&name)?,
            };
            if !reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                reply.set("content-type", "application/json");
            }
            // Of an address recorded twice the last recording counts.
            replies.insert(address(url.path(), url.query().unwrap_or_default()), reply);
        }
        Ok(Self(replies))
    }

    /// What was recorded.
    pub fn get(&self, path: &str, query: &str) -> Option<&Reply> {
        self.0.get(&address(path, query))
    }
}

/// Path and query as one text.
fn address(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
