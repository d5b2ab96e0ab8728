//! An operator with a right, as an argument of a handler: without it the handler is not reached.

use std::{marker::PhantomData, net::IpAddr, net::Ipv4Addr};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use chrono::{DateTime, Utc};

use super::{
    credentials::{CSRF, Shown, equal, is_cross_site, shown},
    store,
};
use crate::{
    http::rate_limit::client,
    operator::{Operators, refusal::refuse},
    problem::Failure,
};

/// A right by its name.
pub(crate) trait Right: Send + Sync {
    /// The name.
    const NAME: &'static str;
}

/// May see dead letters.
#[derive(Debug)]
pub(crate) struct Read;
/// May discard, restore, plan and replay.
#[derive(Debug)]
pub(crate) struct Act;
/// May change texts.
#[derive(Debug)]
pub(crate) struct Edit;

impl Right for Read {
    const NAME: &'static str = "read";
}

impl Right for Act {
    const NAME: &'static str = "act";
}

impl Right for Edit {
    const NAME: &'static str = "edit";
}

/// Who sent the request, and may.
#[derive(Debug)]
pub(crate) struct Operator<R> {
    /// The name.
    pub name: String,
    /// What they may do.
    pub rights: Vec<String>,
    /// Of a session: what its pages show when they change something.
    pub csrf: Option<String>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    right: PhantomData<R>,
}

const NOBODY: &str = "no operator is set up; whoever runs this installation adds one: \
                      query-api operator add NAME --rights read,act,edit";
const SIGN_IN: &str = "this needs an operator: a sign-in link (query-api operator link NAME) in the browser, \
                       or the header Authorization: Bearer <token>";

impl<R> Operator<R> {
    /// Also asks for the right to change texts, for this reason.
    ///
    /// # Errors
    /// Without it.
    pub(crate) fn require_edit(&self, why: &str) -> Result<(), Failure> {
        if self.rights.iter().any(|right| right == Edit::NAME) {
            return Ok(());
        }
        Err(refuse(StatusCode::FORBIDDEN, format!("{} lacks the right edit, and {why}", self.name)))
    }
}

impl<R: Right> FromRequestParts<Operators> for Operator<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, operators: &Operators) -> Result<Self, Failure> {
        let changes = !parts.method.is_safe();
        if changes && is_cross_site(&parts.headers) {
            return Err(cross_site());
        }
        let found = find::<R>(parts, operators, changes).await;
        // Only wrong secrets are refused for their number: one that is right works beside a client that guesses from the
        // same address.
        if found.as_ref().is_err_and(|denied| denied.is_guess) {
            let from = address(parts, operators);
            check_blocked(operators, from)?;
            operators.attempts.count(from, operators.clock.monotonic());
        }
        let operator = found.map_err(|denied| denied.failure)?;
        if operator.rights.iter().any(|right| right == R::NAME) {
            return Ok(operator);
        }
        let detail = format!(
            "{} lacks the right {}; {}",
            operator.name,
            R::NAME,
            "whoever runs this installation gives it"
        );
        Err(refuse(StatusCode::FORBIDDEN, detail))
    }
}

/// Why nobody was found; a guess is a secret that is wrong.
struct Denied {
    failure: Failure,
    is_guess: bool,
}

impl From<sqlx::Error> for Denied {
    fn from(error: sqlx::Error) -> Self {
        Self { failure: error.into(), is_guess: false }
    }
}

fn denied(is_guess: bool, detail: impl Into<String>) -> Denied {
    Denied { failure: refuse(StatusCode::UNAUTHORIZED, detail), is_guess }
}

async fn find<R>(parts: &Parts, operators: &Operators, changes: bool) -> Result<Operator<R>, Denied> {
    let now = operators.clock.now();
    match shown(&parts.headers) {
        Shown::Nothing => {
            let any = store::any(&mut *operators.reads.acquire().await?).await?;
            Err(denied(false, if any { SIGN_IN } else { NOBODY }))
        }
        Shown::Token(token) => {
            let all = store::operators(&mut *operators.reads.acquire().await?).await?;
            if all.is_empty() {
                return Err(denied(true, NOBODY));
            }
            let found =
                store::of_token(all, token).ok_or_else(|| denied(true, "this token is no operator's"))?;
            if let Some(end) = found.expires_at.filter(|end| *end <= now) {
                return Err(denied(false, format!("the token of {} expired at {end}", found.name)));
            }
            let store::OperatorRow { name, rights, expires_at, .. } = found;
            Ok(Operator { name, rights, csrf: None, expires_at, right: PhantomData })
        }
        Shown::Session(secret) => {
            let found = store::session(&mut *operators.reads.acquire().await?, secret, now).await?;
            let over =
                "this session is over; a new sign-in link begins another (query-api operator link NAME)";
            // A browser shows its cookie for as long as it lives: no guess.
            let found = found.ok_or_else(|| denied(false, over))?;
            let token = parts.headers.get(CSRF).map(|token| token.as_bytes()).unwrap_or_default();
            if changes && !equal(token, found.csrf.as_bytes()) {
                let detail = "the header X-CSRF-Token must hold what GET /api/v1/operator/session says";
                return Err(Denied { failure: refuse(StatusCode::FORBIDDEN, detail), is_guess: false });
            }
            let store::SessionRow { name, rights, csrf, expires_at, .. } = found;
            let expires_at = Some(expires_at);
            Ok(Operator { name, rights, csrf: Some(csrf), expires_at, right: PhantomData })
        }
    }
}

pub(super) fn cross_site() -> Failure {
    refuse(StatusCode::FORBIDDEN, "a page of another site sent this request")
}

/// A client that no address tells shares one count with all such.
pub(super) fn address(parts: &Parts, operators: &Operators) -> IpAddr {
    let known = client(operators.client_header.as_ref(), &parts.headers, &parts.extensions);
    known.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

pub(super) fn check_blocked(operators: &Operators, from: IpAddr) -> Result<(), Failure> {
    let blocked = operators.attempts.blocked(from, operators.clock.monotonic());
    blocked.map_or(Ok(()), |retry_after| Err(Failure::TooMany { retry_after }))
}
