//! Frames: what one sealed message holds.

use crate::LinkError;
use bytes::Bytes;

/// Sizes a frame is padded to, in bytes: sizes say less about what was typed or answered.
const BUCKETS: [usize; 5] = [256, 1024, 4096, 16 * 1024, 60 * 1024];
/// Type, flags, stream, length.
const HEADER: usize = 10;
/// Most bytes of one frame's body.
pub const LARGEST_BODY: usize = BUCKETS[BUCKETS.len() - 1] - HEADER;

const MORE: u8 = 1;
const END: u8 = 2;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FrameKind {
    /// Opens a stream.
    Request = 1,
    /// Begins the answer.
    Response = 2,
    /// A text message.
    Text = 3,
    /// A binary message.
    Bytes = 4,
    /// More may be sent.
    Credit = 5,
    /// The stream ends at once.
    Reset = 6,
    /// Are you there?
    Ping = 7,
    /// Yes.
    Pong = 8,
    /// The connection ends.
    Bye = 9,
    /// What follows is sealed with the next key.
    Rekey = 10,
}

impl FrameKind {
    fn of(byte: u8) -> Option<Self> {
        use FrameKind::*;
        [Request, Response, Text, Bytes, Credit, Reset, Ping, Pong, Bye, Rekey]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }

    /// Whether it belongs to the connection and not to a stream.
    pub(crate) fn is_connections(self) -> bool {
        matches!(self, Self::Ping | Self::Pong | Self::Bye | Self::Rekey)
    }
}

/// Why a stream ends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Reset {
    /// Nobody wants it any more.
    Cancelled = 1,
    /// There are too many.
    TooMany = 2,
    /// It could not be served.
    Failed = 3,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Bye {
    /// The gateway stops; come back.
    Restarting = 1,
    /// The device is no longer welcome.
    NoLongerWelcome = 2,
    /// A new handshake is due.
    Renew = 3,
    /// Something did not open or broke the protocol.
    Broken = 4,
    /// Nothing was heard for too long.
    Idle = 5,
}

impl Bye {
    /// The reason with this number.
    pub fn of(byte: u8) -> Option<Self> {
        use Bye::*;
        [Restarting, NoLongerWelcome, Renew, Broken, Idle].into_iter().find(|bye| *bye as u8 == byte)
    }
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What it is for.
    pub kind: FrameKind,
    /// The message goes on in the next frame of this stream.
    pub more: bool,
    /// The sender sends nothing more on this stream.
    pub end: bool,
    /// The stream; 0 is the connection itself.
    pub stream: u32,
    /// At most [`LARGEST_BODY`] bytes.
    pub body: Bytes,
}

/// What a piece of this length costs of its stream's credit: its room, so that many small ones are not for nothing.
pub(crate) fn cost(length: usize) -> usize {
    bucket(HEADER + length).map_or(length, |size| size - HEADER)
}

/// The size for so many bytes.
fn bucket(used: usize) -> Option<usize> {
    BUCKETS.into_iter().find(|size| *size >= used)
}

impl Frame {
    /// A frame without flags.
    pub fn new(kind: FrameKind, stream: u32, body: impl Into<Bytes>) -> Self {
        Self { kind, more: false, end: false, stream, body: body.into() }
    }

    /// The frame with its padding.
    ///
    /// # Errors
    /// When the body is larger than [`LARGEST_BODY`].
    pub fn encode(&self) -> Result<Vec<u8>, LinkError> {
        let used = HEADER + self.body.len();
        let size = bucket(used).ok_or(LinkError::TooLarge(LARGEST_BODY))?;
        let mut out = Vec::with_capacity(size);
        out.push(self.kind as u8);
        out.push(if self.more { MORE } else { 0 } | if self.end { END } else { 0 });
        out.extend(self.stream.to_be_bytes());
        out.extend((self.body.len() as u32).to_be_bytes());
        out.extend(&self.body);
        out.resize(size, 0);
        Ok(out)
    }

    /// The frame in these bytes.
    ///
    /// # Errors
    /// When the size is none of ours, the length does not fit, or the kind or a flag is unknown.
    pub fn parse(plain: Bytes) -> Result<Self, LinkError> {
        let broken = |why| Err(LinkError::Protocol(why));
        if !BUCKETS.contains(&plain.len()) {
            return broken("a frame of a size that does not exist");
        }
        let (&[kind, flags], rest) = plain.split_first_chunk::<2>().ok_or(LinkError::Broken)?;
        let (stream, rest) = rest.split_first_chunk::<4>().ok_or(LinkError::Broken)?;
        let (length, _) = rest.split_first_chunk::<4>().ok_or(LinkError::Broken)?;
        let length = u32::from_be_bytes(*length) as usize;
        // One size for each length: another would be room for something nobody should say.
        if bucket(HEADER + length) != Some(plain.len()) {
            return broken("a frame that is not padded as it should be");
        }
        let Some(kind) = FrameKind::of(kind) else { return broken("an unknown kind of frame") };
        if flags & !(MORE | END) != 0 || flags == MORE | END {
            return broken("flags that mean nothing");
        }
        let stream = u32::from_be_bytes(*stream);
        if kind.is_connections() != (stream == 0) {
            return broken("a frame on the wrong stream");
        }
        Ok(Self {
            kind,
            more: flags & MORE != 0,
            end: flags & END != 0,
            stream,
            // A copy: a short body does not hold on to its padding.
            body: Bytes::copy_from_slice(&plain[HEADER..HEADER + length]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_say_little() {
        for (body, size) in [(0, 256), (246, 256), (247, 1024), (5000, 16384), (LARGEST_BODY, 61440)] {
            assert_eq!(Frame::new(FrameKind::Text, 1, vec![7; body]).encode().unwrap().len(), size, "{body}");
        }
        assert!(Frame::new(FrameKind::Text, 1, vec![7; LARGEST_BODY + 1]).encode().is_err());
    }

    #[test]
    fn what_is_not_a_frame_is_refused() {
        let good = Frame::new(FrameKind::Text, 3, &b"hello"[..]).encode().unwrap();
        for (at, value, why) in [
            (0, 0, "no kind"),
            (0, 11, "unknown kind"),
            (1, 4, "unknown flag"),
            (6, 1, "too long"),
            (0, 7, "ping on 3"),
        ] {
            let mut bad = good.clone();
            bad[at] = value;
            assert!(Frame::parse(bad.into()).is_err(), "{why}");
        }
        assert!(Frame::parse(good[..255].to_vec().into()).is_err());
        assert!(Frame::parse(Bytes::new()).is_err());
    }

    proptest! {
        #[test]
        fn frames_come_back_as_they_were(kind in 1u8..=6, flags in 0u8..3, stream in 1u32.., body in prop::collection::vec(any::<u8>(), 0..5000)) {
            let (more, end) = (flags == 1, flags == 2);
            let frame = Frame { kind: FrameKind::of(kind).unwrap(), more, end, stream, body: body.into() };
            prop_assert_eq!(Frame::parse(frame.encode().unwrap().into()).unwrap(), frame);
        }

        #[test]
        fn no_bytes_upset_it(bytes in prop::collection::vec(any::<u8>(), 256)) {
            let _ = Frame::parse(bytes.into());
        }
    }
}
