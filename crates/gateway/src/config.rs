//! What a gateway is started with. Handed in: nothing here reads the environment or the home folder.

use offdesk_runner::Environment;
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
}

/// Where a gateway listens.
#[derive(Clone, Debug)]
pub struct Listeners {
    /// Loopback only. Port 0: any free one.
    pub local: SocketAddr,
}

impl Config {
    /// How many runs work at once, unless told otherwise.
    pub const MAX_WORKING: usize = 8;
    /// How long an agent that is stopped may take to end by itself, unless told otherwise.
    pub const GRACE: Duration = Duration::from_secs(5);
}
