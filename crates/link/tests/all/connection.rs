//! Requests, answers and live messages over a link; and what a hostile carrier gets from it: nothing.

use crate::story::*;
use bytes::Bytes;
use futures_util::Sink;
use offdesk_link::*;
use offdesk_protocol::*;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;

/// Echoes bodies: `text` as text, everything else as bytes.
async fn echo(mut incoming: mpsc::Receiver<Incoming>) {
    while let Some(Incoming { head, mut stream }) = incoming.recv().await {
        tokio::spawn(async move {
            let answer = ResponseHead { status: 200, headers: Default::default() };
            stream.respond(&answer).await?;
            while let Some(message) = stream.recv(usize::MAX).await? {
                match message {
                    Message::Bytes(bytes) if head.path != "/swallow" => stream.send_bytes(bytes).await?,
                    Message::Text(text) => stream.send_text(text).await?,
                    _ => {}
                }
            }
            stream.finish().await
        });
    }
}

fn pair_with(
    timing: Timing,
    up: impl FnMut(Bytes) -> Vec<Bytes> + Send + 'static,
    down: impl FnMut(Bytes) -> Vec<Bytes> + Send + 'static,
) -> (Connection, Connection) {
    let (page, host) = handshake();
    let (page_carrier, page_wire) = wire();
    let (host_carrier, host_wire) = wire();
    carry(page_wire.sent, host_wire.arrives, up);
    carry(host_wire.sent, page_wire.arrives, down);
    let (page, _) = Connection::start(page_carrier, page, Side::Initiator, timing);
    let (host, incoming) = Connection::start(host_carrier, host, Side::Responder, timing);
    tokio::spawn(echo(incoming));
    (page, host)
}

fn pair() -> (Connection, Connection) {
    pair_with(Timing::default(), |message| vec![message], |message| vec![message])
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.unwrap_or_else(|_| panic!("never: {what}"))
}

async fn body(stream: &mut Stream) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(message) = stream.recv(usize::MAX).await.unwrap() {
        match message {
            Message::Bytes(bytes) => whole.extend(bytes),
            Message::Text(text) => whole.extend(text.bytes()),
            Message::Response(_) => {}
        }
    }
    whole
}

#[tokio::test]
async fn a_request_is_answered_with_its_body() {
    let (page, _host) = pair();
    let mut stream = page.open(&get("/echo"), false).await.unwrap();
    stream.send_bytes(&b"hello"[..]).await.unwrap();
    stream.finish().await.unwrap();
    assert_eq!(within("the answer", body(&mut stream)).await, b"hello");
}

#[tokio::test]
async fn large_bodies_flow_both_ways_at_once_and_many_streams_share_the_line() {
    let (page, _host) = pair();
    let sent: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (page, sent) = (page.clone(), sent.clone());
        tasks.push(tokio::spawn(async move {
            let mut stream = page.open(&get("/echo"), false).await.unwrap();
            // A message larger than the window passes only while it is taken at the other end.
            let (first, rest) = sent.split_at(sent.len() / 2);
            let mut got = Vec::new();
            stream.send_bytes(first.to_vec()).await.unwrap();
            while got.len() < first.len() {
                if let Some(Message::Bytes(bytes)) = stream.recv(usize::MAX).await.unwrap() {
                    got.extend(bytes)
                }
            }
            stream.send_bytes(rest.to_vec()).await.unwrap();
            stream.finish().await.unwrap();
            got.extend(body(&mut stream).await);
            assert!(got == sent);
        }));
    }
    for task in tasks {
        within("a stream's end", task).await.unwrap();
    }
}

#[tokio::test]
async fn a_stream_nobody_reads_holds_up_no_other() {
    let (page, _host) = pair();
    let stalled = page.open(&get("/echo"), false).await.unwrap();
    let stuffed = tokio::spawn(async move {
        // Its answers are never taken, so at some point it may send no more.
        loop {
            stalled.send_bytes(vec![1; 50_000]).await.unwrap();
        }
    });
    for _ in 0..50 {
        let mut other = page.open(&get("/echo"), false).await.unwrap();
        other.send_text("quick").await.unwrap();
        other.finish().await.unwrap();
        assert_eq!(within("the other stream", body(&mut other)).await, b"quick");
    }
    assert!(!stuffed.is_finished());
    stuffed.abort();
}

#[tokio::test]
async fn keys_move_on_without_anyone_noticing() {
    let timing = Timing { rekey_messages: 4, ..Timing::default() };
    let (page, _host) = pair_with(timing, |message| vec![message], |message| vec![message]);
    for n in 0..100 {
        let mut stream = page.open(&get("/echo"), false).await.unwrap();
        stream.send_text(n.to_string()).await.unwrap();
        stream.finish().await.unwrap();
        assert_eq!(within("an answer", body(&mut stream)).await, n.to_string().into_bytes());
    }
}

