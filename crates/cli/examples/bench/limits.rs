//! What the machine can do without us.

use crate::measure::Times;
use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::time::Instant;
use tokio_tungstenite::tungstenite::Message;

fn pty(script: &str) -> Result<(Box<dyn Read + Send>, Box<dyn Write + Send>)> {
    let pair =
        native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 })?;
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", script]);
    pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let ends = (pair.master.try_clone_reader()?, pair.master.take_writer()?);
    // Closing the master would hang the program up.
    std::mem::forget(pair.master);
    Ok(ends)
}

/// Bytes of a flood read from a terminal with nothing behind it, in MB/s.
pub fn pty_read(size: u64) -> Result<f64> {
    let (mut reader, _writer) =
        pty(&format!("stty raw; yes 0123456789012345678901234567890 | head -c {size}"))?;
    let (mut buffer, mut read) = (vec![0; 64 * 1024], 0u64);
    let start = Instant::now();
    while read < size {
        match reader.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => read += count as u64,
        }
    }
    Ok(read as f64 / 1e6 / start.elapsed().as_secs_f64())
}

/// A key through a bare terminal and back.
pub fn pty_echo(samples: usize) -> Result<Times> {
    let (mut reader, mut writer) = pty("stty raw -echo; printf .; exec cat")?;
    let mut byte = [0];
    reader.read_exact(&mut byte)?;
    let mut times = Vec::with_capacity(samples);
    for _ in 0..samples {
        let start = Instant::now();
        writer.write_all(b"k")?;
        writer.flush()?;
        reader.read_exact(&mut byte)?;
        times.push(start.elapsed());
    }
    Ok(Times::of(times))
}

/// A message through a bare WebSocket and back.
pub async fn socket_echo(samples: usize) -> Result<Times> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let Ok((stream, _)) = listener.accept().await else { return };
        let _ = stream.set_nodelay(true);
        let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
        while let Some(Ok(message)) = socket.next().await {
            if socket.send(message).await.is_err() {
                return;
            }
        }
    });
    let stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = tokio_tungstenite::client_async(format!("ws://{address}/"), stream).await?;
    let mut times = Vec::with_capacity(samples);
    for _ in 0..samples {
        let start = Instant::now();
        socket.send(Message::Text("k".into())).await?;
        socket.next().await.context("closed")??;
        times.push(start.elapsed());
    }
    Ok(Times::of(times))
}
