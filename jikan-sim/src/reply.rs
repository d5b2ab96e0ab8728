//! An answer on its way out, and the two shapes of errors.

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde_json::json;

use crate::{
    api::{Answer, Refusal},
    body,
};

/// Status, headers and bytes, whoever they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// In the order they are sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        let headers = answer.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { status: answer.status, headers, body: answer.body }
    }
}

impl Reply {
    /// Puts a header in place of those of its name.
    pub fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}

/// Whose errors are spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Errors {
    /// `{status, type, message, error}`
    #[default]
    Jikan,
    /// `{status, type, message, error, path}`, and up to 50 rows on a page.
    Tenrai,
}

impl Errors {
    /// The most rows on a page.
    pub const fn most_rows(self) -> u32 {
        match self {
            Self::Jikan => 25,
            Self::Tenrai => 50,
        }
    }

    /// An error.
    pub fn reply(
        self,
        at: DateTime<Utc>,
        path: &str,
        (status, kind, message): (u16, &str, &str),
        error: Option<&str>,
    ) -> Reply {
        let mut body = json!({ "status": status, "type": kind, "message": message, "error": error });
        if self == Self::Tenrai {
            body["path"] = json!(path);
        }
        let headers = crate::api::refusal_headers(at);
        Answer { status, headers, body: body::to_vec(&body) }.into()
    }

    /// A refusal in this shape.
    pub fn refuse(self, at: DateTime<Utc>, path: &str, refusal: &Refusal) -> Reply {
        if self == Self::Jikan {
            let headers = crate::api::refusal_headers(at);
            return Answer { status: refusal.status(), headers, body: refusal.body() }.into();
        }
        match refusal {
            Refusal::NotFound | Refusal::NoSuchTitle(_) => {
                let told = (404, "ResourceNotFoundException", "Resource does not exist");
                self.reply(at, path, told, Some("404"))
            }
            Refusal::MethodNotAllowed => {
                self.reply(at, path, (405, "HttpException", "Method Not Allowed"), None)
            }
            Refusal::Invalid(messages) => {
                let message = messages.values().flatten().cloned().collect::<Vec<_>>().join(" ");
                self.reply(at, path, (400, "ValidationException", &message), None)
            }
        }
    }
}
