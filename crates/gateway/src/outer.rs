//! The listeners for others: the network by TLS, and the edge, where a tunnel delivers.

use crate::http::{self, Door};
use crate::lan::announce::{Announcement, announce, name};
use crate::lan::certificate::{Name, certificate};
use crate::lan::tls::{Shown, TlsListener};
use crate::link::Gate;
use crate::serving::serve;
use crate::{Shared, address_problem, lan, listen};
use axum::Router;
use axum::serve::Listener;
use jiff::Timestamp;
use offdesk_protocol::{ErrorCode, PathKind, Problem};
use offdesk_tunnel::Target;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Where the network is served, unless told otherwise: by IPv4, at all of its addresses.
const EVERYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 4478);
/// How long those who came by a way that closes may take to go.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is looked whether this machine has moved to another network.
const LOOK: Duration = Duration::from_secs(15);

/// A way in that is open.
pub(crate) struct Way {
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl Way {
    fn new(shared: &Shared) -> Self {
        Self { closing: shared.leaving.child_token(), tasks: TaskTracker::new() }
    }

    fn gate(&self, path: PathKind) -> Arc<Gate> {
        Gate::new(path, self.closing.clone(), self.tasks.clone())
    }

    fn serve<L: Listener>(&self, listener: L, router: Router) {
        self.tasks.spawn(serve(listener, router, self.closing.clone(), self.tasks.clone()));
    }

    /// From now on nobody comes in by it, and whoever did has to go.
    pub(crate) fn shut(&self) {
        self.closing.cancel();
        self.tasks.close();
    }

    /// Waits until all have gone.
    pub(crate) async fn empty(self) {
        if tokio::time::timeout(PATIENCE, self.tasks.wait()).await.is_err() {
            tracing::info!("Some connections were still ending when their way in was closed.");
        }
    }
}

/// The network's door, before anybody is let in by it.
pub(crate) struct LanDoor {
    tls: TlsListener,
    bound: SocketAddr,
    addresses: Vec<IpAddr>,
    shown: Shown,
    fingerprint: String,
}

impl LanDoor {
    fn certificate(
        data: &Path,
        name: &str,
        addresses: &[IpAddr],
    ) -> Result<crate::lan::certificate::Certificate, Problem> {
        let mut names: Vec<Name> = addresses.iter().map(|address| Name::Address(*address)).collect();
        names.push(Name::Dns(name.into()));
        certificate(data, &names, Timestamp::now())
    }

    /// Takes the port: the one that is wanted; or the one it had, the usual one, or any. Without a certificate nothing
    /// is served: there is no plain way.
    pub(crate) async fn bind(
        shared: &Shared,
        data: &Path,
        wanted: Option<SocketAddr>,
    ) -> Result<Self, Problem> {
        let note = data.join("lan-port");
        let (listener, kept) = match wanted {
            Some(exact) if exact.port() != 0 => (listen(exact).await.map_err(taken)?, false),
            _ => {
                let ip = wanted.map_or(EVERYWHERE.ip(), |address| address.ip());
                let usual = wanted.is_none().then_some(EVERYWHERE.port());
                let ports = noted(&note).into_iter().chain(usual).chain([0]);
                (listen_first(ip, ports).await.map_err(taken)?, true)
            }
        };
        let bound = listener.local_addr().map_err(|error| address_problem(EVERYWHERE, &error))?;
        if kept && let Err(error) = std::fs::write(&note, bound.port().to_string()) {
            tracing::warn!("The network's port was not noted: {error}");
        }
        let addresses = lan::addresses(bound);
        let first = Self::certificate(data, &name(shared.host), &addresses)?;
        let shown = Shown::new(&first)?;
        let tls = TlsListener::new(listener, shown.clone())?;
        Ok(Self { tls, bound, addresses, shown, fingerprint: first.fingerprint.clone() })
    }

