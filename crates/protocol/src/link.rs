//! What is said in JSON on a link: in its handshake, at the beginning of its streams, about its paths. `docs/link.md`
//! has the rest, which is bytes.

use crate::DeviceRole;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a page comes to its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum PathKind {
    /// On the same machine.
    Local,
    /// In the same network.
    Lan,
    /// Through a tunnel.
    Edge,
    /// Through a relay.
    Relay,
}

impl PathKind {
    /// As prologues and offers write it.
    pub fn number(self) -> u8 {
        match self {
            Self::Local => 1,
            Self::Lan => 2,
            Self::Edge => 3,
            Self::Relay => 4,
        }
    }

    /// The kind with this number.
    pub fn of(number: u8) -> Option<Self> {
        [Self::Local, Self::Lan, Self::Edge, Self::Relay].into_iter().find(|kind| kind.number() == number)
    }
}

/// One way to a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Path {
    /// How.
    pub kind: PathKind,
    /// An origin, without a slash at the end.
    pub url: String,
}

/// All ways to a host at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Paths {
    /// The host's id.
    pub host: String,
    /// When this was said, in Unix milliseconds; a newer record replaces an older one.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub issued: u64,
    /// The ways, best first.
    pub paths: Vec<Path>,
}

/// A record of paths as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SignedPaths {
    /// The JSON of [`Paths`], byte for byte as it was signed.
    pub record: String,
    /// The host's Ed25519 signature, in base64.
    pub signature: String,
}

/// Where a host can be reached: in words for a person, and signed for devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Reachable {
    /// The ways, best first.
    pub paths: Vec<Path>,
    /// The same, signed; none while the host's keys are locked away.
    pub signed: Option<SignedPaths>,
}

/// A device that wants to pair, about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PairingHello {
    /// Newest version of the link it speaks.
    pub newest: u8,
    /// What to call it.
    pub name: String,
    /// What it runs on.
    pub platform: String,
    /// Its Ed25519 public key, in base64.
    pub signing_key: String,
    /// Its page's version.
    pub build: String,
    /// Where its page came from.
    pub origin: String,
}

/// The host, about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HostWords {
    /// Its id.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// Its Ed25519 public key, in base64; none on this machine's own path.
    #[serde(default)]
    pub signing_key: Option<String>,
}

/// Whether a person has said yes to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Consent {
    /// It may come in.
    Approved,
    /// Somebody is being asked.
    Waiting,
    /// It may not.
    Refused,
}

/// The answer to a device that pairs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PairingAnswer {
    /// Whom it has found.
    pub host: HostWords,
    /// The device's id from now on.
    pub device: String,
    /// The device's secret for its sessions, in base64.
    pub secret: String,
    /// What it may do once it is let in.
    pub role: DeviceRole,
    /// Whether it is let in.
    pub state: Consent,
    /// Where the host can be reached.
    #[serde(default)]
    pub paths: Option<SignedPaths>,
}

/// What a device that waits is told in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PairingEnd {
    /// Let in or not.
    pub state: Consent,
}

/// A known device comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SessionHello {
    /// Newest version of the link it speaks.
    pub newest: u8,
    /// Its page's version.
    pub build: String,
}

/// The answer to a known device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SessionAnswer {
    /// Whom it has reached.
    pub host: HostWords,
    /// Where else the host can be reached.
    #[serde(default)]
    pub paths: Option<SignedPaths>,
}

/// The beginning of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RequestHead {
    /// GET, POST, …
    pub method: String,
    /// With the query.
    pub path: String,
    /// Lower-case names.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// The beginning of a response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ResponseHead {
    /// As in HTTP.
    pub status: u16,
    /// Lower-case names.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}
