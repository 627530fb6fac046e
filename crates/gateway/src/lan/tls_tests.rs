//! Real connections over the loopback interface.

use super::*;
use crate::lan::certificate::{Name, certificate};
use axum::Router;
use axum::routing::get;
use offdesk_protocol::Timestamp;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

fn made() -> Certificate {
    let data = tempfile::tempdir().unwrap();
    certificate(data.path(), &[Name::Address([127, 0, 0, 1].into())], Timestamp::now()).unwrap()
}

async fn serve(certificate: &Certificate) -> (SocketAddr, Shown) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let shown = Shown::new(certificate).unwrap();
    let listener = TlsListener::new(listener, shown.clone()).unwrap();
    let app = Router::new().route("/", get(|| async { "hello over TLS" }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (at, shown)
}

/// A client that takes this certificate and no other.
async fn ask(
    at: SocketAddr,
    pinned: &Certificate,
    version: &'static SupportedProtocolVersion,
) -> io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(pinned.cert_der.clone())).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(at).await?;
    let name = ServerName::from(at.ip());
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(REQUEST).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn a_client_that_pins_the_certificate_is_served_by_both_versions() {
    let certificate = made();
    let (at, _) = serve(&certificate).await;
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        assert!(ask(at, &certificate, version).await.unwrap().ends_with("hello over TLS"));
    }
    assert!(
        ask(at, &made(), &rustls::version::TLS13).await.is_err(),
        "another certificate is not the pinned one"
    );
}

#[tokio::test]
async fn a_replaced_certificate_is_shown_to_the_next_connection() {
    let (old, new) = (made(), made());
    let (at, shown) = serve(&old).await;
    ask(at, &old, &rustls::version::TLS13).await.unwrap();
    shown.replace(&new).unwrap();
    ask(at, &new, &rustls::version::TLS13).await.unwrap();
    assert!(ask(at, &old, &rustls::version::TLS13).await.is_err());
}

#[tokio::test]
async fn plain_http_gets_nothing_but_a_closed_connection() {
    let (at, _) = serve(&made()).await;
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    let mut answer = Vec::new();
    // Closed, or reset because what was sent was never read; not one byte either way.
    let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.is_empty());
}

#[tokio::test]
async fn a_hundred_that_never_finish_keep_nobody_out() {
    let certificate = made();
    let (at, _) = serve(&certificate).await;
    let mut stuck = Vec::new();
    for nth in 0..100 {
        let mut stream = TcpStream::connect(at).await.unwrap();
        if nth % 2 == 0 {
            stream.write_all(&[HANDSHAKE_RECORD, 3, 1]).await.unwrap();
        }
        stuck.push(stream);
    }
    let answer = timeout(Duration::from_secs(5), ask(at, &certificate, &rustls::version::TLS13)).await;
    assert!(answer.unwrap().unwrap().ends_with("hello over TLS"));
    // The oldest had to go; the newest still have their time.
    let mut byte = [0];
    let first = timeout(Duration::from_secs(5), stuck[0].read(&mut byte)).await.unwrap();
    assert!(matches!(first, Ok(0) | Err(_)));
    assert!(timeout(Duration::from_millis(100), stuck[99].read(&mut byte)).await.is_err());
}

#[tokio::test]
async fn the_one_that_floods_pays() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let spare = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut tls = TlsListener::new(spare, Shown::new(&made()).unwrap()).unwrap();
    let mut clients = Vec::new();
    for nth in 0..=MOST {
        clients.push(TcpStream::connect(at).await.unwrap());
        let (stream, _) = listener.accept().await.unwrap();
        let from: IpAddr = if nth == 0 { [10, 0, 0, 1].into() } else { [10, 0, 0, 2].into() };
        tls.begin(stream, SocketAddr::new(from, 1));
    }
    assert_eq!(tls.pending.len(), MOST);
    assert_eq!(tls.pending[0].0, IpAddr::from([10, 0, 0, 1]), "the oldest of all is not of the flood");
}
