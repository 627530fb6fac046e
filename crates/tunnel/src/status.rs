//! What a reader may say about the tunnel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether the address can be reached from outside, and if not, where the way ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Status {
    /// No tunnel runs and none is wanted.
    Off,
    /// On its way; no address has been proved yet.
    Starting {
        /// When this start began.
        since: Timestamp,
        /// What is being waited for, as a sentence.
        note: String,
    },
    /// A request through this address, from outside in, came back with our own proof.
    Up {
        /// The address, `https://…`.
        url: String,
        /// When the latest proof came back.
        verified_at: Timestamp,
        /// What is known of the program.
        program: ProgramHealth,
    },
    /// Not reachable.
    Down {
        /// For programs.
        why: Why,
        /// What happened and what was kept.
        text: String,
        /// What to do next.
        fix: String,
        /// When the program is started again; nothing while it runs on and is only waited for.
        next_retry: Option<Timestamp>,
        /// The address that is kept and may come back.
        url: Option<String>,
    },
}

/// The running tunnel program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProgramHealth {
    /// Its version, as it says itself.
    pub version: Option<String>,
    /// `quic` or `http2`.
    pub protocol: Option<String>,
    /// The edge it is connected to.
    pub location: Option<String>,
    /// How many connections to the edge it has.
    pub connections: u32,
    /// When it was started or taken up.
    pub since: Option<Timestamp>,
    /// How often it had to be started again since this tunnel was turned on.
    pub restarts: u32,
}

/// Why an address cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// The program is not where it was.
    ProgramMissing,
    /// The program is there but could not be started.
    CannotStart,
    /// Cloudflare gives this network no more addresses for a while.
    RateLimited,
    /// Cloudflare's service for quick tunnels answered with an error.
    ServiceRefused,
    /// Cloudflare's names or addresses cannot be reached.
    NoNetwork,
    /// The token is not one.
    BadToken,
    /// The credentials file of the named tunnel is missing.
    CredentialsMissing,
    /// Cloudflare knows the tunnel but not this secret.
    Unauthorized,
    /// The program wrote lines without end.
    Flood,
    /// The program ended unexpectedly.
    Crashed,
    /// The program lives but answers no question.
    Unresponsive,
    /// The program could not listen on its port.
    PortTaken,
    /// Neither QUIC nor HTTP/2 gets through to Cloudflare.
    ProtocolBlocked,
    /// The program lost its connections to Cloudflare.
    TunnelLost,
    /// The public name is not resolved.
    Unresolved,
    /// Cloudflare's edge cannot be reached from here.
    EdgeUnreachable,
    /// Cloudflare answers, but knows of no tunnel behind the address.
    NoTunnel,
    /// The tunnel works, but the gateway behind it does not answer.
    GatewayUnreachable,
    /// Something answered that is not this gateway.
    NotOurs,
}

impl Status {
    /// The proved address; nothing unless it is up.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Up { url, .. } => Some(url),
            _ => None,
        }
    }
}
