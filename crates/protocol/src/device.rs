//! Devices: paired browsers, what they may do, and how they are let in.

use crate::{DeviceId, PathKind, Timestamp};
use serde::{Deserialize, Serialize};

/// What a device may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum DeviceRole {
    /// Look.
    Viewer,
    /// Also start runs, decide and say.
    Operator,
    /// Also rename and revoke devices.
    Admin,
}

impl DeviceRole {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Viewer, Self::Operator, Self::Admin].into_iter().find(|role| role.name() == name)
    }
}

/// How a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum DeviceState {
    /// It may come in.
    Active,
    /// It may not any more.
    Revoked,
}

/// A paired browser: one or more keys, and a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// What people call it.
    pub name: String,
    /// What it runs on.
    pub platform: String,
    /// What it may do.
    pub role: DeviceRole,
    /// How it stands.
    pub state: DeviceState,
    /// It is a page on this machine.
    pub local: bool,
    /// Where its pages came from.
    pub origins: Vec<String>,
    /// How many keys it has: one for each page that became this device.
    pub keys: u32,
    /// Since when.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub created_at: Timestamp,
    /// When it was last connected.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub seen_at: Option<Timestamp>,
    /// The paths it is connected by now, one for each connection.
    pub online: Vec<PathKind>,
    /// How many approvals it has decided.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub decided: u64,
}

/// A bearer key of a program that has no link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct KeyInfo {
    /// Names it in lists; of no use to get in.
    pub id: String,
    /// What it was made for.
    pub name: String,
    /// What its holder may do.
    pub role: DeviceRole,
    /// Since when.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub created_at: Timestamp,
    /// When it was last used, to the minute. After ninety days without use it opens nothing.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub used_at: Timestamp,
}

/// A device waits to be let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PairingRequest {
    /// The device.
    pub device: DeviceId,
    /// What it calls itself.
    pub name: String,
    /// What it says it runs on.
    pub platform: String,
    /// Both screens show them; if they differ, somebody else is asking.
    pub digits: String,
    /// How it came.
    pub path: PathKind,
    /// What it may do once it is let in.
    pub role: DeviceRole,
    /// It was let in before, and revoked.
    pub again: bool,
    /// Since when it waits.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub asked_at: Timestamp,
}

/// Where a device that is to be paired will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum OfferFor {
    /// A page on this machine.
    Page,
    /// A phone, or anything else that comes from outside.
    Phone,
}

/// The way a phone should come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Via {
    /// The local network.
    Lan,
    /// A tunnel.
    Edge,
}

/// Asks for a new offer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MakeOffer {
    /// For whom. Not said: for a phone where one can reach this host, else for a page.
    #[serde(default, rename = "for")]
    pub wanted: Option<OfferFor>,
    /// What the device may do. Not said: everything.
    #[serde(default)]
    pub role: Option<DeviceRole>,
    /// The way the phone should come by. Not said: the best there is.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional = nullable))]
    pub via: Option<Via>,
}

/// A new address with a one-time code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PairingOffer {
    /// For whom.
    #[serde(rename = "for")]
    pub wanted: OfferFor,
    /// Open this in the browser.
    pub login_url: String,
    /// When the code stops working.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub expires_at: Timestamp,
    /// This host's name, for people.
    pub host_name: String,
    /// The way it leads by.
    pub path: PathKind,
    /// Why it is not what was wanted, or what else to know.
    #[serde(default)]
    pub note: Option<String>,
}

/// A device asks for a code by which another page of the same person becomes the same device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MakeAdoption {
    /// The origin that page will have: one of the host's paths, or the device's own.
    pub origin: String,
}

/// A person says yes or no to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PairingDecision {
    /// Let it in.
    pub approved: bool,
}

/// Gives a device another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RenameDevice {
    /// The name.
    pub name: String,
}
