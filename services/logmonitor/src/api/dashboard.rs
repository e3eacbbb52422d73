//! The dashboard's files, embedded at build time, and how a browser may treat them.

use std::borrow::Cow;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::ApiState;

/// One file of the built dashboard.
struct File {
    /// Relative to the site's root, without a leading slash.
    path: &'static str,
    bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// The addresses of the dashboard's views: one page, which shows what its address says.
const PAGES: [&str; 7] = [
    "/",
    "/overview",
    "/issues",
    "/issues/{id}",
    "/errors",
    "/events/{id}",
    "/live",
];

/// Only our own scripts, styles and API; no frames, no forms, nothing inline.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// What is served where the dashboard was not built.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>logmonitor</title>\n\
    <h1>logmonitor is running</h1>\n\
    <p>Its dashboard was not built into this binary. With Node.js 20 or later, in the source tree:</p>\n\
    <pre>cd dashboard\nnpm ci\nnpm run build\ncargo build</pre>\n\
    <p>The API answers meanwhile: <a href=\"/api/v1/logs/errors\">errors</a>, <a href=\"/api/v1/status\">status</a>, \
    <a href=\"/api/v1/openapi.json\">its description</a>.</p>\n</html>\n";

pub(super) fn router() -> Router<ApiState> {
    let mut router = Router::new();
    for page in PAGES {
        router = router.route(page, get(index));
    }
    for file in FILES.iter().filter(|file| file.path != "index.html") {
        router = router.route(&format!("/{}", file.path), get(asset));
    }
    router
}

fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

async fn index(uri: Uri, headers: HeaderMap) -> Response {
    let page = find("index.html").map_or(NOT_BUILT.as_bytes(), |file| file.bytes);
    // Its addresses are relative, for a proxy's path prefix; a view one folder down finds them one folder up.
    let depth = uri.path().matches('/').count().saturating_sub(1);
    let page = match depth {
        0 => Cow::Borrowed(page),
        _ => Cow::Owned(climbing(page, depth)),
    };
    // The page names the files it needs, so it must never be older than them: it is asked for each time.
    respond(&headers, "index.html", page, "no-cache")
}

/// The page with its addresses as seen from so many folders down.
fn climbing(page: &[u8], depth: usize) -> Vec<u8> {
    let up = format!("=\"{}", "../".repeat(depth));
    let page = String::from_utf8_lossy(page).replace("=\"./", &up);
    page.into_bytes()
}

async fn asset(uri: Uri, headers: HeaderMap) -> Response {
    let Some(file) = find(uri.path().trim_start_matches('/')) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Names under assets/ carry a hash of their content.
    let caching = if file.path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=3600"
    };
    respond(&headers, file.path, Cow::Borrowed(file.bytes), caching)
}

fn respond(
    request: &HeaderMap,
    path: &str,
    bytes: Cow<'static, [u8]>,
    caching: &'static str,
) -> Response {
    let etag = format!("\"{:016x}\"", fingerprint(&bytes));
    let is_known = request.get(header::IF_NONE_MATCH).is_some_and(|known| {
        known.to_str().is_ok_and(|known| {
            known
                .split(',')
                .any(|tag| tag.trim().trim_start_matches("W/") == etag)
        })
    });
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        bytes.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(path)),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    );
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// FNV-1a, 64 bit: tells versions of a file apart, and needs no more than that.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "webmanifest") => "application/json",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
