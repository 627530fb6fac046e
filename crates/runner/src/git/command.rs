//! Git, run so that a repository can make it do nothing but git's own work.
//!
//! A repository's configuration and attributes can name programs: hooks, filters, a file system monitor, merge and
//! diff drivers, signing. Whoever can write into a checkout (an agent, an archive that was unpacked) can name them. So
//! calls of ours leave them all out; only what a person has asked for by name runs them ([`Git::with_programs`]).

use super::path::os;
use offdesk_protocol::{ErrorCode, Problem};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use wait_timeout::ChildExt;

/// Longest one call of ours may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest for what a person has asked for: hooks and networks take their time.
const LONG_PATIENCE: Duration = Duration::from_secs(80);
/// How long what it started may hold its output open after it.
const LEFT_BEHIND: Duration = Duration::from_secs(2);
/// Most bytes of an answer that are read.
const MOST: usize = 64 * 1024 * 1024;

/// What holds for all calls, whatever the repository says.
const SETTINGS: &[(&str, &str)] = &[
    ("core.pager", "cat"),
    ("core.quotePath", "false"),
    ("core.untrackedCache", "false"),
    ("core.askPass", ""),
    ("core.bigFileThreshold", "8m"),
    ("submodule.recurse", "false"),
    ("diff.ignoreSubmodules", "dirty"),
    ("log.showSignature", "false"),
    ("protocol.ext.allow", "never"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
];
/// And these where the repository's programs are left out.
const WITHOUT_PROGRAMS: &[(&str, &str)] = &[
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("commit.gpgSign", "false"),
    ("tag.gpgSign", "false"),
    ("push.gpgSign", "false"),
];

/// Git in one folder.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    program: PathBuf,
    dir: PathBuf,
    env: Vec<(OsString, OsString)>,
    /// Keys and values that are set over what is configured.
    settings: Vec<(String, String)>,
    trusted: bool,
    patience: Duration,
    #[cfg(test)]
    fuse: Option<std::sync::Arc<std::sync::atomic::AtomicUsize>>,
}

/// What a repository's settings say that matters to every call.
#[derive(Debug)]
pub(crate) struct Drivers {
    /// Settings that leave out the programs of filters and merge drivers.
    settings: Vec<(String, String)>,
    /// The disk keeps whether a file is a program.
    pub keeps_modes: bool,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub code: Option<i32>,
    pub out: Vec<u8>,
    /// Bytes of the answer beyond what was kept.
    pub beyond: u64,
    pub err: String,
}

