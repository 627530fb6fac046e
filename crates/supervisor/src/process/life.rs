//! A supervisor's life, from the spec on its standard input to the exit in its folder.

use super::asides::Asides;
use super::ending::Stopper;
use super::input::Input;
use super::journal::Journal;
use super::keep::{self, Patient, Readers, Source};
use super::news::News;
use super::serve::{Reach, serve};
use super::spawn::{Agent, spawn};
use crate::files::{self, Card};
use crate::gateway::FirstWord;
use crate::platform::{self, Ended, Kept};
use crate::{LaunchSpec, mask_text, socket};
use interprocess::local_socket::Listener;
use offdesk_protocol::Exit;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Most bytes of a spec.
const SPEC: u64 = 16 * 1024 * 1024;
/// How long the agent has when the system itself is ending.
const LAST_GRACE: Duration = Duration::from_secs(5);
/// After this silence, what still holds the output is taken for somebody else's.
const QUIET: Duration = Duration::from_millis(500);
/// How long connections may take to hear of the end; it is in the folder for those who don't.
const GOODBYE: Duration = Duration::from_secs(1);
/// Bytes at the end of the standard error that may say why it ended, and lines of them that are kept.
const LAST_WORDS: (u64, usize) = (2048, 4);

/// The body of the hidden verb `supervise --dir DIR`: reads a [`LaunchSpec`] from the standard input, says one line
/// on the standard output, and lives until the agent and all it started are gone.
pub fn supervise(dir: &Path) -> ExitCode {
    let attempt = match Attempt::begin(dir) {
        Ok(attempt) => attempt,
        Err(message) => {
            say(&FirstWord::Error { message });
            return ExitCode::FAILURE;
        }
    };
    say(&FirstWord::Ready { pid: attempt.pid, supervisor_pid: std::process::id() });
    platform::let_go_of_stdio();
    attempt.live()
}

