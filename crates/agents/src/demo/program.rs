//! The demo agent itself.

use super::step::{Step, steps};
use crate::built_in::{Ask, FromAgent, ToAgent, tell};
use offdesk_protocol::TurnStatus;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead, Read, Write};
use std::path::{Component, Path};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Runs the demo agent on standard input and output until the input ends.
pub fn run_demo_agent() -> ExitCode {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if let Ok(message) = serde_json::from_str::<ToAgent>(&line)
                && send.send(message).is_err()
            {
                break;
            }
        }
    });
    let mut agent = Agent {
        inbox: receive,
        later: VecDeque::new(),
        waiting: VecDeque::new(),
        asked: BTreeMap::new(),
        next: 0,
    };
    match agent.live() {
        Ok(()) | Err(Leave::Gone) => ExitCode::SUCCESS,
        Err(Leave::Crash) => {
            eprintln!("demo agent: crashed, as the script asked");
            ExitCode::from(101)
        }
    }
}

enum Leave {
    /// Nobody listens any more.
    Gone,
    Crash,
}

impl From<io::Error> for Leave {
    fn from(_: io::Error) -> Self {
        Leave::Gone
    }
}

struct Agent {
    inbox: Receiver<ToAgent>,
    /// What came while a command was running.
    later: VecDeque<ToAgent>,
    /// Prompts that came during a turn.
    waiting: VecDeque<String>,
    /// Everything ever asked. It is not forgotten when decided: this agent does what each decision says and trusts
    /// Offdesk to say it once, which makes the effects of its commands a fair witness of that.
    asked: BTreeMap<u64, Ask>,
    next: u64,
}

/// What came while something was going on.
enum Came {
    Interrupt,
    Decision { request: u64, stop: bool },
}

impl Agent {
    fn live(&mut self) -> Result<(), Leave> {
        // It keeps nothing between attempts; its handle only says that it may be started again.
        let session = Some("demo".into());
        tell(&FromAgent::Ready { version: env!("CARGO_PKG_VERSION").into(), session, model: None })?;
        loop {
            let prompt = match self.waiting.pop_front() {
                Some(prompt) => prompt,
                None => match self.next_message(None) {
                    Err(_) => return Ok(()),
                    Ok(ToAgent::Prompt { text }) => text,
                    Ok(other) => {
                        self.take(other)?;
                        continue;
                    }
                },
            };
            tell(&FromAgent::Turn)?;
            let status = self.turn(&prompt)?;
            tell(&FromAgent::End { status, error: None })?;
        }
    }

    fn turn(&mut self, prompt: &str) -> Result<TurnStatus, Leave> {
        for step in steps(prompt) {
            let interrupted = match step {
                Step::Say(text) => self.say(&text)?,
                Step::Run(command) => self.ask(Ask::Run { command })?,
                Step::Edit(path) => {
                    let content = proposed(&path);
                    self.ask(Ask::Edit { path, content, place: None })?
                }
                Step::Ask(question) => {
                    self.ask(Ask::Question { question, options: Vec::new(), multi: false })?
                }
                Step::Flood(megabytes) => self.flood(megabytes)?,
                Step::Sleep(milliseconds) => {
                    self.until(|_| false, Some(Instant::now() + Duration::from_millis(milliseconds)))?
                }
                Step::Crash => return Err(Leave::Crash),
            };
            if interrupted {
                return Ok(TurnStatus::Interrupted);
            }
        }
        Ok(TurnStatus::Completed)
    }

    fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Streams a text word by word.
    fn say(&mut self, text: &str) -> Result<bool, Leave> {
        let message = self.fresh();
        for piece in text.split_inclusive(' ') {
            tell(&FromAgent::Delta { message, thought: false, text: piece.into() })?;
            if self.until(|_| false, Some(Instant::now() + Duration::from_millis(15)))? {
                return Ok(true);
            }
        }
        tell(&FromAgent::Said { message, thought: false, text: text.into() })?;
        Ok(false)
    }

    /// Asks and waits for the decision. True: leave the turn.
    fn ask(&mut self, what: Ask) -> Result<bool, Leave> {
        let id = self.fresh();
        self.asked.insert(id, what.clone());
        tell(&FromAgent::Asked { request: id, what })?;
        let interrupted =
            self.until(|came| matches!(came, Came::Decision { request, .. } if *request == id), None)?;
        if interrupted {
            self.asked.remove(&id);
            tell(&FromAgent::Withdrawn { request: id })?;
        }
        Ok(interrupted)
    }

    fn flood(&mut self, megabytes: u64) -> Result<bool, Leave> {
        let filler = serde_json::to_string(&FromAgent::Noise { text: "~".repeat(4000) }).unwrap_or_default();
        let line = format!("{filler}\n");
        let mut out = io::stdout().lock();
        let mut left = megabytes * 1_000_000;
        while left > 0 {
            out.write_all(line.as_bytes())?;
            left = left.saturating_sub(line.len() as u64);
        }
        drop(out);
        tell(&FromAgent::Flooded { megabytes })?;
        self.until(|_| false, Some(Instant::now()))
    }

