//! Signals to the agent and its tree, and what becomes of them.

use super::super::{Ended, Kept};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group};
use std::io;
use std::os::unix::process::CommandExt;

/// Whether orphans of our tree become our children, so that descent finds all of it.
pub(crate) const ADOPTS_ORPHANS: bool = cfg!(target_os = "linux");

fn pid(raw: u32) -> Option<Pid> {
    i32::try_from(raw).ok().and_then(Pid::from_raw)
}

/// The agent leads a group of its own, so that a signal reaches what it started as well.
pub(crate) fn own_group(command: &mut std::process::Command) {
    command.process_group(0);
}

/// Ends the process, now.
pub(crate) fn kill(raw: u32) {
    signal(raw, Signal::KILL);
}

/// Asks the process to end.
pub(crate) fn terminate(raw: u32) {
    signal(raw, Signal::TERM);
}

fn signal(raw: u32, signal: Signal) {
    // One that is gone needs no signal.
    let _ = pid(raw).map(|pid| kill_process(pid, signal));
}

/// Interrupts the agent's group.
pub(crate) fn interrupt(raw: u32) {
    let _ = pid(raw).map(|pid| kill_process_group(pid, Signal::INT));
}

/// Tells the agent's group that its terminal is gone; a shell that ignores an interrupt heeds this.
pub(crate) fn hang_up(raw: u32) {
    let _ = pid(raw).map(|pid| kill_process_group(pid, Signal::HUP));
    // A stopped process takes notice only when it goes on.
    let _ = pid(raw).map(|pid| kill_process_group(pid, Signal::CONT));
}

/// Waits until the agent has ended; takes the status of every orphan that ends meanwhile.
pub(crate) fn wait(kept: &mut Kept) -> io::Result<Ended> {
    let agent = match kept {
        Kept::Plain(child) => pid(child.id()),
        Kept::Terminal(child) => child.process_id().and_then(pid),
    };
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((ended, status))) if Some(ended) == agent => {
                return Ok(match (status.exit_status(), status.terminating_signal()) {
                    (Some(code), _) => Ended::Code(code),
                    (None, Some(signal)) => Ended::Signal(signal),
                    (None, None) => continue,
                });
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Takes the status of all that has ended. Gives whether we have no children left.
pub(crate) fn reap() -> bool {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some(_)) | Err(Errno::INTR) => {}
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
}

/// Whether reading would give something at once.
pub(crate) fn more_waits(fd: Option<i32>) -> bool {
    let Some(fd) = fd else { return false };
    // SAFETY: the terminal whose descriptor this is outlives the thread that reads from it.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut asked = [PollFd::new(&fd, PollFlags::IN)];
    matches!(poll(&mut asked, Some(&at_once)), Ok(1..)) && asked[0].revents().contains(PollFlags::IN)
}
