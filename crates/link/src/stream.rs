//! One stream: a request and its answer, or live messages both ways.

use crate::LinkError;
use crate::connection::Inner;
use crate::frame::{Frame, FrameKind, LARGEST_BODY, Reset, cost};
use bytes::{Bytes, BytesMut};
use offdesk_protocol::ResponseHead;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Semaphore, mpsc};

/// Bytes each direction may send before the other has consumed any.
pub(crate) const WINDOW: usize = 256 * 1024;
/// Credit is given back in lumps of at least this much.
const LUMP: u64 = WINDOW as u64 / 4;

/// What comes on a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The answer begins.
    Response(ResponseHead),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Bytes),
}

/// A part of a message, or a whole one.
pub(crate) struct Piece {
    pub kind: FrameKind,
    pub more: bool,
    pub end: bool,
    pub body: Bytes,
    /// The credit it took.
    pub cost: u64,
}

/// How much of what may be sent.
pub(crate) struct Credit {
    /// What we may still send.
    pub ours: Semaphore,
    /// What they may still send.
    pub theirs: AtomicU64,
}

impl Credit {
    pub(crate) fn new() -> Self {
        Self { ours: Semaphore::new(WINDOW), theirs: AtomicU64::new(WINDOW as u64) }
    }
}

/// One stream of a connection. Dropping it before both sides have ended it cancels it.
pub struct Stream {
    pub(crate) id: u32,
    pub(crate) inner: Arc<Inner>,
    pub(crate) credit: Arc<Credit>,
    pub(crate) pieces: mpsc::UnboundedReceiver<Piece>,
    /// Consumed and not given back yet.
    pub(crate) consumed: u64,
    pub(crate) they_ended: bool,
    /// A message of which parts are missing: kept here, so that waiting for the rest may be given up and begun again.
    pub(crate) begun: Option<(FrameKind, BytesMut)>,
}

impl Stream {
    /// Answers.
    ///
    /// # Errors
    /// When the stream or the connection is over.
    pub async fn respond(&self, head: &ResponseHead) -> Result<(), LinkError> {
        let json = serde_json::to_vec(head).map_err(|_| LinkError::Protocol("a head without a JSON form"))?;
        self.send(FrameKind::Response, json.into()).await
    }

    /// Sends text.
    ///
    /// # Errors
    /// When the stream or the connection is over.
    pub async fn send_text(&self, text: impl Into<Bytes>) -> Result<(), LinkError> {
        self.send(FrameKind::Text, text.into()).await
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// When the stream or the connection is over.
    pub async fn send_bytes(&self, bytes: impl Into<Bytes>) -> Result<(), LinkError> {
        self.send(FrameKind::Bytes, bytes.into()).await
    }

    /// Sends nothing more.
    ///
    /// # Errors
    /// When the stream or the connection is over.
    pub async fn finish(&self) -> Result<(), LinkError> {
        let frame = Frame { end: true, ..Frame::new(FrameKind::Bytes, self.id, Bytes::new()) };
        self.inner.send(frame).await?;
        self.inner.ended_by_us(self.id);
        Ok(())
    }

    async fn send(&self, kind: FrameKind, mut body: Bytes) -> Result<(), LinkError> {
        loop {
            let piece = body.split_to(body.len().min(LARGEST_BODY));
            let more = !body.is_empty();
            let paid = self.credit.ours.acquire_many(cost(piece.len()) as u32).await;
            paid.map_err(|_| self.inner.why_closed())?.forget();
            self.inner.send(Frame { more, ..Frame::new(kind, self.id, piece) }).await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// The next message of at most `largest` bytes; nothing when the other side has ended the stream. May be given up
    /// and called again without loss.
    ///
    /// # Errors
    /// When the stream was reset, the connection is over, or a message is too large.
    pub async fn recv(&mut self, largest: usize) -> Result<Option<Message>, LinkError> {
        loop {
            if self.they_ended {
                return Ok(None);
            }
            let piece = self.pieces.recv().await.ok_or_else(|| self.inner.why_closed())?;
            self.give_back(piece.cost);
            self.they_ended = piece.end;
            if piece.end && piece.body.is_empty() && self.begun.is_none() {
                return Ok(None);
            }
            let body = match self.begun.take() {
                None if !piece.more => piece.body,
                None => {
                    self.begun = Some((piece.kind, BytesMut::from(piece.body)));
                    continue;
                }
                Some((kind, mut begun)) => {
                    if kind != piece.kind {
                        return Err(LinkError::Protocol("a message that changes its kind"));
                    }
                    begun.extend_from_slice(&piece.body);
                    if begun.len() > largest {
                        return Err(LinkError::TooLarge(largest));
                    }
                    if piece.more {
                        self.begun = Some((kind, begun));
                        continue;
                    }
                    begun.freeze()
                }
            };
            return message(piece.kind, body, largest).map(Some);
        }
    }

    fn give_back(&mut self, count: u64) {
        self.consumed += count;
        if self.consumed >= LUMP {
            let count = std::mem::take(&mut self.consumed);
            self.credit.theirs.fetch_add(count, Ordering::AcqRel);
            let body = Bytes::copy_from_slice(&(count as u32).to_be_bytes());
            self.inner.control(Frame::new(FrameKind::Credit, self.id, body));
        }
    }

    /// Ends the stream at once, and says why.
    pub fn reset(self, why: Reset) {
        self.inner.cancel(self.id, why);
    }
}

fn message(kind: FrameKind, body: Bytes, largest: usize) -> Result<Message, LinkError> {
    if body.len() > largest {
        return Err(LinkError::TooLarge(largest));
    }
    match kind {
        FrameKind::Text => String::from_utf8(body.into())
            .map(Message::Text)
            .map_err(|_| LinkError::Protocol("text that is none")),
        FrameKind::Response => serde_json::from_slice(&body)
            .map(Message::Response)
            .map_err(|_| LinkError::Protocol("a head that is none")),
        _ => Ok(Message::Bytes(body)),
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.inner.cancel(self.id, Reset::Cancelled);
    }
}
