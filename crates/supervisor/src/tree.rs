//! The processes of an attempt: finding them, ending them, and knowing them when they knock.

use crate::gateway::MARK;
pub use crate::platform::is_inside_an_attempt;
use crate::{files, platform, socket};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

/// How long what is left of a dead supervisor's tree is looked for.
const SWEEP: Duration = Duration::from_secs(5);
/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// All processes as they are now; nothing where the system does not show them.
fn look(with_environment: bool) -> Option<System> {
    let mut kind = ProcessRefreshKind::nothing().without_tasks();
    if with_environment {
        kind = kind.with_environ(UpdateKind::Always);
    }
    let mut system = System::new().ok()?;
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    Some(system)
}

pub(crate) fn lives(process: &Process) -> bool {
    !matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead)
}

/// Whether the process was started with this attempt's mark.
fn is_marked(process: &Process, mark: &OsString) -> bool {
    process.environ().iter().any(|entry| entry == mark)
}

/// Adds all that descend from those in `found`, and gives the living ones.
fn with_descendants(system: &System, mut found: HashSet<Pid>) -> HashSet<Pid> {
    loop {
        let before = found.len();
        for (pid, process) in system.processes() {
            if process
                .parent()
                .is_some_and(|parent| found.contains(&parent) && is_younger(system, process, parent))
            {
                found.insert(*pid);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Where orphans keep the number of a parent that is gone, another process may have that number by now: it is no
/// parent of one that is older.
fn is_younger(system: &System, process: &Process, parent: Pid) -> bool {
    system.process(parent).is_some_and(|parent| parent.start_time() <= process.start_time())
}

fn living(system: &System, found: HashSet<Pid>, spare: &HashSet<Pid>) -> Vec<u32> {
    found
        .into_iter()
        .filter(|pid| !spare.contains(pid) && system.process(*pid).is_some_and(lives))
        .map(|pid| pid.as_u32())
        .collect()
}

/// What lives of this supervisor's tree, itself excepted. Where the system keeps a list of its members, that is it. Where
/// it gives orphans to their nearest supervisor, descent says it all; elsewhere those that carry the mark belong to it
/// too.
pub(crate) fn own_descendants(mark_value: &str) -> Vec<u32> {
    if let Some(members) = platform::members() {
        return members;
    }
    let Some(system) = look(!platform::ADOPTS_ORPHANS) else { return Vec::new() };
    let ourselves = Pid::from_u32(std::process::id());
    let mut found = HashSet::from([ourselves]);
    if !platform::ADOPTS_ORPHANS {
        let mark = entry(mark_value);
        found.extend(system.processes().iter().filter(|(_, p)| is_marked(p, &mark)).map(|(pid, _)| *pid));
    }
    living(&system, with_descendants(&system, found), &HashSet::from([ourselves]))
}

fn entry(value: &str) -> OsString {
    OsString::from(format!("{MARK}={value}"))
}

/// The supervisor of the attempt in this folder died: ends what is left of its tree and takes its socket away. Does
/// nothing while it lives. Blocks for at most five seconds.
pub fn sweep(dir: &Path) {
    if files::is_alive(dir) {
        return;
    }
    let Ok(card) = files::card(dir) else { return };
    let mark = entry(&card.attempt.to_string());
    let deadline = Instant::now() + SWEEP;
    loop {
        let left = marked(&mark);
        left.iter().for_each(|pid| platform::kill(*pid));
        if left.is_empty() || Instant::now() > deadline {
            break;
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    socket::remove(&card.socket);
}

/// What carries the mark, with all that descends from it; never ourselves or those above us, who may carry it when a
/// gateway is developed by an agent of another.
fn marked(mark: &OsString) -> Vec<u32> {
    let Some(system) = look(true) else { return Vec::new() };
    let mut spare = HashSet::new();
    let mut above = Some(Pid::from_u32(std::process::id()));
    while let Some(pid) = above.filter(|pid| spare.insert(*pid)) {
        above = system.process(pid).and_then(Process::parent);
    }
    let found = system.processes().iter().filter(|(pid, p)| !spare.contains(pid) && is_marked(p, mark));
    let found = with_descendants(&system, found.map(|(pid, _)| *pid).collect());
    living(&system, found, &spare)
}
