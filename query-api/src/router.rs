//! Every route, and what lies around them.

use std::any::Any;

use axum::{
    Router,
    extract::Request,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

use crate::{
    app::App,
    docs,
    http::{
        identify::{Ids, give_id, write_problem},
        limit::{Gate, limit},
        observe::{Observer, observe},
        respond::tell_encodings_apart,
        security::secure,
    },
    openapi,
    problem::Failure,
    web::{self, Ui},
};

/// What the routes are made of.
pub(crate) struct Parts {
    /// The state of the handlers.
    pub app: App,
    /// How often a client may ask.
    pub gate: Gate,
    /// Where request ids come from.
    pub ids: Ids,
    /// Where requests are counted.
    pub observer: Observer,
    /// The web UI.
    pub ui: Ui,
    /// Health and metrics.
    pub admin: Router,
}

/// All of it. A layer stands around those above it.
pub(crate) fn router(parts: Parts) -> anyhow::Result<Router> {
    let (api, _) = openapi::routes().split_for_parts();
    let api = api
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn_with_state(parts.gate, limit))
        .with_state(parts.app);
    let ui = Router::new().fallback(web::serve).with_state(parts.ui);
    Ok(api
        .merge(docs::routes()?)
        .merge(parts.admin)
        .fallback_service(ui)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(write_problem))
        .layer(from_fn_with_state(parts.observer, observe))
        .layer(from_fn_with_state(parts.ids, give_id))
        .layer(from_fn(secure))
        .layer(CompressionLayer::new())
        .layer(from_fn(tell_encodings_apart)))
}

async fn not_allowed(request: Request) -> Failure {
    Failure::MethodNotAllowed(request.method().to_string())
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Failure::Internal(format!("panic: {text}")).into_response()
}
