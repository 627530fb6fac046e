//! The phone's page, built by `mobile-web` and carried inside the binary.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use offdesk_protocol::Path;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../mobile-web/dist"]
#[allow_missing = true]
struct Page;

/// What a page of ours may load and where it may talk to: itself. Styles may be inline because the terminal makes its
/// own; scripts never.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self'; manifest-src 'self' blob: data:; worker-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A page outlives its quick tunnel's name, and its gateway then has another.
const QUICK_TUNNELS: &str = "https://*.trycloudflare.com wss://*.trycloudflare.com";

/// The policy: where a page may talk to is itself, quick tunnels, and the host's other paths.
fn policy(paths: &[Path]) -> String {
    let mut policy = format!("{POLICY}; connect-src 'self' {QUICK_TUNNELS}");
    for url in paths.iter().filter_map(|path| path.url.strip_prefix("https://")) {
        // The gateway's own words, and yet: nothing but a name and a port may come into a policy.
        if url.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) {
            policy.push_str(&format!(" https://{url} wss://{url}"));
        }
    }
    policy
}

pub(crate) fn security_headers(headers: &mut HeaderMap, paths: &[Path]) {
    // What is stricter already stays so.
    if let Ok(policy) = HeaderValue::try_from(policy(paths))
        && !headers.contains_key(header::CONTENT_SECURITY_POLICY)
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
}

/// A file of the page.
pub(crate) async fn serve(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    // `/p` is where a scanned code leads.
    let wanted = if path.is_empty() || path == "p" { "index.html" } else { path };
    if let Some(file) = Page::get(wanted) {
        let mime = file.metadata.mimetype().to_string();
        // Names under assets/ carry a hash of their content.
        let keep =
            if wanted.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        return (
            [(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, keep.into())],
            file.data.into_owned(),
        )
            .into_response();
    }
    if wanted == "index.html" {
        let text = "The page was not built into this program.\nRun `cargo x run`, which builds both.\n";
        return (StatusCode::NOT_FOUND, text).into_response();
    }
    (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response()
}
