//! Binding the agent's life to its supervisor's.
//!
//! `offdesk supervise-child -- PROGRAM ARGS…` is started in the agent's place, arranges that, and then becomes the
//! agent: one process id from the beginning.

use rustix::process::{Pid, getppid};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Says to the trampoline who its supervisor is.
const SUPERVISOR: &str = "OFFDESK_SUPERVISOR_PID";

/// What to start instead of the program, and what to add to its environment.
pub(crate) fn trampoline(
    ourselves: &Path,
    program: &Path,
    args: &[String],
) -> (OsString, Vec<OsString>, Vec<(OsString, OsString)>) {
    let mut all: Vec<OsString> = vec!["supervise-child".into(), "--".into(), program.into()];
    all.extend(args.iter().map(OsString::from));
    let supervisor = (SUPERVISOR.into(), std::process::id().to_string().into());
    (ourselves.into(), all, vec![supervisor])
}

/// The body of the hidden verb `supervise-child`; `args` is what follows it. Returns only when the program can't be
/// started, with 126 or 127 as a shell would.
pub fn exec_child(args: Vec<OsString>) -> ExitCode {
    let mut args = args.into_iter().skip_while(|arg| arg == "--");
    let Some(program) = args.next() else {
        eprintln!("No program to start was named.");
        return ExitCode::from(2);
    };
    let supervisor = std::env::var(SUPERVISOR).ok().and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw);
    if !bind_to(supervisor) {
        eprintln!("The supervisor is gone, so the agent was not started.");
        return ExitCode::from(126);
    }
    let error = Command::new(&program).args(args).env_remove(SUPERVISOR).exec();
    eprintln!("{} could not be started: {error}.", program.to_string_lossy());
    ExitCode::from(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 })
}

/// The system ends this process when its parent dies. That survives becoming another program, except one that runs
/// with rights of its own (set-user-id); sweeping finds those.
#[cfg(target_os = "linux")]
fn bind_to(supervisor: Option<Pid>) -> bool {
    use rustix::process::{Signal, set_parent_process_death_signal};
    // Asked after the arrangement: a parent that died before it gives no signal any more.
    set_parent_process_death_signal(Some(Signal::KILL)).is_ok() && getppid() == supervisor
}

/// There is no parent-death signal here. A small process beside the agent waits for the end of either; when the
/// supervisor is first, it ends the agent's group. It is nobody's child, so that the agent never sees it end.
#[cfg(not(target_os = "linux"))]
fn bind_to(supervisor: Option<Pid>) -> bool {
    let (Some(supervisor), agent) = (supervisor, rustix::process::getpid()) else { return false };
    // SAFETY: this process has one thread, so the copy is whole.
    match unsafe { libc::fork() } {
        -1 => return false,
        0 => {
            // SAFETY: as above; the first copy ends at once and so makes an orphan of the second.
            if unsafe { libc::fork() } == 0 {
                watch(supervisor, agent);
            }
            // SAFETY: ends the copy without running what belongs to the original.
            unsafe { libc::_exit(0) }
        }
        copy => {
            let _ = rustix::process::waitpid(Pid::from_raw(copy), rustix::process::WaitOptions::empty());
        }
    }
    getppid() == Some(supervisor)
}

#[cfg(not(target_os = "linux"))]
fn watch(supervisor: Pid, agent: Pid) {
    use rustix::process::{Signal, kill_process, kill_process_group};
    let _ = rustix::process::setsid();
    super::leave::let_go_of_stdio();
    // SAFETY: plain calls with valid, initialised structures; the queue lives as long as this process.
    unsafe {
        let queue = libc::kqueue();
        let changes = [supervisor, agent].map(|pid| libc::kevent {
            ident: pid.as_raw_nonzero().get() as usize,
            filter: libc::EVFILT_PROC,
            flags: libc::EV_ADD | libc::EV_ONESHOT | libc::EV_RECEIPT,
            fflags: libc::NOTE_EXIT,
            data: 0,
            udata: std::ptr::null_mut(),
        });
        let mut receipts = changes;
        libc::kevent(queue, changes.as_ptr(), 2, receipts.as_mut_ptr(), 2, std::ptr::null());
        let mut first = changes[0];
        // A supervisor that is gone already gives no event; its receipt says so.
        if receipts[0].data == 0 {
            libc::kevent(queue, std::ptr::null(), 0, &mut first, 1, std::ptr::null());
        }
        if first.ident == changes[0].ident {
            let _ = kill_process_group(agent, Signal::KILL);
            let _ = kill_process(agent, Signal::KILL);
        }
    }
}
