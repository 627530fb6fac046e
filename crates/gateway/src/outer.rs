//! The listeners for others: the network by TLS, and the edge, where a tunnel delivers.

use crate::http::{self, Door};
use crate::lan::announce::{Announcement, announce, name};
use crate::lan::certificate::{Name, certificate};
use crate::lan::tls::{Shown, TlsListener};
use crate::link::Gate;
use crate::serving::serve;
use crate::{Shared, address_problem, lan, listen};
use jiff::Timestamp;
use offdesk_protocol::{ErrorCode, PathKind, Problem};
use offdesk_tunnel::Target;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// How often it is looked whether this machine has moved to another network.
const LOOK: Duration = Duration::from_secs(15);

/// Serves the network. Without a certificate nothing is served: there is no plain way.
pub(crate) async fn open_lan(
    shared: &Arc<Shared>,
    data: &Path,
    bind: SocketAddr,
    tasks: &TaskTracker,
) -> Result<(), Problem> {
    let listener = listen(bind).await?;
    let bound = listener.local_addr().map_err(|error| address_problem(bind, &error))?;
    let mut addresses = lan::addresses(bound);
    let local_name = name(shared.host);
    let certificate_for = {
        let (data, local_name) = (data.to_path_buf(), local_name.clone());
        move |addresses: &[IpAddr]| {
            let mut names: Vec<Name> = addresses.iter().map(|address| Name::Address(*address)).collect();
            names.push(Name::Dns(local_name.clone()));
            certificate(&data, &names, Timestamp::now())
        }
    };
    let first = certificate_for(&addresses)?;
    let shown = Shown::new(&first)?;
    shared.reach.shows(first.fingerprint.clone());
    let tls = TlsListener::new(listener, shown.clone())?;
    let port = bound.port();
    // The names a browser may use: what this machine has now, whenever that is.
    let door = Door::Lan { name: format!("{local_name}:{port}"), bind: bound };
    let router = http::outer_router(shared.clone(), Gate::new(PathKind::Lan), door);
    tasks.spawn(serve(tls, router, shared.leaving.clone(), tasks.clone()));
    shared.reach.lan(urls(&addresses, &local_name, port));
    let mut announced = announced(shared, &addresses, port);
    let shared = shared.clone();
    tasks.spawn(async move {
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = shared.leaving.cancelled() => break,
                _ = look.tick() => {}
            }
            let now = lan::addresses(bound);
            // A certificate also has an end; asking for it again renews it in time.
            match certificate_for(&now) {
                Ok(certificate) => {
                    if let Err(problem) = shown.replace(&certificate) {
                        tracing::warn!("The certificate for the network was not renewed: {problem}");
                    }
                    shared.reach.shows(certificate.fingerprint.clone());
                }
                Err(problem) => tracing::warn!("The certificate for the network was not renewed: {problem}"),
            }
            if now != addresses {
                addresses = now;
                shared.reach.lan(urls(&addresses, &local_name, port));
                drop(announced.take());
                announced = self::announced(&shared, &addresses, port);
            }
        }
        // Saying goodbye may take a moment, and must not take a worker with it.
        let _ = tokio::task::spawn_blocking(move || drop(announced)).await;
    });
    Ok(())
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

/// Serves where a tunnel delivers: a socket in a folder of our own where the system has such, and a port of this
/// machine, which is kept from one gateway to the next.
pub(crate) async fn open_edge(
    shared: &Arc<Shared>,
    data: &Path,
    wanted: SocketAddr,
    tasks: &TaskTracker,
) -> Result<Target, Problem> {
    if !wanted.ip().is_loopback() {
        let text = format!("{wanted} is not an address of this machine alone, and a tunnel's door must be.");
        return Err(Problem::new(ErrorCode::BadRequest, text).hint("Use 127.0.0.1 and a port."));
    }
    let note = data.join("edge-port");
    let kept = std::fs::read_to_string(&note).ok().and_then(|text| text.trim().parse::<u16>().ok());
    let listener = match kept.filter(|_| wanted.port() == 0) {
        Some(port) => match listen(SocketAddr::new(wanted.ip(), port)).await {
            Ok(listener) => listener,
            // Somebody else has it now.
            Err(_) => listen(wanted).await?,
        },
        None => listen(wanted).await?,
    };
    let address = listener.local_addr().map_err(|error| address_problem(wanted, &error))?;
    if let Err(error) = std::fs::write(&note, address.port().to_string()) {
        tracing::warn!("The tunnel's port was not noted: {error}");
    }
    let gate = Gate::new(PathKind::Edge);
    let router = http::outer_router(shared.clone(), gate, Door::Edge);
    tasks.spawn(serve(listener, router.clone(), shared.leaving.clone(), tasks.clone()));
    let socket = open_socket(shared, data, router, tasks)?;
    Ok(Target { socket, url: format!("http://{address}") })
}

#[cfg(unix)]
fn open_socket(
    shared: &Arc<Shared>,
    data: &Path,
    router: axum::Router,
    tasks: &TaskTracker,
) -> Result<Option<std::path::PathBuf>, Problem> {
    let path = crate::tunnel::socket(data);
    let listener = crate::local::bind_private(&path).map_err(|error| {
        Problem::new(
            ErrorCode::StorageFailed,
            format!("The tunnel's socket {} cannot be made: {error}.", path.display()),
        )
    })?;
    let Some(listener) = listener else { return Ok(None) };
    tasks.spawn(serve(listener, router, shared.leaving.clone(), tasks.clone()));
    Ok(Some(path))
}

#[cfg(windows)]
fn open_socket(
    _: &Arc<Shared>,
    _: &Path,
    _: axum::Router,
    _: &TaskTracker,
) -> Result<Option<std::path::PathBuf>, Problem> {
    Ok(None)
}
