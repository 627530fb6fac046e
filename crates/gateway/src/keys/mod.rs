//! The host's long-term keys. Where they live, in the system's keyring or in a file, is chosen once; from then on keys
//! that can't be read mean "locked", never new ones: paired devices know this host by its keys alone.

pub(crate) mod file;
mod keyring;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use hkdf::Hkdf;
use keyring::{Keyring, LIMIT, SystemKeyring};
use offdesk_protocol::{ErrorCode, HostId, Problem};
use sha2::Sha256;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use zeroize::{Zeroize as _, Zeroizing};

/// Says where the keys live; it is written last, when they are safe there.
const NOTE: &str = "keys-kept";
const FILE: &str = "host-keys";
const LOCAL: &str = "local-key";

/// The first byte of what is kept.
const VERSION: u8 = 1;
/// The link secret, the signing key's seed and the devices' root, 32 bytes each.
const SECRETS: usize = 96;

/// Where the owner wants the keys when they are first made; later what was chosen then holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The keyring, or a file where none answers.
    Auto,
    /// The keyring or nothing.
    Keyring,
    /// A file, without asking for a keyring.
    File,
}

/// Where the keys live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In the system's keyring.
    Keyring,
    /// In a file that only its owner can read; worth a warning.
    File,
}

impl Kept {
    fn note(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
        }
    }
}

/// What came of opening the keys.
#[derive(Debug)]
pub(crate) enum Opened {
    /// They are here.
    Keys(Box<HostKeys>),
    /// They can't be read now. Local work goes on; remote access stays off. Opening may be tried again.
    Locked {
        /// A sentence for the person at this machine.
        why: String,
    },
}

/// The host's long-term secrets. They leave memory when this is dropped, and no log ever shows them.
pub(crate) struct HostKeys {
    link: [u8; 32],
    signing: SigningKey,
    devices: [u8; 32],
    kept: Kept,
}

impl HostKeys {
    fn fresh() -> Result<Zeroizing<[u8; SECRETS]>, String> {
        let mut secrets = Zeroizing::new([0; SECRETS]);
        getrandom::fill(secrets.as_mut())
            .map_err(|error| format!("This system gives no random numbers to make keys from: {error}."))?;
        Ok(secrets)
    }

    fn from_secrets(secrets: &[u8; SECRETS], kept: Kept) -> Self {
        let part = |at: usize| {
            let mut bytes = Zeroizing::new([0; 32]);
            bytes.copy_from_slice(&secrets[at..at + 32]);
            bytes
        };
        Self { link: *part(0), signing: SigningKey::from_bytes(&part(32)), devices: *part(64), kept }
    }

    /// The X25519 secret of remote paths, for the link's handshake.
    pub(crate) fn link_secret(&self) -> &[u8; 32] {
        &self.link
    }

    /// What phones pin: the X25519 public key of remote paths.
    pub(crate) fn link_public(&self) -> [u8; 32] {
        public_of(&self.link)
    }

    /// The Ed25519 public key that signs the record of paths.
    pub(crate) fn signing_public(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    /// The pre-shared secret of one device. It is derived, so a database that leaks holds none.
    pub(crate) fn device_secret(&self, device: &uuid::Uuid) -> [u8; 32] {
        let mut secret = [0; 32];
        // 32 bytes are one block of the 255 that HKDF can give: this cannot fail.
        let _ = Hkdf::<Sha256>::new(None, &self.devices)
            .expand_multi_info(&[b"offdesk device secret", device.as_bytes()], &mut secret);
        secret
    }

    /// The secret that this host's key for push services follows from.
    pub(crate) fn push_secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        // One block: this cannot fail.
        let _ = Hkdf::<Sha256>::new(None, &self.devices).expand(b"offdesk push key", &mut secret);
        secret
    }

    /// Signs these bytes with the host's Ed25519 key.
    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.signing.sign(bytes).to_bytes()
    }

    /// Where they live.
    pub(crate) fn kept(&self) -> Kept {
        self.kept
    }
}

impl Drop for HostKeys {
    fn drop(&mut self) {
        // The signing key wipes itself.
        self.link.zeroize();
        self.devices.zeroize();
    }
}

impl fmt::Debug for HostKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostKeys").field("kept", &self.kept).finish_non_exhaustive()
    }
}

/// The X25519 public key of this secret.
pub(crate) fn public_of(secret: &[u8; 32]) -> [u8; 32] {
    x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(*secret)).to_bytes()
}

/// Opens the host's keys, or makes them at the first start. Waits up to five seconds for a keyring: not for an async
/// task. The folder must exist and be this process's own (the gateway's lock on it is held).
pub(crate) fn open(data: &Path, host: HostId, choice: Choice) -> Opened {
    open_with(data, host, choice, Arc::new(SystemKeyring), LIMIT)
}

fn open_with(
    data: &Path,
    host: HostId,
    choice: Choice,
    keyring: Arc<dyn Keyring>,
    limit: Duration,
) -> Opened {
    let place = Place { data, user: host.to_string(), keyring, limit };
    let opened = match place.noted() {
        Ok(Some(kept)) => place.kept_in(kept),
        Ok(None) => place.first_start(choice),
        Err(why) => Err(why),
    };
    match opened {
        Ok(keys) => Opened::Keys(Box::new(keys)),
        Err(why) => Opened::Locked { why },
    }
}

