//! Leaving the parent: its job, its console, its standard streams.

use std::io;
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::Command;
use windows_sys::Win32::Foundation::{
    CloseHandle, HANDLE_FLAG_INHERIT, INVALID_HANDLE_VALUE, SetHandleInformation,
};
use windows_sys::Win32::System::Console::{
    GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
};
use windows_sys::Win32::System::Threading::{
    CREATE_BREAKAWAY_FROM_JOB, CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW,
};

/// Ways to start `program supervise --dir DIR` so that it outlives us, the one that leads farthest first: out of our
/// job, which would end it with us, or where the job does not allow that, at least out of our console and group.
pub(crate) fn detached(program: &Path, dir: &Path) -> Vec<Command> {
    keep_own_stdio();
    [CREATE_BREAKAWAY_FROM_JOB, 0]
        .map(|flags| {
            let mut way = Command::new(program);
            way.arg("supervise").arg("--dir").arg(dir);
            // A console of its own that nobody sees: the agent shares it, and Ctrl-Break reaches it there.
            way.creation_flags(flags | CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
            way
        })
        .into()
}

/// A process gets all that may be inherited here, also what it is not given as a standard stream: whoever waits for the
/// end of what we say would wait for all that we started.
fn keep_own_stdio() {
    for stream in [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE] {
        // SAFETY: a plain call; a handle that isn't there is an error that changes nothing.
        unsafe {
            SetHandleInformation(GetStdHandle(stream), HANDLE_FLAG_INHERIT, 0);
        }
    }
}

/// Lets go of the pipes to whoever started us: it may wait for their end.
pub(crate) fn let_go_of_stdio() {
    for stream in [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE] {
        // SAFETY: the handle is ours and is forgotten before it is closed.
        unsafe {
            let handle = GetStdHandle(stream);
            if SetStdHandle(stream, std::ptr::null_mut()) != 0
                && !handle.is_null()
                && handle != INVALID_HANDLE_VALUE
            {
                CloseHandle(handle);
            }
        }
    }
}

/// A process without a window is not asked to end: a logout or shutdown ends it, and the job ends the agent.
pub(crate) fn on_termination(_: impl Fn() + Send + 'static) -> io::Result<()> {
    Ok(())
}
