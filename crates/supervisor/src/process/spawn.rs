//! Starting the agent, with pipes or with a terminal.

use super::keep::Source;
use super::locked;
use crate::gateway::MARK;
use crate::platform::{self, Kept};
use crate::{LaunchSpec, Size};
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// What a terminal is said to be, unless the spec says otherwise: what the viewers understand.
const TERM: (&str, &str) = ("TERM", "xterm-256color");

/// Ours alone: an agent that had them could let others in, or itself.
const SECRETS: [&str; 2] = ["OFFDESK_TUNNEL_TOKEN", "OFFDESK_TOKEN"];

/// The agent, and the ways to it.
pub(super) struct Agent {
    pub kept: Kept,
    pub pid: u32,
    pub input: Box<dyn Write + Send>,
    pub output: Source,
    pub stderr: Option<Box<dyn Read + Send>>,
    pub terminal: Option<Terminal>,
}

/// The agent's terminal.
pub(super) struct Terminal(Mutex<Box<dyn MasterPty + Send>>);

impl Terminal {
    pub(super) fn resize(&self, size: Size) {
        // A terminal that is gone has no size.
        let _ = locked(&self.0).resize(pty_size(size));
    }

    pub(super) fn size(&self) -> Option<Size> {
        locked(&self.0).get_size().ok().map(|size| Size { cols: size.cols, rows: size.rows })
    }

    /// The leader of the group that has the keyboard now.
    pub(super) fn foreground(&self) -> Option<u32> {
        #[cfg(unix)]
        let leader = locked(&self.0).process_group_leader().and_then(|pid| u32::try_from(pid).ok());
        #[cfg(not(unix))]
        let leader = None;
        leader
    }
}

/// Starts what the spec says.
///
/// # Errors
/// A sentence for a person.
pub(super) fn spawn(spec: &LaunchSpec) -> Result<Agent, String> {
    let environment = environment(spec);
    let program = resolve(spec, &environment)?;
    if !spec.cwd.is_dir() {
        return Err(format!("The workspace {} is not there, so nothing was started.", spec.cwd.display()));
    }
    let ourselves = std::env::current_exe().map_err(|error| failed(&program, &error))?;
    let (first, args, more) = platform::trampoline(&ourselves, &program, &spec.args);
    let environment = environment.into_iter().chain(more);
    match spec.terminal {
        Some(size) => with_terminal(&first, &args, environment, spec, size),
        None => with_pipes(&first, &args, environment, spec).map_err(|error| failed(&program, &error)),
    }
}

fn failed(program: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{} could not be started: {error}.", program.display())
}

/// Ours, changed as the spec says, with the attempt's mark.
fn environment(spec: &LaunchSpec) -> Vec<(OsString, OsString)> {
    let set: Vec<(OsString, OsString)> =
        spec.env.iter().map(|(name, value)| (name.into(), value.into())).collect();
    let replaced = |name: &OsStr| {
        let taken_out = spec.env_remove.iter().any(|removed| is(name, removed));
        taken_out
            || is(name, MARK)
            || SECRETS.iter().any(|secret| is(name, secret))
            || spec.env.iter().any(|(set, _)| is(name, set))
    };
    let mut all: Vec<_> = std::env::vars_os().filter(|(name, _)| !replaced(name)).collect();
    if spec.terminal.is_some() && !set.iter().any(|(name, _)| is(name, TERM.0)) {
        all.retain(|(name, _)| !is(name, TERM.0));
        all.push((TERM.0.into(), TERM.1.into()));
    }
    all.extend(set);
    all.push((MARK.into(), spec.attempt.to_string().into()));
    all
}

/// Whether a variable has this name: Windows takes `Path` and `PATH` for the same.
fn is(variable: &OsStr, name: &str) -> bool {
    if cfg!(windows) { variable.eq_ignore_ascii_case(name) } else { variable == name }
}

/// The program's own path, looked up with the agent's own `PATH`.
fn resolve(spec: &LaunchSpec, environment: &[(OsString, OsString)]) -> Result<PathBuf, String> {
    let path = environment.iter().find(|(name, _)| is(name, "PATH")).map(|(_, value)| value.clone());
    which::which_in(&spec.program, path, &spec.cwd).map_err(|_| {
        format!(
            "{} is not there or is no program. Install the agent, or choose where it is.",
            spec.program.display()
        )
    })
}

fn with_pipes(
    program: &OsStr,
    args: &[OsString],
    environment: impl Iterator<Item = (OsString, OsString)>,
    spec: &LaunchSpec,
) -> io::Result<Agent> {
    let mut command = Command::new(program);
    command.args(args).env_clear().envs(environment).current_dir(&spec.cwd);
    let speaks_on_stderr = spec.service.is_some();
    let output = if speaks_on_stderr { Stdio::null() } else { Stdio::piped() };
    command.stdin(Stdio::piped()).stdout(output).stderr(Stdio::piped());
    platform::own_group(&mut command);
    let mut child = command.spawn()?;
    let (output, stderr): (Option<Box<dyn Read + Send>>, _) = match child.stderr.take() {
        Some(stderr) if speaks_on_stderr => (Some(Box::new(stderr)), None),
        stderr => {
            let output = child.stdout.take().map(|output| Box::new(output) as Box<dyn Read + Send>);
            (output, stderr.map(|stderr| Box::new(stderr) as Box<dyn Read + Send>))
        }
    };
    let (Some(input), Some(output)) = (child.stdin.take(), output) else {
        platform::kill(child.id());
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    Ok(Agent {
        pid: child.id(),
        kept: Kept::Plain(child),
        input: Box::new(input),
        output: Source { reader: output, fd: None },
        stderr,
        terminal: None,
    })
}

fn with_terminal(
    program: &OsStr,
    args: &[OsString],
    environment: impl Iterator<Item = (OsString, OsString)>,
    spec: &LaunchSpec,
    size: Size,
) -> Result<Agent, String> {
    let no_terminal =
        |error: &dyn std::fmt::Display| format!("No terminal could be opened: {error}. Nothing ran.");
    let pair = native_pty_system().openpty(pty_size(size)).map_err(|error| no_terminal(&error))?;
    let output = pair.master.try_clone_reader().map_err(|error| no_terminal(&error))?;
    let input = pair.master.take_writer().map_err(|error| no_terminal(&error))?;
    let mut command = CommandBuilder::new(program);
    command.args(args);
    command.env_clear();
    environment.for_each(|(name, value)| command.env(name, value));
    command.cwd(&spec.cwd);
    let child = pair.slave.spawn_command(command).map_err(|error| failed(&spec.program, &error))?;
    // Our own hold on its side would keep the terminal from ever coming to its end.
    drop(pair.slave);
    #[cfg(unix)]
    let fd = pair.master.as_raw_fd();
    #[cfg(not(unix))]
    let fd = None;
    Ok(Agent {
        pid: child.process_id().unwrap_or(0),
        kept: Kept::Terminal(child),
        input,
        output: Source { reader: output, fd },
        stderr: None,
        terminal: Some(Terminal(Mutex::new(pair.master))),
    })
}

fn pty_size(size: Size) -> PtySize {
    // Nothing can be shown on no cells; some programs divide by them.
    PtySize { rows: size.rows.max(1), cols: size.cols.max(1), pixel_width: 0, pixel_height: 0 }
}
