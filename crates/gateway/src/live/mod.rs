//! One viewer: a WebSocket with a cursor in the log and offsets in the outputs it watches.
//!
//! Nothing is queued for a viewer. It is sent what is after its cursor when its socket can take more, so a slow one
//! costs nothing and misses nothing.

mod viewer;
mod watches;

use crate::Shared;
use crate::access::Caller;
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use offdesk_protocol::{Cursor, FromViewer, Problem, ToViewer};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use viewer::Viewer;

/// How long a viewer may take to say who it is.
const HELLO_PATIENCE: Duration = Duration::from_secs(10);
/// Largest message a viewer may send, in bytes.
const LARGEST_MESSAGE: usize = 1024 * 1024;
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
        shared.viewers.fetch_add(1, Ordering::Relaxed);
        welcome(&shared, socket, caller).await;
        shared.viewers.fetch_sub(1, Ordering::Relaxed);
    })
}

async fn welcome(shared: &Arc<Shared>, mut socket: WebSocket, known: Option<Caller>) {
    let Some((token, cursor)) = hello(&mut socket).await else {
        return close(socket, CLOSE_NO_HELLO, "say hello first").await;
    };
    let caller = match known {
        Some(caller) => caller,
        None => match shared.access.caller(&token.unwrap_or_default()).await {
            Ok(caller) => caller,
            Err(problem) => {
                let _ = send(&mut socket, &ToViewer::Error { problem, about: None }).await;
                return close(socket, CLOSE_UNAUTHORIZED, "no valid key").await;
            }
        },
    };
    let viewer = Viewer::new(shared.clone(), caller, cursor);
    // When the viewer has gone, there is nobody to tell.
    let _ = viewer.run(socket).await;
}

async fn hello(socket: &mut WebSocket) -> Option<(Option<String>, Option<Cursor>)> {
    let first = tokio::time::timeout(HELLO_PATIENCE, socket.recv()).await.ok()??.ok()?;
    let Message::Text(text) = first else { return None };
    match serde_json::from_str(&text).ok()? {
        FromViewer::Hello { token, cursor, .. } => Some((token, cursor)),
        _ => None,
    }
}

async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    let _ = socket.send(Message::Close(Some(frame))).await;
}

/// The socket is gone.
pub(crate) struct Gone;

pub(crate) async fn send(socket: &mut WebSocket, message: &ToViewer) -> Result<(), Gone> {
    let text = serde_json::to_string(message).map_err(|_| Gone)?;
    socket.send(Message::Text(text.into())).await.map_err(|_| Gone)
}

pub(crate) fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(
        offdesk_protocol::ErrorCode::BadRequest,
        format!("That message is not understood: {error}. It was ignored."),
    )
}
