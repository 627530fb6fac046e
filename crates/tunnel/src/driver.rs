//! The machine's hands: one task that starts, listens, asks and publishes.

use crate::backoff::Jitter;
use crate::command::{self, Protocol};
use crate::config::{Config, Mode};
use crate::machine::{Action, Input, Machine, Now};
use crate::metrics::{Loopback, Metrics};
use crate::program::{Line, Probe, ProbeFailure, Programs, Running};
use crate::status::{Status, Why};
use jiff::Timestamp;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// A probe has its own, shorter timeout; this one only keeps a broken probe from stopping us.
const PROBE_LIMIT: Duration = Duration::from_secs(30);

/// A tunnel that is kept running. Dropped, it leaves its program running for the next gateway.
#[derive(Debug)]
pub struct Tunnel {
    commands: mpsc::UnboundedSender<Command>,
    status: watch::Receiver<Status>,
    lines: watch::Receiver<Vec<String>>,
}

#[derive(Debug)]
enum Command {
    ProbeNow,
    Stop(oneshot::Sender<()>),
}

impl Tunnel {
    /// Takes up the program that still runs, or starts one, and keeps it running. Needs a tokio runtime.
    pub fn start<P: Programs, R: Probe>(config: Config, programs: P, probe: R) -> Self {
        Self::start_with(config, programs, probe, Loopback, Box::new(chance))
    }

    pub(crate) fn start_with<P: Programs, R: Probe, M: Metrics>(
        config: Config,
        programs: P,
        probe: R,
        metrics: M,
        jitter: Jitter,
    ) -> Self {
        let clock = Instant::now();
        let now = Now { elapsed: Duration::ZERO, wall: Timestamp::now() };
        let named = match &config.mode {
            Mode::Quick => None,
            Mode::Named { url, .. } => Some(url.clone()),
        };
        let machine = Machine::new(named, config.probe_every, jitter, now);
        let (commands, command_queue) = mpsc::unbounded_channel();
        let (status_sender, status) = watch::channel(machine.status().clone());
        let (lines_sender, lines) = watch::channel(Vec::new());
        let (inputs, input_queue) = mpsc::unbounded_channel();
        let driver = Driver {
            config,
            programs: Arc::new(programs),
            probe: Arc::new(probe),
            metrics: Arc::new(metrics),
            machine,
            clock,
            running: None,
            inputs,
            tasks: JoinSet::new(),
            status: status_sender,
            lines: lines_sender,
        };
        tokio::spawn(driver.drive(command_queue, input_queue));
        Self { commands, status, lines }
    }

    /// Whether the address can be reached; changes with each new proof.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// The program's last lines, for a person who looks for the reason.
    #[must_use]
    pub fn recent_lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }

    /// Asks for the address now; a start that is only waited for happens now, unless Cloudflare asked us to wait.
    pub fn probe_now(&self) {
        let _ = self.commands.send(Command::ProbeNow);
    }

    /// Ends the program in good order and returns when it is gone.
    pub async fn stop(self) {
        let (done, ended) = oneshot::channel();
        if self.commands.send(Command::Stop(done)).is_ok() {
            let _ = ended.await;
        }
    }
}

/// A number from 0 up to 1 from the standard library's randomness; it only spreads retries.
fn chance() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(random >> 32).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

/// What the driver's own tasks bring back.
enum Brought {
    Program(Option<Running>, Input),
    Answer(Input),
}

struct Driver<P, R, M> {
    config: Config,
    programs: Arc<P>,
    probe: Arc<R>,
    metrics: Arc<M>,
    machine: Machine,
    clock: Instant,
    running: Option<(mpsc::Receiver<Line>, Option<oneshot::Sender<()>>)>,
    inputs: mpsc::UnboundedSender<Brought>,
    tasks: JoinSet<()>,
    status: watch::Sender<Status>,
    lines: watch::Sender<Vec<String>>,
}

