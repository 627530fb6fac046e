//! The LAN listener: TLS or nothing. Handshakes run beside each other, so that slow or hostile ones hold up nobody.

use super::certificate::Certificate;
use arc_swap::ArcSwap;
use offdesk_protocol::{ErrorCode, Problem};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How many there are at once.
const MOST: usize = 64;
/// Before we try again when the system gives us no connection, because we have too many files open.
const PAUSE: Duration = Duration::from_secs(1);
/// The first byte of every TLS handshake.
const HANDSHAKE_RECORD: u8 = 22;

/// The certificate that new connections are shown. Copies share it.
#[derive(Clone, Debug)]
pub(crate) struct Shown(Arc<ArcSwap<CertifiedKey>>);

impl Shown {
    /// Shows this one.
    pub(crate) fn new(certificate: &Certificate) -> Result<Self, Problem> {
        Ok(Self(Arc::new(ArcSwap::from_pointee(certified(certificate)?))))
    }

    /// From the next connection on shows this one; open connections go on.
    pub(crate) fn replace(&self, certificate: &Certificate) -> Result<(), Problem> {
        self.0.store(Arc::new(certified(certificate)?));
        Ok(())
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

fn certified(certificate: &Certificate) -> Result<CertifiedKey, Problem> {
    let chain = vec![CertificateDer::from(certificate.cert_der.clone())];
    let key = PrivatePkcs8KeyDer::from(certificate.key_der.to_vec());
    CertifiedKey::from_der(chain, key.into(), &ring::default_provider()).map_err(unusable)
}

fn unusable(error: rustls::Error) -> Problem {
    Problem::new(
        ErrorCode::Internal,
        format!("The certificate for the local network can't be used: {error}."),
    )
}

/// TLS over a bound listener, for `axum::serve`.
pub(crate) struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    /// Ends them all when the listener is dropped.
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
    /// The same, the oldest first.
    pending: VecDeque<(IpAddr, AbortHandle)>,
}

impl TlsListener {
    /// Serves what is shown, over this listener.
    pub(crate) fn new(listener: TcpListener, shown: Shown) -> Result<Self, Problem> {
        // Named here rather than process-wide, so that no other crate's choice can change it.
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(unusable)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(shown));
        // WebSockets need it.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { listener, acceptor, handshakes: JoinSet::new(), pending: VecDeque::new() })
    }

    fn begin(&mut self, stream: TcpStream, from: SocketAddr) {
        self.pending.retain(|(_, handshake)| !handshake.is_finished());
        if self.pending.len() >= MOST {
            self.make_room();
        }
        let handshake = self.handshakes.spawn(handshake(self.acceptor.clone(), stream, from));
        self.pending.push_back((from.ip(), handshake));
    }

    /// Ends the oldest handshake of the address that has most of them: who floods us pays for it.
    fn make_room(&mut self) {
        let of = |from: IpAddr| self.pending.iter().filter(|(other, _)| *other == from).count();
        // Of equals the last wins, so it is looked for from the newest to the oldest.
        let oldest =
            (0..self.pending.len()).rev().max_by_key(|at| self.pending.get(*at).map(|(from, _)| of(*from)));
        if let Some((_, handshake)) = oldest.and_then(|at| self.pending.remove(at)) {
            handshake.abort();
        }
    }
}

async fn handshake(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    from: SocketAddr,
) -> Option<(TlsStream<TcpStream>, SocketAddr)> {
    let secured = async {
        // Who speaks plain HTTP gets no word from us, not even an alert.
        let mut first = [0];
        if stream.peek(&mut first).await? != 1 || first[0] != HANDSHAKE_RECORD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not TLS"));
        }
        acceptor.accept(stream).await
    };
    match tokio::time::timeout(HANDSHAKE, secured).await {
        Ok(Ok(stream)) => Some((stream, from)),
        Ok(Err(error)) => {
            tracing::debug!("no TLS with {from}: {error}");
            None
        }
        Err(_) => None,
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some(ready)) = done {
                        return ready;
                    }
                }
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, from)) => self.begin(stream, from),
                    Err(error) if is_of_one_connection(&error) => {}
                    Err(error) => {
                        tracing::error!("the LAN listener gets no connections: {error}");
                        tokio::time::sleep(PAUSE).await;
                    }
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
