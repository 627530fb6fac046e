//! The tunnel: its program under a supervisor, its address into what devices know.

use crate::probe::{Outside, Questions};
use crate::reach::Reach;
use jiff::Timestamp;
use offdesk_protocol::Problem;
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
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A working address is proved again this often: somebody who looks must see a failure within ten seconds.
const PROBE_EVERY: Duration = Duration::from_secs(5);
/// How often a program that is not there is looked for.
const LOOK: Duration = Duration::from_secs(5);
const SERVICE: &str = "tunnel";

/// A tunnel that is wanted.
#[derive(Clone, Debug)]
pub(crate) struct TunnelConfig {
    /// cloudflared, if the person says where; else it is looked for.
    pub(crate) program: Option<PathBuf>,
    /// Which kind.
    pub(crate) mode: Mode,
}

impl PartialEq for TunnelConfig {
    fn eq(&self, other: &Self) -> bool {
        self.program == other.program && mark(&self.mode) == mark(&other.mode)
    }
}

/// The tunnel as the rest of the gateway sees it.
pub(crate) struct Door {
    status: watch::Sender<Status>,
    latest: Mutex<Option<Opened>>,
    look: Notify,
}

/// What was opened last; it may be closed, and still be ending.
struct Opened {
    closing: CancellationToken,
    task: JoinHandle<()>,
}

/// What opening needs.
#[derive(Clone)]
pub(crate) struct Means {
    pub(crate) runner: Arc<Runner>,
    pub(crate) reach: Arc<Reach>,
    pub(crate) questions: Arc<Questions>,
    /// Closes it.
    pub(crate) closing: CancellationToken,
}

impl Door {
    /// No tunnel is there yet.
    pub(crate) fn closed() -> Arc<Self> {
        Arc::new(Self {
            status: watch::Sender::new(Status::Off),
            latest: Mutex::default(),
            look: Notify::new(),
        })
    }

    /// Does this when what was opened before has ended: there is one tunnel at a time.
    fn begin(&self, closing: CancellationToken, work: impl Future<Output = ()> + Send + 'static) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let before = latest.take();
        let task = tokio::spawn(async move {
            if let Some(before) = before {
                before.closing.cancel();
                let _ = before.task.await;
            }
            work.await;
        });
        *latest = Some(Opened { closing, task });
    }

    /// Ends what an earlier gateway left running: nobody wants it any more.
    pub(crate) fn end_leftover(&self, runner: Arc<Runner>) {
        self.begin(CancellationToken::new(), async move { end_leftover(&runner).await });
    }

    /// Says how it stands, unless it was closed.
    fn publish(&self, means: &Means, status: Status) {
        self.status.send_modify(|now| {
            if means.closing.is_cancelled() {
                return;
            }
            if let Some(url) = status.url() {
                means.reach.edge(Some(url.into()));
            }
            *now = status;
        });
    }

    /// Opens it, as soon as its program is there. `target`: the edge listener.
    pub(crate) fn open(self: &Arc<Self>, wanted: TunnelConfig, target: Target, means: Means) {
        let door = self.clone();
        let since = Timestamp::now();
        self.publish(&means, Status::Starting { since, note: "Looking for cloudflared".into() });
        self.begin(means.closing.clone(), async move { door.keep(wanted, target, means).await });
    }

