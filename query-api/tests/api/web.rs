//! Pages: the built UI, the API's own pages, and what browsers are told about them.

use std::path::Path;

use crate::support::{Instance, NO_REDIS};
use axum::http::StatusCode;
use kansoku_query_api::openapi;

/// Nothing here needs the database.
const NO_DATABASE: &str = "postgres://kansoku@127.0.0.1:1/none";

/// A built UI, and beside its folder files that nobody may read.
fn built() -> (tempfile::TempDir, Instance) {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("dist");
    std::fs::create_dir_all(dir.join("assets")).expect("a folder");
    for (file, text) in [
        ("dist/index.html", "<!doctype html><title>UI</title>"),
        ("dist/favicon.svg", "<svg/>"),
        ("dist/assets/index-1a2b.js", "export {}"),
        ("dist/assets/index-1a2b.js.br", "as br"),
        ("dist/assets/index-1a2b.js.gz", "as gzip"),
        ("secret.txt", "hush"),
        ("dist-secret.txt", "hush"),
    ] {
        std::fs::write(folder.path().join(file), text).expect("a file");
    }
    (folder, Instance::start(NO_DATABASE, NO_REDIS, |settings| settings.web.dir = dir))
}

#[tokio::test]
async fn the_ui_is_served_and_its_addresses_are_its_own() {
    let (_folder, service) = built();
    let (found, nowhere) = (StatusCode::OK, StatusCode::NOT_FOUND);
    for (path, status) in [
        ("/", found),
        ("/?kind=theme", found),
        ("/index.html", found),
        ("/title/101?names=romaji", found),
        ("/journey/1790000000000/5612", found),
        ("/dead-letters?filter=state%3Aopen", found),
        ("/dead-letters/plans/0b54a0a2-1111-4222-8333-944444444444", found),
        ("/sign-in", found),
        ("/dead-letters/plans/one", nowhere),
        ("/title/one", nowhere),
        ("/titles/101", nowhere),
        ("/runs?x=1", nowhere),
        ("/apis", nowhere),
    ] {
        let page = service.get(path).await;
        assert_eq!((page.status, page.header("cache-control")), (status, "no-cache"), "{path}");
        assert!(
            page.text().contains("<title>UI</title>") && page.header("content-type").starts_with("text/html")
        );
    }
    let asset = service.get("/assets/index-1a2b.js").await;
    assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(asset.text(), "export {}");
    let plain = service.get("/favicon.svg").await;
    assert_eq!((plain.header("cache-control"), plain.header("content-type")), ("no-cache", "image/svg+xml"));
    assert_eq!(service.get("/assets/index-gone.js").await.status, StatusCode::NOT_FOUND);
    assert_eq!(service.get("/api/v1/nothing").await.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn files_are_served_as_the_build_has_encoded_them() {
    let (_folder, service) = built();
    let path = "/assets/index-1a2b.js";
    let plain = service.get(path).await;
    for (accepted, coding, body) in
        [("gzip, deflate, br, zstd", "br", "as br"), ("gzip", "gzip", "as gzip"), ("zstd", "", "export {}")]
    {
        let file = service.get_with(path, &[("accept-encoding", accepted)]).await;
        assert_eq!((file.header("content-encoding"), file.text().as_str()), (coding, body));
        assert_eq!(file.header("content-type"), plain.header("content-type"));
        assert_eq!(file.header("cache-control"), plain.header("cache-control"));
        assert_eq!(file.header("vary"), "accept-encoding");
        let known = [("accept-encoding", accepted), ("if-none-match", file.header("etag"))];
        assert_eq!(service.get_with(path, &known).await.status, StatusCode::NOT_MODIFIED, "{coding}");
    }
}

#[tokio::test]
async fn no_address_leads_out_of_the_folder() {
    let (folder, service) = built();
    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/..%5csecret.txt",
        "/-secret.txt",
        "/../dist-secret.txt",
    ] {
        let page = service.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.text().contains("hush"), "{path}");
    }
    let absolute = format!("/{}", folder.path().join("secret.txt").display());
    for path in [absolute.clone(), absolute.replace('/', "%2f").replacen("%2f", "/", 1)] {
        let page = service.get(&path).await;
        assert!(page.status == StatusCode::NOT_FOUND && !page.text().contains("hush"), "{path}");
    }
    std::fs::read_to_string(folder.path().join("dist/../secret.txt")).expect("it is there to be found");
}

#[tokio::test]
async fn names_that_no_file_can_have_are_not_found() {
    let (_folder, service) = built();
    let long = "a".repeat(256);
    for path in [format!("/{long}"), format!("/assets/{long}.js"), "/favicon.svg/x".into(), "/a%00b".into()] {
        let got = service.get(&path).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!got.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_ui_that_has_not_been_built_says_so() {
    let service = Instance::start(NO_DATABASE, NO_REDIS, |_| {});
    let page = service.get("/").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("The web UI has not been built") && page.text().contains("make build"));
}

#[tokio::test]
async fn every_response_has_the_headers_that_protect_a_page() {
    let (_folder, service) = built();
    for path in ["/", "/docs", "/openapi.json", "/api/v1/runs?x=1", "/assets/none.js"] {
        let got = service.get(path).await;
        let policy = got.header("content-security-policy");
        let has = |part: &str| policy.split("; ").any(|own| own == part);
        assert!(has("default-src 'self'") && has("script-src 'self'") && has("style-src 'self'"), "{policy}");
        assert!(
            has("frame-ancestors 'none'") && has("base-uri 'none'") && has("object-src 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(got.header("referrer-policy"), "no-referrer", "{path}");
    }
}

#[tokio::test]
async fn the_document_is_served_as_committed_and_as_a_page() {
    let (_folder, service) = built();
    let document = service.get("/openapi.json").await;
    assert_eq!(document.text(), openapi::rendered().expect("a document"));
    assert!(document.json()["openapi"].as_str().expect("a version").starts_with("3.1"));
    let slash = service.get("/docs/").await;
    assert_eq!((slash.status, slash.header("location")), (StatusCode::PERMANENT_REDIRECT, "/docs"));
    let page = service.get("/docs").await.text();
    assert!(page.contains("<a href=\"#type-NewPlan\">NewPlan</a>"), "a command shows its body");
    for path in document.json()["paths"].as_object().expect("paths").keys() {
        let is_open = path.contains('{');
        let address = if is_open { path.clone() } else { format!("<a href=\"{path}\">{path}</a>") };
        assert!(page.contains(&format!("</b> {address}</p>")), "{path} is not on the page");
    }
    for name in document.json()["components"]["schemas"].as_object().expect("types").keys() {
        assert!(page.contains(&format!("id=\"type-{name}\"")), "{name} is not on the page");
    }
    // Its one face is the built UI's.
    let style = include_str!("../../assets/docs.css").replacen("url(\"/docs/archivo.woff2\")", "", 1);
    for outside in ["http://", "https://", "//", "<script", "style=", "@import", "url("] {
        let found = [&page, &style].iter().any(|text| text.contains(outside));
        assert!(!found, "the page has {outside:?}");
    }
    let style = service.get("/docs/style.css").await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
}

#[test]
fn the_committed_document_is_the_one_that_the_code_gives() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src/api/openapi.json");
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let made = openapi::rendered().expect("a document");
    assert!(committed == made, "{} is not what the code gives; run `make generate`", file.display());
}
