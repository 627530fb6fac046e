//! What is said of the gateway and its ways in.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use offdesk_protocol::{DeviceId, TunnelChoice};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tunnel {
    /// No way in from outside.
    Off,
    /// A free Cloudflare address; it changes with each start.
    Quick,
    /// An address of your own, through a Cloudflare tunnel of your own. Its service at Cloudflare is the --edge address.
    Named,
}

impl Tunnel {
    /// As the API says it.
    pub(crate) fn choice(self) -> TunnelChoice {
        match self {
            Self::Off => TunnelChoice::Off,
            Self::Quick => TunnelChoice::Quick,
            Self::Named => TunnelChoice::Named,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Keys {
    /// The system's keyring where there is one, else a file.
    Auto,
    /// The system's keyring, or none.
    Keyring,
    /// A file in the data folder that only you can read.
    File,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// Where to listen: an address of this machine alone. Port 0: any free one. Otherwise 127.0.0.1:4477, or any free
    /// port when that one is taken.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// A folder under which runs may work; may be given more than once. Default: your home folder.
    #[arg(long = "root", value_name = "DIR")]
    pub(crate) roots: Vec<PathBuf>,
    /// How many runs work at once; others wait in a queue. Default: 8.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_working: Option<u32>,
    /// A way in from outside, through Cloudflare. Everything is sealed on its way.
    #[arg(long, value_enum)]
    pub(crate) tunnel: Option<Tunnel>,
    /// The tunnel's program, if it is not on the PATH.
    #[arg(long, value_name = "PATH")]
    pub(crate) cloudflared: Option<PathBuf>,
    /// The address of a named tunnel, https://…
    #[arg(long, value_name = "URL")]
    pub(crate) tunnel_url: Option<String>,
    /// A file with the named tunnel's token. Or set OFFDESK_TUNNEL_TOKEN: arguments can be seen by others.
    #[arg(long, value_name = "FILE")]
    pub(crate) tunnel_token_file: Option<PathBuf>,
    /// The named tunnel's own config.yml, instead of a token.
    #[arg(long, value_name = "FILE", conflicts_with = "tunnel_token_file")]
    pub(crate) tunnel_config: Option<PathBuf>,
    /// Also serve the network this machine is in, by https with a certificate of its own. Without an address at 0.0.0.0:4478, or any free port when that one is taken.
    #[arg(long, value_name = "ADDR:PORT", num_args = 0..=1)]
    pub(crate) lan: Option<Option<SocketAddr>>,
    /// Where the network is served while it is turned on; does not turn it on.
    #[arg(long, value_name = "ADDR:PORT", conflicts_with = "lan")]
    pub(crate) lan_at: Option<SocketAddr>,
    /// Where a tunnel or relay delivers: an address of this machine alone. For a named tunnel 127.0.0.1:4479, for a
    /// quick one any that is free.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) edge: Option<SocketAddr>,
    /// The https address of a tunnel or relay of your own that delivers to the --edge address.
    #[arg(long, value_name = "URL", requires = "edge", conflicts_with = "tunnel_url")]
    pub(crate) edge_url: Option<String>,
    /// Where the keys this host is known by are kept, when they are first made.
    #[arg(long, value_enum, env = "OFFDESK_KEYS", default_value_t = Keys::Auto)]
    pub(crate) keys: Keys,
    /// When stopped, stop all runs too.
    #[arg(long)]
    pub(crate) stop_runs: bool,
    /// Somebody else watches over this process: no one-time code is printed, and nothing is read from the terminal.
    #[arg(long)]
    pub(crate) managed: bool,
    /// Take PATH, and variables that are not set, from your login shell: what a desktop starts has neither.
    #[arg(long)]
    pub(crate) login_env: bool,
    /// That was done.
    #[arg(long, hide = true)]
    pub(crate) login_env_taken: bool,
    /// Print one JSON line when ready.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum For {
    /// A page on this machine.
    Page,
    /// A phone.
    Phone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleArg {
    /// Look.
    Viewer,
    /// Also start runs, decide and say.
    Operator,
    /// Also rename and revoke devices.
    Admin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViaArg {
    /// The local network.
    Lan,
    /// The tunnel.
    Edge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Reach {
    /// Serve the network this machine is in, by https with a certificate of its own.
    #[arg(long, value_enum)]
    pub(crate) lan: Option<Switch>,
    /// A way in from anywhere, through Cloudflare.
    #[arg(long, value_enum)]
    pub(crate) tunnel: Option<Tunnel>,
    /// The address of a named tunnel, https://…; an empty one is forgotten.
    #[arg(long, value_name = "URL")]
    pub(crate) tunnel_url: Option<String>,
    /// A file with the named tunnel's token; `-` reads standard input. It is kept in a file of its own.
    #[arg(long, value_name = "FILE")]
    pub(crate) tunnel_token_file: Option<PathBuf>,
    /// The tunnel's program; an empty text looks for it.
    #[arg(long, value_name = "PATH")]
    pub(crate) cloudflared: Option<String>,
    /// Let nothing in from outside until --resume, also after a restart.
    #[arg(long, conflicts_with = "resume")]
    pub(crate) pause: bool,
    /// Let in again what was let in before.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Quit {
    /// End all runs too.
    #[arg(long)]
    pub(crate) stop_runs: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Pair {
    /// For whom. By default for a phone if one can come in, else for a page on this machine.
    #[arg(long = "for", value_enum, value_name = "WHOM")]
    pub(crate) wanted: Option<For>,
    /// What the device may do.
    #[arg(long, value_enum, default_value_t = RoleArg::Admin)]
    pub(crate) role: RoleArg,
    /// The way the phone should come by. By default the best there is.
    #[arg(long, value_enum)]
    pub(crate) via: Option<ViaArg>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Devices {
    #[command(subcommand)]
    pub(crate) verb: Option<DeviceVerb>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceVerb {
    /// Let in a device that waits, after comparing the digits.
    Approve {
        /// The device.
        id: DeviceId,
    },
    /// Do not let it in.
    Refuse {
        /// The device.
        id: DeviceId,
    },
    /// Give a device another name.
    Rename {
        /// The device.
        id: DeviceId,
        /// The name.
        name: String,
    },
    /// Take a device's access away, at once.
    Revoke {
        /// The device.
        id: DeviceId,
    },
    /// Make the key of a program open nothing any more.
    RevokeKey {
        /// The key's id, as listed.
        id: String,
    },
    /// What a device has decided, latest first.
    Decisions {
        /// The device.
        id: DeviceId,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TunnelArgs {
    #[command(subcommand)]
    pub(crate) verb: TunnelVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TunnelVerb {
    /// Download the tunnel's program (cloudflared), a pinned release whose checksum is verified.
    Fetch {
        /// Do not ask first.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Install {
    /// Start it now as well (so it is unless --no-start is said).
    #[arg(long, overrides_with = "no_start")]
    pub(crate) now: bool,
    /// Start it at the next login only.
    #[arg(long, overrides_with = "now")]
    pub(crate) no_start: bool,
    /// Linux: let it and its runs go on when you log out, and start it with the machine.
    #[arg(long)]
    pub(crate) linger: bool,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    pub(crate) print: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Uninstall {
    /// Show what would be removed, and remove nothing.
    #[arg(long)]
    pub(crate) print: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
