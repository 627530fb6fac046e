//! `codex-terminal`: Codex's own terminal on a live thread that others share. It runs a Codex server, Codex's terminal on
//! it, and is a third party to both: what the server asks it tells the attempt's supervisor, as a hook would, and gives
//! the server the answer. Prompts and interrupts from elsewhere come to it in the same way. It decides nothing.

mod bridge;
mod settings;
mod supervisor;
mod threads;

use bridge::{Ended, follow};
use offdesk_agents::CODEX_ASKS;
use offdesk_protocol::PromptId;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// How long the server may take to be there.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longest path of a socket, in bytes.
const LONGEST_SOCKET: usize = 100;
/// Largest message of the server, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

type Socket = WebSocketStream<UnixStream>;

/// What Codex is to be.
struct Wanted {
    program: OsString,
    /// It asks for everything.
    asks: bool,
    /// For its server and its terminal.
    settings: Vec<OsString>,
    /// For its terminal.
    typed: Vec<OsString>,
}

impl Wanted {
    /// `PROGRAM [--asks] SETTINGS… -- TYPED…`
    fn of(mut args: Vec<OsString>) -> Option<Self> {
        let end = args.iter().position(|arg| arg == "--")?;
        let typed = args.split_off(end + 1);
        args.pop();
        let mut args = args.into_iter().peekable();
        let program = args.next()?;
        let asks = args.next_if(|arg| arg == CODEX_ASKS).is_some();
        Some(Self { program, asks, settings: args.collect(), typed })
    }
}

/// The hidden verb `codex-terminal`, inside an attempt.
pub(crate) fn codex_terminal(args: Vec<OsString>) -> ExitCode {
    let Some(wanted) = Wanted::of(args) else {
        eprintln!("offdesk: `codex-terminal` is started by the gateway and not by hand.");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime.and_then(|runtime| runtime.block_on(live(&wanted)));
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

async fn live(wanted: &Wanted) -> io::Result<ExitStatus> {
    let dir = match attempt_dir() {
        Some(dir) => dir,
        None if wanted.asks => return Err(io::Error::other("it was not started by the gateway")),
        None => return alone(wanted).await,
    };
    let place = Place::new(&dir)?;
    let asking = if wanted.asks { settings::asking(wanted).await? } else { Vec::new() };
    let (server, socket) = match serve(wanted, &asking, &place.socket, &dir).await {
        Ok(served) => served,
        // By itself it would not ask for everything.
        Err(error) if wanted.asks => return Err(error),
        // Its terminal works without a server of ours, as ever; only nobody else is asked.
        Err(_) => return alone(wanted).await,
    };
    let address = format!("unix://{}", place.socket.display());
    let mut terminal = Command::new(&wanted.program)
        .args(["--remote", &address])
        // It reads settings as well, and acts by some.
        .args(&wanted.settings)
        .args(&wanted.typed)
        .kill_on_drop(true)
        .spawn()?;
    let status = tokio::select! {
        status = terminal.wait() => status,
        ended = follow(socket, &dir, wanted.asks) => match ended {
            Ended::Left => terminal.wait().await,
            Ended::CannotAsk(why) => {
                terminal.kill().await?;
                Err(io::Error::other(why))
            }
        },
    };
    drop(server);
    status
}

fn attempt_dir() -> Option<PathBuf> {
    let data = PathBuf::from(std::env::var_os("OFFDESK_DATA")?);
    Some(data.join("attempts").join(std::env::var_os("OFFDESK_ATTEMPT")?))
}

async fn alone(wanted: &Wanted) -> io::Result<ExitStatus> {
    Command::new(&wanted.program).args(&wanted.typed).spawn()?.wait().await
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

async fn serve(wanted: &Wanted, asking: &[String], socket: &Path, dir: &Path) -> io::Result<(Child, Socket)> {
    let log = std::fs::OpenOptions::new().append(true).create(true).open(dir.join("stderr"))?;
    let mut server = Command::new(&wanted.program)
        .arg("app-server")
        .args(&wanted.settings)
        .args(asking)
        .args(["--listen", &format!("unix://{}", socket.display())])
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
            return Err(io::Error::new(io::ErrorKind::NotConnected, "its server did not start"));
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_the_server_and_what_for_the_terminal() {
        let of = |line: &str| Wanted::of(line.split(' ').map(OsString::from).collect());
        let typed = of("codex -- resume -- x").unwrap();
        assert!(!typed.asks && typed.settings.is_empty() && typed.typed == ["resume", "--", "x"]);
        let asks = of("codex --asks -c a=b --").unwrap();
        assert!(asks.asks && asks.settings == ["-c", "a=b"] && asks.typed.is_empty());
        assert!(of("codex").is_none());
    }
}
