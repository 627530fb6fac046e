//! An agent's program without us: started with the flags we start it with, spoken to over its own pipes.

use anyhow::{Context, Result, bail};
use offdesk_agents::{Disk, Environment, Fold, FoldContext, Located, Prompt, Start};
use offdesk_protocol::{AttemptId, PromptId, RunId};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A line it wrote, and when it was there.
type Line = (Instant, Vec<u8>);

pub struct Bare {
    pub child: Child,
    stdin: ChildStdin,
    lines: Receiver<Line>,
    fold: Box<dyn Fold>,
    offset: u64,
    written: HashSet<String>,
    /// What a line with a piece of an answer has in it.
    mark: &'static [u8],
    /// What the line at a turn's end has in it.
    end: &'static [u8],
}

fn has(line: &[u8], mark: &[u8]) -> bool {
    line.windows(mark.len()).any(|window| window == mark)
}

impl Bare {
    /// Starts it and brings it to where it can be prompted.
    pub fn start(kind: &str, dir: &Path, home: &Path, env: &[(String, String)]) -> Result<Self> {
        let driver = offdesk_agents::driver(kind).context("no such agent")?;
        let mut vars: std::collections::BTreeMap<_, _> =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect();
        vars.insert("HOME".into(), home.into());
        vars.extend(env.iter().map(|(name, value)| (name.clone(), value.into())));
        let environment = Environment { vars: vars.clone(), offdesk: std::env::current_exe()? };
        let Located::Found(program) = driver.locate(&environment) else { bail!("{kind} is not here") };
        let files = home.join("bare-files").join(kind);
        let attachments = home.join("bare-attachments");
        std::fs::create_dir_all(&files)?;
        std::fs::create_dir_all(&attachments)?;
        let start = Start {
            program,
            dir: dir.to_path_buf(),
            agent_session: None,
            local_model: None,
            model: None,
            mode: None,
            attachments,
            args: Vec::new(),
            typed: false,
            files: files.clone(),
        };
        let launch = driver.launch(&start, &environment);
        for (name, content) in &launch.files {
            std::fs::write(files.join(name), content)?;
        }
        let mut command = Command::new(&launch.program);
        command.args(&launch.args).env_clear().envs(vars).envs(launch.env);
        launch.env_remove.iter().for_each(|name| _ = command.env_remove(name));
        let piped = command.current_dir(dir).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.stderr(Stdio::null()).spawn()?;
        let stdin = child.stdin.take().context("no input")?;
        let stdout = child.stdout.take().context("no output")?;
        let (send, lines) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(stdout);
            let mut line = Vec::new();
            while output.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                if send.send((Instant::now(), std::mem::take(&mut line))).is_err() {
                    return;
                }
            }
        });
        let context = FoldContext {
            run: RunId::new(),
            attempt: AttemptId::new(),
            dir: dir.to_path_buf(),
            agent_session: None,
            model: None,
            mode: None,
            workspace: Arc::new(Disk),
        };
        let fold = driver.fold(context, None).context("it has no fold")?;
        let (mark, end): (&[u8], &[u8]) = match kind {
            "claude" => (b"\"text_delta\"", b"\"type\":\"result\""),
            "codex" => (b"item/agentMessage/delta", b"turn/completed"),
            other => bail!("{other} cannot be measured bare"),
        };
        let mut bare = Self { child, stdin, lines, fold, offset: 0, written: HashSet::new(), mark, end };
        bare.due()?;
        Ok(bare)
    }

    fn due(&mut self) -> Result<()> {
        for encoded in self.fold.due() {
            if self.written.insert(encoded.id) {
                self.stdin.write_all(&encoded.bytes)?;
            }
        }
        Ok(self.stdin.flush()?)
    }

    fn next(&mut self) -> Result<Line> {
        let line = match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => bail!("it says nothing"),
            Err(RecvTimeoutError::Disconnected) => bail!("it ended"),
        };
        let whole = line.1.strip_suffix(b"\n").unwrap_or(&line.1);
        self.fold.line(self.offset, whole);
        self.offset += line.1.len() as u64;
        self.due()?;
        Ok(line)
    }

    /// From the prompt until the first piece of the answer; waits for the turn's end.
    pub fn turn(&mut self, text: &str) -> Result<Duration> {
        let (id, prompt) = (PromptId::new(), Prompt::words(text));
        let encoded = loop {
            if let Some(encoded) = self.fold.prompt(id, &prompt) {
                break encoded;
            }
            self.next()?;
        };
        let start = Instant::now();
        self.stdin.write_all(&encoded.bytes)?;
        self.stdin.flush()?;
        let mut first = None;
        loop {
            let (at, line) = self.next()?;
            if first.is_none() && has(&line, self.mark) {
                first = Some(at.duration_since(start));
            }
            if has(&line, self.end) {
                return first.context("the turn ended without a piece of an answer");
            }
        }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
