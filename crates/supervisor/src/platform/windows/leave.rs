//! Leaving the parent: its job, its console, its standard streams.

use std::io;
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::Command;
use windows_sys::Win32::Foundation::{CloseHandle, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Console::{
    GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_BREAKAWAY_FROM_JOB, CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, GetCurrentProcess,
};

/// Ways to start `program supervise --dir DIR` so that it outlives us, the one that leads farthest first: out of our
/// job, which would end it with us, or where the job does not allow that, at least out of our console and group.
pub(crate) fn detached(program: &Path, dir: &Path) -> Vec<Command> {
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

/// Puts this process into a job that ends all its members when the last handle is closed. The handle is never closed:
/// the system does that when this process ends, in whatever way.
pub(crate) fn leave_parent() -> io::Result<()> {
    // SAFETY: the structure is plain data of the size that is said; the handle is checked.
    unsafe {
        let job = CreateJobObjectW(std::ptr::null(), std::ptr::null());
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = std::mem::zeroed();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        let size = std::mem::size_of_val(&limits) as u32;
        let set = SetInformationJobObject(
            job,
            JobObjectExtendedLimitInformation,
            std::ptr::from_ref(&limits).cast(),
            size,
        );
        if set == 0 || AssignProcessToJobObject(job, GetCurrentProcess()) == 0 {
            let error = io::Error::last_os_error();
            CloseHandle(job);
            return Err(error);
        }
    }
    Ok(())
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
