//! Ending processes, and what becomes of them.

use super::super::{Ended, Kept};
use std::ffi::OsString;
use std::io;
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use windows_sys::Win32::Foundation::CloseHandle;
use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, GenerateConsoleCtrlEvent};
use windows_sys::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, OpenProcess, PROCESS_TERMINATE, TerminateProcess,
};

/// Nobody adopts orphans here: what is left of a tree is found by its mark and by descent, and the job ends the rest
/// when the supervisor does.
pub(crate) const ADOPTS_ORPHANS: bool = false;

/// What a process that was ended from outside exits with, as `taskkill` has it.
const ENDED: u32 = 1;

/// Nothing has to be put between: the job binds the agent's life to the supervisor's.
pub(crate) fn trampoline(
    _: &Path,
    program: &Path,
    args: &[String],
) -> (OsString, Vec<OsString>, Vec<(OsString, OsString)>) {
    (program.into(), args.iter().map(OsString::from).collect(), Vec::new())
}

/// The body of the hidden verb `supervise-child`: a process can't become another here, so it starts it, waits, and
/// ends as it ended. The supervisor itself doesn't use it on this system.
pub fn exec_child(args: Vec<OsString>) -> ExitCode {
    let mut args = args.into_iter().skip_while(|arg| arg == "--");
    let Some(program) = args.next() else {
        eprintln!("No program to start was named.");
        return ExitCode::from(2);
    };
    match Command::new(&program).args(args).status() {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("{} could not be started: {error}.", program.to_string_lossy());
            ExitCode::from(127)
        }
    }
}

/// A console's Ctrl-Break goes to a group.
pub(crate) fn own_group(command: &mut Command) {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
}

/// Ends the process, now.
pub(crate) fn kill(pid: u32) {
    // SAFETY: the handle is checked and closed here.
    unsafe {
        let process = OpenProcess(PROCESS_TERMINATE, 0, pid);
        if !process.is_null() {
            TerminateProcess(process, ENDED);
            CloseHandle(process);
        }
    }
}

/// There is no asking a process without a window to end.
pub(crate) fn terminate(pid: u32) {
    kill(pid);
}

/// Ctrl-Break to the agent's group. One with a terminal of its own is not in our console; it gets Ctrl-C as a key.
pub(crate) fn interrupt(pid: u32) {
    // SAFETY: a plain call; a group that isn't there is an error that tells nothing new.
    unsafe {
        GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, pid);
    }
}

/// A terminal's program has no signal for this; the grace goes on.
pub(crate) fn hang_up(_: u32) {}

/// Waits until the agent has ended.
pub(crate) fn wait(kept: &mut Kept) -> io::Result<Ended> {
    match kept {
        Kept::Plain(child) => child.wait().map(|status| Ended::Code(status.code().unwrap_or(-1))),
        Kept::Terminal(child) => child.wait().map(|status| Ended::Code(status.exit_code() as i32)),
    }
}

/// Ended processes need nobody to take their status.
pub(crate) fn reap() -> bool {
    false
}

/// Terminals are pipes here and give all they have at once.
pub(crate) fn more_waits(_: Option<i32>) -> bool {
    false
}
