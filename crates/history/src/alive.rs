//! Which process has which conversation open, and ending it.

use crate::format::Kept;
use offdesk_protocol::{HistoryLive, Timestamp};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use sysinfo::{
    Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, Signal, System, UpdateKind,
};

/// Programs by the name of their file, and folders that scripts of the same programs are in.
const PROGRAMS: [(&str, &str, &str); 5] = [
    ("claude", "claude", "@anthropic-ai/claude-code"),
    ("codex", "codex", "@openai/codex"),
    ("gemini", "gemini", "@google/gemini-cli"),
    ("qwen", "qwen", "@qwen-code/qwen-code"),
    ("opencode", "opencode", "opencode-ai"),
];
/// Words by which a person goes on with the last conversation instead of beginning one.
const GOES_ON: [&str; 6] = ["--continue", "-c", "--resume", "-r", "resume", "--session"];
/// Asked ever more firmly, each with its time.
const FIRMNESS: [(Signal, Duration); 3] = [
    (Signal::Interrupt, Duration::from_secs(3)),
    (Signal::Term, Duration::from_secs(3)),
    (Signal::Kill, Duration::from_secs(3)),
];
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The agents' processes as they were at one moment.
pub struct Alive {
    system: System,
    agents: Vec<Seen>,
}

/// An agent's process, with those below it: what starts a program under another name passes its words on.
struct Seen {
    pid: Pid,
    agent: &'static str,
    words: HashSet<String>,
    /// Files it has open, where the system shows them (Linux).
    files: HashSet<PathBuf>,
}

/// How ending a process went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It is gone.
    Gone,
    /// It is not the process the person saw, so nothing was done.
    Another,
    /// It is still there: the system did not let us.
    StillThere,
}

fn look_at(which: ProcessesToUpdate<'_>) -> Option<System> {
    let mut system = System::new().ok()?;
    let kind = ProcessRefreshKind::nothing()
        .without_tasks()
        .with_cmd(UpdateKind::Always)
        .with_cwd(UpdateKind::Always)
        .with_exe(UpdateKind::Always);
    system.refresh_processes_specifics(which, true, kind);
    Some(system)
}

fn lives(process: &Process) -> bool {
    !matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead)
}

/// The agent a process is of: by its program, or by the script that its program runs.
fn agent_of(process: &Process) -> Option<&'static str> {
    let named =
        |path: &Path, name: &str| path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case(name));
    let words: Vec<&Path> = process.cmd().iter().take(2).map(|word| Path::new(word.as_os_str())).collect();
    let found = PROGRAMS.iter().find(|(_, name, folder)| {
        let inside = |path: &Path| path.to_string_lossy().replace('\\', "/").contains(folder);
        process.exe().is_some_and(|exe| named(exe, name) || inside(exe))
            || words.first().is_some_and(|program| named(program, name))
            || words.get(1).is_some_and(|script| {
                script.components().count() > 1 && (named(script, name) || inside(script))
            })
    });
    found.map(|(agent, ..)| *agent)
}

