//! `/api/v1/operator/session`: signing in with a link, and out.

use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use kansoku_service::random_bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    credentials::{Shown, cookie, is_cross_site, secret, shown},
    extract::{Operator, Read, address, check_blocked, cross_site},
    store,
};
use crate::{
    operator::{Operators, refusal::refuse, request::Body},
    problem::{Failure, Problem},
};

/// How long a session lasts.
const SESSION: TimeDelta = TimeDelta::hours(12);

/// The code of a sign-in link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// What stands in the link after `#`.
    code: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// The operator's name.
    name: String,
    /// What they may do: `read`, `act`, `edit`.
    rights: Vec<String>,
    /// What the header `X-CSRF-Token` must hold to change something; `null` with a token.
    #[schema(required = true)]
    csrf: Option<String>,
    /// Until when; `null` for a token without end.
    #[schema(required = true)]
    expires_at: Option<DateTime<Utc>>,
}

/// Sign in with the code of a link
///
/// A code is good once, for fifteen minutes. The session is a cookie that no script can read.
#[utoipa::path(post, path = "/api/v1/operator/session", operation_id = "sign_in", tag = "operator",
    request_body = SignIn, security(()),
    responses((status = 200, description = "Signed in", body = SignedIn),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn sign_in(
    State(operators): State<Operators>,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    if is_cross_site(&parts.headers) {
        return Err(cross_site());
    }
    let from = address(&parts, &operators);
    let is_https = is_https(&parts.headers);
    let Body(SignIn { code }) = Body::from_request(Request::from_parts(parts, body), &operators).await?;
    let now = operators.clock.now();
    let mut transaction = operators.commands.begin().await?;
    let Some(operator) = store::redeem(&mut transaction, &code, now).await? else {
        transaction.commit().await?;
        check_blocked(&operators, from)?;
        operators.attempts.count(from, operators.clock.monotonic());
        let detail = "this sign-in link was used, is older than fifteen minutes, or never was; a new one: query-api operator link NAME";
        return Err(refuse(StatusCode::UNAUTHORIZED, detail));
    };
    let random = || random_bytes().map_err(|error| Failure::Internal(format!("read randomness: {error}")));
    let (session, hashed) = secret(random()?);
    let (csrf, _) = secret(random()?);
    let until = operator.expires_at.map_or(now + SESSION, |end| end.min(now + SESSION));
    store::begin(&mut transaction, &operator.name, &hashed, &csrf, now, until).await?;
    transaction.commit().await?;
    tracing::info!(operator = operator.name, "{} signed in", operator.name);
    let body =
        SignedIn { name: operator.name, rights: operator.rights, csrf: Some(csrf), expires_at: Some(until) };
    let cookie = cookie(&session, (until - now).num_seconds(), is_https);
    Ok(with_cookie(&cookie, Json(body).into_response()))
}

/// Who is signed in
#[utoipa::path(get, path = "/api/v1/operator/session", operation_id = "session", tag = "operator",
    responses((status = 200, description = "The operator", body = SignedIn),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn whoami(operator: Operator<Read>) -> Json<SignedIn> {
    let Operator { name, rights, csrf, expires_at, .. } = operator;
    Json(SignedIn { name, rights, csrf, expires_at })
}

/// Sign out
#[utoipa::path(delete, path = "/api/v1/operator/session", operation_id = "sign_out", tag = "operator",
    responses((status = 204, description = "Signed out"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn sign_out(
    State(operators): State<Operators>,
    _: Operator<Read>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if let Shown::Session(secret) = shown(&headers) {
        store::end(&mut *operators.commands.acquire().await?, secret).await?;
    }
    let gone = cookie("", 0, is_https(&headers));
    Ok(with_cookie(&gone, StatusCode::NO_CONTENT.into_response()))
}

/// Whether a proxy before us took the request by TLS.
fn is_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https")
}

fn with_cookie(cookie: &str, mut response: Response) -> Response {
    // ASCII of our own making.
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
