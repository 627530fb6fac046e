//! A phone, as far as the link goes: keys, a pairing, sessions; by whatever way the edge gives it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use offdesk_link::*;
use offdesk_protocol::*;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Raw;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// The way to the edge.
#[derive(Clone)]
pub struct Road {
    pub to: SocketAddr,
    pub ca: PathBuf,
    /// Every WebSocket message that went along it, as whoever carries it sees them.
    pub carried: Arc<Mutex<Vec<u8>>>,
}

impl Road {
    fn note(&self, bytes: &[u8]) {
        self.carried.lock().unwrap().extend_from_slice(bytes);
    }

    pub async fn tls(&self, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.ca).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(self.to).await?;
        let name = name.split(':').next().unwrap_or(name);
        let name = ServerName::try_from(name.to_string()).unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    pub async fn dial(&self, url: &str, origin: &str) -> Result<Socket, String> {
        let name = url.strip_prefix("https://").unwrap();
        let stream = self.tls(name).await.map_err(|error| error.to_string())?;
        let mut request = format!("wss://{name}/link").into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let (socket, _) =
            tokio_tungstenite::client_async(request, stream).await.map_err(|error| error.to_string())?;
        Ok(socket)
    }
}

fn carrier(road: &Road, socket: Socket) -> Carrier {
    let (sink, stream) = socket.split();
    let (up, down) = (road.clone(), road.clone());
    let sink = sink.sink_map_err(std::io::Error::other).with(move |message: Bytes| {
        up.note(&message);
        std::future::ready(Ok::<_, std::io::Error>(Raw::Binary(message)))
    });
    let stream = stream.filter_map(move |message| {
        std::future::ready(match message {
            Ok(Raw::Binary(bytes)) => {
                down.note(&bytes);
                Some(Ok(bytes))
            }
            Ok(Raw::Close(_)) => Some(Err(std::io::ErrorKind::ConnectionAborted.into())),
            Ok(_) => None,
            Err(error) => Some(Err(std::io::Error::other(error))),
        })
    });
    Carrier { sink: Box::pin(sink), stream: Box::pin(stream) }
}

/// How a knock ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Knock {
    /// With this message.
    Answered(Vec<u8>),
    /// Sent away with this code.
    Refused(u16),
    /// The line broke.
    Broken,
}

/// Sends a first message and says what comes back.
pub async fn knock(socket: &mut Socket, first: &[u8]) -> Knock {
    let _ = socket.send(Raw::Binary(first.to_vec().into())).await;
    heard(socket).await
}

/// The next thing that comes.
pub async fn heard(socket: &mut Socket) -> Knock {
    match socket.next().await {
        Some(Ok(Raw::Binary(bytes))) => Knock::Answered(bytes.to_vec()),
        Some(Ok(Raw::Close(Some(frame)))) => Knock::Refused(frame.code.into()),
        _ => Knock::Broken,
    }
}

/// A paired phone.
#[derive(Clone)]
pub struct Phone {
    pub road: Road,
    pub own: [u8; 32],
    pub origin: String,
    pub kind: PathKind,
    host_key: [u8; 32],
    host: [u8; 16],
    shared: [u8; 32],
    pub device: DeviceId,
    pub signing: String,
}

/// A pairing on its way.
pub struct Coming {
    pub phone: Phone,
    pub digits: String,
    pub state: Consent,
    pub connection: Connection,
}

pub fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub fn offer(login_url: &str) -> Offer {
    Offer::decode(login_url.split_once("/p#1.").unwrap().1).unwrap()
}

/// The first message of a pairing by this offer.
pub fn first_message(offer: &Offer, own: &[u8; 32], path: PathKind) -> (Initiator, Vec<u8>) {
    let hello = PairingHello {
        newest: 1,
        name: "Ada's phone".into(),
        platform: "Android".into(),
        signing_key: BASE64.encode(random()),
        build: "test".into(),
        origin: String::new(),
    };
    let keys = Keys { own, other: &offer.host_key, shared: &offer.secret };
    let kind = Kind::Pairing { offer: offer.id };
    Initiator::begin(1, kind, path, &keys, &serde_json::to_vec(&hello).unwrap()).unwrap()
}

/// Takes an offer, as the page at the offer's address would.
pub async fn pair(road: &Road, login_url: &str) -> Coming {
    pair_as(road, login_url, random()).await.unwrap()
}