impl Alive {
    /// Nothing where the system does not show its processes.
    pub(crate) fn look() -> Option<Self> {
        let system = look_at(ProcessesToUpdate::All)?;
        let all: Vec<(Pid, &'static str)> = system
            .processes()
            .iter()
            .filter(|(_, process)| lives(process) && process.thread_kind().is_none())
            .filter_map(|(pid, process)| Some((*pid, agent_of(process)?)))
            .collect();
        let part_of_another = |pid: &Pid, agent: &str| {
            let parent = system.process(*pid).and_then(Process::parent);
            parent.is_some_and(|parent| all.iter().any(|(other, of)| *other == parent && *of == agent))
        };
        let tops = all.iter().filter(|(pid, agent)| !part_of_another(pid, agent));
        let agents = tops.map(|(pid, agent)| Seen::of(&system, *pid, agent)).collect();
        Some(Self { system, agents })
    }

    /// Leaves out these processes and what they started: runs of our own.
    pub fn without(mut self, ours: &[u32]) -> Self {
        let tops = ours.iter().map(|pid| Pid::from_u32(*pid)).collect();
        let ours = with_descendants(&self.system, tops);
        self.agents.retain(|seen| !ours.contains(&seen.pid));
        self
    }

    /// The process that has this conversation open. `latest`: none of this agent in the same folder was changed after it.
    pub fn of(&self, kept: &Kept, latest: bool) -> Option<HistoryLive> {
        let same = || self.agents.iter().filter(|seen| seen.agent == kept.agent);
        if let Some(seen) = same().find(|seen| seen.names(&kept.id) || seen.files.contains(&kept.path)) {
            return Some(HistoryLive { pid: seen.pid.as_u32(), certain: true });
        }
        let may = |seen: &&Seen| {
            latest && self.system.process(seen.pid).is_some_and(|process| may_have(process, kept))
        };
        same().find(may).map(|seen| HistoryLive { pid: seen.pid.as_u32(), certain: false })
    }

    /// Ends a process that has this conversation open, and no other: it must still be this agent's, with the
    /// conversation open, and stay the same process between one signal and the next. Blocks for up to nine seconds.
    pub fn stop(&self, kept: &Kept, latest: bool, pid: u32) -> Stopped {
        if self.of(kept, latest).is_none_or(|live| live.pid != pid) {
            return Stopped::Another;
        }
        let pid = Pid::from_u32(pid);
        let Some((began, exe)) =
            self.system.process(pid).map(|process| (process.start_time(), process.exe()))
        else {
            return Stopped::Gone;
        };
        let there = || {
            let system = look_at(ProcessesToUpdate::Some(&[pid]))?;
            let process = system.process(pid).filter(|process| lives(process))?;
            // A number that is given away again belongs to another process.
            (process.start_time() == began && process.exe() == exe).then_some(())?;
            Some(system)
        };
        for (signal, patience) in FIRMNESS {
            let Some(system) = there() else { return Stopped::Gone };
            // Where the system has no such signal, the next one is tried.
            if system.process(pid).and_then(|process| process.kill_with(signal)) != Some(true) {
                continue;
            }
            let deadline = Instant::now() + patience;
            while Instant::now() < deadline {
                if there().is_none() {
                    return Stopped::Gone;
                }
                std::thread::sleep(LOOK_AGAIN);
            }
        }
        if there().is_none() { Stopped::Gone } else { Stopped::StillThere }
    }
}

impl Seen {
    fn of(system: &System, pid: Pid, agent: &'static str) -> Self {
        let family = with_descendants(system, HashSet::from([pid]));
        let processes = family.iter().filter_map(|pid| system.process(*pid));
        let words = processes
            .flat_map(|process| process.cmd().iter().filter_map(|word| word.to_str().map(String::from)));
        let open = family
            .iter()
            .flat_map(|pid| std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten());
        // A database holds all of an agent's conversations: that it is open says nothing of one of them.
        let files = open.filter_map(|link| std::fs::read_link(link.path()).ok());
        let files = files.filter(|file| file.extension().is_none_or(|extension| extension != "db")).collect();
        Self { pid, agent, words: words.collect(), files }
    }

    /// It was started with the conversation's name.
    fn names(&self, id: &str) -> bool {
        id.len() >= 8 && self.words.iter().any(|word| word == id || word.ends_with(&format!("={id}")))
    }
}

/// These, and all that descend from them.
fn with_descendants(system: &System, mut found: HashSet<Pid>) -> HashSet<Pid> {
    loop {
        let before = found.len();
        for (pid, process) in system.processes() {
            if process.parent().is_some_and(|parent| found.contains(&parent)) {
                found.insert(*pid);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// The same folder, and it has changed since the process began, or the process was told to go on with the last one.
fn may_have(process: &Process, kept: &Kept) -> bool {
    let same_folder = kept.dir.as_ref().is_some_and(|dir| {
        let dir = Path::new(dir);
        process.cwd().is_some_and(|cwd| cwd == dir || dir.canonicalize().is_ok_and(|dir| dir == cwd))
    });
    let goes_on = process.cmd().iter().filter_map(|word| word.to_str()).any(|word| GOES_ON.contains(&word));
    let began = Timestamp::from_second(i64::try_from(process.start_time()).unwrap_or_default());
    same_folder && (goes_on || began.is_ok_and(|began| kept.updated_at >= began))
}