    /// What comes next, until the time is over.
    fn next_message(&mut self, deadline: Option<Instant>) -> Result<ToAgent, RecvTimeoutError> {
        if let Some(message) = self.later.pop_front() {
            return Ok(message);
        }
        match deadline {
            None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(deadline) => self.inbox.recv_timeout(deadline.saturating_duration_since(Instant::now())),
        }
    }

    /// Handles what comes until the wanted thing came (false), the time is over (false) or the turn is to end (true).
    fn until(&mut self, wanted: impl Fn(&Came) -> bool, deadline: Option<Instant>) -> Result<bool, Leave> {
        loop {
            let message = match self.next_message(deadline) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => return Ok(false),
                Err(RecvTimeoutError::Disconnected) => return Err(Leave::Gone),
            };
            match self.take(message)? {
                Some(Came::Interrupt | Came::Decision { stop: true, .. }) => return Ok(true),
                Some(came) if wanted(&came) => return Ok(false),
                _ => {}
            }
        }
    }

    fn take(&mut self, message: ToAgent) -> Result<Option<Came>, Leave> {
        match message {
            ToAgent::Prompt { text } => {
                self.waiting.push_back(text);
                Ok(None)
            }
            ToAgent::Interrupt => Ok(Some(Came::Interrupt)),
            ToAgent::Decide { request, allow, instead, say, stop, answers } => {
                let Some(what) = self.asked.get(&request).cloned() else { return Ok(None) };
                let changed =
                    instead.as_ref().and_then(|input| input.get("command").or(input.get("content")));
                let instead = changed.and_then(Value::as_str).map(String::from);
                let (ok, output, interrupted) = if allow {
                    self.perform(what, instead, answers)
                } else {
                    (false, say.unwrap_or_else(|| "Denied.".into()), false)
                };
                tell(&FromAgent::Done { request, ok, denied: !allow, output, diffs: Vec::new() })?;
                Ok(Some(Came::Decision { request, stop: stop || interrupted }))
            }
        }
    }

    fn perform(
        &mut self,
        what: Ask,
        instead: Option<String>,
        answers: Vec<offdesk_protocol::Answer>,
    ) -> (bool, String, bool) {
        match what {
            Ask::Run { command } => self.run(&instead.unwrap_or(command)),
            Ask::Edit { path, content, .. } => {
                let (ok, output) = write_file(&path, &instead.unwrap_or(content));
                (ok, output, false)
            }
            // It asks no others.
            Ask::Question { .. } | Ask::Replace { .. } | Ask::Look { .. } => {
                let words: Vec<String> = answers.into_iter().flat_map(|a| a.answers).collect();
                (true, words.join(", "), false)
            }
        }
    }

    /// Runs a shell command and listens for an interrupt meanwhile.
    fn run(&mut self, command: &str) -> (bool, String, bool) {
        let mut child =
            match shell(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
                Ok(child) => child,
                Err(error) => return (false, format!("The shell could not be started: {error}"), false),
            };
        let output = [collect(child.stdout.take()), collect(child.stderr.take())];
        let mut interrupted = false;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) => {}
                Err(_) => break None,
            }
            match self.inbox.recv_timeout(Duration::from_millis(5)) {
                Ok(ToAgent::Interrupt) => {
                    interrupted = true;
                    end(&mut child);
                }
                Ok(ToAgent::Prompt { text }) => self.waiting.push_back(text),
                Ok(decision @ ToAgent::Decide { .. }) => self.later.push_back(decision),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => end(&mut child),
            }
        };
        let mut text: String =
            output.into_iter().map(|thread| thread.join().unwrap_or_default()).collect::<Vec<_>>().concat();
        let ok = status.is_some_and(|status| status.success());
        if let Some(status) = status.filter(|status| !status.success()) {
            text.push_str(&format!("({status})\n"));
        }
        (ok, text, interrupted)
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself in the meantime, which is as good.
    let _ = child.kill();
}

fn collect(stream: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What could be read before an error is still worth telling.
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn shell(command: &str) -> Command {
    if cfg!(windows) {
        let mut shell = Command::new("cmd.exe");
        shell.args(["/C", command]);
        shell
    } else {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", command]);
        shell
    }
}

/// The content proposed for a file: what it has and a line more.
fn proposed(path: &str) -> String {
    let mut content = std::fs::read_to_string(path).unwrap_or_default();
    if !content.is_empty() && !content.ends_with('\n') {
        content.push('\n');
    }
    content.push_str("Edited by the Offdesk demo agent.\n");
    content
}

fn write_file(path: &str, content: &str) -> (bool, String) {
    let inside = Path::new(path).components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    if !inside {
        return (false, format!("{path} is outside the workspace, so it was not written."));
    }
    match std::fs::write(path, content) {
        Ok(()) => (true, format!("Wrote {path}.")),
        Err(error) => (false, format!("{path} could not be written: {error}")),
    }
}
