//! One story: the public reaches an origin through edge and tunnel program, and sees each hop fail in its own way.

// The lint knows a test by its attribute; helpers beside the tests have none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const HOST: &str = "brave-test-words.trycloudflare.com";

struct Edge {
    _child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    ready: Value,
    folder: tempfile::TempDir,
}

impl Edge {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_scripted-edge"))
            .args(["--public", "127.0.0.1:0", "--control", "127.0.0.1:0", "--proxy", "127.0.0.1:0"])
            .args(["--hostname", HOST, "--certs"])
            .arg(folder.path())
            .arg("--log")
            .arg(folder.path().join("log"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = serde_json::from_str(&answers.next_line().await.unwrap().unwrap()).unwrap();
        Self { orders: child.stdin.take().unwrap(), _child: child, answers, ready, folder }
    }

    fn address(&self, side: &str) -> String {
        self.ready[side].as_str().unwrap().to_owned()
    }

    async fn order(&mut self, order: &str) {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.unwrap();
        assert_eq!(self.answers.next_line().await.unwrap().unwrap(), "ok");
    }

    /// A TLS connection as a client behind `HTTPS_PROXY` opens it; the certificate is checked.
    async fn open(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let mut stream = TcpStream::connect(self.address("proxy")).await?;
        stream
            .write_all(format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n").as_bytes())
            .await?;
        read_head(&mut stream).await?;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.ready["ca"].as_str().unwrap()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(HOST).unwrap(), stream).await
    }

    async fn get(&self, path: &str) -> std::io::Result<(u16, String)> {
        let mut stream = self.open().await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let head = read_head(&mut stream).await?;
        let mut body = String::new();
        stream.read_to_string(&mut body).await?;
        Ok((head.split(' ').nth(1).unwrap().parse().unwrap(), body))
    }

    async fn until(&self, status: Option<u16>) {
        let wait = async {
            loop {
                let seen = self.get("/").await.ok().map(|(status, _)| status);
                if seen == status {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the status is reached");
    }

    async fn start_tunnel(&self, target: &str) -> Tunnel {
        let config = self.folder.path().join("config.yml");
        std::fs::write(&config, "").unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_scripted-cloudflared"))
            .args(["tunnel", "--config"])
            .arg(config)
            .args(["--no-autoupdate", "--output", "json", "--loglevel", "info", "--metrics", "127.0.0.1:0"])
            .args(["--grace-period", "0s", "--url", target])
            .env("SCRIPTED_EDGE_CONTROL", self.address("control"))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Tunnel { child, lines }
    }
}

struct Tunnel {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Tunnel {
    async fn until_it_says(&mut self, part: &str) -> String {
        let wait = async {
            loop {
                let line = self.lines.next_line().await.unwrap().expect("it runs on");
                if line.contains(part) {
                    return line;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), wait).await.expect("the line comes")
    }
}

async fn read_head(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8(head).unwrap())
}

/// Says `hello`, or after an upgrade says everything twice.
async fn origin(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let head = read_head(&mut stream).await.unwrap();
            assert!(head.contains("Cf-Connecting-Ip: "));
            if !head.contains("Upgrade: websocket") {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
                return stream.write_all(answer).await.unwrap();
            }
            let switch =
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
            stream.write_all(switch).await.unwrap();
            let mut buffer = [0; 64];
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                stream.write_all(&buffer[..length].repeat(2)).await.unwrap();
            }
        });
    }
}

#[tokio::test]
async fn the_public_reaches_the_origin_and_sees_each_hop_fail_in_its_own_way() {
    let mut edge = Edge::start().await;
    assert_eq!(edge.get("/").await.unwrap(), (530, "error code: 1033".into()));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    let origin = tokio::spawn(origin(listener));
    let mut tunnel = edge.start_tunnel(&target).await;
    tunnel.until_it_says(&format!("https://{HOST}")).await;
    let metrics = tunnel.until_it_says("Starting metrics server on 127.0.0.1:").await;
    assert!(!metrics.contains(":20300/"), "the real port: {metrics}");
    tunnel.until_it_says("Registered tunnel connection").await;
    assert_eq!(edge.get("/healthz").await.unwrap(), (200, "hello".into()));

    // An upgraded connection carries bytes both ways, and is cut when the tester says so.
    let mut upgraded = edge.open().await.unwrap();
    let request =
        format!("GET /link HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    upgraded.write_all(request.as_bytes()).await.unwrap();
    assert!(read_head(&mut upgraded).await.unwrap().starts_with("HTTP/1.1 101"));
    let mut echo = [0; 4];
    for word in [b"ab", b"cd"] {
        upgraded.write_all(word).await.unwrap();
        upgraded.read_exact(&mut echo).await.unwrap();
        assert_eq!(echo[..], word.repeat(2));
    }
    edge.order("freeze").await;
    upgraded.write_all(b"ef").await.unwrap();
    let held = tokio::time::timeout(Duration::from_millis(200), upgraded.read_exact(&mut echo)).await;
    assert!(held.is_err(), "frozen, but the socket is kept");
    edge.order("thaw").await;
    upgraded.read_exact(&mut echo).await.unwrap();
    assert_eq!(&echo, b"efef");
    edge.order("cut").await;
    assert!(matches!(upgraded.read(&mut echo).await, Ok(0) | Err(_)));

    // A forgotten tunnel comes back under the same name.
    edge.order("forget").await;
    tunnel.until_it_says("Lost connection with the edge").await;
    assert_eq!(edge.get("/").await.unwrap().0, 530);
    tunnel.until_it_says("Registered tunnel connection").await;
    assert_eq!(edge.get("/").await.unwrap().0, 200);

    edge.order("down").await;
    edge.until(None).await;
    edge.order("up").await;
    edge.until(Some(200)).await;

    origin.abort();
    let _ = origin.await;
    edge.until(Some(502)).await;

    tunnel.child.start_kill().unwrap();
    edge.until(Some(530)).await;

    // A new start gets another name.
    let mut tunnel = edge.start_tunnel(&target).await;
    let line = tunnel.until_it_says(".trycloudflare.com  ").await;
    assert!(!line.contains(HOST), "{line}");

    let log = std::fs::read_to_string(edge.folder.path().join("log")).unwrap();
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().any(|event| event["event"] == "connection"));
    assert!(events.iter().any(|e| e["path"] == "/link" && e["upgrade"] == "websocket" && e["host"] == HOST));
}

#[cfg(unix)]
#[tokio::test]
async fn the_tunnel_program_ends_when_it_is_asked_and_refuses_a_bad_token() {
    let edge = Edge::start().await;
    let mut tunnel = edge.start_tunnel("http://127.0.0.1:9").await;
    tunnel.until_it_says("Registered tunnel connection").await;
    let id = tunnel.child.id().unwrap().to_string();
    assert!(Command::new("kill").arg("-TERM").arg(id).status().await.unwrap().success());
    tunnel.until_it_says("Initiating graceful shutdown").await;
    assert_eq!(tunnel.child.wait().await.unwrap().code(), Some(0));

    let bad = Command::new(env!("CARGO_BIN_EXE_scripted-cloudflared"))
        .args(["tunnel", "--config", "/dev/null", "--output", "json", "run"])
        .env("TUNNEL_TOKEN", "not a token")
        .output();
    let bad = bad.await.unwrap();
    assert_eq!(bad.status.code(), Some(255));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("Provided Tunnel token is not valid."));
}