/// What a carrier may do, and what comes of it: the connection ends, and nothing wrong is ever taken.
#[tokio::test]
async fn whatever_a_carrier_changes_ends_the_connection() {
    type Change = fn(u64, Bytes, &mut Option<Bytes>) -> Vec<Bytes>;
    let changes: [(&str, Change); 6] = [
        ("a replay", |n, message, _| if n == 2 { vec![message.clone(), message] } else { vec![message] }),
        ("a gap", |n, message, _| if n == 2 { vec![] } else { vec![message] }),
        ("a swap", |n, message, kept| match n {
            1 => {
                *kept = Some(message);
                vec![]
            }
            2 => vec![message, kept.take().unwrap()],
            _ => vec![message],
        }),
        ("a flipped bit", |n, message, _| {
            let mut bytes = message.to_vec();
            if n == 2 {
                bytes[20] ^= 1
            }
            vec![bytes.into()]
        }),
        ("a cut", |n, message, _| vec![if n == 2 { message.slice(..message.len() - 1) } else { message }]),
        (
            "something of its own",
            |n, message, _| if n == 2 { vec![vec![0; 272].into(), message] } else { vec![message] },
        ),
    ];
    for (what, change) in changes {
        let (mut n, mut kept) = (0, None);
        let up = move |message| {
            n += 1;
            change(n, message, &mut kept)
        };
        let (page, host) = pair_with(Timing::default(), up, |message| vec![message]);
        for _ in 0..6 {
            if let Ok(stream) = page.open(&get("/swallow"), false).await {
                let _ = stream.send_text("x").await;
                let _ = stream.finish().await;
            }
        }
        assert_eq!(within(what, host.over()).await, Some(Bye::Broken), "{what}");
        within(what, page.over()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_it_and_a_quiet_line_is_kept_awake() {
    let (page, host) = pair();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert!(!page.is_over() && !host.is_over(), "pings keep a quiet line");
    let mut left = 3;
    let (page, host) = pair_with(
        Timing::default(),
        move |message| {
            left -= 1;
            if left > 0 { vec![message] } else { vec![] }
        },
        |m| vec![m],
    );
    assert_eq!(host.over().await, Some(Bye::Idle));
    page.over().await;
    let (page, host) = pair_with(
        Timing { renew_after: Duration::from_secs(60), ..Timing::default() },
        |m| vec![m],
        |m| vec![m],
    );
    assert_eq!(page.over().await, Some(Bye::Renew));
    host.over().await;
}

#[tokio::test]
async fn the_reason_is_told() {
    let (page, host) = pair();
    let mut stream = page.open(&get("/echo"), false).await.unwrap();
    within("the answer's head", stream.recv(1000)).await.unwrap();
    host.leave(Bye::NoLongerWelcome);
    assert_eq!(within("the end", page.over()).await, Some(Bye::NoLongerWelcome));
    assert_eq!(within("the stream's end", stream.recv(1000)).await, Err(LinkError::Over));
    assert!(page.open(&get("/echo"), false).await.is_err());
}

#[tokio::test]
async fn more_streams_than_there_may_be_are_turned_away() {
    let (page, host) = pair();
    let mut open = Vec::new();
    for _ in 0..200 {
        open.push(page.open(&get("/echo"), false).await.unwrap());
    }
    let mut refused = 0;
    for mut stream in open {
        match within("an answer", stream.recv(1000)).await {
            Ok(Some(Message::Response(_))) => {}
            Err(LinkError::Reset) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(refused > 0 && !host.is_over());
}

/// Fails at once, and says when it is asked for anything after that.
struct Failing {
    failed: bool,
    asked_again: mpsc::UnboundedSender<()>,
}

impl Failing {
    fn fail(&mut self) -> Poll<io::Result<()>> {
        if std::mem::replace(&mut self.failed, true) {
            let _ = self.asked_again.send(());
        }
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }
}

impl Sink<Bytes> for Failing {
    type Error = io::Error;

    fn poll_ready(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.fail()
    }

    fn start_send(self: Pin<&mut Self>, _: Bytes) -> io::Result<()> {
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.fail()
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.fail()
    }
}

/// Some carriers panic when they are.
#[tokio::test]
async fn a_carrier_that_failed_is_asked_for_nothing_more() {
    let (asked_again, mut again) = mpsc::unbounded_channel();
    let sink = Box::pin(Failing { failed: false, asked_again });
    let carrier = Carrier { sink, stream: Box::pin(futures_util::stream::pending()) };
    let (connection, _) = Connection::start(carrier, handshake().0, Side::Initiator, Timing::default());
    let opened = connection.open(&get("/runs"), true).await;
    drop(opened);
    within("the connection's end", connection.over()).await;
    // The channel ends when the carrier was let go of.
    assert_eq!(within("the carrier's end", again.recv()).await, None);
}
