//! Sealing frames and opening them: counters in order, keys that move on.

use crate::{Frame, LinkError};
use hkdf::Hkdf;
use sha2::Sha256;
use snow::{HandshakeState, TransportState};

/// Most bytes of a sealed message.
const LARGEST: usize = 65535;

/// Both directions of a finished handshake.
pub struct Sealed {
    noise: TransportState,
    hash: Vec<u8>,
}

impl Sealed {
    pub(crate) fn new(noise: HandshakeState) -> Result<Self, LinkError> {
        let hash = noise.get_handshake_hash().to_vec();
        let noise = noise.into_transport_mode().map_err(|_| LinkError::Handshake)?;
        Ok(Self { noise, hash })
    }

    /// The handshake's hash: the same on both sides, and on no third.
    pub fn hash(&self) -> &[u8] {
        &self.hash
    }

    /// Seals the next frame.
    ///
    /// # Errors
    /// When the frame is too large, or the counter has come to its end.
    pub fn seal(&mut self, frame: &Frame) -> Result<Vec<u8>, LinkError> {
        let plain = frame.encode()?;
        // Sixteen bytes more, for the tag.
        let mut out = vec![0; plain.len() + 16];
        let length = self.noise.write_message(&plain, &mut out).map_err(|_| LinkError::Broken)?;
        out.truncate(length);
        Ok(out)
    }

    /// Opens the next message.
    ///
    /// # Errors
    /// When it is not the next one as it was sealed, or no frame.
    pub fn open(&mut self, message: &[u8]) -> Result<Frame, LinkError> {
        if message.len() > LARGEST {
            return Err(LinkError::Broken);
        }
        let mut plain = vec![0; message.len()];
        let length = self.noise.read_message(message, &mut plain).map_err(|_| LinkError::Broken)?;
        plain.truncate(length);
        Frame::parse(plain.into())
    }

    /// What is sealed from now on is sealed with the next key.
    pub fn rekey_outgoing(&mut self) {
        self.noise.rekey_outgoing();
    }

    /// What is opened from now on was sealed with the next key.
    pub fn rekey_incoming(&mut self) {
        self.noise.rekey_incoming();
    }
}

/// The six digits that both screens show for a handshake with this hash.
pub fn digits(hash: &[u8]) -> String {
    let mut bytes = [0; 8];
    // Eight bytes are never too many to ask for.
    let _ = Hkdf::<Sha256>::new(None, hash).expand(b"offdesk link digits", &mut bytes);
    format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000)
}

/// The public key of an X25519 secret.
pub fn public_key(secret: &[u8; 32]) -> [u8; 32] {
    x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(*secret)).to_bytes()
}
