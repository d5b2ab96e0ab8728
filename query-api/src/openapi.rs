//! The OpenAPI document, made from the types and the routes themselves.

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    app::App,
    endpoints::{
        genre_distribution::Distribution, journey::OnePage, run_days::Observed, runs::Runs,
        seasonal_trend::Trend, sources::Sources, title::Facts, title_days::Line, title_similar::Similar,
        title_weeks::Weeks, titles::Search, top_anime::Ranking,
    },
    operator,
    resource::route,
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
        (name = "titles", description = "What is known of each title."),
        (name = "captures", description = "What was captured, when, and how completely."),
        (name = "operator", description = "Dead letters, for operators: with `Authorization: Bearer <token>`, or a session that a sign-in link begins. Never cached."),
    )
)]
struct Document;

/// The routes, each with its part of the document.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(route::<Ranking>())
        .routes(route::<Distribution>())
        .routes(route::<Trend>())
        .routes(route::<Line>())
        .routes(route::<Weeks>())
        .routes(route::<Similar>())
        .routes(route::<Search>())
        .routes(route::<Facts>())
        .routes(route::<Sources>())
        .routes(route::<Runs>())
        .routes(route::<Observed>())
        .routes(route::<OnePage>())
}

/// The document as it is committed and served: indented JSON with a final line break, the same at every run.
///
/// # Errors
/// Never in practice: the document holds nothing that JSON cannot say.
pub fn rendered() -> serde_json::Result<String> {
    let mut document = routes().into_openapi();
    document.merge(operator::document());
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}
