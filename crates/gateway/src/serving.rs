//! Serving a listener so that nobody who only holds a connection can hold up the others.

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections of one listener: far below what a process may have open, so that work on this machine always has room.
const MOST: usize = 200;
/// How long a connection may take to say what it wants, each time.
const HEADERS: Duration = Duration::from_secs(10);
/// How long an answer that is under way may take when the listener closes.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves until `closing`. One connection more than there may be is closed at once.
pub(crate) async fn serve<L: Listener>(
    mut listener: L,
    router: Router,
    closing: CancellationToken,
    tasks: TaskTracker,
) {
    let room = Arc::new(Semaphore::new(MOST));
    loop {
        let (stream, _) = tokio::select! {
            () = closing.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok(place) = room.clone().try_acquire_owned() else { continue };
        let (service, closing) = (TowerToHyperService::new(router.clone()), closing.clone());
        tasks.spawn(async move {
            let mut server = http1::Builder::new();
            server.timer(TokioTimer::new()).header_read_timeout(HEADERS);
            let mut connection =
                std::pin::pin!(server.serve_connection(TokioIo::new(stream), service).with_upgrades());
            // How a connection ends is its caller's affair.
            tokio::select! {
                _ = connection.as_mut() => {}
                () = closing.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = tokio::time::timeout(FAREWELL, connection).await;
                }
            }
            drop(place);
        });
    }
}
