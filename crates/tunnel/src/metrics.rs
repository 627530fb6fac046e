//! The program's own small server on this machine, which says whether it is connected.

use std::future::Future;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What `/ready` said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ready {
    /// 200, with so many connections to the edge.
    Yes(u32),
    /// 503: it runs without a connection.
    No,
    /// Nothing, or nothing that we understand.
    Silent,
}

/// Asks the program; tests answer for it.
pub(crate) trait Metrics: Send + Sync + 'static {
    /// Asks `/ready`.
    fn ready(&self, port: u16) -> impl Future<Output = Ready> + Send;
    /// Asks `/quicktunnel`; an empty name means that it is no quick tunnel.
    fn hostname(&self, port: u16) -> impl Future<Output = Option<String>> + Send;
}

/// Asks over the loopback interface.
pub(crate) struct Loopback;

/// These answers are a few dozen bytes.
const MOST: u64 = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(2);

impl Metrics for Loopback {
    async fn ready(&self, port: u16) -> Ready {
        read_ready(&get(port, "/ready").await.unwrap_or_default())
    }

    async fn hostname(&self, port: u16) -> Option<String> {
        read_hostname(&get(port, "/quicktunnel").await?)
    }
}

/// One request by hand: a client library would send it through the user's proxy, and HTTP/1.0 is never chunked.
async fn get(port: u16, path: &str) -> Option<Vec<u8>> {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.take(MOST).read_to_end(&mut answer).await.ok()?;
        Some(answer)
    };
    tokio::time::timeout(PATIENCE, ask).await.ok().flatten()
}

fn split(answer: &[u8]) -> Option<(u16, serde_json::Value)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, serde_json::from_slice(&answer[end + 4..]).unwrap_or_default()))
}

fn read_ready(answer: &[u8]) -> Ready {
    match split(answer) {
        Some((200, body)) => {
            let count = body["readyConnections"].as_u64().unwrap_or(1);
            Ready::Yes(u32::try_from(count).unwrap_or(u32::MAX))
        }
        Some((503, _)) => Ready::No,
        _ => Ready::Silent,
    }
}

fn read_hostname(answer: &[u8]) -> Option<String> {
    match split(answer)? {
        (200, body) => body["hostname"].as_str().map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn the_program_is_asked_over_loopback() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            for body in [r#"{"status":200,"readyConnections":4}"#, r#"{"hostname":"a-b.trycloudflare.com"}"#]
            {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 512];
                let _ = stream.read(&mut request).await.unwrap();
                let answer = format!("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        assert_eq!(Loopback.ready(port).await, Ready::Yes(4));
        assert_eq!(Loopback.hostname(port).await.as_deref(), Some("a-b.trycloudflare.com"));
        server.await.unwrap();
        assert_eq!(Loopback.ready(port).await, Ready::Silent);
    }

    #[test]
    fn a_503_says_that_it_runs_without_a_connection() {
        let no = b"HTTP/1.1 503 Service Unavailable\r\n\r\n{\"status\":503,\"readyConnections\":0}";
        assert_eq!(read_ready(no), Ready::No);
        assert_eq!(read_hostname(no), None);
    }

    proptest! {
        #[test]
        fn no_answer_is_a_panic(answer in prop::collection::vec(any::<u8>(), 0..200)) {
            read_ready(&answer);
            read_hostname(&answer);
        }
    }
}
