//! A program, its server and the world outside, all played by the test.

use crate::config::{Config, Mode, Target};
use crate::driver::Tunnel;
use crate::metrics::{Metrics, Ready};
use crate::program::{Line, Probe, ProbeFailure, ProgramSpec, Programs, Running};
use crate::status::{Status, Why};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

pub const HOST: &str = "a-b-c.trycloudflare.com";
pub const URL: &str = "https://a-b-c.trycloudflare.com";

/// A running program as the test holds it.
pub struct Program {
    pub spec: Option<ProgramSpec>,
    lines: mpsc::Sender<Line>,
    stop: Option<oneshot::Receiver<()>>,
}

impl Program {
    pub async fn say(&self, line: impl Into<String>) {
        let _ = self.lines.send(Line::Text(line.into())).await;
    }

    /// The lines of a good start.
    pub async fn connect(&self) {
        self.announce().await;
        self.say(r#"{"message":"Registered tunnel connection","protocol":"quic","location":"ams01"}"#).await;
    }

    /// Everything up to the first connection.
    pub async fn announce(&self) {
        self.say(r#"{"message":"Requesting new quick Tunnel on trycloudflare.com..."}"#).await;
        self.say(format!(r#"{{"message":"|  {URL}   |"}}"#)).await;
        self.say(r#"{"message":"Starting metrics server on 127.0.0.1:4000/metrics"}"#).await;
    }

    pub async fn exit(&self, code: i32) {
        let _ = self.lines.send(Line::Exited { code: Some(code) }).await;
    }

    /// Waits until it is asked to end, and ends.
    pub async fn end_when_asked(&mut self) {
        self.stop.take().expect("asked once").await.expect("asked to end rather than left alone");
        self.exit(0).await;
    }

    /// Waits until nobody can ask it any more; it was not asked before.
    pub async fn left_alone(&mut self) {
        self.stop.take().expect("once").await.expect_err("left running");
    }
}

struct Fakes {
    left: Mutex<Option<Running>>,
    started: mpsc::UnboundedSender<(Program, Instant)>,
    ready: Mutex<Ready>,
    hostname: Mutex<Option<String>>,
    proof: Mutex<Result<(), ProbeFailure>>,
}

struct FakePrograms(Arc<Fakes>);
struct FakeProbe(Arc<Fakes>);
struct FakeMetrics(Arc<Fakes>);

fn program(spec: Option<ProgramSpec>) -> (Program, Running) {
    let (lines, receiver) = mpsc::channel(64);
    let (stop, asked) = oneshot::channel();
    (Program { spec, lines, stop: Some(asked) }, Running { lines: receiver, stop })
}

impl Programs for FakePrograms {
    async fn adopt(&self) -> Option<Running> {
        self.0.left.lock().unwrap().take()
    }

    async fn start(&self, spec: ProgramSpec) -> Result<Running, String> {
        let (program, running) = program(Some(spec));
        self.0.started.send((program, Instant::now())).map_err(|_| "the test is over".to_owned())?;
        Ok(running)
    }
}

impl Probe for FakeProbe {
    async fn probe(&self, url: &str) -> Result<(), ProbeFailure> {
        assert!(url.starts_with("https://"));
        self.0.proof.lock().unwrap().clone()
    }
}

impl Metrics for FakeMetrics {
    async fn ready(&self, port: u16) -> Ready {
        assert_eq!(port, 4000);
        *self.0.ready.lock().unwrap()
    }

    async fn hostname(&self, _port: u16) -> Option<String> {
        self.0.hostname.lock().unwrap().clone()
    }
}

/// All of it, and the tunnel under test.
pub struct World {
    fakes: Arc<Fakes>,
    started: mpsc::UnboundedReceiver<(Program, Instant)>,
    pub config: Config,
    pub tunnel: Option<Tunnel>,
    status: Option<watch::Receiver<Status>>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A world in which all is well; the tunnel is off.
    pub fn new(mode: Mode) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (started, receiver) = mpsc::unbounded_channel();
        let fakes = Fakes {
            left: Mutex::new(None),
            started,
            ready: Mutex::new(Ready::Yes(1)),
            hostname: Mutex::new(Some(HOST.into())),
            proof: Mutex::new(Ok(())),
        };
        let config = Config {
            program: std::env::current_exe().unwrap(),
            mode,
            target: Target { socket: Some("/run/edge.sock".into()), url: "http://127.0.0.1:9".into() },
            folder: folder.path().join("tunnel"),
            probe_every: Duration::from_secs(5),
        };
        Self {
            fakes: Arc::new(fakes),
            started: receiver,
            config,
            tunnel: None,
            status: None,
            _folder: folder,
        }
    }

    /// The same, with the tunnel turned on.
    pub fn on() -> Self {
        let mut world = Self::new(Mode::Quick);
        world.turn_on();
        world
    }

    pub fn turn_on(&mut self) {
        let fakes = || Arc::clone(&self.fakes);
        let tunnel = Tunnel::start_with(
            self.config.clone(),
            FakePrograms(fakes()),
            FakeProbe(fakes()),
            FakeMetrics(fakes()),
            Box::new(|| 0.0),
        );
        self.status = Some(tunnel.status());
        self.tunnel = Some(tunnel);
    }

    /// A program that an earlier gateway left running.
    pub fn leave_running(&self) -> Program {
        let (program, running) = program(None);
        *self.fakes.left.lock().unwrap() = Some(running);
        program
    }

    pub fn ready(&self, ready: Ready) {
        *self.fakes.ready.lock().unwrap() = ready;
    }

    pub fn hostname(&self, hostname: Option<&str>) {
        *self.fakes.hostname.lock().unwrap() = hostname.map(Into::into);
    }

    pub fn proof(&self, proof: Result<(), ProbeFailure>) {
        *self.fakes.proof.lock().unwrap() = proof;
    }

    pub async fn next_start(&mut self) -> Program {
        let next = tokio::time::timeout(Duration::from_secs(7200), self.started.recv());
        next.await.expect("the program is started").expect("the tunnel runs").0
    }

    pub fn not_started_again(&mut self) -> bool {
        self.started.try_recv().is_err()
    }

    pub fn status(&self) -> Status {
        self.status.as_ref().unwrap().borrow().clone()
    }

    /// Waits for a status and returns it with the time that passed.
    pub async fn until(&mut self, what: impl Fn(&Status) -> bool) -> (Status, Duration) {
        let began = Instant::now();
        let status = self.status.as_mut().unwrap();
        let wait = tokio::time::timeout(Duration::from_secs(7200), status.wait_for(|s| what(s))).await;
        let seen = wait.expect("the status is reached").unwrap().clone();
        (seen, began.elapsed())
    }

    pub async fn up(&mut self) -> Duration {
        self.until(|status| matches!(status, Status::Up { .. })).await.1
    }

    pub async fn down(&mut self, expected: Why) -> Duration {
        self.until(|status| matches!(status, Status::Down { why, .. } if *why == expected)).await.1
    }

    /// A tunnel that is up, and its program.
    pub async fn up_and_running() -> (Self, Program) {
        let mut world = Self::on();
        let program = world.next_start().await;
        program.connect().await;
        world.up().await;
        (world, program)
    }
}
