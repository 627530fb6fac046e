//! What a person at the machine may set while the gateway runs, and what the gateway says of itself.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Which tunnel is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum TunnelChoice {
    /// None.
    #[default]
    Off,
    /// A free address that changes.
    Quick,
    /// An address of the person's own.
    Named,
}

/// Where the host's keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum KeysPlace {
    /// In the system's keyring.
    Keyring,
    /// In a file of the data folder.
    File,
    /// They cannot be read now, so remote access is off.
    Locked,
}

/// What holds for this gateway now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Folders under which runs may work; never empty.
    pub roots: Vec<String>,
    /// How many runs work at once.
    pub max_working: u32,
    /// The local network is served.
    pub lan: bool,
    /// Which tunnel is wanted.
    pub tunnel: TunnelChoice,
    /// A named tunnel's address.
    pub tunnel_url: Option<String>,
    /// A named tunnel's token is kept. It is never given out.
    pub tunnel_token: bool,
    /// The tunnel's program, where the person chose one.
    pub cloudflared: Option<String>,
    /// Nothing comes in from outside until it is resumed; it stays so after a restart.
    pub paused: bool,
    /// Names of fields that the command line fixed for this start.
    pub fixed: Vec<String>,
    /// Where the host's keys are.
    pub keys: KeysPlace,
}

/// Changes settings; what is not named stays.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ChangeSettings {
    /// Folders under which runs may work.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub roots: Option<Vec<String>>,
    /// How many runs work at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub max_working: Option<u32>,
    /// Serve the local network.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub lan: Option<bool>,
    /// Which tunnel.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub tunnel: Option<TunnelChoice>,
    /// A named tunnel's address; an empty one forgets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub tunnel_url: Option<String>,
    /// A named tunnel's token; an empty one forgets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub tunnel_token: Option<String>,
    /// The tunnel's program; an empty one looks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub cloudflared: Option<String>,
    /// Pause remote access, or resume it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub paused: Option<bool>,
}

impl std::fmt::Debug for ChangeSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A token is in no log.
        f.debug_struct("ChangeSettings")
            .field("roots", &self.roots)
            .field("max_working", &self.max_working)
            .field("lan", &self.lan)
            .field("tunnel", &self.tunnel)
            .field("tunnel_url", &self.tunnel_url)
            .field("tunnel_token", &self.tunnel_token.as_ref().map(|_| "…"))
            .field("cloudflared", &self.cloudflared)
            .field("paused", &self.paused)
            .finish()
    }
}

/// The gateway, about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Its version.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// This host's name, for people.
    pub host_name: String,
    /// Where pages of this machine reach it.
    pub url: String,
    /// Since when it runs.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub started_at: Timestamp,
    /// Somebody watches over its process: a service manager, or the app.
    pub managed: bool,
}

/// Ends the gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct StopGateway {
    /// End all runs too.
    pub stop_runs: bool,
}

/// The tunnel's program that was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TunnelProgram {
    /// Where it is.
    pub path: String,
    /// Its version.
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_in_no_log_and_what_is_not_said_is_not_written() {
        let change = ChangeSettings { tunnel_token: Some("eyJhIjoi".into()), ..Default::default() };
        assert!(!format!("{change:?}").contains("eyJhIjoi"));
        assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"tunnelToken":"eyJhIjoi"}"#);
        assert_eq!(serde_json::from_str::<ChangeSettings>("{}").unwrap(), ChangeSettings::default());
        assert!(serde_json::from_str::<ChangeSettings>(r#"{"pause":true}"#).is_err());
    }
}
