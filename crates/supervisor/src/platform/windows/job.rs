//! The job of an attempt: whatever belongs to it, and nothing else.

use interprocess::os::windows::security_descriptor::{AsSecurityDescriptor, SecurityDescriptor};
use std::ffi::c_void;
use std::io;
use std::sync::atomic::{AtomicPtr, Ordering};
use widestring::{U16CString, u16cstr};
use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_ALREADY_EXISTS, ERROR_INVALID_HANDLE, GetLastError, HANDLE,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, IsProcessInJob, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectBasicProcessIdList, JobObjectExtendedLimitInformation,
    OpenJobObjectW, QueryInformationJobObject, SetInformationJobObject,
};
use windows_sys::Win32::System::ProcessStatus::EnumProcesses;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcess, PROCESS_QUERY_INFORMATION};

/// The right to ask a job about its members.
const JOB_OBJECT_QUERY: u32 = 4;
/// More members and processes than a system has at one time; what is above that is found by the next look.
const MOST: usize = 64 * 1024;

/// The job of this process, when it is a supervisor.
static OWN: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

/// A handle that is closed.
struct Open(HANDLE);

impl Open {
    fn new(handle: HANDLE) -> Option<Self> {
        (!handle.is_null()).then_some(Self(handle))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and is closed once.
        unsafe {
            CloseHandle(self.0);
        }
    }
}

/// Jobs are found by their supervisor's number.
fn name(supervisor: u32) -> U16CString {
    U16CString::from_str_truncate(format!(r"Local\offdesk-attempt-{supervisor}"))
}

/// Puts this process into a job that ends all its members when the last handle is closed. The handle is never closed:
/// the system does that when this process ends, in whatever way. By its name everybody may ask about it, and nobody, not
/// even its owner, may do more: its members must not loosen it.
pub(crate) fn leave_parent() -> io::Result<()> {
    let descriptor = SecurityDescriptor::deserialize(u16cstr!("D:P(A;;0x4;;;WD)(A;;0x4;;;OW)"))?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: std::mem::size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.as_sd().cast_mut(),
        bInheritHandle: 0,
    };
    let name = name(std::process::id());
    // SAFETY: descriptor and name outlive the call; the structure is plain data of the size that is said; the handle is
    // checked.
    unsafe {
        let job = Open::new(CreateJobObjectW(&attributes, name.as_ptr()));
        let existed = GetLastError() == ERROR_ALREADY_EXISTS;
        let job = job.ok_or_else(io::Error::last_os_error)?;
        if existed {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "its job's name is taken"));
        }
        let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = std::mem::zeroed();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        let size = std::mem::size_of_val(&limits) as u32;
        let set = SetInformationJobObject(
            job.0,
            JobObjectExtendedLimitInformation,
            std::ptr::from_ref(&limits).cast(),
            size,
        );
        if set == 0 || AssignProcessToJobObject(job.0, GetCurrentProcess()) == 0 {
            return Err(io::Error::last_os_error());
        }
        OWN.store(job.0, Ordering::SeqCst);
        std::mem::forget(job);
    }
    Ok(())
}

/// What lives in this supervisor's job, itself excepted.
pub(crate) fn members() -> Option<Vec<u32>> {
    let job = OWN.load(Ordering::SeqCst);
    if job.is_null() {
        return None;
    }
    // Two numbers of 32 bits, the second of which counts the ids that follow.
    let before = 8 / std::mem::size_of::<usize>();
    let mut list = vec![0_usize; before + 1024];
    // SAFETY: the handle is never closed, and the list has the size that is said.
    let count = unsafe {
        QueryInformationJobObject(
            job,
            JobObjectBasicProcessIdList,
            list.as_mut_ptr().cast(),
            std::mem::size_of_val(list.as_slice()) as u32,
            std::ptr::null_mut(),
        );
        // A list that is too short is filled as far as it goes.
        list.as_ptr().cast::<u32>().add(1).read()
    };
    let ids = list.get(before..)?.iter().take(count as usize);
    let ourselves = std::process::id();
    Some(ids.filter_map(|id| u32::try_from(*id).ok()).filter(|id| *id != ourselves && *id != 0).collect())
}

/// Whether this process is part of this supervisor's attempt.
pub(crate) fn is_inside(pid: u32, _: &str) -> bool {
    members().is_some_and(|members| members.contains(&pid))
}

/// Whether this process is part of an attempt: in the job of a supervisor, which none leaves that is in it. One's parents
/// tell nothing here: they may be gone, and others may have their numbers. A process that is gone or can't be looked at
/// is taken for one, so that doubt never gives rights.
pub fn is_inside_an_attempt(pid: u32) -> bool {
    // SAFETY: the handle is checked.
    let Some(process) = Open::new(unsafe { OpenProcess(PROCESS_QUERY_INFORMATION, 0, pid) }) else {
        return true;
    };
    let mut all = vec![0_u32; MOST];
    let mut bytes = 0;
    // SAFETY: the list has the size that is said.
    let listed =
        unsafe { EnumProcesses(all.as_mut_ptr(), std::mem::size_of_val(all.as_slice()) as u32, &mut bytes) };
    if listed == 0 {
        return true;
    }
    let all = all.iter().take(bytes as usize / std::mem::size_of::<u32>());
    all.map(|supervisor| job_of(*supervisor)).any(|job| match job {
        Ok(job) => {
            let mut is_in = 1;
            // SAFETY: both handles are open, and the answer outlives the call.
            let told = unsafe { IsProcessInJob(process.0, job.0, &mut is_in) };
            told == 0 || is_in != 0
        }
        // Nothing has this name, or something that is no job: a supervisor's name is its job's for as long as it lives.
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) if error.raw_os_error() == Some(ERROR_INVALID_HANDLE as i32) => false,
        // There may be one that does not let us ask.
        Err(_) => true,
    })
}

fn job_of(supervisor: u32) -> io::Result<Open> {
    let name = name(supervisor);
    // SAFETY: the name outlives the call; the handle is checked.
    Open::new(unsafe { OpenJobObjectW(JOB_OBJECT_QUERY, 0, name.as_ptr()) })
        .ok_or_else(io::Error::last_os_error)
}
