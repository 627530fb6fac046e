//! The public side: TLS, one look at the request, and on to the tunnel.

use super::{Edge, Orders};
use crate::head;
use anyhow::{Result, bail};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

pub(super) async fn serve(edge: Arc<Edge>, listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        if edge.orders.borrow().down {
            continue;
        }
        let (edge, acceptor) = (Arc::clone(&edge), acceptor.clone());
        // Broken connections are what this program is for; whoever asked sees it.
        tokio::spawn(async move {
            let _ = connection(&edge, stream, &acceptor).await;
        });
    }
}

async fn connection(edge: &Edge, stream: TcpStream, acceptor: &TlsAcceptor) -> Result<()> {
    edge.note(json!({ "event": "connection" }));
    let mut orders = edge.orders.subscribe();
    let began = *orders.borrow_and_update();
    let opening = async {
        let mut stream = acceptor.accept(stream).await?;
        let head = head::read(&mut stream).await?;
        anyhow::Ok((stream, head))
    };
    let (mut stream, head) = unless_cut(orders.clone(), began, opening).await??;
    let Some(head) = head else { return Ok(()) };
    let upgraded = head.upgrade.is_some();
    note_request(edge, &head);
    pass(&mut orders, began).await?;
    let tunnel = match edge.address_of(&head.host) {
        Some(address) => TcpStream::connect(address).await.ok(),
        None => None,
    };
    let Some(mut tunnel) = tunnel else {
        let body = "error code: 1033";
        let answer = format!(
            "HTTP/1.1 530 \r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        return Ok(());
    };
    tunnel.write_all(&head.bytes).await?;
    let (from_public, to_public) = tokio::io::split(stream);
    let (from_tunnel, to_tunnel) = tunnel.split();
    // Later requests of the same connection are noted as well, as long as it speaks HTTP.
    let inwards = pump(from_public, to_tunnel, orders.clone(), began, |bytes| {
        if !upgraded && let Some(head) = head::parse(bytes) {
            note_request(edge, &head);
        }
    });
    let outwards = pump(from_tunnel, to_public, orders.clone(), began, |_| {});
    tokio::try_join!(inwards, outwards)?;
    Ok(())
}

fn note_request(edge: &Edge, head: &head::Head) {
    edge.note(json!({ "event": "request", "host": head.host, "path": head.path, "upgrade": head.upgrade }));
}

/// Does the work, unless the connection is cut before it is done.
async fn unless_cut<T>(
    mut orders: watch::Receiver<Orders>,
    began: Orders,
    work: impl Future<Output = T>,
) -> Result<T> {
    tokio::select! {
        done = work => Ok(done),
        _ = orders.wait_for(|orders| orders.cut != began.cut) => bail!("cut"),
    }
}

/// Waits while everything is frozen.
async fn pass(orders: &mut watch::Receiver<Orders>, began: Orders) -> Result<()> {
    let orders = *orders.wait_for(|orders| !orders.frozen || orders.cut != began.cut).await?;
    if orders.cut != began.cut {
        bail!("cut");
    }
    tokio::time::sleep(orders.delay).await;
    Ok(())
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut orders: watch::Receiver<Orders>,
    began: Orders,
    look: impl Fn(&[u8]),
) -> Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = unless_cut(orders.clone(), began, from.read(&mut buffer)).await??;
        pass(&mut orders, began).await?;
        if length == 0 {
            to.shutdown().await?;
            return Ok(());
        }
        look(&buffer[..length]);
        unless_cut(orders.clone(), began, async {
            to.write_all(&buffer[..length]).await?;
            to.flush().await
        })
        .await??;
    }
}

/// Answers `CONNECT anything` by a way to the public side, so that a client needs no DNS.
pub(super) async fn serve_proxy(listener: TcpListener, public: SocketAddr) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let Ok(Some(head)) = head::read(&mut stream).await else { return };
            if head.method != "CONNECT" {
                let _ =
                    stream.write_all(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n").await;
                return;
            }
            let Ok(mut onwards) = TcpStream::connect(public).await else { return };
            let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await;
            if onwards.write_all(&head.bytes[head.end..]).await.is_ok() {
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut onwards).await;
            }
        });
    }
}
