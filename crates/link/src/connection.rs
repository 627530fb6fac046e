//! Streams over a sealed carrier.
//!
//! One task writes and one reads. What streams send waits in a short queue, so a slow carrier slows its senders; what
//! the connection itself must say (credit, pongs) waits in a queue of its own and never behind them.

use crate::frame::{Bye, Frame, FrameKind, Reset, cost};
use crate::stream::{Credit, Piece, Stream};
use crate::{LinkError, Sealed};
use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream as Incomings, StreamExt};
use offdesk_protocol::RequestHead;
use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// Frames that wait for the carrier.
const QUEUE: usize = 16;
/// Streams that are open, at most.
const STREAMS: usize = 128;
/// Pongs that wait, at most: more pings than that ask for nothing but work.
const PONGS: u32 = 8;
/// Frames of the connection's own that wait, at most: credit and resets for all streams are fewer, so a peer that is
/// owed more asks for nothing but memory.
const OWED: u32 = 1024;
/// How long the last frame may take to leave.
const FAREWELL: Duration = Duration::from_secs(1);

/// What moves sealed messages: both halves of a WebSocket, say.
pub struct Carrier {
    /// Takes whole messages.
    pub sink: Pin<Box<dyn Sink<Bytes, Error = io::Error> + Send>>,
    /// Gives whole messages.
    pub stream: Pin<Box<dyn Incomings<Item = io::Result<Bytes>> + Send>>,
}

/// Which side this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It called, and opens streams.
    Initiator,
    /// It was called, and serves them.
    Responder,
}

/// When to do what unasked.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Ask whether the other side is there after this silence. None: never.
    pub ping_every: Option<Duration>,
    /// After this silence it is gone.
    pub silence: Duration,
    /// A sending key is as old as this at most.
    pub rekey_after: Duration,
    /// A sending key seals so many messages at most.
    pub rekey_messages: u64,
    /// The connection is as old as this at most.
    pub renew_after: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ping_every: Some(Duration::from_secs(15)),
            silence: Duration::from_secs(45),
            rekey_after: Duration::from_secs(10 * 60),
            rekey_messages: 1 << 14,
            renew_after: Duration::from_secs(12 * 60 * 60),
        }
    }
}

/// A stream the other side has opened.
pub struct Incoming {
    /// What it asks for.
    pub head: RequestHead,
    /// For the body and the answer.
    pub stream: Stream,
}

/// A sealed connection. Clones are the same one; it ends by [`Connection::leave`] or with its carrier.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Entry {
    pieces: mpsc::UnboundedSender<Piece>,
    credit: Arc<Credit>,
    they_ended: bool,
    we_ended: bool,
}

pub(crate) struct Inner {
    frames: mpsc::Sender<Frame>,
    controls: mpsc::UnboundedSender<Frame>,
    streams: Mutex<HashMap<u32, Entry>>,
    next: AtomicU32,
    pongs: AtomicU32,
    /// Frames in `controls`.
    owed: AtomicU32,
    /// Why it ends: a [`Bye`], or 0.
    reason: AtomicU8,
    over: CancellationToken,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    pub(crate) async fn send(&self, frame: Frame) -> Result<(), LinkError> {
        tokio::select! {
            () = self.over.cancelled() => Err(LinkError::Over),
            sent = self.frames.send(frame) => sent.map_err(|_| LinkError::Over),
        }
    }

    pub(crate) fn control(&self, frame: Frame) {
        if self.owed.fetch_add(1, Ordering::AcqRel) >= OWED {
            return self.leave(Bye::Broken);
        }
        // When the writer has ended there is nobody to tell.
        let _ = self.controls.send(frame);
    }

    pub(crate) fn why_closed(&self) -> LinkError {
        if self.over.is_cancelled() { LinkError::Over } else { LinkError::Reset }
    }

    pub(crate) fn ended_by_us(&self, id: u32) {
        let mut streams = locked(&self.streams);
        if let Some(entry) = streams.get_mut(&id) {
            entry.we_ended = true;
            if entry.they_ended {
                streams.remove(&id);
            }
        }
    }

