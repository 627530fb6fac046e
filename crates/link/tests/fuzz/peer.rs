//! A peer that has the keys, and says what it likes with them.

use crate::story::*;
use bolero::TypeGenerator;
use bytes::Bytes;
use offdesk_link::*;
use std::time::Duration;

/// What it says.
#[derive(Clone, Debug, TypeGenerator)]
pub enum Said {
    Request { flags: u8, path: u8 },
    Piece { kind: u8, stream: u8, flags: u8, size: u16, byte: u8 },
    Credit { stream: u8, count: u32 },
    Reset { stream: u8, why: u16 },
    Ping { size: u8 },
    Rekey,
    Bye { why: u8 },
    Anything { kind: u8, more: bool, end: bool, stream: u32, body: Vec<u8> },
}

impl Said {
    /// As a frame; `next` is the next stream it may open.
    pub fn frame(&self, next: u32) -> Frame {
        use FrameKind::*;
        const KINDS: [FrameKind; 10] =
            [Request, Response, Text, FrameKind::Bytes, Credit, Reset, Ping, Pong, Bye, Rekey];
        match self.clone() {
            Self::Request { flags, path } => {
                let head = serde_json::to_vec(&get(["/echo", "/", ""][usize::from(path % 3)])).unwrap();
                flagged(flags, Frame::new(Request, next, head))
            }
            Self::Piece { kind, stream, flags, size, byte } => {
                // Small ones are the most interesting, and the largest.
                let size = match size % 4 {
                    0 => 0,
                    1 => 1,
                    2 => usize::from(size) % 300,
                    _ => usize::from(size).min(LARGEST_BODY),
                };
                let kind = KINDS[1 + usize::from(kind) % 3];
                flagged(flags, Frame::new(kind, id(stream), vec![byte; size]))
            }
            Self::Credit { stream, count } => {
                // Some of it could be.
                let count = if count < 1 << 30 { count % 100_000 } else { count };
                Frame::new(Credit, id(stream), count.to_be_bytes().to_vec())
            }
            Self::Reset { stream, why } => Frame::new(Reset, id(stream), why.to_be_bytes().to_vec()),
            Self::Ping { size } => Frame::new(Ping, 0, vec![1; usize::from(size)]),
            Self::Rekey => Frame::new(Rekey, 0, Vec::new()),
            Self::Bye { why } => Frame::new(Bye, 0, vec![why]),
            Self::Anything { kind, more, end, stream, body } => {
                Frame { kind: KINDS[usize::from(kind) % 10], more, end, stream, body: body.into() }
            }
        }
    }
}

/// Mostly without flags.
fn flagged(flags: u8, frame: Frame) -> Frame {
    Frame { more: flags >= 192 && flags & 1 != 0, end: flags >= 192 && flags & 2 != 0, ..frame }
}

/// Mostly one of the first streams; sometimes one that cannot be.
fn id(number: u8) -> u32 {
    u32::from(if number < 224 { 1 + 2 * (number % 3) } else { number % 8 })
}

/// Seals what is said as the peer would.
pub struct Peer {
    sealed: Sealed,
    next: u32,
}

impl Peer {
    pub fn new(sealed: Sealed) -> Self {
        Self { sealed, next: 1 }
    }

    pub fn say(&mut self, said: &Said) -> Bytes {
        let frame = said.frame(self.next);
        if frame.kind == FrameKind::Request && frame.stream == self.next {
            self.next += 2;
        }
        self.send(&frame)
    }

    pub fn send(&mut self, frame: &Frame) -> Bytes {
        let sealed = self.sealed.seal(frame).unwrap();
        if frame.kind == FrameKind::Rekey {
            self.sealed.rekey_outgoing();
        }
        sealed.into()
    }

    /// What the connection says opens, always.
    pub fn hear(&mut self, message: &Bytes) -> Frame {
        let frame = self.sealed.open(message).unwrap();
        if frame.kind == FrameKind::Rekey {
            self.sealed.rekey_incoming();
        }
        frame
    }
}

/// Runs it on a clock that never waits: what would hang for ever fails at once.
pub fn in_time<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime
        .block_on(async { tokio::time::timeout(Duration::from_secs(3600), future).await.expect("it hangs") })
}

/// Says all of it to a connection; `called`: to the side that serves.
pub async fn talk(called: bool, said: &[Said]) {
    let (page, host) = handshake();
    let (ours, theirs, side) =
        if called { (host, page, Side::Responder) } else { (page, host, Side::Initiator) };
    let timing = Timing { ping_every: None, rekey_messages: 5, ..Timing::default() };
    let (carrier, Wire { mut sent, arrives }) = wire();
    let (connection, mut incoming) = Connection::start(carrier, ours, side, timing);
    let mut peer = Peer::new(theirs);
    tokio::spawn(async move {
        let mut lying = Vec::new();
        while let Some(Incoming { head, mut stream }) = incoming.recv().await {
            // What asks for nothing is left lying; the rest is answered as it comes.
            if head.path.is_empty() {
                lying.push(stream);
                continue;
            }
            tokio::spawn(async move {
                while let Some(Message::Bytes(bytes)) = stream.recv(100_000).await? {
                    stream.send_bytes(bytes).await?;
                }
                stream.finish().await
            });
        }
    });
    if !called {
        for _ in 0..3 {
            let mut stream = connection.open(&get("/"), false).await.unwrap();
            tokio::spawn(async move { while let Ok(Some(_)) = stream.recv(100_000).await {} });
        }
    }
    for said in said {
        let message = peer.say(said);
        tokio::select! {
            // A peer that says anything may still listen.
            biased;
            Some(message) = sent.recv() => { peer.hear(&message); }
            _ = arrives.send(message.clone()) => continue,
        }
        while let Ok(message) = sent.try_recv() {
            peer.hear(&message);
        }
        if arrives.send_timeout(message, Duration::from_secs(1)).await.is_err() {
            break;
        }
    }
    ends_or_goes_on(&connection, &mut peer, sent, arrives).await;
}

async fn ends_or_goes_on(
    connection: &Connection,
    peer: &mut Peer,
    mut sent: tokio::sync::mpsc::Receiver<Bytes>,
    arrives: tokio::sync::mpsc::Sender<Bytes>,
) {
    // Pings are not answered while many answers wait, so first everything is heard.
    while let Ok(Some(message)) = tokio::time::timeout(Duration::from_secs(1), sent.recv()).await {
        peer.hear(&message);
    }
    let ping = peer.send(&Frame::new(FrameKind::Ping, 0, &b"still there?"[..]));
    let mut asked = Box::pin(arrives.send(ping));
    let (mut asking, mut answered) = (true, false);
    while !answered {
        tokio::select! {
            _ = &mut asked, if asking => asking = false,
            message = sent.recv() => match message {
                Some(message) => answered = peer.hear(&message) == Frame::new(FrameKind::Pong, 0, &b"still there?"[..]),
                None => break,
            },
        }
    }
    assert!(answered || connection.is_over(), "it neither answers nor ends");
    drop(asked);
    drop(arrives);
    connection.over().await;
    // It has let go of the carrier.
    while sent.recv().await.is_some() {}
}