struct Place<'a> {
    data: &'a Path,
    user: String,
    keyring: Arc<dyn Keyring>,
    limit: Duration,
}

impl Place<'_> {
    fn noted(&self) -> Result<Option<Kept>, String> {
        match std::fs::read_to_string(self.data.join(NOTE)) {
            Ok(text) if text.trim() == Kept::Keyring.note() => Ok(Some(Kept::Keyring)),
            Ok(text) if text.trim() == Kept::File.note() => Ok(Some(Kept::File)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Ok(_) => Err(format!(
                "{} should say where this host's keys are, “keyring” or “file”, and says neither.",
                self.data.join(NOTE).display()
            )),
            Err(error) => Err(format!("{} can't be read: {error}.", self.data.join(NOTE).display())),
        }
    }

    fn kept_in(&self, kept: Kept) -> Result<HostKeys, String> {
        let text = match kept {
            Kept::Keyring => keyring::read(&self.keyring, &self.user, self.limit)?.ok_or_else(|| {
                format!(
                    "The keyring no longer has this host's keys (service “offdesk”, user “{}”).",
                    self.user
                )
            })?,
            Kept::File => file::read(&self.data.join(FILE))?.ok_or_else(|| {
                format!("{} with this host's keys is missing.", self.data.join(FILE).display())
            })?,
        };
        let secrets = parse::<SECRETS>(&text).ok_or_else(|| self.garbled(kept))?;
        Ok(HostKeys::from_secrets(&secrets, kept))
    }

    fn first_start(&self, choice: Choice) -> Result<HostKeys, String> {
        // A start that ended before its note left keys behind: they are this host's, whatever is wished for now.
        if file::read(&self.data.join(FILE))?.is_some() {
            let keys = self.kept_in(Kept::File)?;
            return self.note(keys);
        }
        if choice != Choice::File {
            match self.make_in_keyring() {
                Ok(keys) => return self.note(keys),
                Err(Refused::Holds(why)) => return Err(why),
                Err(Refused::Unavailable(why)) if choice == Choice::Keyring => return Err(why),
                Err(Refused::Unavailable(why)) => tracing::info!("host keys go into a file: {why}"),
            }
        }
        let secrets = HostKeys::fresh()?;
        file::write_new(&self.data.join(FILE), render(secrets.as_ref()).as_bytes())?;
        let keys = self.kept_in(Kept::File)?;
        self.note(keys)
    }

    fn make_in_keyring(&self) -> Result<HostKeys, Refused> {
        let fresh = render(HostKeys::fresh().map_err(Refused::Holds)?.as_ref());
        let text = keyring::read_or_make(&self.keyring, &self.user, fresh, self.limit)
            .map_err(Refused::Unavailable)?;
        // Garbled keys under our name may be mended by their owner; writing over them could not be.
        let secrets = parse::<SECRETS>(&text).ok_or_else(|| Refused::Holds(self.garbled(Kept::Keyring)))?;
        Ok(HostKeys::from_secrets(&secrets, Kept::Keyring))
    }

    fn note(&self, keys: HostKeys) -> Result<HostKeys, String> {
        file::write_new(&self.data.join(NOTE), format!("{}\n", keys.kept.note()).as_bytes())?;
        Ok(keys)
    }

    fn garbled(&self, kept: Kept) -> String {
        match kept {
            Kept::Keyring => format!(
                "What the keyring has as this host's keys (service “offdesk”, user “{}”) is garbled.",
                self.user
            ),
            Kept::File => format!("{} with this host's keys is garbled.", self.data.join(FILE).display()),
        }
    }
}

enum Refused {
    /// There is no keyring to speak of: a file may serve.
    Unavailable(String),
    /// Something is wrong that a file would only hide.
    Holds(String),
}

/// The X25519 secret used for pages of this machine and nothing else; always in a file, so that local work needs no
/// keyring.
pub(crate) fn local_key(data: &Path) -> Result<[u8; 32], Problem> {
    let path = data.join(LOCAL);
    let failed = |why: String| Problem::new(ErrorCode::StorageFailed, why);
    if file::read(&path).map_err(failed)?.is_none() {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(secret.as_mut()).map_err(|error| {
            Problem::new(ErrorCode::Internal, format!("This system gives no random numbers: {error}."))
        })?;
        file::write_new(&path, render(secret.as_ref()).as_bytes()).map_err(failed)?;
    }
    let text = file::read(&path).map_err(failed)?.unwrap_or_default();
    let secret = parse::<32>(&text).ok_or_else(|| {
        failed(format!("{} is garbled.", path.display()))
            .hint("Delete it and start again; pages open on this machine then have to be opened anew.")
    })?;
    Ok(*secret)
}

fn render(secrets: &[u8]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 + secrets.len()));
    bytes.push(VERSION);
    bytes.extend_from_slice(secrets);
    Zeroizing::new(BASE64.encode(bytes.as_slice()))
}

fn parse<const N: usize>(text: &[u8]) -> Option<Zeroizing<[u8; N]>> {
    let bytes = Zeroizing::new(BASE64.decode(text.trim_ascii()).ok()?);
    let (version, secrets) = bytes.split_first()?;
    let secrets: &[u8; N] = secrets.try_into().ok()?;
    (*version == VERSION).then(|| Zeroizing::new(*secrets))
}

#[cfg(test)]
mod tests;
