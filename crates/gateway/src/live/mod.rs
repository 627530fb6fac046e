//! One viewer: a WebSocket with a cursor in the log and offsets in the outputs it watches.
//!
//! Nothing is queued for a viewer. It is sent what is after its cursor when its socket can take more, so a slow one
//! costs nothing and misses nothing.

mod pipe;
mod viewer;
mod watches;

use crate::Shared;
use crate::access::Caller;
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use offdesk_protocol::{Cursor, FromViewer, Problem, ToViewer};
pub(crate) use pipe::{Gone, Heard, Pipe};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use viewer::Viewer;

/// How long a viewer may take to say who it is.
const HELLO_PATIENCE: Duration = Duration::from_secs(10);
/// Largest message a viewer may send, in bytes.
pub(crate) const LARGEST_MESSAGE: usize = 1024 * 1024;
/// The key is not valid.
const CLOSE_UNAUTHORIZED: u16 = 4401;
/// The first message was no hello.
const CLOSE_NO_HELLO: u16 = 4400;

/// Takes a viewer in. On the local socket the caller is known already.
pub(crate) async fn connect(
    State(shared): State<Arc<Shared>>,
    caller: Option<Extension<Caller>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let caller = caller.map(|Extension(caller)| caller);
    upgrade.max_message_size(LARGEST_MESSAGE).on_upgrade(move |socket| async move {
        attend(&shared, Pipe::Socket(Box::new(socket)), caller).await;
    })
}

/// One viewer's life.
pub(crate) async fn attend(shared: &Arc<Shared>, pipe: Pipe, caller: Option<Caller>) {
    shared.viewers.fetch_add(1, Ordering::Relaxed);
    welcome(shared, pipe, caller).await;
    shared.viewers.fetch_sub(1, Ordering::Relaxed);
}

async fn welcome(shared: &Arc<Shared>, mut pipe: Pipe, known: Option<Caller>) {
    let Some((token, cursor)) = hello(&mut pipe).await else {
        return pipe.close(CLOSE_NO_HELLO, "say hello first").await;
    };
    let caller = match known {
        Some(caller) => caller,
        None => match shared.access.caller(&token.unwrap_or_default()).await {
            Ok(caller) => caller,
            Err(problem) => {
                let _ = pipe.send(&ToViewer::Error { problem, about: None }).await;
                return pipe.close(CLOSE_UNAUTHORIZED, "no valid key").await;
            }
        },
    };
    let viewer = Viewer::new(shared.clone(), caller, cursor);
    // When the viewer has gone, there is nobody to tell.
    let _ = viewer.run(pipe).await;
}

async fn hello(pipe: &mut Pipe) -> Option<(Option<String>, Option<Cursor>)> {
    let Heard::Text(text) = tokio::time::timeout(HELLO_PATIENCE, pipe.recv()).await.ok()? else {
        return None;
    };
    match serde_json::from_str(&text).ok()? {
        FromViewer::Hello { token, cursor, .. } => Some((token, cursor)),
        _ => None,
    }
}

pub(crate) fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(
        offdesk_protocol::ErrorCode::BadRequest,
        format!("That message is not understood: {error}. It was ignored."),
    )
}
