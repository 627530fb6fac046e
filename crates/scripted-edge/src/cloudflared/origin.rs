//! From the edge to the origin.

use super::output::Output;
use crate::head;
use serde_json::json;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Where the tunnel leads.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    Tcp(String),
    #[cfg(unix)]
    Unix(String),
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Origin {
    pub fn parse(text: &str) -> Self {
        #[cfg(unix)]
        if let Some(path) = text.strip_prefix("unix:") {
            return Self::Unix(path.to_owned());
        }
        let address = text.strip_prefix("http://").unwrap_or(text).split('/').next().unwrap_or_default();
        Self::Tcp(address.to_owned())
    }

    async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Self::Tcp(address) => Ok(Box::new(TcpStream::connect(address.as_str()).await?)),
            #[cfg(unix)]
            Self::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
        }
    }
}

pub(super) async fn serve(listener: TcpListener, origin: Origin, output: Arc<Output>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (origin, output) = (origin.clone(), Arc::clone(&output));
        tokio::spawn(async move {
            let _ = connection(stream, &origin, &output).await;
        });
    }
}

async fn connection(mut stream: TcpStream, origin: &Origin, output: &Output) -> anyhow::Result<()> {
    let Some(head) = head::read(&mut stream).await? else { return Ok(()) };
    let mut onwards = match origin.connect().await {
        Ok(onwards) => onwards,
        Err(error) => {
            let message = "Unable to reach the origin service. The service may be down or it may not be responding to traffic from cloudflared";
            output.say("error", message, json!({ "error": error.to_string(), "connIndex": 0 }));
            let answer = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer.as_bytes()).await?;
            return Ok(());
        }
    };
    // What Cloudflare adds; only to a connection's first request, because the rest is passed on unread.
    let (before, after) = head.bytes.split_at(head.end - 2);
    onwards.write_all(before).await?;
    let added = "Cf-Connecting-Ip: 203.0.113.9\r\nCf-Warp-Tag-Id: b354b9de-1c3c-41c1-aa56-be8ba82b8046\r\nX-Forwarded-Proto: https\r\n";
    onwards.write_all(added.as_bytes()).await?;
    onwards.write_all(after).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut onwards).await?;
    Ok(())
}