    /// Ends a stream of ours, unless it is over.
    pub(crate) fn cancel(&self, id: u32, why: Reset) {
        if let Some(entry) = locked(&self.streams).remove(&id) {
            entry.credit.ours.close();
            if !self.over.is_cancelled() {
                self.control(reset(id, why));
            }
        }
    }

    fn leave(&self, bye: Bye) {
        // The first reason is the reason.
        let _ = self.reason.compare_exchange(0, bye as u8, Ordering::AcqRel, Ordering::Acquire);
        self.over.cancel();
    }

    fn close(&self) {
        self.over.cancel();
        for (_, entry) in locked(&self.streams).drain() {
            entry.credit.ours.close();
        }
    }
}

fn reset(id: u32, why: Reset) -> Frame {
    Frame::new(FrameKind::Reset, id, Bytes::copy_from_slice(&(why as u16).to_be_bytes()))
}

impl Connection {
    /// Begins to write and to read. The other side's streams come by the receiver.
    pub fn start(
        carrier: Carrier,
        sealed: Sealed,
        side: Side,
        timing: Timing,
    ) -> (Self, mpsc::Receiver<Incoming>) {
        let (frames, waiting) = mpsc::channel(QUEUE);
        let (controls, urgent) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            frames,
            controls,
            streams: Mutex::default(),
            next: AtomicU32::new(1),
            pongs: AtomicU32::new(0),
            owed: AtomicU32::new(0),
            reason: AtomicU8::new(0),
            over: CancellationToken::new(),
        });
        let sealed = Arc::new(Mutex::new(sealed));
        let writer = Writer {
            inner: inner.clone(),
            sealed: sealed.clone(),
            sink: carrier.sink,
            timing,
            since: 0,
            keyed: Instant::now(),
        };
        tokio::spawn(writer.live(waiting, urgent));
        let (offer, incoming) = mpsc::channel(STREAMS);
        let reader = Reader { inner: inner.clone(), sealed, side, offer, last: 0 };
        tokio::spawn(reader.live(carrier.stream, timing));
        (Self { inner }, incoming)
    }

    /// Opens a stream. `end`: there is no body.
    ///
    /// # Errors
    /// When the connection is over.
    pub async fn open(&self, head: &RequestHead, end: bool) -> Result<Stream, LinkError> {
        let json = serde_json::to_vec(head).map_err(|_| LinkError::Protocol("a head without a JSON form"))?;
        if json.len() > crate::LARGEST_BODY {
            return Err(LinkError::TooLarge(crate::LARGEST_BODY));
        }
        // Numbers must leave in the order they were given.
        let permit = tokio::select! {
            () = self.inner.over.cancelled() => return Err(LinkError::Over),
            permit = self.inner.frames.reserve() => permit.map_err(|_| LinkError::Over)?,
        };
        let mut streams = locked(&self.inner.streams);
        if self.inner.over.is_cancelled() {
            return Err(LinkError::Over);
        }
        let id = self.inner.next.fetch_add(2, Ordering::AcqRel);
        let (stream, entry) = stream(&self.inner, id, end);
        if let Ok(paid) = entry.credit.ours.try_acquire_many(cost(json.len()) as u32) {
            paid.forget();
        }
        streams.insert(id, entry);
        permit.send(Frame { end, ..Frame::new(FrameKind::Request, id, json) });
        Ok(stream)
    }

    /// Ends the connection and says why.
    pub fn leave(&self, bye: Bye) {
        self.inner.leave(bye);
    }

    /// Waits until the connection is over; gives the reason, if one was said.
    pub async fn over(&self) -> Option<Bye> {
        self.inner.over.cancelled().await;
        Bye::of(self.inner.reason.load(Ordering::Acquire))
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.inner.over.is_cancelled()
    }
}

fn stream(inner: &Arc<Inner>, id: u32, we_ended: bool) -> (Stream, Entry) {
    let (pieces, received) = mpsc::unbounded_channel();
    let credit = Arc::new(Credit::new());
    let entry = Entry { pieces, credit: credit.clone(), they_ended: false, we_ended };
    let stream = Stream {
        id,
        inner: inner.clone(),
        credit,
        pieces: received,
        consumed: 0,
        they_ended: false,
        begun: None,
    };
    (stream, entry)
}

