//! Pages and other programs from outside: a WebSocket that carries a sealed link.
//!
//! `welcome` finds out who it is, `serve` answers what it asks. Until it is known, somebody who knocks costs little:
//! few at once, a short time, small messages, and one answer for everything that is wrong.

mod serve;
mod welcome;

use crate::Shared;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use offdesk_link::Carrier;
use offdesk_protocol::PathKind;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Somebody who is not known yet: so many at once by each listener.
const HALF_OPEN: usize = 64;
/// Largest sealed message, in bytes: a Noise message.
const LARGEST: usize = 65535;
/// Not let in; nothing is said of why.
const CLOSE_REFUSED: u16 = 4403;

/// What a listener knows of those who come by it.
pub(crate) struct Gate {
    pub(crate) path: PathKind,
    /// The way this gate is on is closed: whoever came by it has to go.
    pub(crate) closing: CancellationToken,
    /// Those who are here by it.
    links: TaskTracker,
    half_open: Mutex<VecDeque<CancellationToken>>,
}

impl Gate {
    pub(crate) fn new(path: PathKind, closing: CancellationToken, links: TaskTracker) -> Arc<Self> {
        Arc::new(Self { path, closing, links, half_open: Mutex::default() })
    }

    /// Somebody knocks. When there are too many, the one who has waited longest is sent away: who belongs here is done
    /// in one round trip, and who only holds the door must not keep others out.
    fn knock(&self) -> CancellationToken {
        let mut half_open = self.half_open.lock().unwrap_or_else(PoisonError::into_inner);
        half_open.retain(|one| !one.is_cancelled());
        if half_open.len() >= HALF_OPEN
            && let Some(oldest) = half_open.pop_front()
        {
            oldest.cancel();
        }
        let one = CancellationToken::new();
        half_open.push_back(one.clone());
        one
    }
}

/// Takes a WebSocket for a link.
pub(crate) async fn connect(
    shared: Arc<Shared>,
    gate: Arc<Gate>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()).map(String::from);
    upgrade.max_message_size(LARGEST).max_frame_size(LARGEST).on_upgrade(move |mut socket| async move {
        let _here = gate.links.token();
        let knocking = gate.knock();
        let welcomed = tokio::select! {
            welcomed = welcome::welcome(&shared, gate.path, origin, &mut socket) => welcomed,
            () = knocking.cancelled() => Err(welcome::Refused),
            () = gate.closing.cancelled() => return,
        };
        // Not half open any more.
        knocking.cancel();
        match welcomed {
            Ok(welcomed) => serve::serve(shared, &gate, welcomed, carrier(socket)).await,
            Err(welcome::Refused) => {
                let frame = CloseFrame { code: CLOSE_REFUSED, reason: "".into() };
                // Who was refused may have left already.
                let _ = socket.send(Message::Close(Some(frame))).await;
            }
        }
    })
}

/// A WebSocket as a carrier: binary messages, and an end.
fn carrier(socket: WebSocket) -> Carrier {
    let (sink, stream) = socket.split();
    let sink = sink
        .sink_map_err(io::Error::other)
        .with(|message: Bytes| std::future::ready(Ok::<_, io::Error>(Message::Binary(message))));
    let stream = stream.filter_map(|message| {
        std::future::ready(match message {
            Ok(Message::Binary(bytes)) => Some(Ok(bytes)),
            Ok(Message::Ping(_) | Message::Pong(_)) => None,
            Ok(Message::Close(_)) => Some(Err(io::ErrorKind::ConnectionAborted.into())),
            Ok(Message::Text(_)) => Some(Err(io::ErrorKind::InvalidData.into())),
            Err(error) => Some(Err(io::Error::other(error))),
        })
    });
    Carrier { sink: Box::pin(sink), stream: Box::pin(stream) }
}
