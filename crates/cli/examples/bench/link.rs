//! The link against a bare WebSocket: both ends of both in one thread, over loopback TCP.

use crate::measure::Times;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use offdesk_link::*;
use offdesk_protocol::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Raw;

type Socket = WebSocketStream<TcpStream>;

/// Bytes of a message of a flood: one frame, as nearly 60 KiB as one is.
const LARGE: usize = LARGEST_BODY;
const SMALL: usize = 64;
const ECHOES: usize = 5000;
const CONNECTIONS: usize = 200;
/// What a phone may have missed when it comes back.
const MISSED: usize = 1000;
const EVENT: usize = 300;

const PAGE: [u8; 32] = [1; 32];
const DESK: [u8; 32] = [2; 32];
const SHARED: [u8; 32] = [5; 32];
const HOST: [u8; 16] = [9; 16];

/// Two ends of a link, what the page's carrier has carried, and the streams the host is asked for.
struct Linked {
    page: Connection,
    _host: Connection,
    asked: mpsc::Receiver<Incoming>,
    carried: Arc<AtomicU64>,
    /// How often the page had to wait for the host, once the WebSocket was open.
    round_trips: u32,
}

/// Both ends of a new WebSocket.
async fn sockets() -> Result<(Socket, Socket)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let dial = async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = tokio_tungstenite::client_async(format!("ws://{address}/link"), stream).await?;
        anyhow::Ok(socket)
    };
    let answer = async {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        anyhow::Ok(tokio_tungstenite::accept_async(stream).await?)
    };
    tokio::try_join!(dial, answer)
}

/// A WebSocket as a link's carrier, as the gateway and the programs that dial it make one.
fn carrier(socket: Socket, carried: Arc<AtomicU64>) -> Carrier {
    let (sink, stream) = socket.split();
    let (out, back) = (carried.clone(), carried);
    let sink = sink.sink_map_err(std::io::Error::other).with(move |message: Bytes| {
        out.fetch_add(message.len() as u64, Ordering::Relaxed);
        std::future::ready(Ok::<_, std::io::Error>(Raw::Binary(message)))
    });
    let stream = stream.filter_map(move |message| {
        std::future::ready(match message {
            Ok(Raw::Binary(bytes)) => {
                back.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                Some(Ok(bytes))
            }
            Ok(_) => None,
            Err(error) => Some(Err(std::io::Error::other(error))),
        })
    });
    Carrier { sink: Box::pin(sink), stream: Box::pin(stream) }
}

async fn binary(socket: &mut Socket) -> Result<Bytes> {
    match socket.next().await.context("closed")?? {
        Raw::Binary(bytes) => Ok(bytes),
        other => bail!("{other:?}"),
    }
}

/// A session's handshake over a new WebSocket, and the connections on it.
async fn link() -> Result<Linked> {
    let (mut ours, mut theirs) = sockets().await?;
    let mut round_trips = 0;
    let page = async {
        let other = public_key(&DESK);
        let keys = Keys { own: &PAGE, other: &other, shared: &SHARED };
        let kind = Kind::Session { host: HOST };
        let hello = serde_json::to_vec(&SessionHello { newest: 1, build: "bench".into() })?;
        let (initiator, first) = Initiator::begin(1, kind, PathKind::Edge, &keys, &hello)?;
        ours.send(Raw::Binary(first.into())).await?;
        let answer = binary(&mut ours).await?;
        round_trips += 1;
        anyhow::Ok(initiator.finish(&answer)?.0)
    };
    let host = async {
        let first = binary(&mut theirs).await?;
        let asked = Responder::read(&Opening::parse(&first)?, PathKind::Edge, &HOST, &DESK, &[0; 32])?;
        let (sealed, second) = asked.responder.answer(&SHARED, b"{}")?;
        theirs.send(Raw::Binary(second.into())).await?;
        anyhow::Ok(sealed)
    };
    let (page, host) = tokio::try_join!(page, host)?;
    let carried = Arc::new(AtomicU64::new(0));
    let timing = Timing::default();
    let (page, _) = Connection::start(carrier(ours, carried.clone()), page, Side::Initiator, timing);
    let (host, asked) = Connection::start(carrier(theirs, Arc::default()), host, Side::Responder, timing);
    Ok(Linked { page, _host: host, asked, carried, round_trips })
}

