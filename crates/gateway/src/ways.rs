//! The ways in from outside, opened and closed while the gateway runs. Runs, the local socket and pages on this
//! machine notice nothing of it.

use crate::outer::{EdgeDoor, EdgeWay, LanDoor, Way};
use crate::settings::Held;
use crate::tunnel::{Means, TunnelConfig};
use crate::{Listeners, Shared};
use offdesk_protocol::{ChangeSettings, ErrorCode, KeysPlace, Problem, Settings, TunnelChoice};
use offdesk_tunnel::Mode;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The port a named tunnel delivers to, unless told otherwise.
const NAMED_DOOR: u16 = 4479;

pub(crate) struct Ways {
    listeners: Listeners,
    edge_url: Option<String>,
    /// Held while something is changed: one change after the other.
    open: tokio::sync::Mutex<Open>,
    /// Why the network is not served although it should be.
    lan_trouble: Mutex<Option<Problem>>,
}

#[derive(Default)]
struct Open {
    lan: Option<Way>,
    edge: Option<(EdgeWay, Behind)>,
}

/// What is wanted of the ways in.
struct Wish {
    lan: bool,
    edge: Result<Option<(SocketAddr, Behind)>, Problem>,
}

/// What brings requests to the edge listener.
#[derive(Clone, PartialEq)]
enum Behind {
    /// A tunnel of ours.
    Tunnel(TunnelConfig),
    /// A tunnel of the person's own, with this address.
    Own(String),
    /// Something of the person's own, and nobody says where it is.
    Somebody,
}

/// A step that was prepared and not made yet.
enum Step<T> {
    Leave,
    Close,
    Open(T),
    Barred(Problem),
}

impl Ways {
    pub(crate) fn new(listeners: Listeners, edge_url: Option<String>) -> Self {
        Self { listeners, edge_url, open: Default::default(), lan_trouble: Mutex::default() }
    }

    /// Why the network is not served although it should be.
    pub(crate) fn lan_trouble(&self) -> Option<Problem> {
        self.lan_trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_lan_trouble(&self, trouble: Option<Problem>) {
        *self.lan_trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// A way in from outside is wanted, whether or not it is open.
    pub(crate) fn wanted(&self, held: &Held) -> bool {
        !held.paused && (held.lan || held.tunnel != TunnelChoice::Off || self.edge_url.is_some())
    }

    fn wish(&self, held: &Held, locked: bool) -> Wish {
        // Nobody could prove that it is us while the keys are locked; the warning says so.
        if held.paused || locked {
            return Wish { lan: false, edge: Ok(None) };
        }
        Wish { lan: held.lan, edge: self.edge_wish(held) }
    }

    fn edge_wish(&self, held: &Held) -> Result<Option<(SocketAddr, Behind)>, Problem> {
        let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let tunnel = |mode| Behind::Tunnel(TunnelConfig { program: held.cloudflared.clone(), mode });
        let (port, behind) = match held.tunnel {
            TunnelChoice::Quick => (0, tunnel(Mode::Quick)),
            TunnelChoice::Named => {
                let lacks = |what: &str| {
                    Problem::new(ErrorCode::WrongState, format!("The named tunnel's {what} is not known."))
                        .hint("Say it with `offdesk reach --tunnel named`, --tunnel-url and --tunnel-token-file.")
                };
                let url = held.tunnel_url.clone().ok_or_else(|| lacks("address"))?;
                let credentials = held.credentials.clone().ok_or_else(|| lacks("token"))?;
                (NAMED_DOOR, tunnel(Mode::Named { credentials, url }))
            }
            TunnelChoice::Off => match (&self.edge_url, self.listeners.edge) {
                (Some(url), _) => (0, Behind::Own(url.clone())),
                (None, Some(_)) => (0, Behind::Somebody),
                (None, None) => return Ok(None),
            },
        };
        Ok(Some((self.listeners.edge.unwrap_or(here(port)), behind)))
    }
}

impl Shared {
    /// A way in from outside is wanted, whether or not it is open.
    pub(crate) fn outside(&self) -> bool {
        self.ways.wanted(&self.settings.held())
    }

    pub(crate) fn settings(&self) -> Settings {
        let keys = match self.identity.remote().map(crate::keys::HostKeys::kept) {
            Some(crate::keys::Kept::Keyring) => KeysPlace::Keyring,
            Some(crate::keys::Kept::File) => KeysPlace::File,
            None => KeysPlace::Locked,
        };
        self.settings.view(keys)
    }

    fn data(&self) -> &Path {
        &self.runs.runner.config().data
    }

    /// Opens what is wanted at the start. What the command line asks for must be there; what is kept is said to be
    /// missing, and the rest goes on.
    pub(crate) async fn open_ways(self: &Arc<Self>) -> Result<(), Problem> {
        let mut open = self.ways.open.lock().await;
        let held = self.settings.held();
        let wish = self.ways.wish(&held, self.identity.remote().is_none());
        let must = |names: &[&str]| names.iter().any(|name| self.settings.is_fixed(name));
        let lan = self.lan_step(&open, wish.lan, must(&["lan"])).await?;
        let edge = wish.edge;
        let asked = must(&["tunnel"]) || (edge.is_ok() && self.ways.listeners.edge.is_some());
        let leftover = !matches!(edge, Ok(Some((_, Behind::Tunnel(_)))));
        let edge = self.edge_step(&open, edge, asked).await?;
        if leftover {
            self.tunnel().end_leftover(self.runs.runner.clone());
        }
        self.make(&mut open, lan, edge).await;
        Ok(())
    }

    /// Changes settings: at once, and for later starts. When it fails, nothing is changed.
    pub(crate) async fn change_settings(
        self: &Arc<Self>,
        change: &ChangeSettings,
    ) -> Result<Settings, Problem> {
        let mut open = self.ways.open.lock().await;
        let locked = self.identity.remote().is_none();
        let before = self.ways.wish(&self.settings.held(), locked);
        let next = self.settings.next(change)?;
        let wish = self.ways.wish(&next.held, locked);
        // What was barred before is tried again, and is no reason to refuse what has nothing to do with it.
        let (lan_changes, edge_changes) =
            (wish.lan != before.lan, wish.edge.as_ref().ok() != before.edge.as_ref().ok());
        let lan = self.lan_step(&open, wish.lan, lan_changes).await?;
        let edge = self.edge_step(&open, wish.edge, edge_changes).await?;
        let held = next.held.clone();
        let keeping = {
            let shared = self.clone();
            tokio::task::spawn_blocking(move || shared.settings.keep(next)).await
        };
        keeping.map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))??;
        self.runs.runner.set_roots(held.roots);
        self.runs.pool(|pool| pool.limit(usize::try_from(held.max_working).unwrap_or(usize::MAX)));
        self.make(&mut open, lan, edge).await;
        Ok(self.settings())
    }

