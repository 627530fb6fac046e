//! Programs that serve the gateway, a tunnel for one: they have a supervisor like an attempt, so a gateway that dies
//! finds them again, and end by themselves when none comes back.

use crate::Runner;
use offdesk_protocol::{AttemptId, Exit};
use offdesk_supervisor::{self as supervisor, FromSupervisor, LaunchSpec, Service, ToSupervisor};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// A service without a gateway ends after this.
const ALONE: Duration = Duration::from_secs(10 * 60);
/// A service that says more than this is ended, in bytes; it is started again with an empty file.
const MOST_OUTPUT: u64 = 64 * 1024 * 1024;
/// A line longer than this is cut.
const LONGEST_LINE: usize = 16 * 1024;
/// Lines that wait to be taken; the rest waits in the file.
const WAITING: usize = 1024;
/// How long it may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(6);

/// What comes from a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceNews {
    /// A line it said.
    Line(String),
    /// It is over.
    Ended {
        /// Its exit code, where it had one.
        code: Option<i32>,
    },
}

/// A service that runs.
#[derive(Debug)]
pub struct RunningService {
    /// What it said from its first line on, and its end.
    pub news: mpsc::Receiver<ServiceNews>,
    /// Sending ends it; dropping leaves it alone.
    pub stop: oneshot::Sender<()>,
}

/// What to start.
pub struct ServiceSpec {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment, on top of ours.
    pub env: Vec<(String, String)>,
}

impl Runner {
    fn services(&self, name: &str) -> PathBuf {
        self.config().data.join("services").join(name)
    }

    /// Takes up the service of this name that an earlier gateway left running.
    pub async fn adopt_service(&self, name: &str) -> Option<RunningService> {
        for entry in std::fs::read_dir(self.services(name)).ok()?.flatten() {
            let dir = entry.path();
            if supervisor::is_alive(&dir)
                && let Some(running) = follow(&dir).await
            {
                return Some(running);
            }
            // What is over is of no use to anyone.
            let _ = std::fs::remove_dir_all(&dir);
        }
        None
    }

    /// Starts a service.
    ///
    /// # Errors
    /// A sentence for a person, when it could not be started; then nothing of it is left.
    pub async fn start_service(&self, name: &str, spec: ServiceSpec) -> Result<RunningService, String> {
        let id = AttemptId::new();
        let dir = self.services(name).join(id.to_string());
        let launch = LaunchSpec {
            attempt: id,
            program: spec.program,
            args: spec.args,
            env: spec.env,
            env_remove: Vec::new(),
            cwd: self.config().data.clone(),
            terminal: None,
            service: Some(Service {
                alone_ms: u64::try_from(ALONE.as_millis()).unwrap_or(u64::MAX),
                output_bytes: MOST_OUTPUT,
            }),
        };
        let copy = self.supervisor().await?;
        supervisor::launch(copy, &dir, &launch).await.map_err(|error| error.to_string())?;
        let deadline = tokio::time::Instant::now() + GRACE;
        loop {
            if let Some(running) = follow(&dir).await {
                return Ok(running);
            }
            // It may be over before anybody could look: then what it said is in its folder.
            if let Some(exit) = supervisor::exit_of(&dir) {
                return over(&dir, exit)
                    .await
                    .map_err(|error| format!("What it said cannot be read: {error}."));
            }
            if tokio::time::Instant::now() > deadline {
                return Err("It was started and could not be reached afterwards.".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A service that is over already, as its folder tells it.
async fn over(dir: &Path, exit: Exit) -> io::Result<RunningService> {
    let file = File::open(dir.join("output"))?;
    let (tell, news) = mpsc::channel(WAITING);
    let (stop, _) = oneshot::channel();
    tokio::spawn(async move {
        let mut lines = Lines { file, partial: Vec::new(), buffer: vec![0; 64 * 1024] };
        for line in lines.more().unwrap_or_default() {
            if tell.send(ServiceNews::Line(line)).await.is_err() {
                return;
            }
        }
        // When nobody listens there is nobody to tell.
        let _ = tell.send(ended(&exit)).await;
    });
    Ok(RunningService { news, stop })
}

fn ended(exit: &Exit) -> ServiceNews {
    let code = match exit {
        Exit::Exited { code, .. } => Some(*code),
        _ => None,
    };
    ServiceNews::Ended { code }
}

/// Connects and reads; the connection also tells the supervisor that a gateway is there.
async fn follow(dir: &Path) -> Option<RunningService> {
    let (connection, welcome) = supervisor::connect(dir).await.ok()?;
    let file = File::open(dir.join("output")).ok()?;
    let (tell, news) = mpsc::channel(WAITING);
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(async move {
        let mut lines = Lines { file, partial: Vec::new(), buffer: vec![0; 64 * 1024] };
        // When nobody listens any more the connection ends, and the service goes on.
        let _ = read(connection, welcome.exited, &mut lines, tell, stopped).await;
    });
    Some(RunningService { news, stop })
}

struct NobodyListens;

async fn read(
    connection: supervisor::Connection,
    mut exited: Option<Exit>,
    lines: &mut Lines,
    tell: mpsc::Sender<ServiceNews>,
    mut stopped: oneshot::Receiver<()>,
) -> Result<(), NobodyListens> {
    let (mut sender, mut receiver) = connection.split();
    let mut may_stop = true;
    loop {
        for line in lines.more().unwrap_or_default() {
            tell.send(ServiceNews::Line(line)).await.map_err(|_| NobodyListens)?;
        }
        if let Some(exit) = &exited {
            return tell.send(ended(exit)).await.map_err(|_| NobodyListens);
        }
        tokio::select! {
            message = receiver.recv() => match message {
                Ok(Some(FromSupervisor::Exited { exit })) => exited = Some(exit),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => exited = Some(Exit::Lost { detail: "its supervisor is gone".into() }),
            },
            asked = &mut stopped, if may_stop => {
                may_stop = false;
                if asked.is_ok() {
                    let grace_ms = u64::try_from(GRACE.as_millis()).unwrap_or(u64::MAX);
                    let _ = sender.send(ToSupervisor::Stop { grace_ms }, Vec::new()).await;
                }
            }
            () = tell.closed() => return Err(NobodyListens),
        }
    }
}

struct Lines {
    file: File,
    partial: Vec<u8>,
    buffer: Vec<u8>,
}

impl Lines {
    /// What was said since the last look, in whole lines.
    fn more(&mut self) -> io::Result<Vec<String>> {
        let mut whole = Vec::new();
        loop {
            let count = self.file.read(&mut self.buffer)?;
            if count == 0 {
                return Ok(whole);
            }
            for byte in &self.buffer[..count] {
                match byte {
                    b'\n' => {
                        whole.push(String::from_utf8_lossy(&self.partial).trim_end().to_string());
                        self.partial.clear();
                    }
                    _ if self.partial.len() < LONGEST_LINE => self.partial.push(*byte),
                    _ => {}
                }
            }
        }
    }
}