fn say(word: &FirstWord) {
    if let Ok(line) = serde_json::to_string(word) {
        let mut out = io::stdout();
        // Whoever started us may be gone already; the agent works on all the same.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

struct Attempt {
    dir: PathBuf,
    socket: PathBuf,
    pid: u32,
    kept: Kept,
    news: Arc<News>,
    input: Arc<Input>,
    stopper: Arc<Stopper>,
    readers: Arc<Readers>,
    /// Says that we live; the system takes it back when we don't.
    _lock: File,
}

impl Attempt {
    fn begin(dir: &Path) -> Result<Self, String> {
        let spec = read_spec()
            .map_err(|error| format!("What to start was not understood: {error}. Nothing ran."))?;
        let folder = |error: io::Error| {
            format!("The attempt's folder {} cannot be used: {error}. Nothing ran.", dir.display())
        };
        platform::leave_parent()
            .map_err(|error| format!("The supervisor could not detach itself: {error}."))?;
        let lock = files::take_lock(dir).map_err(folder)?;
        let output = files::append(dir, files::OUTPUT).map_err(folder)?;
        let stderr = files::append(dir, files::STDERR).map_err(folder)?;
        let journal = Journal::open(dir).map_err(folder)?;
        let place = socket::place(dir, spec.attempt).map_err(folder)?;
        // Before the agent is started: an agent nobody can reach should not run.
        let listener = socket::listen(&place).map_err(|error| {
            format!("The socket {} could not be opened: {error}. Nothing ran.", place.display())
        })?;
        let started = spawn(&spec).and_then(|agent| {
            let pid = agent.pid;
            let paths = (dir.to_path_buf(), place.clone());
            Self::begin_with(&spec, paths, agent, (output, stderr), journal, (listener, lock)).map_err(
                |error| {
                    platform::kill(pid);
                    format!("The agent was started and ended again, because it could not be kept: {error}.")
                },
            )
        });
        started.inspect_err(|_| socket::remove(&place))
    }

    fn begin_with(
        spec: &LaunchSpec,
        (dir, socket): (PathBuf, PathBuf),
        agent: Agent,
        (output, stderr): (File, File),
        journal: Journal,
        (listener, lock): (Listener, File),
    ) -> io::Result<Self> {
        let (news, readers) = (Arc::new(News::default()), Arc::new(Readers::default()));
        news.begin_at(output.metadata()?.len());
        let pid = agent.pid;
        let is_terminal = agent.terminal.is_some();
        keep::keep(agent.output, output, &news, &readers, true)?;
        if let Some(reader) = agent.stderr {
            keep::keep(Source { reader, fd: None }, stderr, &news, &readers, false)?;
        }
        let input = Input::start(journal, agent.input, is_terminal, &news)?;
        let stopper = Stopper::new(pid, spec.attempt.to_string(), agent.terminal);
        let stopping = Arc::clone(&stopper);
        platform::on_termination(move || stopping.stop(LAST_GRACE))?;
        let card = Card {
            version: crate::wire::VERSION,
            attempt: spec.attempt,
            pid,
            supervisor_pid: std::process::id(),
            socket: socket.clone(),
        };
        let (news2, input2, stopper2) = (Arc::clone(&news), Arc::clone(&input), Arc::clone(&stopper));
        let program = spec.program.display().to_string();
        let (asides, mark) = (Asides::open(&dir, &news)?, spec.attempt.to_string());
        serve(listener, Reach { pid, program, news: news2, input: input2, asides, mark, stopper: stopper2 })?;
        if let Some(limits) = spec.service {
            super::service::watch(limits, &news, &stopper)?;
        }
        files::write_card(&dir, &card)?;
        Ok(Self { dir, socket, pid, kept: agent.kept, news, input, stopper, readers, _lock: lock })
    }

    fn live(mut self) -> ExitCode {
        let ended = platform::wait(&mut self.kept);
        self.stopper.gone();
        self.input.shut("The agent has ended; this was not written.");
        self.stopper.end_the_rest();
        self.readers.wait(&self.news, QUIET);
        let exit = exit(ended, &self.dir);
        self.record(&exit);
        self.news.exited(exit);
        self.news.wait_for_leaving(GOODBYE);
        socket::remove(&self.socket);
        ExitCode::SUCCESS
    }

    /// Writes how it ended before anyone is told; waits for room on the disk as for all else.
    fn record(&self, exit: &Exit) {
        let patience = Patient { news: &self.news, what: "How the agent ended" };
        keep::insist(&patience, || match files::write_exit(&self.dir, exit) {
            // Somebody has removed the attempt with all that was kept: there is nobody to write for any more.
            Err(_) if !self.dir.exists() => Ok(()),
            written => written,
        });
    }
}

fn read_spec() -> io::Result<LaunchSpec> {
    let mut text = Vec::new();
    io::stdin().lock().take(SPEC).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

fn exit(ended: io::Result<Ended>, dir: &Path) -> Exit {
    match ended {
        Ok(Ended::Code(0)) => Exit::Exited { code: 0, detail: None },
        Ok(Ended::Code(code)) => Exit::Exited { code, detail: last_words(dir) },
        Ok(Ended::Signal(signal)) => Exit::Signalled { signal, detail: last_words(dir) },
        Err(error) => Exit::Lost { detail: format!("How the agent ended could not be learnt: {error}.") },
    }
}

/// The last lines on the standard error, secrets masked: they are shown to people.
fn last_words(dir: &Path) -> Option<String> {
    let mut file = File::open(dir.join(files::STDERR)).ok()?;
    let length = file.metadata().ok()?.len();
    // What begins before the part that is shown is needed to know a secret that reaches into it.
    file.seek(SeekFrom::Start(length.saturating_sub(16 * LAST_WORDS.0))).ok()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    let text = mask_text(&String::from_utf8_lossy(&bytes)).into_owned();
    let tail_at =
        (text.len().saturating_sub(LAST_WORDS.0 as usize)..).find(|at| text.is_char_boundary(*at))?;
    let tail = &text[tail_at..];
    let plain: String = tail.chars().filter(|c| !c.is_control() || *c == '\n').collect();
    let lines: Vec<&str> = plain.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(LAST_WORDS.1)..].join("\n");
    (!last.is_empty()).then_some(last)
}
