//! The first lines of a request, read without losing a byte.

use anyhow::{Result, bail};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// A request's head and whatever came with it.
#[derive(Debug, Default)]
pub struct Head {
    /// Everything read so far, the body's first bytes included.
    pub bytes: Vec<u8>,
    /// Where the head's last empty line ends.
    pub end: usize,
    /// `GET`, `CONNECT`, …
    pub method: String,
    /// The path, or for `CONNECT` the host and port.
    pub path: String,
    /// The `Host` header, without a port.
    pub host: String,
    /// The `Upgrade` header.
    pub upgrade: Option<String>,
}

/// Reads up to the end of the head; nothing when the other side closed before it said anything.
///
/// # Errors
/// When it closes in between, or says too much.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<Head>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(head) = parse(&bytes) {
            return Ok(Some(Head { bytes, ..head }));
        }
        if bytes.len() > 64 * 1024 {
            bail!("the head is too long");
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            if bytes.is_empty() {
                return Ok(None);
            }
            bail!("the connection ended within the head");
        }
    }
}

/// Reads a head at the very beginning of these bytes, without the bytes themselves.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Head> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    first.next()?.starts_with("HTTP/1.").then_some(())?;
    let mut head = Head { end, method, path, ..Head::default() };
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "host" => head.host = value.trim().split(':').next()?.to_ascii_lowercase(),
            "upgrade" => head.upgrade = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    Some(head)
}
