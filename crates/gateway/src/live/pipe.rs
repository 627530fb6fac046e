//! What a viewer is connected by: a WebSocket of its own, or a stream of a link.

use super::LARGEST_MESSAGE;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use offdesk_link::{Message as LinkMessage, Stream};
use offdesk_protocol::ToViewer;

/// The viewer has left.
pub(crate) struct Gone;

/// What came.
pub(crate) enum Heard {
    /// A message.
    Text(String),
    /// Something that only shows that the viewer is there.
    Sign,
    /// Nothing more will come.
    End,
}

/// A viewer's connection.
pub(crate) enum Pipe {
    /// Messages are WebSocket messages.
    Socket(Box<WebSocket>),
    /// Messages are a stream's.
    Stream(Stream),
}

impl Pipe {
    /// The next thing that comes. May be given up and called again without loss.
    pub(crate) async fn recv(&mut self) -> Heard {
        match self {
            Pipe::Socket(socket) => match socket.recv().await {
                Some(Ok(Message::Text(text))) => Heard::Text(text.as_str().into()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => Heard::End,
                Some(Ok(_)) => Heard::Sign,
            },
            Pipe::Stream(stream) => match stream.recv(LARGEST_MESSAGE).await {
                Ok(Some(LinkMessage::Text(text))) => Heard::Text(text),
                Ok(Some(_)) => Heard::Sign,
                Ok(None) | Err(_) => Heard::End,
            },
        }
    }

    pub(crate) async fn send(&mut self, message: &ToViewer) -> Result<(), Gone> {
        let text = serde_json::to_string(message).map_err(|_| Gone)?;
        self.send_text(text).await
    }

    pub(crate) async fn send_text(&mut self, text: String) -> Result<(), Gone> {
        match self {
            Pipe::Socket(socket) => socket.send(Message::Text(text.into())).await.map_err(|_| Gone),
            Pipe::Stream(stream) => stream.send_text(text).await.map_err(|_| Gone),
        }
    }

    pub(crate) async fn send_bytes(&mut self, bytes: Bytes) -> Result<(), Gone> {
        match self {
            Pipe::Socket(socket) => socket.send(Message::Binary(bytes)).await.map_err(|_| Gone),
            Pipe::Stream(stream) => stream.send_bytes(bytes).await.map_err(|_| Gone),
        }
    }

    /// Asks whether the viewer is there. A link asks for itself.
    pub(crate) async fn ping(&mut self) -> Result<(), Gone> {
        match self {
            Pipe::Socket(socket) => socket.send(Message::Ping(Bytes::new())).await.map_err(|_| Gone),
            Pipe::Stream(_) => Ok(()),
        }
    }

    /// Whether silence means that the viewer is gone. A link finds out for itself.
    pub(crate) fn must_speak(&self) -> bool {
        matches!(self, Pipe::Socket(_))
    }

    /// Ends the connection, with a code where there is one.
    pub(crate) async fn close(self, code: u16, reason: &'static str) {
        match self {
            Pipe::Socket(mut socket) => {
                let frame = CloseFrame { code, reason: reason.into() };
                let _ = socket.send(Message::Close(Some(frame))).await;
            }
            Pipe::Stream(stream) => {
                let _ = stream.finish().await;
            }
        }
    }
}
