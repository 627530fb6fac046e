//! Knowing the processes of attempts when they knock.

use crate::gateway::MARK;
use crate::tree::lives;
use std::ffi::OsString;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// No real chain of parents is longer; a longer one is a chain that changes while we walk.
const LONGEST_CHAIN: usize = 256;

/// Whether this process is part of an attempt: it, or one above it, was started by a supervisor. A process that is
/// gone or can't be looked at is taken for one, so that doubt never gives rights.
pub fn is_inside_an_attempt(pid: u32) -> bool {
    is_marked_or_below(pid, has_mark_name)
}

/// The same for one attempt, by its mark.
pub(crate) fn is_inside(pid: u32, mark: &str) -> bool {
    let entry = OsString::from(format!("{MARK}={mark}"));
    is_marked_or_below(pid, |found| *found == entry)
}

fn is_marked_or_below(pid: u32, is_mark: impl Fn(&OsString) -> bool) -> bool {
    let kind = ProcessRefreshKind::nothing().without_tasks().with_environ(UpdateKind::Always);
    let Ok(mut system) = System::new() else { return true };
    let mut next = Pid::from_u32(pid);
    for _ in 0..LONGEST_CHAIN {
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[next]), true, kind);
        let Some(process) = system.process(next).filter(|process| lives(process)) else { return true };
        if process.environ().iter().any(&is_mark) {
            return true;
        }
        match process.parent() {
            Some(parent) if parent.as_u32() > 1 && parent != next => next = parent,
            _ => return false,
        }
    }
    true
}

fn has_mark_name(entry: &OsString) -> bool {
    let entry = entry.as_encoded_bytes();
    entry.len() > MARK.len() && entry.starts_with(MARK.as_bytes()) && entry[MARK.len()] == b'='
}

/// The system keeps no list of what belongs to a supervisor.
pub(crate) fn members() -> Option<Vec<u32>> {
    None
}