    async fn keep(&self, wanted: TunnelConfig, target: Target, means: Means) {
        if means.closing.is_cancelled() {
            return end_leftover(&means.runner).await;
        }
        let data = means.runner.config().data.clone();
        // A program that was started for another tunnel, or with another token, is not this one.
        let (mark, note) = (mark(&wanted.mode), data.join("tunnel-kind"));
        if std::fs::read_to_string(&note).ok().as_deref() != Some(mark.as_str()) {
            end_leftover(&means.runner).await;
            if let Err(error) = std::fs::write(&note, &mark) {
                tracing::warn!("Which tunnel runs was not noted: {error}");
            }
        }
        let Some(program) = self.found(&wanted, &means).await else {
            return end_leftover(&means.runner).await;
        };
        let outside = match Outside::new(means.questions.clone(), means.reach.clone()) {
            Ok(outside) => outside,
            Err(error) => return self.no_eyes(&means, &error),
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
        loop {
            let now = status.borrow_and_update().clone();
            self.publish(&means, now);
            tokio::select! {
                () = means.closing.cancelled() => return tunnel.stop().await,
                changed = status.changed() => if changed.is_err() { return },
                () = self.look.notified() => tunnel.probe_now(),
            }
        }
    }

    /// The program; looked for again until it is there, or the tunnel is closed.
    async fn found(&self, wanted: &TunnelConfig, means: &Means) -> Option<PathBuf> {
        let config = means.runner.config();
        let path = config.environment.var("PATH").map(OsString::from);
        loop {
            let (given, folder) = (wanted.program.clone(), config.data.join("bin"));
            let path = path.clone();
            let looking =
                tokio::task::spawn_blocking(move || find(given.as_deref(), path.as_deref(), &folder));
            let found = tokio::select! {
                () = means.closing.cancelled() => return None,
                found = looking => found,
            };
            if let Some(found) = found.ok().flatten() {
                return Some(found.path);
            }
            let why = Why::ProgramMissing;
            let text = "cloudflared is not on this machine, so nothing from outside can come in.";
            let fix = "Run `offdesk tunnel fetch`, install it yourself, or say where it is with \
                       `offdesk reach --cloudflared` and its path. It is looked for every few seconds.";
            let next_retry = Timestamp::now().checked_add(LOOK).ok();
            let down = Status::Down { why, text: text.into(), fix: fix.into(), next_retry, url: None };
            self.publish(means, down);
            tokio::select! {
                () = means.closing.cancelled() => return None,
                () = tokio::time::sleep(LOOK) => {}
                () = self.look.notified() => {}
            }
        }
    }

    fn no_eyes(&self, means: &Means, error: &reqwest::Error) {
        let down = Status::Down {
            why: Why::NoNetwork,
            text: format!("The way in from outside cannot be checked: {error}."),
            fix: "See that this system has certificates of authorities.".into(),
            next_retry: None,
            url: None,
        };
        self.publish(means, down);
    }

    /// Keeps proving an address that a tunnel of the person's own has.
    pub(crate) fn watch(self: &Arc<Self>, url: String, means: Means) {
        let door = self.clone();
        means.reach.expect(&url);
        let note = format!("Asking for {url} from outside");
        self.publish(&means, Status::Starting { since: Timestamp::now(), note });
        self.begin(means.closing.clone(), async move {
            let outside = match Outside::new(means.questions.clone(), means.reach.clone()) {
                Ok(outside) => outside,
                Err(error) => return door.no_eyes(&means, &error),
            };
            loop {
                let probed = tokio::select! {
                    () = means.closing.cancelled() => return,
                    probed = outside.probe(&url) => probed,
                };
                let status = match probed {
                    Ok(()) => {
                        let program = ProgramHealth::default();
                        Status::Up { url: url.clone(), verified_at: Timestamp::now(), program }
                    }
                    Err(failure) => own_failure(&url, &failure),
                };
                door.publish(&means, status);
                tokio::select! {
                    () = means.closing.cancelled() => return,
                    () = tokio::time::sleep(PROBE_EVERY) => {}
                }
            }
        });
    }

    /// It is wanted and cannot be opened.
    pub(crate) fn barred(&self, problem: &Problem) {
        self.status.send_replace(Status::Down {
            why: Why::CannotStart,
            text: problem.message.clone(),
            fix: problem.hint.clone().unwrap_or_else(|| "Turn the tunnel off and on again.".into()),
            next_retry: None,
            url: None,
        });
    }

    /// Looks for the program, or asks for the address, now.
    pub(crate) fn look(&self) {
        self.look.notify_waiters();
    }

    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Closes it. Its program ends in good order meanwhile.
    pub(crate) fn close(&self) {
        if let Some(opened) = &*self.latest.lock().unwrap_or_else(PoisonError::into_inner) {
            opened.closing.cancel();
        }
        self.status.send_replace(Status::Off);
    }

    /// Waits until what was closed has ended.
    pub(crate) async fn ended(&self) {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(opened) = latest {
            let _ = opened.task.await;
        }
    }
}

async fn end_leftover(runner: &Runner) {
    if let Some(mut service) = runner.adopt_service(SERVICE).await {
        let _ = service.stop.send(());
        while let Some(next) = service.news.recv().await {
            if matches!(next, ServiceNews::Ended { .. }) {
                return;
            }
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
#[cfg(unix)]
pub(crate) fn socket(data: &std::path::Path) -> PathBuf {
    data.join("edge").join("edge.sock")
}
