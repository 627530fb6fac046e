//! Who is let in.

use super::Failure;
use crate::Shared;
use crate::access::Caller;
use crate::local::Peer;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use offdesk_protocol::{ErrorCode, Problem};
use std::net::SocketAddr;
use std::sync::Arc;

/// The names under which a listener may be addressed. Everything else is another site that points its name at us.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    hosts: Vec<String>,
}

/// A loopback listener's names.
pub(crate) fn local_door(address: SocketAddr) -> Door {
    let port = address.port();
    let mut hosts = vec![address.to_string(), format!("localhost:{port}")];
    if address.ip().is_loopback() {
        hosts.extend([format!("127.0.0.1:{port}"), format!("[::1]:{port}")]);
    }
    hosts.dedup();
    Door { hosts }
}

impl Door {
    fn knows(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }

    fn check(&self, headers: &HeaderMap, authority: Option<&str>) -> Result<(), Problem> {
        let host =
            headers.get(header::HOST).and_then(|value| value.to_str().ok()).or(authority).unwrap_or_default();
        if !self.knows(host) {
            return Err(Problem::new(ErrorCode::NotAllowed, "This gateway is not reached under that name.")
                .hint("Use the address it printed."));
        }
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
        let same = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://")) == Some(host);
        if same {
            Ok(())
        } else {
            Err(Problem::new(ErrorCode::NotAllowed, "Another site may not call this gateway."))
        }
    }
}

pub(crate) async fn check_origin(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let authority = request.uri().authority().map(|authority| authority.as_str().to_string());
    let mut response = match door.check(request.headers(), authority.as_deref()) {
        Ok(()) => next.run(request).await,
        Err(problem) => Failure(problem).into_response(),
    };
    crate::page::security_headers(response.headers_mut());
    response
}

/// Lets a request with a valid bearer key pass, and says whose it is.
pub(crate) async fn needs_key(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let caller = shared.access.caller(key).await?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// On the local socket the system says who calls.
pub(crate) async fn by_peer(
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller: Caller = peer.caller();
    request.extensions_mut().insert(caller);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_our_own_names_and_pages_pass() {
        let door = local_door("127.0.0.1:4711".parse().unwrap());
        for (host, origin, passes) in [
            ("127.0.0.1:4711", None, true),
            ("localhost:4711", Some("http://localhost:4711"), true),
            ("LOCALHOST:4711", None, true),
            ("127.0.0.1:4711", Some("http://127.0.0.1:4711"), true),
            ("127.0.0.1:4711", Some("http://127.0.0.1:5173"), false),
            ("127.0.0.1:4711", Some("http://localhost:4711"), false),
            ("127.0.0.1:4711", Some("https://127.0.0.1:4711"), false),
            ("127.0.0.1:4711", Some("null"), false),
            ("evil.example:4711", None, false),
            ("evil.example:4711", Some("http://evil.example:4711"), false),
            ("127.0.0.1", None, false),
            ("", None, false),
        ] {
            assert_eq!(door.check(&headers(host, origin), None).is_ok(), passes, "{host} {origin:?}");
        }
    }
}