struct Writer {
    inner: Arc<Inner>,
    sealed: Arc<Mutex<Sealed>>,
    sink: Pin<Box<dyn Sink<Bytes, Error = io::Error> + Send>>,
    timing: Timing,
    /// Messages under the present key, and since when it is in use.
    since: u64,
    keyed: Instant,
}

impl Writer {
    async fn live(mut self, mut waiting: mpsc::Receiver<Frame>, mut urgent: mpsc::UnboundedReceiver<Frame>) {
        let over = self.inner.over.clone();
        loop {
            let frame = tokio::select! {
                biased;
                () = over.cancelled() => break,
                Some(frame) = urgent.recv() => {
                    self.inner.owed.fetch_sub(1, Ordering::AcqRel);
                    frame
                }
                Some(frame) = waiting.recv() => frame,
            };
            if frame.kind == FrameKind::Pong {
                self.inner.pongs.fetch_sub(1, Ordering::AcqRel);
            }
            let sent = tokio::select! {
                () = over.cancelled() => break,
                sent = self.put(&frame) => sent,
            };
            if sent.is_err() {
                // A carrier that failed must not be asked for anything again: some panic.
                return self.inner.close();
            }
        }
        let bye = self.inner.reason.load(Ordering::Acquire);
        self.inner.close();
        let _ = tokio::time::timeout(FAREWELL, async {
            if bye == 0 || self.put(&Frame::new(FrameKind::Bye, 0, vec![bye])).await.is_ok() {
                let _ = self.sink.close().await;
            }
        })
        .await;
    }

    async fn put(&mut self, frame: &Frame) -> Result<(), ()> {
        if self.since + 2 > self.timing.rekey_messages || self.keyed.elapsed() >= self.timing.rekey_after {
            let sealed = {
                let mut sealed = locked(&self.sealed);
                let message = sealed.seal(&Frame::new(FrameKind::Rekey, 0, Bytes::new())).map_err(drop)?;
                sealed.rekey_outgoing();
                message
            };
            (self.since, self.keyed) = (0, Instant::now());
            self.sink.send(sealed.into()).await.map_err(drop)?;
        }
        self.since += 1;
        let message = locked(&self.sealed).seal(frame).map_err(drop)?;
        self.sink.send(message.into()).await.map_err(drop)
    }
}

struct Reader {
    inner: Arc<Inner>,
    sealed: Arc<Mutex<Sealed>>,
    side: Side,
    offer: mpsc::Sender<Incoming>,
    /// The last stream the other side opened.
    last: u32,
}

