//! The OpenAPI document, made from the types and the routes themselves.

use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    endpoints::{genre_distribution, run_days, runs, seasonal_trend, sources, top_anime},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kansoku",
        description = "How anime rise and fall: time series of scores, ranks and members. Days are UTC. A missing day is `null`, never a zero.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "analytics", description = "What the charts show; each also as CSV."),
        (name = "captures", description = "What was captured, when, and how completely."),
    )
)]
struct Document;

/// The routes, each with its part of the document.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(top_anime::top_anime))
        .routes(routes!(genre_distribution::genre_distribution))
        .routes(routes!(seasonal_trend::seasonal_trend))
        .routes(routes!(sources::sources))
        .routes(routes!(runs::runs))
        .routes(routes!(run_days::run_days))
}

/// The document as it is committed and served: indented JSON with a final line break, the same at every run.
///
/// # Errors
/// Never in practice: the document holds nothing that JSON cannot say.
pub fn rendered() -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(&routes().into_openapi())?;
    text.push('\n');
    Ok(text)
}
