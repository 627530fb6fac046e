//! The keys this host is known by. Those of remote paths are in the keyring; the one of this machine's own path is a
//! file and known nowhere else, so that local work goes on when the keyring is locked.

use crate::keys::{HostKeys, Opened};
use hkdf::Hkdf;
use offdesk_protocol::{DeviceId, PathKind};
use sha2::Sha256;

pub(crate) struct Identity {
    remote: Opened,
    local: [u8; 32],
}

/// The keys for one kind of path.
pub(crate) enum LinkKeys<'a> {
    Remote(&'a HostKeys),
    Local(&'a [u8; 32]),
}

impl Identity {
    pub(crate) fn new(remote: Opened, local: [u8; 32]) -> Self {
        Self { remote, local }
    }

    /// The keys of remote paths, unless they are locked away.
    pub(crate) fn remote(&self) -> Option<&HostKeys> {
        match &self.remote {
            Opened::Keys(keys) => Some(keys),
            Opened::Locked { .. } => None,
        }
    }

    /// Why there are none.
    pub(crate) fn locked(&self) -> Option<&str> {
        match &self.remote {
            Opened::Keys(_) => None,
            Opened::Locked { why } => Some(why),
        }
    }

    pub(crate) fn keys(&self, path: PathKind) -> Option<LinkKeys<'_>> {
        match path {
            PathKind::Local => Some(LinkKeys::Local(&self.local)),
            _ => self.remote().map(LinkKeys::Remote),
        }
    }

    /// The public key pages of this machine pin.
    pub(crate) fn local_public(&self) -> [u8; 32] {
        offdesk_link::public_key(&self.local)
    }
}

impl LinkKeys<'_> {
    pub(crate) fn link_secret(&self) -> &[u8; 32] {
        match self {
            Self::Remote(keys) => keys.link_secret(),
            Self::Local(secret) => secret,
        }
    }

    pub(crate) fn signing_public(&self) -> Option<[u8; 32]> {
        match self {
            Self::Remote(keys) => Some(keys.signing_public()),
            Self::Local(_) => None,
        }
    }

    /// What this host and a device both know, and nobody wrote down.
    pub(crate) fn device_secret(&self, device: DeviceId) -> [u8; 32] {
        match self {
            Self::Remote(keys) => keys.device_secret(&device.0),
            Self::Local(secret) => {
                let mut out = [0; 32];
                let info = [b"offdesk local device secret", &device.0.as_bytes()[..]].concat();
                // 32 bytes are never too many to ask for.
                let _ = Hkdf::<Sha256>::new(None, *secret).expand(&info, &mut out);
                out
            }
        }
    }
}