fn get(path: &str) -> RequestHead {
    RequestHead { method: "GET".into(), path: path.into(), headers: Default::default() }
}

/// MB/s of a WebSocket with nothing around it.
async fn bare_flood(size: usize) -> Result<f64> {
    let (mut ours, mut theirs) = sockets().await?;
    let body = Bytes::from(vec![7; LARGE]);
    let start = Instant::now();
    let sent = tokio::spawn(async move {
        for _ in 0..size / LARGE {
            theirs.send(Raw::Binary(body.clone())).await?;
        }
        anyhow::Ok(theirs)
    });
    let (all, mut came) = (size / LARGE * LARGE, 0);
    while came < all {
        came += binary(&mut ours).await?.len();
    }
    let rate = came as f64 / 1e6 / start.elapsed().as_secs_f64();
    sent.await??;
    Ok(rate)
}

/// MB/s of one stream of a link.
async fn link_flood(size: usize) -> Result<f64> {
    let mut linked = link().await?;
    let mut stream = linked.page.open(&get("/flood"), true).await?;
    let Incoming { stream: flood, .. } = linked.asked.recv().await.context("nothing was asked")?;
    let body = Bytes::from(vec![7; LARGE]);
    let start = Instant::now();
    let sent = tokio::spawn(async move {
        for _ in 0..size / LARGE {
            flood.send_bytes(body.clone()).await?;
        }
        flood.finish().await
    });
    let mut came = 0;
    while let Some(Message::Bytes(bytes)) = stream.recv(LARGE).await? {
        came += bytes.len();
    }
    let rate = came as f64 / 1e6 / start.elapsed().as_secs_f64();
    sent.await??;
    if came != size / LARGE * LARGE {
        bail!("{came} bytes came");
    }
    Ok(rate)
}

async fn bare_echo() -> Result<Times> {
    let (mut ours, mut theirs) = sockets().await?;
    tokio::spawn(async move {
        while let Some(Ok(message)) = theirs.next().await {
            if theirs.send(message).await.is_err() {
                return;
            }
        }
    });
    let text = "k".repeat(SMALL);
    let mut times = Vec::with_capacity(ECHOES);
    for _ in 0..ECHOES {
        let start = Instant::now();
        ours.send(Raw::Text(text.as_str().into())).await?;
        ours.next().await.context("closed")??;
        times.push(start.elapsed());
    }
    Ok(Times::of(times))
}

async fn link_echo() -> Result<Times> {
    let mut linked = link().await?;
    let mut stream = linked.page.open(&get("/echo"), false).await?;
    let Incoming { stream: mut echo, .. } = linked.asked.recv().await.context("nothing was asked")?;
    tokio::spawn(async move {
        while let Ok(Some(Message::Text(text))) = echo.recv(LARGE).await {
            if echo.send_text(text).await.is_err() {
                return;
            }
        }
    });
    let text = Bytes::from("k".repeat(SMALL));
    let mut times = Vec::with_capacity(ECHOES);
    for _ in 0..ECHOES {
        let start = Instant::now();
        stream.send_text(text.clone()).await?;
        stream.recv(LARGE).await?.context("ended")?;
        times.push(start.elapsed());
    }
    Ok(Times::of(times))
}

