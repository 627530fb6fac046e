//! `codex-terminal`: Codex's own terminal on a live thread that others share. It runs a Codex server, Codex's terminal on
//! it, and is a third party to both: what the server asks it tells the attempt's supervisor, as a hook would, and gives
//! the server the answer. It decides nothing.

use futures_util::{SinkExt, StreamExt};
use offdesk_protocol::PromptId;
use offdesk_supervisor::{FromSupervisor, Receiver, Sender, ToSupervisor};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// How long the server may take to be there.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks for threads that Codex's terminal began.
const LOOK: Duration = Duration::from_millis(300);
/// Longest path of a socket, in bytes.
const LONGEST_SOCKET: usize = 100;
/// Largest message of the server, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;
/// What is told of a thread; pieces of messages are in the terminal.
const TOLD: [&str; 7] = [
    "turn/started",
    "turn/completed",
    "turn/plan/updated",
    "item/started",
    "item/completed",
    "thread/tokenUsage/updated",
    "error",
];

type Socket = WebSocketStream<UnixStream>;

/// The hidden verb `codex-terminal PROGRAM ARGS…`, inside an attempt.
pub(crate) fn codex_terminal(args: Vec<OsString>) -> ExitCode {
    let Some((program, args)) = args.split_first() else {
        eprintln!("offdesk: `codex-terminal` is started by the gateway and not by hand.");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime.and_then(|runtime| runtime.block_on(live(Path::new(program), args)));
    match ended {
        Ok(status) => code(status),
        Err(error) => {
            eprintln!("offdesk: Codex could not be run: {error}.");
            ExitCode::FAILURE
        }
    }
}

fn code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    ExitCode::from(u8::try_from(code & 0xff).unwrap_or(1))
}

async fn live(program: &Path, args: &[OsString]) -> io::Result<ExitStatus> {
    let Some(dir) = attempt_dir() else { return alone(program, args).await };
    let place = Place::new(&dir)?;
    let Ok((server, socket)) = serve(program, &place.socket, &dir).await else {
        // Its terminal works without a server of ours, as ever; only nobody else is asked.
        return alone(program, args).await;
    };
    let address = format!("unix://{}", place.socket.display());
    let mut terminal =
        Command::new(program).args(["--remote", &address]).args(args).kill_on_drop(true).spawn()?;
    let status = tokio::select! {
        status = terminal.wait() => status,
        () = follow(socket, &dir) => terminal.wait().await,
    };
    drop(server);
    status
}

fn attempt_dir() -> Option<PathBuf> {
    let data = PathBuf::from(std::env::var_os("OFFDESK_DATA")?);
    Some(data.join("attempts").join(std::env::var_os("OFFDESK_ATTEMPT")?))
}

async fn alone(program: &Path, args: &[OsString]) -> io::Result<ExitStatus> {
    Command::new(program).args(args).spawn()?.wait().await
}

/// Where the server listens: in a folder nobody else enters.
struct Place {
    socket: PathBuf,
    short: Option<PathBuf>,
}