    /// Serves the network.
    pub(crate) fn open(self, shared: &Arc<Shared>, data: &Path) -> Way {
        let Self { tls, bound, mut addresses, shown, fingerprint } = self;
        let way = Way::new(shared);
        let (local_name, port) = (name(shared.host), bound.port());
        shared.reach.shows(fingerprint);
        // The names a browser may use: what this machine has now, whenever that is.
        let door = Door::Lan { name: format!("{local_name}:{port}"), bind: bound };
        way.serve(tls, http::outer_router(shared.clone(), way.gate(PathKind::Lan), door));
        shared.reach.lan(urls(&addresses, &local_name, port));
        let (shared, data, closing) = (shared.clone(), data.to_path_buf(), way.closing.clone());
        way.tasks.spawn(async move {
            let mut announced = announced(&shared, &addresses, port);
            let mut look = tokio::time::interval(LOOK);
            loop {
                tokio::select! {
                    biased;
                    () = closing.cancelled() => break,
                    _ = look.tick() => {}
                }
                let now = lan::addresses(bound);
                // A certificate also has an end; asking for it again renews it in time.
                match Self::certificate(&data, &local_name, &now) {
                    Ok(certificate) => {
                        if let Err(problem) = shown.replace(&certificate) {
                            tracing::warn!("The certificate for the network was not renewed: {problem}");
                        }
                        shared.reach.shows(certificate.fingerprint.clone());
                    }
                    Err(problem) => {
                        tracing::warn!("The certificate for the network was not renewed: {problem}")
                    }
                }
                if now != addresses {
                    addresses = now;
                    shared.reach.lan(urls(&addresses, &local_name, port));
                    drop(announced.take());
                    announced = self::announced(&shared, &addresses, port);
                }
            }
            shared.reach.no_lan();
            // Saying goodbye may take a moment, and must not take a worker with it.
            let _ = tokio::task::spawn_blocking(move || drop(announced)).await;
        });
        way
    }
}

fn taken(problem: Problem) -> Problem {
    problem.hint("End what listens there, or start the gateway with another --lan-at address.")
}

fn noted(note: &Path) -> Option<u16> {
    std::fs::read_to_string(note).ok().and_then(|text| text.trim().parse().ok())
}

/// The first of these ports that is free.
async fn listen_first(ip: IpAddr, ports: impl IntoIterator<Item = u16>) -> Result<TcpListener, Problem> {
    let mut refused = None;
    for port in ports {
        match listen(SocketAddr::new(ip, port)).await {
            Ok(listener) => return Ok(listener),
            Err(problem) => refused = Some(problem),
        }
    }
    Err(refused.unwrap_or_else(|| Problem::new(ErrorCode::Internal, "No port was asked for.")))
}

fn announced(shared: &Shared, addresses: &[IpAddr], port: u16) -> Option<Announcement> {
    // Nobody on this machine needs to find it.
    if addresses.iter().all(IpAddr::is_loopback) {
        return None;
    }
    match announce(shared.host, addresses, port) {
        Ok(announcement) => Some(announcement),
        Err(problem) => {
            tracing::warn!("The name in this network is not announced: {problem}");
            None
        }
    }
}

fn urls(addresses: &[IpAddr], name: &str, port: u16) -> Vec<String> {
    let by_address = addresses.iter().map(|address| format!("https://{}", SocketAddr::new(*address, port)));
    let by_name =
        addresses.iter().any(|address| !address.is_loopback()).then(|| format!("https://{name}:{port}"));
    by_address.chain(by_name).collect()
}

/// The tunnel's door, before anybody is let in by it.
pub(crate) struct EdgeDoor {
    listener: TcpListener,
    address: SocketAddr,
}

impl EdgeDoor {
    /// Takes a port of this machine; any is kept from one gateway to the next.
    pub(crate) async fn bind(data: &Path, wanted: SocketAddr) -> Result<Self, Problem> {
        if !wanted.ip().is_loopback() {
            let text =
                format!("{wanted} is not an address of this machine alone, and a tunnel's door must be.");
            return Err(Problem::new(ErrorCode::BadRequest, text).hint("Use 127.0.0.1 and a port."));
        }
        let note = data.join("edge-port");
        let listener = match wanted.port() {
            0 => listen_first(wanted.ip(), noted(&note).into_iter().chain([0])).await?,
            // Where a tunnel of one's own leads is set elsewhere, so no other port would do.
            _ => listen(wanted).await.map_err(|problem| {
                problem.hint(
                    "The tunnel delivers there. End what listens there, or lead the tunnel to another address and \
                     start the gateway with that --edge address.",
                )
            })?,
        };
        let address = listener.local_addr().map_err(|error| address_problem(wanted, &error))?;
        if let Err(error) = std::fs::write(&note, address.port().to_string()) {
            tracing::warn!("The tunnel's port was not noted: {error}");
        }
        Ok(Self { listener, address })
    }

    /// Serves where a tunnel delivers: that port, and a socket in a folder of our own where the system has such.
    pub(crate) fn open(self, shared: &Arc<Shared>, data: &Path) -> EdgeWay {
        let way = Way::new(shared);
        let router = http::outer_router(shared.clone(), way.gate(PathKind::Edge), Door::Edge);
        way.serve(self.listener, router.clone());
        let socket = open_socket(&way, data, router);
        EdgeWay {
            target: Target { socket, url: format!("http://{}", self.address) },
            address: self.address,
            way,
        }
    }
}

/// Where a tunnel delivers.
pub(crate) struct EdgeWay {
    pub(crate) way: Way,
    pub(crate) target: Target,
    pub(crate) address: SocketAddr,
}

#[cfg(unix)]
fn open_socket(way: &Way, data: &Path, router: Router) -> Option<std::path::PathBuf> {
    let path = crate::tunnel::socket(data);
    match crate::local::bind_private(&path) {
        Ok(Some(listener)) => {
            way.serve(listener, router);
            Some(path)
        }
        Ok(None) => None,
        Err(error) => {
            // The port serves as well.
            tracing::warn!("The tunnel's socket {} cannot be made: {error}.", path.display());
            None
        }
    }
}

#[cfg(windows)]
fn open_socket(_: &Way, _: &Path, _: Router) -> Option<std::path::PathBuf> {
    None
}