impl Reader {
    async fn live(
        mut self,
        mut carrier: Pin<Box<dyn Incomings<Item = io::Result<Bytes>> + Send>>,
        timing: Timing,
    ) {
        let over = self.inner.over.clone();
        let begun = Instant::now();
        let mut heard = begun;
        let mut tick = tokio::time::interval(timing.ping_every.unwrap_or(timing.silence).min(timing.silence));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = over.cancelled() => break,
                message = carrier.next() => {
                    let Some(Ok(message)) = message else { break };
                    heard = Instant::now();
                    let opened = locked(&self.sealed).open(&message);
                    let taken = opened.and_then(|frame| self.take(frame));
                    if taken.is_err() {
                        self.inner.leave(Bye::Broken);
                    }
                }
                _ = tick.tick() => {
                    if heard.elapsed() > timing.silence {
                        self.inner.leave(Bye::Idle);
                    } else if begun.elapsed() > timing.renew_after {
                        self.inner.leave(Bye::Renew);
                    } else if timing.ping_every.is_some_and(|every| heard.elapsed() + Duration::from_millis(50) >= every) {
                        self.inner.control(Frame::new(FrameKind::Ping, 0, vec![0; 8]));
                    }
                }
            }
        }
        self.inner.close();
    }

    fn take(&mut self, frame: Frame) -> Result<(), LinkError> {
        match frame.kind {
            FrameKind::Ping => {
                if self.inner.pongs.fetch_add(1, Ordering::AcqRel) < PONGS {
                    self.inner.control(Frame::new(FrameKind::Pong, 0, frame.body));
                } else {
                    self.inner.pongs.fetch_sub(1, Ordering::AcqRel);
                }
                Ok(())
            }
            FrameKind::Pong => Ok(()),
            FrameKind::Rekey => {
                locked(&self.sealed).rekey_incoming();
                Ok(())
            }
            FrameKind::Bye => {
                // The other side's reason; it knows that it leaves.
                let reason = frame.body.first().copied().unwrap_or(0);
                let _ = self.inner.reason.compare_exchange(0, reason, Ordering::AcqRel, Ordering::Acquire);
                self.inner.close();
                Ok(())
            }
            FrameKind::Request => self.request(frame),
            FrameKind::Credit => self.credit(&frame),
            FrameKind::Reset => {
                if let Some(entry) = locked(&self.inner.streams).remove(&frame.stream) {
                    entry.credit.ours.close();
                }
                Ok(())
            }
            FrameKind::Response | FrameKind::Text | FrameKind::Bytes => self.piece(frame),
        }
    }

    fn request(&mut self, frame: Frame) -> Result<(), LinkError> {
        if self.side == Side::Initiator || frame.stream.is_multiple_of(2) || frame.stream <= self.last {
            return Err(LinkError::Protocol("a request on a stream that cannot be opened"));
        }
        if frame.more {
            return Err(LinkError::Protocol("a head that is too long"));
        }
        self.last = frame.stream;
        let head: RequestHead =
            serde_json::from_slice(&frame.body).map_err(|_| LinkError::Protocol("a head that is none"))?;
        let mut streams = locked(&self.inner.streams);
        if streams.len() >= STREAMS {
            self.inner.control(reset(frame.stream, Reset::TooMany));
            return Ok(());
        }
        let (mut stream, mut entry) = stream(&self.inner, frame.stream, false);
        entry.they_ended = frame.end;
        stream.they_ended = frame.end;
        let paid = cost(frame.body.len()) as u64;
        entry.credit.theirs.fetch_sub(paid, Ordering::AcqRel);
        stream.consumed = paid;
        streams.insert(frame.stream, entry);
        drop(streams);
        if let Err(refused) = self.offer.try_send(Incoming { head, stream }) {
            // Nobody serves any more, or too many wait: dropping the stream says so.
            drop(refused);
        }
        Ok(())
    }

    /// Whether a stream that is not open was open once.
    fn was_open(&self, id: u32) -> bool {
        match self.side {
            Side::Responder => id <= self.last,
            Side::Initiator => id < self.inner.next.load(Ordering::Acquire),
        }
    }

    fn piece(&mut self, frame: Frame) -> Result<(), LinkError> {
        let mut streams = locked(&self.inner.streams);
        let Some(entry) = streams.get_mut(&frame.stream) else {
            return if self.was_open(frame.stream) {
                Ok(())
            } else {
                Err(LinkError::Protocol("a message on a stream that was never opened"))
            };
        };
        // The end alone is free: a stream has one.
        let cost = if frame.end && frame.body.is_empty() { 0 } else { cost(frame.body.len()) as u64 };
        let paid = entry
            .credit
            .theirs
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |credit| credit.checked_sub(cost));
        if paid.is_err() {
            return Err(LinkError::Protocol("more than there was credit for"));
        }
        if entry.they_ended {
            return Err(LinkError::Protocol("a message after the end"));
        }
        entry.they_ended = frame.end;
        let piece = Piece { kind: frame.kind, more: frame.more, end: frame.end, body: frame.body, cost };
        // Who does not want it any more has dropped the stream and said so.
        let _ = entry.pieces.send(piece);
        if frame.end && entry.we_ended {
            streams.remove(&frame.stream);
        }
        Ok(())
    }

    fn credit(&self, frame: &Frame) -> Result<(), LinkError> {
        let count: [u8; 4] =
            frame.body.as_ref().try_into().map_err(|_| LinkError::Protocol("credit that is no number"))?;
        let count = u32::from_be_bytes(count) as usize;
        if let Some(entry) = locked(&self.inner.streams).get(&frame.stream) {
            if entry.credit.ours.available_permits() + count > 2 * crate::stream::WINDOW {
                return Err(LinkError::Protocol("more credit than was ever used"));
            }
            entry.credit.ours.add_permits(count);
        }
        Ok(())
    }
}
