//! Error bodies in the shapes of Jikan.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::body;

/// Why a question is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such endpoint, or no such year or season.
    NotFound,
    /// There is no title with this id.
    NoSuchTitle(i32),
    /// Only GET and HEAD are understood.
    MethodNotAllowed,
    /// Parameters that make no sense: what is wrong, by parameter.
    Invalid(BTreeMap<&'static str, Vec<String>>),
}

/// Most errors.
#[derive(Serialize)]
struct Plain {
    status: u16,
    r#type: &'static str,
    message: &'static str,
    error: Option<String>,
}

/// An error of parameters: `messages` instead of `message`.
#[derive(Serialize)]
struct Validation<'a> {
    status: u16,
    r#type: &'static str,
    messages: &'a BTreeMap<&'static str, Vec<String>>,
    error: &'static str,
}

impl Refusal {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotFound | Self::NoSuchTitle(_) => 404,
            Self::MethodNotAllowed => 405,
            Self::Invalid(_) => 400,
        }
    }

    /// The body.
    pub fn body(&self) -> Vec<u8> {
        let status = self.status();
        let plain = |kind, message, error| body::to_vec(&Plain { status, r#type: kind, message, error });
        match self {
            Self::NotFound => plain("HttpException", "Not Found", None),
            Self::NoSuchTitle(id) => plain(
                "BadResponseException",
                "Resource does not exist",
                Some(format!("404 on {}/anime/{id}", body::HOST)),
            ),
            Self::MethodNotAllowed => plain("HttpException", "Method Not Allowed", None),
            Self::Invalid(messages) => body::to_vec(&Validation {
                status,
                r#type: "ValidationException",
                messages,
                error: "Invalid or incomplete request. Make sure your request is correct.",
            }),
        }
    }
}