impl<P: Programs, R: Probe, M: Metrics> Driver<P, R, M> {
    async fn drive(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        mut inputs: mpsc::UnboundedReceiver<Brought>,
    ) {
        let programs = Arc::clone(&self.programs);
        self.bring(async move {
            let running = programs.adopt().await;
            let input = Input::Adopted(running.is_some());
            Brought::Program(running, input)
        });
        // Answered by being dropped when this task ends.
        let mut waiting = Vec::new();
        let mut closed = false;
        while !self.machine.is_off() {
            let deadline = self.machine.deadline().map(|elapsed| self.clock + elapsed);
            tokio::select! {
                command = commands.recv(), if !closed => match command {
                    // Dropped: the program runs on.
                    None if waiting.is_empty() => return,
                    None => closed = true,
                    Some(Command::ProbeNow) => self.step(Input::ProbeNow),
                    Some(Command::Stop(done)) => {
                        waiting.push(done);
                        self.step(Input::Stop);
                    }
                },
                Some(brought) = inputs.recv() => match brought {
                    Brought::Answer(input) => self.step(input),
                    Brought::Program(running, input) => {
                        if let Some(Running { lines, stop }) = running {
                            self.running = Some((lines, Some(stop)));
                        }
                        self.step(input);
                    }
                },
                line = next_line(&mut self.running) => match line {
                    Some(Line::Text(text)) => self.step(Input::Line(text)),
                    ended => {
                        self.running = None;
                        let code = match ended { Some(Line::Exited { code }) => code, _ => None };
                        self.step(Input::Exited(code));
                    }
                },
                () = until(deadline) => self.step(Input::Tick),
                Some(_) = self.tasks.join_next() => {}
            }
        }
    }

    fn now(&self) -> Now {
        Now { elapsed: self.clock.elapsed(), wall: Timestamp::now() }
    }

    fn step(&mut self, input: Input) {
        // Once per answer is enough, and a flood of lines is not copied line by line.
        let publish = !matches!(input, Input::Line(_));
        let actions = self.machine.step(self.now(), input);
        for action in actions {
            self.act(action);
        }
        self.status.send_if_modified(|status| {
            let changed = status != self.machine.status();
            if changed {
                tracing::debug!(status = ?self.machine.status(), "the tunnel's status changed");
                status.clone_from(self.machine.status());
            }
            changed
        });
        if publish {
            self.lines.send_modify(|lines| {
                lines.clear();
                lines.extend(self.machine.lines().cloned());
            });
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Start(protocol) => self.launch(protocol),
            Action::Stop => {
                if let Some(stop) = self.running.as_mut().and_then(|(_, stop)| stop.take()) {
                    let _ = stop.send(());
                }
            }
            Action::Poll { run, port, hostname } => {
                let metrics = Arc::clone(&self.metrics);
                self.bring(async move {
                    let ready = metrics.ready(port).await;
                    let hostname = if hostname { metrics.hostname(port).await } else { None };
                    Brought::Answer(Input::Polled { run, ready, hostname })
                });
            }
            Action::Probe { run, url } => {
                let probe = Arc::clone(&self.probe);
                self.bring(async move {
                    let answer = tokio::time::timeout(PROBE_LIMIT, probe.probe(&url)).await;
                    let late = || Err(ProbeFailure::EdgeUnreachable("no answer within 30 s".into()));
                    Brought::Answer(Input::Probed { run, result: answer.unwrap_or_else(|_| late()) })
                });
            }
        }
    }

    fn launch(&mut self, protocol: Protocol) {
        let programs = Arc::clone(&self.programs);
        let config = self.config.clone();
        self.bring(async move {
            let failed = |why, text| Brought::Program(None, Input::StartFailed(why, text));
            if let Err(error) = std::fs::metadata(&config.program) {
                let why = match error.kind() {
                    ErrorKind::NotFound => Why::ProgramMissing,
                    _ => Why::CannotStart,
                };
                return failed(why, format!("{}: {error}", config.program.display()));
            }
            let spec = match command::prepare(&config, protocol) {
                Ok(spec) => spec,
                Err(error) => {
                    return failed(Why::CannotStart, format!("{}: {error}", config.folder.display()));
                }
            };
            match programs.start(spec).await {
                Ok(running) => Brought::Program(Some(running), Input::Started),
                Err(text) => failed(Why::CannotStart, text),
            }
        });
    }

    fn bring(&mut self, work: impl Future<Output = Brought> + Send + 'static) {
        let inputs = self.inputs.clone();
        self.tasks.spawn(async move {
            let _ = inputs.send(work.await);
        });
    }
}

async fn next_line(
    running: &mut Option<(mpsc::Receiver<Line>, Option<oneshot::Sender<()>>)>,
) -> Option<Line> {
    match running {
        Some((lines, _)) => lines.recv().await,
        None => std::future::pending().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
