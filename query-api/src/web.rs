//! The built web UI: hashed assets that never change, and `index.html`, which also says that an address leads nowhere.

use std::{
    io::{Error, ErrorKind},
    path::{Path, PathBuf},
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use tower_http::services::ServeDir;

use crate::problem::Failure;

/// Where the build puts files whose names hold a hash of their bytes.
const HASHED: &str = "/assets/";

/// Whether a page of the UI may stand at a path. At any other, `index.html` says so to a reader, and the status to a
/// machine.
fn is_page(path: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_id =
        |part: &str| part.len() == 36 && part.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    match path.split('/').collect::<Vec<_>>()[..] {
        ["", "" | "sign-in" | "dead-letters"] | ["", "dead-letters", "jobs" | "audit" | "ledger"] => true,
        ["", "dead-letters", "items", root] => !root.is_empty(),
        ["", "dead-letters", "plans" | "jobs", id] => is_id(id),
        ["", "title", id] => is_number(id),
        ["", "journey", epoch, seq] => is_number(epoch) && is_number(seq),
        _ => false,
    }
}

const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Kansoku</title>\
    <link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body><main><h1>The web UI has not been built</h1>\
    <p>The API runs; what is missing is the folder that holds the built pages. <code>make build</code> makes it, \
    and the setting <code>web.dir</code> says where it is.</p>\
    <p><a href=\"/docs\">The API's own pages</a> &middot; <a href=\"/readyz\">Health</a></p></main></body></html>\n";

/// The folder with the built files.
#[derive(Debug, Clone)]
pub(crate) struct Ui(PathBuf);

impl Ui {
    /// The UI in that folder, built already or later.
    pub(crate) fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    async fn file(&self, request: Request) -> Response {
        // The build has put the files there encoded, too.
        let folder = ServeDir::new(&self.0).precompressed_br().precompressed_zstd().precompressed_gzip();
        let mut folder = folder.append_index_html_on_directories(false);
        match folder.try_call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) if is_not_found(&error) => StatusCode::NOT_FOUND.into_response(),
            Err(error) => Failure::Internal(format!("read a file of the web UI: {error}")).into_response(),
        }
    }
}

/// A file of the UI, or its page.
pub(crate) async fn serve(State(ui): State<Ui>, request: Request) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if path == "/api" || path.starts_with("/api/") {
        return Failure::NotFound(path).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let mut response = Failure::MethodNotAllowed(method.to_string()).into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
        return response;
    }
    let headers = request.headers().clone();
    let found = ui.file(request).await;
    if found.status().is_server_error() {
        return found;
    }
    let missing = matches!(found.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED);
    if !missing {
        let hashed = path.starts_with(HASHED);
        return with_cache_control(
            found,
            if hashed { "public, max-age=31536000, immutable" } else { "no-cache" },
        );
    }
    if path.starts_with(HASHED) {
        // A page of an older build asks for a file that is gone; HTML would only confuse it.
        return with_cache_control((StatusCode::NOT_FOUND, "no such file\n").into_response(), "no-store");
    }
    let mut index = Request::new(Body::empty());
    *index.method_mut() = method;
    let known = is_page(&path);
    if known {
        // Elsewhere an unchanged page or a part of it would not be answered with the status.
        *index.headers_mut() = headers;
    }
    *index.uri_mut() = axum::http::Uri::from_static("/index.html");
    let mut page = ui.file(index).await;
    if page.status().is_server_error() {
        return page;
    }
    if page.status() == StatusCode::NOT_FOUND {
        return with_cache_control(
            (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response(),
            "no-store",
        );
    }
    if !known {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    with_cache_control(page, "no-cache")
}

/// Whether no file has the name asked for, or can have it.
fn is_not_found(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::InvalidFilename | ErrorKind::InvalidInput | ErrorKind::NotADirectory
    )
}

fn with_cache_control(mut response: Response, how: &'static str) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(how));
    response
}