pub async fn pair_as(road: &Road, login_url: &str, own: [u8; 32]) -> Result<Coming, Knock> {
    let offer = offer(login_url);
    let origin = offer.paths[0].url.clone();
    let (initiator, first) = first_message(&offer, &own, offer.paths[0].kind);
    let mut socket = road.dial(&origin, &origin).await.map_err(|_| Knock::Broken)?;
    let answer = match knock(&mut socket, &first).await {
        Knock::Answered(answer) => answer,
        refused => return Err(refused),
    };
    road.note(&first);
    road.note(&answer);
    let (sealed, words) = initiator.finish(&answer).map_err(|_| Knock::Broken)?;
    let answer: PairingAnswer = serde_json::from_slice(&words).unwrap();
    let digits = digits(sealed.hash());
    let (connection, _) =
        Connection::start(carrier(road, socket), sealed, Side::Initiator, Timing::default());
    let phone = Phone {
        road: road.clone(),
        own,
        origin,
        kind: offer.paths[0].kind,
        host_key: offer.host_key,
        host: *answer.host.id.parse::<HostId>().unwrap().0.as_bytes(),
        shared: BASE64.decode(&answer.secret).unwrap().try_into().unwrap(),
        device: answer.device.parse().unwrap(),
        signing: answer.host.signing_key.clone().unwrap(),
    };
    Ok(Coming { phone, digits, state: answer.state, connection })
}

impl Coming {
    /// What the person said.
    pub async fn consent(&self) -> Consent {
        let (status, end) = ask(&self.connection, "GET", "/pairing", None).await.unwrap();
        assert_eq!(status, 200);
        serde_json::from_value::<PairingEnd>(end).unwrap().state
    }
}

impl Phone {
    /// The first message of a session, by this path.
    pub fn first_message(&self, path: PathKind) -> (Initiator, Vec<u8>) {
        let keys = Keys { own: &self.own, other: &self.host_key, shared: &self.shared };
        let kind = Kind::Session { host: self.host };
        let hello = serde_json::to_vec(&SessionHello { newest: 1, build: "test".into() }).unwrap();
        Initiator::begin(1, kind, path, &keys, &hello).unwrap()
    }

    /// Comes back, at an address.
    pub async fn connect_at(&self, url: &str) -> Result<Connection, Knock> {
        self.session(url).await.map(|(connection, _)| connection)
    }

    pub async fn session(&self, url: &str) -> Result<(Connection, SessionAnswer), Knock> {
        let (initiator, first) = self.first_message(self.kind);
        let mut socket = self.road.dial(url, &self.origin).await.map_err(|_| Knock::Broken)?;
        let answer = match knock(&mut socket, &first).await {
            Knock::Answered(answer) => answer,
            refused => return Err(refused),
        };
        let (sealed, words) = initiator.finish(&answer).map_err(|_| Knock::Broken)?;
        let (connection, _) =
            Connection::start(carrier(&self.road, socket), sealed, Side::Initiator, Timing::default());
        Ok((connection, serde_json::from_slice(&words).unwrap()))
    }

    pub async fn connect(&self) -> Result<Connection, Knock> {
        self.connect_at(&self.origin).await
    }
}

/// One request and its answer.
pub async fn ask(
    connection: &Connection,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Result<(u16, Value), LinkError> {
    let mut head = RequestHead { method: method.into(), path: path.into(), headers: Default::default() };
    head.headers.insert("content-type".into(), "application/json".into());
    let mut stream = connection.open(&head, body.is_none()).await?;
    if let Some(body) = body {
        stream.send_bytes(serde_json::to_vec(&body).unwrap()).await?;
        stream.finish().await?;
    }
    let (mut status, mut whole) = (0, Vec::new());
    while let Some(message) = stream.recv(16 * 1024 * 1024).await? {
        match message {
            Message::Response(head) => status = head.status,
            Message::Bytes(bytes) => whole.extend(bytes),
            Message::Text(_) => {}
        }
    }
    Ok((status, serde_json::from_slice(&whole).unwrap_or(Value::Null)))
}

/// A live viewer over the link.
pub async fn watch(connection: &Connection, cursor: Option<Cursor>) -> Result<Stream, LinkError> {
    let head = RequestHead { method: "GET".into(), path: "/api/v1/live".into(), headers: Default::default() };
    let stream = connection.open(&head, false).await?;
    let hello = FromViewer::Hello { version: PROTOCOL_VERSION, token: None, cursor };
    stream.send_text(serde_json::to_string(&hello).unwrap()).await?;
    Ok(stream)
}

/// The next live message.
pub async fn next(stream: &mut Stream) -> Result<Option<ToViewer>, LinkError> {
    while let Some(message) = stream.recv(64 * 1024 * 1024).await? {
        if let Message::Text(text) = message {
            return Ok(Some(serde_json::from_str(&text).unwrap()));
        }
    }
    Ok(None)
}

/// A plain request through the edge; gives the whole answer as it came.
pub async fn plain(road: &Road, name: &str, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = road.tls(name).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

pub fn road(edge: SocketAddr, ca: &FilePath) -> Road {
    Road { to: edge, ca: ca.into(), carried: Arc::default() }
}
