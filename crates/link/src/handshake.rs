//! The first two messages: both keys are proved, and a fresh secret is agreed.

use crate::{LinkError, Sealed};
use offdesk_protocol::PathKind;
use snow::{Builder, HandshakeState};
use std::ops::RangeInclusive;

/// The versions spoken here.
pub const VERSIONS: RangeInclusive<u8> = 1..=1;

const PAIRING: &str = "Noise_IKpsk1_25519_AESGCM_SHA256";
const SESSION: &str = "Noise_IKpsk2_25519_AESGCM_SHA256";
/// Most bytes of a handshake message.
const LARGEST: usize = 16 * 1024;
const GO_ON: u8 = 0;
const OTHER_VERSION: u8 = 1;

/// What a handshake is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A device that has an offer.
    Pairing {
        /// The offer's id.
        offer: [u8; 8],
    },
    /// A device that is known.
    Session {
        /// The host's id.
        host: [u8; 16],
    },
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Pairing { .. } => 1,
            Self::Session { .. } => 2,
        }
    }

    fn pattern(self) -> &'static str {
        match self {
            Self::Pairing { .. } => PAIRING,
            Self::Session { .. } => SESSION,
        }
    }

    /// Where in the handshake the shared secret enters.
    fn secret_at(self) -> u8 {
        self.number()
    }

    fn prologue(self, version: u8, path: PathKind) -> Vec<u8> {
        let mut prologue = b"offdesk link\0".to_vec();
        prologue.extend([version, self.number(), path.number()]);
        match self {
            Self::Pairing { offer } => prologue.extend(offer),
            Self::Session { host } => prologue.extend(host),
        }
        prologue
    }
}

/// The keys one side brings.
pub struct Keys<'a> {
    /// Its own long-term secret.
    pub own: &'a [u8; 32],
    /// The other's long-term public key.
    pub other: &'a [u8; 32],
    /// What both know.
    pub shared: &'a [u8; 32],
}

fn failed<E>(_: E) -> LinkError {
    // Why stays here: a stranger who knocks must learn nothing.
    LinkError::Handshake
}

fn builder<'a>(kind: Kind, prologue: &'a [u8], own: &'a [u8; 32]) -> Result<Builder<'a>, LinkError> {
    let pattern = kind.pattern().parse().map_err(failed)?;
    Builder::new(pattern)
        .prologue(prologue)
        .and_then(|builder| builder.local_private_key(own))
        .map_err(failed)
}

/// The side that calls.
pub struct Initiator {
    noise: HandshakeState,
}

impl Initiator {
    /// Begins; gives the first message. `payload` travels without forward secrecy.
    ///
    /// # Errors
    /// When a key is none, or the payload is too large.
    pub fn begin(
        version: u8,
        kind: Kind,
        path: PathKind,
        keys: &Keys,
        payload: &[u8],
    ) -> Result<(Self, Vec<u8>), LinkError> {
        Self::begin_with(version, kind, path, keys, payload, None)
    }

    /// The same with an ephemeral key of one's own; for test vectors only.
    #[doc(hidden)]
    pub fn begin_with(
        version: u8,
        kind: Kind,
        path: PathKind,
        keys: &Keys,
        payload: &[u8],
        ephemeral: Option<&[u8; 32]>,
    ) -> Result<(Self, Vec<u8>), LinkError> {
        let prologue = kind.prologue(version, path);
        let mut builder = builder(kind, &prologue, keys.own)?
            .remote_public_key(keys.other)
            .and_then(|builder| builder.psk(kind.secret_at(), keys.shared))
            .map_err(failed)?;
        if let Some(ephemeral) = ephemeral {
            builder = builder.fixed_ephemeral_key_for_testing_only(ephemeral);
        }
        let mut noise = builder.build_initiator().map_err(failed)?;
        let mut message = vec![version, kind.number()];
        if let Kind::Pairing { offer } = kind {
            message.extend(offer);
        }
        message.extend(write(&mut noise, payload)?);
        Ok((Self { noise }, message))
    }

    /// Takes the answer; gives what the other side said with it.
    ///
    /// # Errors
    /// [`LinkError::Version`] when the other side does not speak this version, [`LinkError::Handshake`] when it is not
    /// the one that was meant.
    pub fn finish(mut self, answer: &[u8]) -> Result<(Sealed, Vec<u8>), LinkError> {
        let message = match answer {
            [GO_ON, message @ ..] => message,
            [OTHER_VERSION, lowest, highest] => {
                return Err(LinkError::Version { lowest: *lowest, highest: *highest });
            }
            _ => return Err(LinkError::Handshake),
        };
        let payload = read(&mut self.noise, message)?;
        Ok((Sealed::new(self.noise)?, payload))
    }
}

