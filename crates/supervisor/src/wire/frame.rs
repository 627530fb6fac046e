//! Frames: a JSON header and raw bytes, with limits a hostile peer can't exceed.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Read};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Most bytes of a header.
const MAX_HEADER: usize = 64 * 1024;
/// Most bytes of a body.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// Bytes of the two lengths.
const LENGTHS: usize = 8;

/// One frame, ready to be written.
///
/// # Errors
/// When the body is longer than a peer would take.
pub(crate) fn encode<H: Serialize>(header: &H, body: &[u8]) -> io::Result<Vec<u8>> {
    let header = serde_json::to_vec(header)?;
    check(header.len(), body.len())?;
    let mut frame = Vec::with_capacity(LENGTHS + header.len() + body.len());
    frame.extend_from_slice(&(header.len() as u32).to_le_bytes());
    frame.extend_from_slice(&(body.len() as u32).to_le_bytes());
    frame.extend_from_slice(&header);
    frame.extend_from_slice(body);
    Ok(frame)
}

/// The next frame, or nothing at an orderly end.
///
/// # Errors
/// When the connection breaks inside a frame, or the frame is too long or not understood.
pub(crate) fn read_frame<H: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<(H, Vec<u8>)>> {
    let mut lengths = [0; LENGTHS];
    let first = loop {
        match from.read(&mut lengths) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    if first == 0 {
        return Ok(None);
    }
    from.read_exact(&mut lengths[first..])?;
    let (header, body) = split(lengths)?;
    let mut buffer = vec![0; header];
    from.read_exact(&mut buffer)?;
    let header = serde_json::from_slice(&buffer)?;
    let mut bytes = Vec::new();
    // Grows with what really comes: announcing much costs nothing.
    from.by_ref().take(body as u64).read_to_end(&mut bytes)?;
    whole(bytes, body).map(|bytes| Some((header, bytes)))
}

/// As [`read_frame`]. Not safe to be cancelled: it is driven by a task of its own.
pub(crate) async fn read_async<H: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<(H, Vec<u8>)>> {
    let mut lengths = [0; LENGTHS];
    let first = from.read(&mut lengths).await?;
    if first == 0 {
        return Ok(None);
    }
    from.read_exact(&mut lengths[first..]).await?;
    let (header, body) = split(lengths)?;
    let mut buffer = vec![0; header];
    from.read_exact(&mut buffer).await?;
    let header = serde_json::from_slice(&buffer)?;
    let mut bytes = Vec::new();
    from.take(body as u64).read_to_end(&mut bytes).await?;
    whole(bytes, body).map(|bytes| Some((header, bytes)))
}

fn split(lengths: [u8; LENGTHS]) -> io::Result<(usize, usize)> {
    let [a, b, c, d, e, f, g, h] = lengths;
    let (header, body) =
        (u32::from_le_bytes([a, b, c, d]) as usize, u32::from_le_bytes([e, f, g, h]) as usize);
    check(header, body)?;
    Ok((header, body))
}

fn check(header: usize, body: usize) -> io::Result<()> {
    if header > MAX_HEADER || body > MAX_BODY {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is longer than allowed"));
    }
    Ok(())
}

fn whole(bytes: Vec<u8>, expected: usize) -> io::Result<Vec<u8>> {
    if bytes.len() < expected {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FromSupervisor, Size, ToSupervisor};

    #[test]
    fn a_frame_comes_back_as_it_was_sent() {
        let sent = ToSupervisor::Input { id: "prompt:1".into() };
        let bytes = encode(&sent, b"raw \xff bytes").unwrap();
        let (header, body) = read_frame::<ToSupervisor>(&mut &bytes[..]).unwrap().unwrap();
        assert_eq!((header, body.as_slice()), (sent, b"raw \xff bytes".as_slice()));
        let resize = encode(&ToSupervisor::Resize(Size { cols: 80, rows: 24 }), b"").unwrap();
        let (header, _) = read_frame::<ToSupervisor>(&mut &resize[..]).unwrap().unwrap();
        assert_eq!(header, ToSupervisor::Resize(Size { cols: 80, rows: 24 }));
    }

    #[test]
    fn what_is_not_known_is_skipped_over_with_its_body() {
        let mut bytes = encode(&serde_json::json!({"kind": "teleport", "to": "moon"}), b"luggage").unwrap();
        bytes.extend(encode(&FromSupervisor::Grown { length: 7 }, b"").unwrap());
        let mut from = &bytes[..];
        assert_eq!(read_frame::<FromSupervisor>(&mut from).unwrap().unwrap().0, FromSupervisor::Unknown);
        assert_eq!(
            read_frame::<FromSupervisor>(&mut from).unwrap().unwrap().0,
            FromSupervisor::Grown { length: 7 }
        );
        assert!(read_frame::<FromSupervisor>(&mut from).unwrap().is_none());
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_anything_is_allocated() {
        for (header, body) in [(u32::MAX, 0), (2, u32::MAX), (64 * 1024 + 1, 0), (2, 16 * 1024 * 1024 + 1)] {
            let mut bytes = Vec::from(header.to_le_bytes());
            bytes.extend(body.to_le_bytes());
            bytes.extend(b"{}");
            let error = read_frame::<ToSupervisor>(&mut &bytes[..]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{header} {body}");
        }
    }

    #[test]
    fn a_frame_cut_short_is_an_error_and_not_a_shorter_frame() {
        let bytes = encode(&ToSupervisor::Input { id: "a".into() }, b"hello").unwrap();
        for cut in 1..bytes.len() {
            assert!(read_frame::<ToSupervisor>(&mut &bytes[..cut]).is_err(), "cut at {cut}");
        }
    }
}