/// New connections, each until it could be used: WebSockets, and links on them.
async fn connections() -> Result<(Times, Times, u32)> {
    let (mut bare, mut sealed, mut round_trips) = (Vec::new(), Vec::new(), 0);
    for _ in 0..CONNECTIONS {
        let start = Instant::now();
        let both = sockets().await?;
        bare.push(start.elapsed());
        drop(both);
        let start = Instant::now();
        let linked = link().await?;
        sealed.push(start.elapsed());
        round_trips = linked.round_trips;
    }
    Ok((Times::of(bare), Times::of(sealed), round_trips))
}

/// Bytes a link carries that has nothing to say: counted on a real one for this long, both ways.
async fn idle(counted: Duration) -> Result<u64> {
    let linked = link().await?;
    // Pings leave every fifteen seconds from the start; the count begins and ends between two.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = linked.carried.load(Ordering::Relaxed);
    tokio::time::sleep(counted).await;
    if linked.page.is_over() {
        bail!("the idle link has ended");
    }
    Ok(linked.carried.load(Ordering::Relaxed) - before)
}

/// From the moment the network is back: a new connection, a new session, and everything that was missed.
async fn caught_up() -> Result<Times> {
    let event = Bytes::from("e".repeat(EVENT));
    let mut times = Vec::new();
    for _ in 0..50 {
        // It was connected, and the network went.
        drop(link().await?);
        let start = Instant::now();
        let mut linked = link().await?;
        let mut live = linked.page.open(&get("/api/v1/live"), false).await?;
        live.send_text("from here on").await?;
        let Incoming { stream: mut viewer, .. } = linked.asked.recv().await.context("nothing was asked")?;
        let event = event.clone();
        let sent = tokio::spawn(async move {
            viewer.recv(LARGE).await?;
            for _ in 0..MISSED {
                viewer.send_text(event.clone()).await?;
            }
            Ok::<_, LinkError>(viewer)
        });
        for _ in 0..MISSED {
            live.recv(LARGE).await?.context("ended")?;
        }
        times.push(start.elapsed());
        drop(sent.await??);
    }
    Ok(Times::of(times))
}

/// The median.
fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// All of it, `size` bytes for each flood.
pub async fn measure(size: usize) -> Result<Value> {
    // Once for nothing, then in turns: what the machine does besides meets both.
    let (mut bare, mut sealed, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    bare_flood(size / 8).await?;
    link_flood(size / 8).await?;
    for _ in 0..5 {
        let (one, other) = (bare_flood(size).await?, link_flood(size).await?);
        bare.push(one);
        sealed.push(other);
        ratios.push(other / one);
    }
    let (bare_echo, link_echo) = (bare_echo().await?, link_echo().await?);
    let (opened, linked, round_trips) = connections().await?;
    let counted = Duration::from_secs(30);
    let idle = idle(counted).await?;
    let caught_up = caught_up().await?;
    Ok(json!({
        "link throughput, one core": {
            "bytes": size, "bytes of a message": LARGE, "MB/s": middle(sealed), "bare WebSocket MB/s": middle(bare),
            "ratio (goal 0.7)": middle(ratios),
        },
        "link round trip, 64 bytes": {
            "p50 ms": link_echo.p50, "p99 ms": link_echo.p99, "bare WebSocket p50 ms": bare_echo.p50,
            "bare WebSocket p99 ms": bare_echo.p99, "p50 ms more (goal 0.2)": link_echo.p50 - bare_echo.p50,
        },
        "link handshake": {
            "round trips after the WebSocket's": round_trips, "p50 ms with TCP and WebSocket": linked.p50,
            "bare WebSocket p50 ms": opened.p50, "p50 ms more": linked.p50 - opened.p50,
        },
        "idle link": {
            "seconds counted": counted.as_secs(), "bytes on the carrier, both ways": idle,
            "bytes per hour": idle * 3600 / counted.as_secs(),
        },
        "back after the network was gone, on loopback": {
            "events missed": MISSED, "bytes each": EVENT, "p50 ms": caught_up.p50, "p95 ms": caught_up.p95,
        },
    }))
}