/// A first message, taken apart. Nothing in it is proved yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening<'a> {
    /// The version it is written in.
    pub version: u8,
    /// The offer it names, if it is a pairing.
    pub offer: Option<[u8; 8]>,
    noise: &'a [u8],
}

impl<'a> Opening<'a> {
    /// Takes a first message apart.
    ///
    /// # Errors
    /// When it is none. A version that is not spoken here is for the caller to refuse, see [`refuse_version`].
    pub fn parse(message: &'a [u8]) -> Result<Self, LinkError> {
        if message.len() > LARGEST {
            return Err(LinkError::Handshake);
        }
        let (&[version, kind], rest) = message.split_first_chunk::<2>().ok_or(LinkError::Handshake)?;
        match kind {
            1 => {
                let (offer, noise) = rest.split_first_chunk::<8>().ok_or(LinkError::Handshake)?;
                Ok(Self { version, offer: Some(*offer), noise })
            }
            2 => Ok(Self { version, offer: None, noise: rest }),
            _ => Err(LinkError::Handshake),
        }
    }
}

/// The answer to an opening in a version that is not among those spoken.
pub fn refuse_version(spoken: &RangeInclusive<u8>) -> Vec<u8> {
    vec![OTHER_VERSION, *spoken.start(), *spoken.end()]
}

/// The side that is called.
pub struct Responder {
    noise: HandshakeState,
    kind: Kind,
}

/// Who asks to come in.
pub struct Asked {
    /// Its long-term public key, proved by what follows.
    pub key: [u8; 32],
    /// What it said.
    pub payload: Vec<u8>,
    /// To go on with.
    pub responder: Responder,
}

impl Responder {
    /// Opens a first message. `offered` is the secret of the offer it names; a session's secret is looked up by the key
    /// afterwards.
    ///
    /// # Errors
    /// When it does not open: another host is meant, another path was taken, the secret is wrong, or it was changed.
    pub fn read(
        opening: &Opening,
        path: PathKind,
        host: &[u8; 16],
        own: &[u8; 32],
        offered: &[u8; 32],
    ) -> Result<Asked, LinkError> {
        Self::read_with(opening, path, host, own, offered, None)
    }

    /// The same with an ephemeral key of one's own; for test vectors only.
    #[doc(hidden)]
    pub fn read_with(
        opening: &Opening,
        path: PathKind,
        host: &[u8; 16],
        own: &[u8; 32],
        offered: &[u8; 32],
        ephemeral: Option<&[u8; 32]>,
    ) -> Result<Asked, LinkError> {
        let kind = match opening.offer {
            Some(offer) => Kind::Pairing { offer },
            None => Kind::Session { host: *host },
        };
        let prologue = kind.prologue(opening.version, path);
        let mut builder = builder(kind, &prologue, own)?;
        if opening.offer.is_some() {
            builder = builder.psk(kind.secret_at(), offered).map_err(failed)?;
        }
        if let Some(ephemeral) = ephemeral {
            builder = builder.fixed_ephemeral_key_for_testing_only(ephemeral);
        }
        let mut noise = builder.build_responder().map_err(failed)?;
        let payload = read(&mut noise, opening.noise)?;
        let key =
            noise.get_remote_static().and_then(|key| key.try_into().ok()).ok_or(LinkError::Handshake)?;
        Ok(Asked { key, payload, responder: Self { noise, kind } })
    }

    /// Answers; `shared` is the device's secret for a session and not used for a pairing.
    ///
    /// # Errors
    /// When the payload is too large.
    pub fn answer(mut self, shared: &[u8; 32], payload: &[u8]) -> Result<(Sealed, Vec<u8>), LinkError> {
        if let Kind::Session { .. } = self.kind {
            self.noise.set_psk(self.kind.secret_at() as usize, shared).map_err(failed)?;
        }
        let mut message = vec![GO_ON];
        message.extend(write(&mut self.noise, payload)?);
        Ok((Sealed::new(self.noise)?, message))
    }

    /// What both screens' digits are made from, once the answer is made; see [`crate::digits`].
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

fn write(noise: &mut HandshakeState, payload: &[u8]) -> Result<Vec<u8>, LinkError> {
    let mut out = vec![0; LARGEST];
    let length = noise.write_message(payload, &mut out).map_err(failed)?;
    out.truncate(length);
    Ok(out)
}

fn read(noise: &mut HandshakeState, message: &[u8]) -> Result<Vec<u8>, LinkError> {
    let mut out = vec![0; LARGEST];
    let length = noise.read_message(message, &mut out).map_err(failed)?;
    out.truncate(length);
    Ok(out)
}
