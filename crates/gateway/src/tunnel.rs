//! The tunnel: its program under a supervisor, its address into what devices know.

use crate::config::TunnelConfig;
use crate::probe::{Outside, Questions};
use crate::reach::Reach;
use jiff::Timestamp;
use offdesk_runner::{Runner, ServiceNews, ServiceSpec};
use offdesk_tunnel::{
    Config, Credentials, Line, Mode, Probe, ProbeFailure, ProgramHealth, ProgramSpec, Programs, Running,
    Status, Target, Tunnel, Why, find,
};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// A working address is proved again this often: somebody who looks must see a failure within ten seconds.
const PROBE_EVERY: Duration = Duration::from_secs(5);
/// How often a program that is not there is looked for.
const LOOK: Duration = Duration::from_secs(5);
const SERVICE: &str = "tunnel";

/// The tunnel as the rest of the gateway sees it.
pub(crate) struct Door {
    status: watch::Sender<Status>,
    tunnel: Mutex<Option<Tunnel>>,
}

/// What opening needs.
#[derive(Clone)]
pub(crate) struct Means {
    pub(crate) runner: Arc<Runner>,
    pub(crate) reach: Arc<Reach>,
    pub(crate) questions: Arc<Questions>,
    pub(crate) leaving: CancellationToken,
}

impl Door {
    /// No tunnel is there yet.
    pub(crate) fn closed() -> Arc<Self> {
        Arc::new(Self { status: watch::Sender::new(Status::Off), tunnel: Mutex::new(None) })
    }

    /// Ends what an earlier gateway left running: nobody wants it any more.
    pub(crate) async fn end_leftover(runner: &Runner) {
        if let Some(mut service) = runner.adopt_service(SERVICE).await {
            let _ = service.stop.send(());
            while let Some(next) = service.news.recv().await {
                if matches!(next, ServiceNews::Ended { .. }) {
                    return;
                }
            }
        }
    }

    /// Opens it, as soon as its program is there. `target`: the edge listener.
    pub(crate) async fn open(self: &Arc<Self>, wanted: TunnelConfig, target: Target, means: Means) {
        let data = means.runner.config().data.clone();
        // A program that was started for another tunnel, or with another token, is not this one.
        let (mark, note) = (mark(&wanted.mode), data.join("tunnel-kind"));
        if std::fs::read_to_string(&note).ok().as_deref() != Some(mark.as_str()) {
            Self::end_leftover(&means.runner).await;
            if let Err(error) = std::fs::write(&note, &mark) {
                tracing::warn!("Which tunnel runs was not noted: {error}");
            }
        }
        let door = self.clone();
        let since = Timestamp::now();
        self.status.send_replace(Status::Starting { since, note: "Looking for cloudflared".into() });
        tokio::spawn(async move {
            let Some(program) = door.found(&wanted, &means).await else { return };
            let outside = match Outside::new(means.questions.clone(), means.reach.clone()) {
                Ok(outside) => outside,
                Err(error) => return door.no_eyes(&error),
            };
            let config = Config {
                program,
                mode: wanted.mode.clone(),
                target,
                folder: data.join("tunnel"),
                probe_every: PROBE_EVERY,
            };
            let tunnel = Tunnel::start(config, Supervised { runner: means.runner.clone() }, outside);
            let mut status = tunnel.status();
            *door.tunnel.lock().unwrap_or_else(PoisonError::into_inner) = Some(tunnel);
            loop {
                let now = status.borrow_and_update().clone();
                if let Some(url) = now.url() {
                    means.reach.edge(Some(url.into()));
                }
                door.status.send_replace(now);
                if status.changed().await.is_err() {
                    return;
                }
            }
        });
    }

