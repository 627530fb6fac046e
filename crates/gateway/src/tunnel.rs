//! The tunnel: its program under a supervisor, its address into what devices know.

use crate::config::TunnelConfig;
use crate::probe::{Outside, Questions};
use crate::reach::Reach;
use offdesk_runner::{Runner, ServiceNews, ServiceSpec};
use offdesk_tunnel::{Config, Line, ProgramSpec, Programs, Running, Status, Target, Tunnel, Why, find};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// A working address is proved again this often: somebody who looks must see a failure within ten seconds.
const PROBE_EVERY: Duration = Duration::from_secs(5);
const SERVICE: &str = "tunnel";

/// The tunnel as the rest of the gateway sees it.
pub(crate) struct Door {
    status: watch::Receiver<Status>,
    tunnel: Mutex<Option<Tunnel>>,
}

impl Door {
    /// No tunnel is wanted.
    pub(crate) fn closed() -> Self {
        let (_, status) = watch::channel(Status::Off);
        Self { status, tunnel: Mutex::new(None) }
    }

    /// Opens it. `target`: the edge listener.
    pub(crate) async fn open(
        wanted: &TunnelConfig,
        target: Target,
        runner: Arc<Runner>,
        reach: Arc<Reach>,
        questions: Arc<Questions>,
    ) -> Self {
        let data = runner.config().data.clone();
        let path = runner.config().environment.var("PATH").map(OsString::from);
        let (given, folder) = (wanted.program.clone(), data.join("bin"));
        let looking =
            tokio::task::spawn_blocking(move || find(given.as_deref(), path.as_deref(), &folder)).await;
        let Some(found) = looking.ok().flatten() else {
            return Self::down(
                Why::ProgramMissing,
                "cloudflared is not on this machine, so nothing from outside can come in.",
                "Run `offdesk tunnel fetch`, install it yourself, or say where it is with --cloudflared.",
            );
        };
        let outside = match Outside::new(questions, reach.clone()) {
            Ok(outside) => outside,
            Err(error) => {
                let text = format!("The way in from outside cannot be checked: {error}.");
                return Self::down(
                    Why::NoNetwork,
                    &text,
                    "See that this system has certificates of authorities.",
                );
            }
        };
        let config = Config {
            program: found.path,
            mode: wanted.mode.clone(),
            target,
            folder: data.join("tunnel"),
            probe_every: PROBE_EVERY,
        };
        let tunnel = Tunnel::start(config, Supervised { runner }, outside);
        let status = tunnel.status();
        tokio::spawn(tell(status.clone(), reach));
        Self { status, tunnel: Mutex::new(Some(tunnel)) }
    }

    fn down(why: Why, text: &str, fix: &str) -> Self {
        let status = Status::Down { why, text: text.into(), fix: fix.into(), next_retry: None, url: None };
        let (_, status) = watch::channel(status);
        Self { status, tunnel: Mutex::new(None) }
    }

    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Ends the program in good order.
    pub(crate) async fn close(&self) {
        let tunnel = self.tunnel.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(tunnel) = tunnel {
            tunnel.stop().await;
        }
    }
}

/// Tells devices of a new address as soon as it works.
async fn tell(mut status: watch::Receiver<Status>, reach: Arc<Reach>) {
    loop {
        let url = status.borrow_and_update().url().map(String::from);
        if url.is_some() {
            reach.edge(url);
        }
        if status.changed().await.is_err() {
            return;
        }
    }
}

/// Runs the program where it outlives us.
struct Supervised {
    runner: Arc<Runner>,
}

impl Programs for Supervised {
    async fn adopt(&self) -> Option<Running> {
        self.runner.adopt_service(SERVICE).await.map(running)
    }

    async fn start(&self, spec: ProgramSpec) -> Result<Running, String> {
        let spec = ServiceSpec { program: spec.program, args: spec.args, env: spec.env };
        self.runner.start_service(SERVICE, spec).await.map(running)
    }
}

fn running(service: offdesk_runner::RunningService) -> Running {
    let (tell, lines) = mpsc::channel(256);
    let mut news = service.news;
    tokio::spawn(async move {
        while let Some(next) = news.recv().await {
            let line = match next {
                ServiceNews::Line(text) => Line::Text(text),
                ServiceNews::Ended { code } => Line::Exited { code },
            };
            if tell.send(line).await.is_err() {
                return;
            }
        }
    });
    let stop: oneshot::Sender<()> = service.stop;
    Running { lines, stop }
}

/// The way in, in words: whether it works, which hop does not, and when that was seen.
pub(crate) fn hop_of(why: Why) -> &'static str {
    match why {
        Why::NoNetwork | Why::Unresolved | Why::EdgeUnreachable | Why::NotOurs => "edge",
        Why::GatewayUnreachable => "gateway",
        _ => "tunnel",
    }
}

/// Where the edge listener's socket is.
pub(crate) fn socket(data: &std::path::Path) -> PathBuf {
    data.join("edge").join("edge.sock")
}
