//! `/docs`: the OpenAPI document as a page to read, made here once, with nothing loaded from anywhere else.

mod html;
mod page;

use axum::{
    Router,
    http::header,
    response::{Html, IntoResponse, Redirect},
    routing::get,
};

use crate::openapi;

const STYLE: &str = include_str!("../assets/docs.css");

/// The routes of the document, in both forms.
///
/// # Errors
/// Never in practice: the document holds nothing that JSON cannot say.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> anyhow::Result<Router<S>> {
    let document = openapi::rendered()?;
    let page = page::render(&serde_json::from_str(&document)?);
    let json =
        move || async move { ([(header::CONTENT_TYPE, "application/json")], document).into_response() };
    let html = move || async move { Html(page).into_response() };
    let style = || async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response() };
    Ok(Router::new()
        .route("/openapi.json", get(json))
        .route("/docs", get(html))
        .route("/docs/", get(async || Redirect::permanent("/docs")))
        .route("/docs/style.css", get(style)))
}
