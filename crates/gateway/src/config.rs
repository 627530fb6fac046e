//! What a gateway is started with. Handed in: nothing here reads the environment or the home folder.

use offdesk_protocol::TunnelChoice;
use offdesk_runner::Environment;
use offdesk_tunnel::Credentials;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A gateway's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder; made if it is not there, for its owner alone.
    pub data: PathBuf,
    /// The person's home folder: runs may work there, unless other folders are named.
    pub home: Option<PathBuf>,
    /// What was said for this start alone, and wins over what is kept.
    pub fixed: Fixed,
    /// Where agents are looked for.
    pub environment: Environment,
    /// This host's name, for people.
    pub host_name: String,
    /// How long an agent that is stopped may take to end by itself.
    pub grace: Duration,
    /// Where the host's keys live, when they are made.
    pub keys: KeysIn,
    /// The https address of a tunnel or relay of the person's own, which delivers to the edge listener.
    pub edge_url: Option<String>,
    /// Somebody watches over this process: a service manager, or the app.
    pub managed: bool,
    /// Asks the person's login shell, where this process has its environment from there.
    pub login: Option<LoginShell>,
}

/// What a login shell adds to an environment, or why it does not say.
pub type LoginAnswer = Result<Vec<(String, OsString)>, String>;

/// A way to ask the person's login shell again. It may take seconds.
#[derive(Clone)]
pub struct LoginShell(Arc<dyn Fn() -> LoginAnswer + Send + Sync>);

impl LoginShell {
    /// Asked by this.
    pub fn new(ask: impl Fn() -> LoginAnswer + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }

    pub(crate) fn ask(&self) -> LoginAnswer {
        (self.0)()
    }
}

impl std::fmt::Debug for LoginShell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginShell")
    }
}

/// Settings that were said for this start; they cannot be changed while it runs.
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// Folders under which runs may work.
    pub roots: Option<Vec<PathBuf>>,
    /// How many runs work at once; others wait in a queue.
    pub max_working: Option<u32>,
    /// Whether the network is served.
    pub lan: Option<bool>,
    /// Which tunnel.
    pub tunnel: Option<TunnelChoice>,
    /// A named tunnel's address.
    pub tunnel_url: Option<String>,
    /// How a named tunnel is proved to be the person's.
    pub credentials: Option<Credentials>,
    /// cloudflared.
    pub cloudflared: Option<PathBuf>,
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
#[derive(Clone, Debug, Default)]
pub struct Listeners {
    /// Loopback only. Port 0: any free one. None: the usual port, or any free one where that is taken.
    pub local: Option<SocketAddr>,
    /// For the network, by TLS, while it is served. None: the usual port, or any free one where that is taken.
    pub lan: Option<SocketAddr>,
    /// Where a tunnel or a relay delivers; loopback only. None: while there is a tunnel, at the place of its kind.
    pub edge: Option<SocketAddr>,
}

impl Config {
    /// How many runs work at once, unless told otherwise.
    pub const MAX_WORKING: u32 = 8;
    /// How long an agent that is stopped may take to end by itself, unless told otherwise.
    pub const GRACE: Duration = Duration::from_secs(5);
}
