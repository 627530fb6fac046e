//! Leaving the parent: its group, its session, its scope, its standard streams.

use rustix::process::Signal;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Ways to start `program supervise --dir DIR` so that it outlives us, the one that leads farthest first.
///
/// A service manager that stops our unit ends everything in it, whatever session it is in; a scope of its own is the
/// only way out. Where none runs, or it refuses, a new session is enough.
pub(crate) fn detached(program: &Path, dir: &Path) -> Vec<Command> {
    let mut ways = Vec::new();
    if let Some(systemd_run) = user_manager() {
        let mut scope = Command::new(systemd_run);
        scope.args(["--user", "--scope", "--quiet", "--collect", "--"]).arg(program);
        ways.push(scope);
    }
    ways.push(Command::new(program));
    for way in &mut ways {
        way.arg("supervise").arg("--dir").arg(dir);
        in_new_session(way);
    }
    ways
}

/// The program that reaches the person's service manager, where one runs.
fn user_manager() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let runtime = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    if !runtime.join("systemd/private").exists() {
        return None;
    }
    which::which("systemd-run").ok()
}

fn in_new_session(command: &mut Command) {
    // SAFETY: setsid is safe to call between fork and exec.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            Ok(())
        });
    }
}

/// A gateway that a script started in the background, or by `nohup`, was told to ignore these, and whatever it starts
/// would go on ignoring them: the agent could not be interrupted.
fn heed_signals_again() {
    for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGHUP] {
        // SAFETY: the system's own handling is set, before this process has any of its own.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Makes this process the one that everything below it falls back to, in a session of its own.
pub(crate) fn leave_parent() -> io::Result<()> {
    heed_signals_again();
    // Whoever started us may have left files open; holding them would keep others waiting for their end.
    portable_pty::unix::close_random_fds();
    // Whoever leads a session already has left.
    let _ = rustix::process::setsid();
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    Ok(())
}

/// Lets go of the pipes to whoever started us: it may wait for their end.
pub(crate) fn let_go_of_stdio() {
    if let Ok(null) = OpenOptions::new().read(true).write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&null);
        let _ = rustix::stdio::dup2_stdout(&null);
        let _ = rustix::stdio::dup2_stderr(&null);
    }
}

/// Calls back when the system asks this process to end (a logout, a shutdown), so that the agent is stopped in order
/// and its end is recorded.
pub(crate) fn on_termination(asked: impl Fn() + Send + 'static) -> io::Result<()> {
    let watched = [Signal::TERM, Signal::INT, Signal::HUP].map(Signal::as_raw);
    let mut signals = signal_hook::iterator::Signals::new(watched)?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for _ in signals.forever() {
            asked();
        }
    })?;
    Ok(())
}
