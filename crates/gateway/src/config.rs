//! What a gateway is started with. Handed in: nothing here reads the environment or the home folder.

use offdesk_runner::Environment;
use offdesk_tunnel::Mode;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A gateway's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder; made if it is not there, for its owner alone.
    pub data: PathBuf,
    /// Folders under which runs may work.
    pub roots: Vec<PathBuf>,
    /// How many runs work at once; others wait in a queue.
    pub max_working: usize,
    /// Where agents are looked for.
    pub environment: Environment,
    /// This host's name, for people.
    pub host_name: String,
    /// How long an agent that is stopped may take to end by itself.
    pub grace: Duration,
    /// Where the host's keys live, when they are made.
    pub keys: KeysIn,
    /// A way in from outside.
    pub tunnel: Option<TunnelConfig>,
    /// The https address of a tunnel or relay of the person's own, which delivers to the edge listener.
    pub edge_url: Option<String>,
}

/// A tunnel that is wanted.
#[derive(Clone, Debug)]
pub struct TunnelConfig {
    /// cloudflared, if the person says where; else it is looked for.
    pub program: Option<PathBuf>,
    /// Which kind.
    pub mode: Mode,
}

/// Where the host's keys live. It is chosen once, when they are made; afterwards only what was chosen counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeysIn {
    /// In the system's keyring where there is one, else in a file.
    #[default]
    Auto,
    /// In the system's keyring, or nowhere.
    Keyring,
    /// In a file of the data folder.
    File,
}

/// Where a gateway listens.
#[derive(Clone, Debug)]
pub struct Listeners {
    /// Loopback only. Port 0: any free one.
    pub local: SocketAddr,
    /// For the network, by TLS. None: not at all.
    pub lan: Option<SocketAddr>,
    /// Where a tunnel or a relay delivers; loopback only. None: not at all.
    pub edge: Option<SocketAddr>,
}

impl Listeners {
    /// This machine only.
    pub fn local(address: SocketAddr) -> Self {
        Self { local: address, lan: None, edge: None }
    }
}

impl Config {
    /// How many runs work at once, unless told otherwise.
    pub const MAX_WORKING: usize = 8;
    /// How long an agent that is stopped may take to end by itself, unless told otherwise.
    pub const GRACE: Duration = Duration::from_secs(5);
}