impl Place {
    fn new(dir: &Path) -> io::Result<Self> {
        let near = dir.join("codex");
        if near.as_os_str().len() <= LONGEST_SOCKET {
            return Ok(Self { socket: near, short: None });
        }
        use std::os::unix::fs::DirBuilderExt;
        let folder = std::env::temp_dir().join(format!("offdesk-{}", PromptId::new().0.simple()));
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        Ok(Self { socket: folder.join("codex"), short: Some(folder) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
        if let Some(folder) = &self.short {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

async fn serve(program: &Path, socket: &Path, dir: &Path) -> io::Result<(Child, Socket)> {
    let log = std::fs::OpenOptions::new().append(true).create(true).open(dir.join("stderr"))?;
    let mut server = Command::new(program)
        .args(["app-server", "--listen", &format!("unix://{}", socket.display())])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()?;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Ok(stream) = UnixStream::connect(socket).await {
            let config =
                WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
            let made =
                tokio_tungstenite::client_async_with_config("ws://localhost/", stream, Some(config)).await;
            return made.map(|(socket, _)| (server, socket)).map_err(io::Error::other);
        }
        if server.try_wait()?.is_some() || tokio::time::Instant::now() > deadline {
            return Err(io::ErrorKind::NotConnected.into());
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Follows the server until its connection ends.
async fn follow(socket: Socket, dir: &Path) {
    let (mut say, mut hear) = socket.split();
    let (answer, mut answers) = mpsc::channel::<Vec<u8>>(16);
    let mut ticks = tokio::time::interval(LOOK);
    let mut bridge =
        Bridge { dir: dir.into(), answer, telling: None, waiting: HashMap::new(), known: HashSet::new() };
    let initialize = json!({"id": 1, "method": "initialize", "params": {
        "clientInfo": {"name": "offdesk", "title": "Offdesk", "version": env!("CARGO_PKG_VERSION")},
        "capabilities": {"experimentalApi": true, "requestAttestation": false}}});
    let mut next = vec![initialize, json!({"method": "initialized"})];
    loop {
        for message in next.drain(..) {
            if say.send(Message::Text(message.to_string().into())).await.is_err() {
                return;
            }
        }
        tokio::select! {
            message = hear.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    if let Ok(message) = serde_json::from_str::<Value>(&text) {
                        next = bridge.hear(message).await;
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
            Some(lines) = answers.recv() => {
                let lines = String::from_utf8_lossy(&lines).into_owned();
                next = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            }
            _ = ticks.tick() => next = vec![json!({"id": "loaded", "method": "thread/loaded/list", "params": {}})],
        }
    }
}

struct Bridge {
    dir: PathBuf,
    /// What is to be said to the server.
    answer: mpsc::Sender<Vec<u8>>,
    /// The way to the supervisor for what is only told.
    telling: Option<(Sender, Receiver)>,
    /// Requests that wait for an answer, by the server's id.
    waiting: HashMap<String, AbortHandle>,
    /// Threads that were looked at.
    known: HashSet<String>,
}

impl Bridge {
    /// Takes a message of the server's and gives what to say next.
    async fn hear(&mut self, message: Value) -> Vec<Value> {
        let method = message.get("method").and_then(Value::as_str).unwrap_or_default().to_string();
        match (message.get("id"), method.as_str()) {
            (Some(id), "") => return self.heard_answer(&id.clone(), &message).await,
            (Some(id), _) => {
                let id = id.to_string();
                if !self.waiting.contains_key(&id) {
                    self.ask(id, message).await;
                }
            }
            (None, "serverRequest/resolved") => {
                let id = message.pointer("/params/requestId").map(Value::to_string).unwrap_or_default();
                // Answered from here, it goes on; answered in the terminal, nobody waits here any more.
                match self.waiting.remove(&id) {
                    Some(waiting) if waiting.is_finished() => self.tell(message).await,
                    Some(waiting) => waiting.abort(),
                    None => {}
                }
            }
            (None, method) if TOLD.contains(&method) => self.tell(message).await,
            _ => {}
        }
        Vec::new()
    }

    async fn heard_answer(&mut self, id: &Value, message: &Value) -> Vec<Value> {
        match id.as_str().unwrap_or_default() {
            "loaded" => {
                let threads = message.pointer("/result/data").and_then(Value::as_array);
                let threads: Vec<String> =
                    threads.into_iter().flatten().filter_map(|id| id.as_str().map(String::from)).collect();
                let new = threads.into_iter().filter(|thread| self.known.insert(thread.clone()));
                new.map(|thread| {
                    json!({"id": "read", "method": "thread/read",
                    "params": {"threadId": thread, "includeTurns": false}})
                })
                .collect()
            }
            // Threads of its own housekeeping are nobody's conversation.
            "read" if message.pointer("/result/thread/ephemeral") != Some(&Value::Bool(false)) => Vec::new(),
            "read" => {
                let thread = message.pointer("/result/thread/id").cloned().unwrap_or_default();
                vec![json!({"id": "resume", "method": "thread/resume",
                    "params": {"threadId": thread, "excludeTurns": true}})]
            }
            "resume" => {
                if let Some(result) = message.get("result") {
                    self.tell(json!({"method": "offdesk/thread", "params": {
                        "threadId": result.pointer("/thread/id"), "model": result.get("model")}}))
                        .await;
                } else {
                    // A thread that has no turn yet can't be taken up; it is looked at again.
                    self.known.clear();
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Tells the supervisor, and goes on when it is kept, so that all is kept in order.
    async fn tell(&mut self, message: Value) {
        let id = PromptId::new().to_string();
        let body = message.to_string().into_bytes();
        for _ in 0..2 {
            if self.telling.is_none() {
                self.telling = offdesk_supervisor::connect(&self.dir).await.ok().map(|(c, _)| c.split());
            }
            let Some((sender, receiver)) = &mut self.telling else { return };
            let aside = ToSupervisor::Aside { id: id.clone(), waits: false };
            if sender.send(aside, body.clone()).await.is_ok() && kept(receiver, &id).await {
                return;
            }
            self.telling = None;
        }
    }

    /// Asks through the supervisor; whoever waits is a connection of its own.
    async fn ask(&mut self, request: String, message: Value) {
        let Ok((connection, _)) = offdesk_supervisor::connect(&self.dir).await else { return };
        let (mut sender, mut receiver) = connection.split();
        let id = PromptId::new().to_string();
        let aside = ToSupervisor::Aside { id: id.clone(), waits: true };
        if sender.send(aside, message.to_string().into_bytes()).await.is_err()
            || !kept(&mut receiver, &id).await
        {
            return;
        }
        let answer = self.answer.clone();
        let waiting = tokio::spawn(async move {
            // Held, so that the supervisor knows that somebody waits.
            let _sender = sender;
            while let Ok(Some(message)) = receiver.recv().await {
                match message {
                    FromSupervisor::Answer { aside, body } if aside == id => {
                        let _ = answer.send(body).await;
                        return;
                    }
                    _ => {}
                }
            }
        });
        self.waiting.insert(request, waiting.abort_handle());
    }
}

/// Whether the supervisor has kept what was said under this id.
async fn kept(receiver: &mut Receiver, said: &str) -> bool {
    while let Ok(Some(message)) = receiver.recv().await {
        match message {
            FromSupervisor::Written { id, .. } if id == said => return true,
            FromSupervisor::Refused { id, .. } if id == said => return false,
            _ => {}
        }
    }
    false
}