    /// The program; looked for again until it is there, or the gateway leaves.
    async fn found(&self, wanted: &TunnelConfig, means: &Means) -> Option<PathBuf> {
        let config = means.runner.config();
        let path = config.environment.var("PATH").map(OsString::from);
        loop {
            let (given, folder) = (wanted.program.clone(), config.data.join("bin"));
            let path = path.clone();
            let looking =
                tokio::task::spawn_blocking(move || find(given.as_deref(), path.as_deref(), &folder)).await;
            if let Some(found) = looking.ok().flatten() {
                return Some(found.path);
            }
            let why = Why::ProgramMissing;
            let text = "cloudflared is not on this machine, so nothing from outside can come in.";
            let fix = "Run `offdesk tunnel fetch`, install it yourself, or start the gateway with --cloudflared and \
                       its path. It is looked for every few seconds.";
            let next_retry = Timestamp::now().checked_add(LOOK).ok();
            self.status.send_replace(Status::Down {
                why,
                text: text.into(),
                fix: fix.into(),
                next_retry,
                url: None,
            });
            tokio::select! {
                () = means.leaving.cancelled() => return None,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    fn no_eyes(&self, error: &reqwest::Error) {
        self.status.send_replace(Status::Down {
            why: Why::NoNetwork,
            text: format!("The way in from outside cannot be checked: {error}."),
            fix: "See that this system has certificates of authorities.".into(),
            next_retry: None,
            url: None,
        });
    }

    /// Keeps proving an address that a tunnel of the person's own has.
    pub(crate) fn watch(self: &Arc<Self>, url: String, means: Means) {
        let door = self.clone();
        means.reach.expect(&url);
        let note = format!("Asking for {url} from outside");
        self.status.send_replace(Status::Starting { since: Timestamp::now(), note });
        tokio::spawn(async move {
            let outside = match Outside::new(means.questions.clone(), means.reach.clone()) {
                Ok(outside) => outside,
                Err(error) => return door.no_eyes(&error),
            };
            while !means.leaving.is_cancelled() {
                let status = match outside.probe(&url).await {
                    Ok(()) => {
                        means.reach.edge(Some(url.clone()));
                        let program = ProgramHealth::default();
                        Status::Up { url: url.clone(), verified_at: Timestamp::now(), program }
                    }
                    Err(failure) => own_failure(&url, &failure),
                };
                door.status.send_replace(status);
                tokio::select! {
                    () = means.leaving.cancelled() => {}
                    () = tokio::time::sleep(PROBE_EVERY) => {}
                }
            }
        });
    }

    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Ends the program in good order.
    pub(crate) async fn close(&self) {
        let tunnel = self.tunnel.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(tunnel) = tunnel {
            tunnel.stop().await;
        }
    }
}

/// What a tunnel of the person's own did, in words.
fn own_failure(url: &str, failure: &ProbeFailure) -> Status {
    let (why, hop) = match failure {
        ProbeFailure::Unresolved(_) => (Why::Unresolved, "its name is not known"),
        ProbeFailure::EdgeUnreachable(_) => (Why::EdgeUnreachable, "nothing answers there"),
        ProbeFailure::NoTunnel(_) => (Why::NoTunnel, "what answers there has no way to this machine"),
        ProbeFailure::NoGateway(_) => {
            (Why::GatewayUnreachable, "what answers there does not reach the gateway")
        }
        ProbeFailure::Wrong(_) => (Why::NotOurs, "what answers there is not this gateway"),
    };
    Status::Down {
        why,
        text: format!("{url} does not lead here: {hop} ({failure})."),
        fix: "See that your tunnel runs and delivers to the --edge address.".into(),
        next_retry: None,
        url: Some(url.into()),
    }
}

/// Tells one tunnel from another without telling its token.
fn mark(mode: &Mode) -> String {
    let text = match mode {
        Mode::Quick => "quick".to_string(),
        Mode::Named { credentials: Credentials::Token(token), url } => format!("{url} {}", token.digest()),
        Mode::Named { credentials, url } => format!("{url} {credentials:?}"),
    };
    let digest = Sha256::digest(text);
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
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
