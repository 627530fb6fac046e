//! Two ends of a link, and a carrier in between that the test has in its hands.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use offdesk_link::*;
use offdesk_protocol::*;
use tokio::sync::mpsc;

pub const HOST: [u8; 16] = [9; 16];
pub const SHARED: [u8; 32] = [5; 32];

pub fn public(secret: &[u8; 32]) -> [u8; 32] {
    x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(*secret)).to_bytes()
}

/// A finished session handshake: the page's end and the host's.
pub fn handshake() -> (Sealed, Sealed) {
    let (page, host) = ([1; 32], [2; 32]);
    let keys = Keys { own: &page, other: &public(&host), shared: &SHARED };
    let kind = Kind::Session { host: HOST };
    let (initiator, first) = Initiator::begin(1, kind, PathKind::Edge, &keys, b"{}").unwrap();
    let opening = Opening::parse(&first).unwrap();
    let asked = Responder::read(&opening, PathKind::Edge, &HOST, &host, &[0; 32]).unwrap();
    assert_eq!(asked.key, public(&page));
    let (theirs, second) = asked.responder.answer(&SHARED, b"welcome").unwrap();
    let (ours, words) = initiator.finish(&second).unwrap();
    assert_eq!(words, b"welcome");
    (ours, theirs)
}

/// A carrier's end: what the connection sends comes out of `sent`, what goes into `arrives` it receives.
pub struct Wire {
    pub sent: mpsc::Receiver<Bytes>,
    pub arrives: mpsc::Sender<Bytes>,
}

pub fn wire() -> (Carrier, Wire) {
    let (out, sent) = mpsc::channel::<Bytes>(4);
    let (arrives, incoming) = mpsc::channel::<Bytes>(4);
    let sink = futures_util::sink::unfold(out, |out, message: Bytes| async move {
        out.send(message).await.map_err(|_| std::io::Error::from(std::io::ErrorKind::BrokenPipe))?;
        Ok::<_, std::io::Error>(out)
    });
    let stream = futures_util::stream::unfold(incoming, |mut incoming| async move {
        incoming.recv().await.map(|message| (Ok(message), incoming))
    });
    (
        Carrier { sink: Box::pin(sink.sink_map_err(|error| error)), stream: stream.boxed() },
        Wire { sent, arrives },
    )
}

/// Carries everything both ways, and hands each message to `what` first: it gives what arrives instead.
pub fn carry(
    mut from: mpsc::Receiver<Bytes>,
    to: mpsc::Sender<Bytes>,
    mut what: impl FnMut(Bytes) -> Vec<Bytes> + Send + 'static,
) {
    tokio::spawn(async move {
        while let Some(message) = from.recv().await {
            for message in what(message) {
                if to.send(message).await.is_err() {
                    return;
                }
            }
        }
    });
}

pub fn get(path: &str) -> RequestHead {
    RequestHead { method: "GET".into(), path: path.into(), headers: Default::default() }
}
