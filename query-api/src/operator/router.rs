//! The routes of operators, and what lies around them alone.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use utoipa::openapi::{
    OpenApi,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    access::session, audit, bulk, change, correct, detail, group_change, groups, items, jobs, ledger, plans,
    refusal::refuse, schemas, state::Operators,
};
use crate::{http::rate_limit::RateLimit, problem::Failure};

/// The most bytes of a body; the texts of rows have a limit of their own.
const MAX_BODY: usize = 1 << 20;
/// The most bytes of a body that holds a row's text: written as JSON it may be some times as long.
const MAX_TEXT_BODY: usize = 8 << 20;

fn all() -> OpenApiRouter<Operators> {
    let texts = OpenApiRouter::new()
        .routes(routes!(change::edit))
        .routes(routes!(change::check))
        .routes(routes!(correct::correct));
    OpenApiRouter::new()
        .routes(routes!(session::sign_in, session::whoami, session::sign_out))
        .routes(routes!(items::list))
        .routes(routes!(groups::list))
        .routes(routes!(group_change::change))
        .routes(routes!(detail::detail))
        .routes(routes!(detail::body))
        .routes(routes!(change::discard))
        .routes(routes!(change::restore))
        .routes(routes!(change::revert))
        .routes(routes!(bulk::discard))
        .routes(routes!(plans::list, plans::create))
        .routes(routes!(plans::one))
        .routes(routes!(plans::cancel))
        .routes(routes!(plans::members))
        .routes(routes!(jobs::list, jobs::create))
        .routes(routes!(jobs::one))
        .routes(routes!(jobs::pause))
        .routes(routes!(jobs::resume))
        .routes(routes!(jobs::cancel))
        .routes(routes!(audit::audit))
        .routes(routes!(ledger::ledger))
        .routes(routes!(schemas::schemas))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .merge(texts.layer(DefaultBodyLimit::max(MAX_TEXT_BODY)))
}

/// The part of the OpenAPI document.
pub(crate) fn document() -> OpenApi {
    let mut document = all().into_openapi();
    let components = document.components.get_or_insert_default();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    let cookie = ApiKey::Cookie(ApiKeyValue::new("kansoku_session"));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    let either = || {
        let empty: [&str; 0] = [];
        ["token", "session"].map(|name| SecurityRequirement::new(name, empty)).to_vec()
    };
    for item in document.paths.paths.values_mut() {
        for operation in
            [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete].into_iter().flatten()
        {
            operation.security.get_or_insert_with(either);
        }
    }
    document
}

/// The routes.
pub(crate) fn routes(operators: Operators, rate_limit: RateLimit) -> Router {
    let (router, _) = all().split_for_parts();
    router
        .method_not_allowed_fallback(not_allowed)
        .with_state(operators)
        .layer(from_fn(no_store))
        .layer(from_fn_with_state(rate_limit, limit))
}

async fn not_allowed(request: Request) -> Failure {
    refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{} is not possible here; /docs lists what is", request.method()),
    )
}

async fn limit(State(rate_limit): State<RateLimit>, request: Request, next: Next) -> Response {
    match rate_limit.check(&request) {
        Ok(()) => next.run(request).await,
        Err(retry_after) => Failure::TooMany { retry_after }.into_response(),
    }
}

/// What an operator sees stays in no cache.
async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
