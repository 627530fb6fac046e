//! Who is let in.

use super::Failure;
use crate::Shared;
use crate::access::Caller;
use crate::local::Peer;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use offdesk_protocol::{ErrorCode, Problem};
use std::net::SocketAddr;
use std::sync::Arc;

/// Headers that only somebody in between adds: what carries one is not from this machine, wherever it was dialled from.
const CARRIED: [&str; 8] = [
    "cf-connecting-ip",
    "cf-ray",
    "cf-warp-tag-id",
    "cdn-loop",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
];

/// The names under which a listener may be addressed. Everything else is another site that points its name at us, or
/// a scanner.
#[derive(Clone, Debug)]
pub(crate) enum Door {
    /// This machine's own.
    Local(Vec<String>),
    /// The network's: its name there, and the addresses this machine has now.
    Lan {
        /// With the port.
        name: String,
        /// Where it listens.
        bind: SocketAddr,
    },
    /// A tunnel's: whatever address it has now.
    Edge,
}

impl Door {
    /// A loopback listener's names.
    pub(crate) fn local(address: SocketAddr) -> Self {
        let port = address.port();
        let mut hosts = vec![address.to_string(), format!("localhost:{port}")];
        if address.ip().is_loopback() {
            hosts.extend([format!("127.0.0.1:{port}"), format!("[::1]:{port}")]);
        }
        hosts.dedup();
        Door::Local(hosts)
    }

    fn knows(&self, host: &str, edge: &[String]) -> bool {
        match self {
            Door::Local(hosts) => hosts.iter().any(|known| known.eq_ignore_ascii_case(host)),
            Door::Lan { name, bind } => {
                name.eq_ignore_ascii_case(host)
                    || host.parse::<SocketAddr>().is_ok_and(|address| {
                        address.port() == bind.port() && crate::lan::addresses(*bind).contains(&address.ip())
                    })
            }
            Door::Edge => edge.iter().any(|known| known.eq_ignore_ascii_case(host)),
        }
    }

    fn scheme(&self) -> &'static str {
        match self {
            Door::Local(_) => "http://",
            Door::Lan { .. } | Door::Edge => "https://",
        }
    }

    /// Whether a request may come in. `edge`: the tunnel's names now; `paired`: whether a device's page came from there.
    fn check(
        &self,
        headers: &HeaderMap,
        authority: Option<&str>,
        edge: &[String],
        paired: impl Fn(&str) -> bool,
    ) -> Result<(), Problem> {
        let host =
            headers.get(header::HOST).and_then(|value| value.to_str().ok()).or(authority).unwrap_or_default();
        if !self.knows(host, edge) || headers.get_all(header::HOST).iter().count() > 1 {
            return Err(Problem::new(ErrorCode::NotAllowed, "This gateway is not reached under that name.")
                .hint("Use the address it printed."));
        }
        if matches!(self, Door::Local(_)) && CARRIED.iter().any(|name| headers.contains_key(*name)) {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "This came through a tunnel or a proxy, and this address is for this machine alone.",
            )
            .hint(
                "Turn a tunnel on with `offdesk reach`, or point your own at the gateway's --edge address.",
            ));
        }
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
        let origin = origin.to_str().unwrap_or("null");
        let same = origin.strip_prefix(self.scheme()).is_some_and(|name| name.eq_ignore_ascii_case(host));
        if same || (!matches!(self, Door::Local(_)) && paired(origin)) {
            Ok(())
        } else {
            Err(Problem::new(ErrorCode::NotAllowed, "Another site may not call this gateway."))
        }
    }
}

pub(crate) async fn check(
    State((shared, door)): State<(Arc<Shared>, Arc<Door>)>,
    request: Request,
    next: Next,
) -> Response {
    let authority = request.uri().authority().map(|authority| authority.as_str().to_string());
    let edge = shared.edge_names();
    let paired = |origin: &str| shared.devices.has_origin(origin);
    let checked = door.check(request.headers(), authority.as_deref(), &edge, paired);
    let mut response = match (checked, &*door) {
        (Ok(()), _) => next.run(request).await,
        (Err(problem), Door::Local(_)) => Failure(problem).into_response(),
        // A scanner learns nothing, not even what we are.
        (Err(_), _) => StatusCode::NOT_FOUND.into_response(),
    };
    crate::page::security_headers(response.headers_mut(), &shared.reach.paths());
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
    let program = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let caller: Caller = peer.caller(program);
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
        let door = Door::local("127.0.0.1:4711".parse().unwrap());
        for (host, origin, passes) in [
            ("127.0.0.1:4711", None, true),
            ("localhost:4711", Some("http://localhost:4711"), true),
            ("LOCALHOST:4711", None, true),
            ("127.0.0.1:4711", Some("http://127.0.0.1:4711"), true),
            ("127.0.0.1:4711", Some("http://127.0.0.1:5173"), false),
            ("127.0.0.1:4711", Some("http://localhost:4711"), false),
            ("127.0.0.1:4711", Some("https://127.0.0.1:4711"), false),
            ("127.0.0.1:4711", Some("null"), false),
            ("127.0.0.1:4711", Some("https://paired.trycloudflare.com"), false),
            ("evil.example:4711", None, false),
            ("evil.example:4711", Some("http://evil.example:4711"), false),
            ("127.0.0.1", None, false),
            ("", None, false),
        ] {
            let checked = door.check(&headers(host, origin), None, &[], |_| true);
            assert_eq!(checked.is_ok(), passes, "{host} {origin:?}");
        }
    }

    #[test]
    fn what_a_tunnel_brings_is_never_local() {
        let door = Door::local("127.0.0.1:4711".parse().unwrap());
        for name in CARRIED {
            let mut headers = headers("127.0.0.1:4711", None);
            headers.insert(name, "203.0.113.9".parse().unwrap());
            assert!(door.check(&headers, None, &[], |_| false).is_err(), "{name}");
        }
        let mut twice = headers("127.0.0.1:4711", None);
        twice.append(header::HOST, "127.0.0.1:4711".parse().unwrap());
        assert!(door.check(&twice, None, &[], |_| false).is_err());
    }

    #[test]
    fn a_tunnels_door_knows_the_name_it_has_now_and_the_pages_of_devices() {
        let names = ["brave-test.trycloudflare.com".to_string()];
        let paired = |origin: &str| origin == "https://older-name.trycloudflare.com";
        for (host, origin, passes) in [
            ("brave-test.trycloudflare.com", None, true),
            ("brave-test.trycloudflare.com", Some("https://brave-test.trycloudflare.com"), true),
            ("brave-test.trycloudflare.com", Some("https://older-name.trycloudflare.com"), true),
            ("brave-test.trycloudflare.com", Some("http://brave-test.trycloudflare.com"), false),
            ("brave-test.trycloudflare.com", Some("https://evil.example"), false),
            ("127.0.0.1:4480", None, false),
            ("localhost", None, false),
            ("other.trycloudflare.com", None, false),
        ] {
            let checked = Door::Edge.check(&headers(host, origin), None, &names, paired);
            assert_eq!(checked.is_ok(), passes, "{host} {origin:?}");
        }
    }
}
