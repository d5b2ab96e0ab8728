//! The OpenAPI document, made from the types.

use utoipa::OpenApi;

use crate::endpoints::{genre_distribution, run_days, runs, seasonal_trend, sources, top_anime};

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
    ),
    paths(
        top_anime::top_anime,
        genre_distribution::genre_distribution,
        seasonal_trend::seasonal_trend,
        sources::sources,
        runs::runs,
        run_days::run_days,
    )
)]
struct Document;

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document as it is committed and served: indented JSON with a final line break.
///
/// # Errors
/// Never in practice: the document holds nothing that JSON cannot say.
pub fn rendered() -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(&document())?;
    text.push('\n');
    Ok(text)
}