impl Git {
    /// Git by this program, in the environment of the person's own shell without what redirects git.
    pub(crate) fn new<'a>(
        program: PathBuf,
        dir: &Path,
        vars: impl IntoIterator<Item = (&'a String, &'a OsString)>,
    ) -> Self {
        let mut env: Vec<(OsString, OsString)> = vars
            .into_iter()
            .filter(|(name, _)| !name.to_ascii_uppercase().starts_with("GIT_"))
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let fixed = [
            ("LC_ALL", "C"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_LITERAL_PATHSPECS", "1"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_PAGER", "cat"),
            ("GIT_EDITOR", ":"),
            ("GCM_INTERACTIVE", "never"),
            ("SSH_ASKPASS_REQUIRE", "force"),
            ("SSH_ASKPASS", "false"),
            ("GH_PROMPT_DISABLED", "1"),
        ];
        env.extend(fixed.map(|(name, value)| (name.into(), value.into())));
        Self {
            program,
            dir: dir.to_path_buf(),
            env,
            settings: Vec::new(),
            trusted: false,
            patience: PATIENCE,
            #[cfg(test)]
            fuse: None,
        }
    }

    /// The same in another folder.
    pub(crate) fn at(&self, dir: &Path) -> Self {
        Self { dir: dir.to_path_buf(), ..self.clone() }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The same with one more variable.
    pub(crate) fn env(&self, name: &str, value: impl Into<OsString>) -> Self {
        let mut git = self.clone();
        git.env.push((name.into(), value.into()));
        git
    }

    /// The same with more time.
    pub(crate) fn patient(&self) -> Self {
        Self { patience: LONG_PATIENCE, ..self.clone() }
    }

    /// The same with the repository's programs, as in the person's own terminal.
    pub(crate) fn with_programs(&self) -> Self {
        Self { trusted: true, settings: Vec::new(), patience: LONG_PATIENCE, ..self.clone() }
    }

    /// The filters and merge drivers that are configured, and what else is to be known of the settings.
    pub(crate) fn drivers(&self) -> Result<Drivers, Problem> {
        let pattern = r"^(filter\..*\.(clean|smudge|process|required)|merge\..*\.driver|core\.filemode)$";
        let found = self.run(&["config", "-z", "--get-regexp", pattern], None)?;
        let mut drivers = Drivers { settings: Vec::new(), keeps_modes: cfg!(unix) };
        for entry in found.out.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let entry = String::from_utf8_lossy(entry);
            let (key, value) = entry.split_once('\n').unwrap_or((&entry, "true"));
            if key == "core.filemode" {
                // The last one counts.
                let no = matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0" | "");
                drivers.keeps_modes = cfg!(unix) && !no;
                continue;
            }
            let value = match key.rsplit('.').next() {
                Some("required") => "false",
                // An empty one would count as merged; a program that fails counts as a conflict.
                Some("driver") => "false",
                _ => "",
            };
            drivers.settings.push((key.into(), value.into()));
        }
        Ok(drivers)
    }

    /// The same where these have no program.
    pub(crate) fn without(&self, drivers: &Drivers) -> Self {
        let mut git = self.clone();
        git.settings.extend(drivers.settings.iter().cloned());
        git
    }

    /// Runs it; it must succeed.
    pub(crate) fn ok(&self, args: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, Problem> {
        let ended = self.run(args, input)?;
        match ended.code {
            Some(0) if ended.beyond == 0 => Ok(ended.out),
            Some(0) => Err(Problem::new(
                ErrorCode::TooLarge,
                "This repository is too large: git's answer is over 64 MiB. Nothing was changed.",
            )),
            _ => Err(failed(args, &ended)),
        }
    }

    /// The same for one line of text.
    pub(crate) fn line(&self, args: &[&str]) -> Result<String, Problem> {
        let out = self.ok(args, None)?;
        Ok(String::from_utf8_lossy(&out).trim_end_matches(['\n', '\r']).to_string())
    }

    /// A line, or nothing when git says no.
    pub(crate) fn maybe(&self, args: &[&str]) -> Result<Option<String>, Problem> {
        let ended = self.run(args, None)?;
        let text = String::from_utf8_lossy(&ended.out).trim_end_matches(['\n', '\r']).to_string();
        Ok((ended.code == Some(0) && !text.is_empty()).then_some(text))
    }

    /// Runs it, however it ends.
    pub(crate) fn run(&self, args: &[&str], input: Option<&[u8]>) -> Result<Ended, Problem> {
        self.run_limited(args, &[], input, MOST)
    }

    /// The same with names of files after `--`, and another limit for what is kept of the answer.
    pub(crate) fn run_limited(
        &self,
        args: &[&str],
        files: &[&[u8]],
        input: Option<&[u8]>,
        most: usize,
    ) -> Result<Ended, Problem> {
        self.spend()?;
        let mut command = Command::new(&self.program);
        command.arg("--no-pager").args(args);
        if !files.is_empty() {
            command.arg("--").args(files.iter().map(|file| os(file)));
        }
        self.dress(&mut command);
        finish(command, input, most, self.patience, "git")
    }

    /// Runs another program as git is run.
    pub(crate) fn other(&self, argv: &[String]) -> Result<Ended, Problem> {
        self.spend()?;
        let [program, args @ ..] = argv else {
            return Err(Problem::new(ErrorCode::Internal, "A command has no program."));
        };
        let mut command = Command::new(program);
        command.args(args);
        self.dress(&mut command);
        finish(command, None, MOST, LONG_PATIENCE, program)
    }

    /// The value of a variable in which it runs.
    pub(crate) fn var(&self, name: &str) -> Option<&OsString> {
        self.env.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    fn dress(&self, command: &mut Command) {
        let over: &[(&str, &str)] = if self.trusted { &[] } else { WITHOUT_PROGRAMS };
        let own = self.settings.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> = SETTINGS.iter().chain(over).copied().chain(own).collect();
        command.current_dir(&self.dir).env_clear().envs(self.env.iter().map(|(name, value)| (name, value)));
        command.env("GIT_CONFIG_COUNT", all.len().to_string());
        for (index, (key, value)) in all.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{index}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
    }

    #[cfg(not(test))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "tests end it here, as a kill would")]
    pub(crate) fn spend(&self) -> Result<(), Problem> {
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn with_fuse(self, fuse: Option<std::sync::Arc<std::sync::atomic::AtomicUsize>>) -> Self {
        Self { fuse, ..self }
    }

    /// In tests the process can be made to end before any step.
    #[cfg(test)]
    pub(crate) fn spend(&self) -> Result<(), Problem> {
        use std::sync::atomic::Ordering;
        let Some(fuse) = &self.fuse else { return Ok(()) };
        let left = fuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(|_| ()).map_err(|_| Problem::new(ErrorCode::Internal, "killed"))
    }
}

/// What git said when it failed, for a person.
pub(crate) fn failed(args: &[&str], ended: &Ended) -> Problem {
    let said = offdesk_protocol::visible_line(&last_words(&ended.err), 600);
    let verb = args.first().copied().unwrap_or_default();
    Problem::new(ErrorCode::WrongState, format!("git {verb} did not succeed: {said}"))
        .hint("Look at the repository in a terminal; nothing that was there is lost.")
}

fn last_words(err: &str) -> String {
    let text = err.trim();
    if text.is_empty() { "it gave no reason.".into() } else { text.to_string() }
}

fn finish(
    mut command: Command,
    input: Option<&[u8]>,
    most: usize,
    patience: Duration,
    name: &str,
) -> Result<Ended, Problem> {
    own_group(&mut command);
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let spawned = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| {
        Problem::new(ErrorCode::Unsupported, format!("{name} could not be started: {error}."))
    })?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // It may have read enough and left.
            scope.spawn(move || stdin.write_all(input).ok());
        }
        let (done, finished) = std::sync::mpsc::channel();
        let done_too = done.clone();
        let out = scope.spawn(move || {
            let read = stdout.map_or((Vec::new(), 0), |out| read(out, most));
            let _ = done.send(());
            read
        });
        let err = scope.spawn(move || {
            let read = stderr.map_or((Vec::new(), 0), |err| read(err, 64 * 1024));
            let _ = done_too.send(());
            read
        });
        let status = child.wait_timeout(patience);
        let over = matches!(status, Ok(Some(_)));
        // What it left behind may hold its output open for ever.
        if !over || (0..2).any(|_| finished.recv_timeout(LEFT_BEHIND).is_err()) {
            end(&mut child);
        }
        let (out, beyond) = out.join().unwrap_or_default();
        let (err, _) = err.join().unwrap_or_default();
        match status {
            Ok(Some(status)) => {
                let err = String::from_utf8_lossy(&err).into_owned();
                Ok(Ended { code: status.code(), out, beyond, err })
            }
            Ok(None) => Err(Problem::new(
                ErrorCode::WrongState,
                format!("{name} took longer than {} seconds and was ended.", patience.as_secs()),
            )
            .hint("Try it in a terminal: it may ask for something there.")),
            Err(error) => {
                Err(Problem::new(ErrorCode::Internal, format!("{name} could not be awaited: {error}.")))
            }
        }
    })
}

fn read(mut from: impl Read, most: usize) -> (Vec<u8>, u64) {
    let (mut kept, mut beyond, mut buffer) = (Vec::new(), 0, [0u8; 32 * 1024]);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return (kept, beyond),
            Ok(count) => {
                let room = most.saturating_sub(kept.len()).min(count);
                kept.extend_from_slice(&buffer[..room]);
                beyond += (count - room) as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return (kept, beyond),
        }
    }
}

/// What it starts is ended with it.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