    /// Closes all ways, and waits until the tunnel's program has ended.
    pub(crate) async fn close_ways(self: &Arc<Self>) {
        let mut open = self.ways.open.lock().await;
        self.make(&mut open, Step::Close, Step::Close).await;
        self.tunnel().ended().await;
    }

    async fn lan_step(&self, open: &Open, wanted: bool, must: bool) -> Result<Step<LanDoor>, Problem> {
        match (wanted, &open.lan) {
            (true, Some(_)) => Ok(Step::Leave),
            (false, _) => Ok(Step::Close),
            (true, None) => match LanDoor::bind(self, self.data(), self.ways.listeners.lan).await {
                Ok(door) => Ok(Step::Open(door)),
                Err(problem) if must => Err(problem),
                Err(problem) => Ok(Step::Barred(problem)),
            },
        }
    }

    async fn edge_step(
        &self,
        open: &Open,
        wish: Result<Option<(SocketAddr, Behind)>, Problem>,
        must: bool,
    ) -> Result<Step<(Option<EdgeDoor>, Behind)>, Problem> {
        let (address, behind) = match wish {
            Ok(None) => return Ok(Step::Close),
            Ok(Some(wish)) => wish,
            Err(problem) if must => return Err(problem),
            Err(problem) => return Ok(Step::Barred(problem)),
        };
        if let Some((edge, now)) = &open.edge
            && (address.port() == 0 || address == edge.address)
        {
            return Ok(if *now == behind { Step::Leave } else { Step::Open((None, behind)) });
        }
        match EdgeDoor::bind(self.data(), address).await {
            Ok(door) => Ok(Step::Open((Some(door), behind))),
            Err(problem) if must => Err(problem),
            Err(problem) => Ok(Step::Barred(problem)),
        }
    }

    /// Makes prepared steps. Nothing here can fail any more.
    async fn make(
        self: &Arc<Self>,
        open: &mut Open,
        lan: Step<LanDoor>,
        edge: Step<(Option<EdgeDoor>, Behind)>,
    ) {
        let mut closed = Vec::new();
        if !matches!(lan, Step::Leave)
            && let Some(way) = open.lan.take()
        {
            self.reach.no_lan();
            way.shut();
            closed.push(way);
        }
        let mut listening = None;
        if !matches!(edge, Step::Leave)
            && let Some((now, _)) = open.edge.take()
        {
            self.tunnel().close();
            self.reach.no_edge();
            if matches!(edge, Step::Open((None, _))) {
                listening = Some(now);
            } else {
                now.way.shut();
                if let Some(socket) = &now.target.socket {
                    // Nobody is to find a door with nobody behind it.
                    let _ = std::fs::remove_file(socket);
                }
                closed.push(now.way);
            }
        }
        for way in closed {
            way.empty().await;
        }
        match lan {
            Step::Open(door) => {
                open.lan = Some(door.open(self, self.data()));
                self.ways.set_lan_trouble(None);
            }
            Step::Close => self.ways.set_lan_trouble(None),
            Step::Barred(problem) => self.ways.set_lan_trouble(Some(problem)),
            Step::Leave => {}
        }
        match edge {
            Step::Open((door, behind)) => {
                let edge = match (door, listening) {
                    (Some(door), _) => door.open(self, self.data()),
                    (None, Some(listening)) => listening,
                    (None, None) => return,
                };
                self.lead_here(&edge, &behind);
                open.edge = Some((edge, behind));
            }
            Step::Close => self.tunnel().close(),
            Step::Barred(problem) => self.tunnel().barred(&problem),
            Step::Leave => {}
        }
    }

    fn lead_here(&self, edge: &EdgeWay, behind: &Behind) {
        let means = Means {
            runner: self.runs.runner.clone(),
            reach: self.reach.clone(),
            questions: self.questions.clone(),
            closing: self.leaving.child_token(),
        };
        match behind {
            Behind::Tunnel(wanted) => self.tunnel.open(wanted.clone(), edge.target.clone(), means),
            Behind::Own(url) => self.tunnel.watch(url.clone(), means),
            Behind::Somebody => {}
        }
    }
}
