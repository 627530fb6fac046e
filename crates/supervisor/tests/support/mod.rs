//! An attempt in a folder of its own, and conditions to wait for.

use offdesk_protocol::{AttemptId, Exit};
use offdesk_supervisor::*;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine; reached only by a test that fails.
pub const LONG: Duration = Duration::from_secs(30);

/// The program under test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_offdesk-supervisor"))
}

/// One attempt of a shell script.
pub struct Trial {
    pub folder: TempDir,
    pub spec: LaunchSpec,
}

impl Trial {
    pub fn of(script: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let spec = LaunchSpec {
            attempt: AttemptId::new(),
            program: "sh".into(),
            args: vec!["-c".into(), script.into()],
            env: Vec::new(),
            env_remove: Vec::new(),
            cwd: folder.path().to_path_buf(),
            terminal: None,
            service: None,
        };
        Self { folder, spec }
    }

    pub fn in_a_terminal(mut self) -> Self {
        self.spec.terminal = Some(Size { cols: 80, rows: 24 });
        self
    }

    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.spec.env.push((name.into(), value.into()));
        self
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("attempt")
    }

    /// Started with this in the supervisor's own environment.
    #[cfg(feature = "faults")]
    pub fn launch_with(self, environment: &[(&str, &str)]) -> Live {
        use std::io::{BufRead, BufReader, Write};
        use std::process::{Command, Stdio};
        let dir = self.dir();
        std::fs::create_dir_all(&dir).unwrap();
        let mut supervisor = Command::new(program());
        supervisor.args(["supervise", "--dir"]).arg(&dir).envs(environment.iter().copied());
        let mut supervisor = supervisor.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        supervisor.stdin.take().unwrap().write_all(&serde_json::to_vec(&self.spec).unwrap()).unwrap();
        let mut line = String::new();
        BufReader::new(supervisor.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        let pid = |name: &str| ready[name].as_u64().unwrap() as u32;
        let launched = Launched { pid: pid("pid"), supervisor_pid: pid("supervisorPid") };
        std::thread::spawn(move || supervisor.wait());
        Live { dir, attempt: self.spec.attempt, launched, folder: self.folder }
    }

    pub async fn launch(self) -> Live {
        let launched = launch(program(), &self.dir(), &self.spec).await.unwrap();
        Live { dir: self.dir(), attempt: self.spec.attempt, launched, folder: self.folder }
    }
}

/// An attempt that was started.
pub struct Live {
    pub dir: PathBuf,
    pub attempt: AttemptId,
    pub launched: Launched,
    folder: TempDir,
}

impl Drop for Live {
    /// A test that fails leaves no process behind.
    fn drop(&mut self) {
        if is_alive(&self.dir) {
            signal(self.launched.supervisor_pid, libc::SIGKILL);
            wait_for("the supervisor to be gone", || !is_alive(&self.dir));
        }
        sweep(&self.dir);
    }
}

impl Live {
    /// Where it works.
    pub fn workspace(&self) -> &Path {
        self.folder.path()
    }

    pub async fn connect(&self) -> (Sender, Receiver, Welcome) {
        let (connection, welcome) = connect(&self.dir).await.unwrap();
        let (sender, receiver) = connection.split();
        (sender, receiver, welcome)
    }

    pub async fn stop(&self, grace_ms: u64) -> Exit {
        let (mut sender, mut receiver, _) = self.connect().await;
        sender.send(ToSupervisor::Stop { grace_ms }, Vec::new()).await.unwrap();
        exit(&mut receiver).await
    }

    /// What it said, as it is in the file.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.dir.join("output")).unwrap_or_default()).into_owned()
    }

    pub fn wait_until_it_says(&self, words: &str) {
        wait_for(&format!("{words:?} in {:?}", self.said()), || self.said().contains(words));
    }

    pub fn wait_until_over(&self) -> Exit {
        wait_for("the attempt to be over", || !is_alive(&self.dir));
        exit_of(&self.dir).unwrap()
    }

    pub fn marked_processes(&self) -> Vec<u32> {
        let mark = format!("OFFDESK_ATTEMPT={}", self.attempt);
        processes().into_iter().filter(|pid| environment(*pid).contains(&mark)).collect()
    }
}

/// Messages up to the one that says it is over.
pub async fn exit(receiver: &mut Receiver) -> Exit {
    until(receiver, |message| match message {
        FromSupervisor::Exited { exit } => Some(exit),
        _ => None,
    })
    .await
}

/// The first message that is wanted.
pub async fn until<T>(receiver: &mut Receiver, wanted: impl Fn(FromSupervisor) -> Option<T>) -> T {
    tokio::time::timeout(LONG, async {
        loop {
            let message = receiver.recv().await.unwrap().expect("the connection ended too early");
            if let Some(found) = wanted(message) {
                return found;
            }
        }
    })
    .await
    .expect("the message did not come")
}

/// Waits until it is so.
pub fn wait_for(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !so() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn signal(pid: u32, signal: i32) {
    // SAFETY: a plain call; the worst is an error that nobody needs.
    unsafe { libc::kill(pid as i32, signal) };
}

/// Whether the process is there and not merely waiting to be buried.
pub fn lives(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = stat.rsplit(')').next().and_then(|rest| rest.trim().chars().next());
    !matches!(state, Some('Z' | 'X') | None)
}

fn processes() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(|pid| lives(*pid)).collect()
}

fn environment(pid: u32) -> Vec<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    bytes.split(|byte| *byte == 0).map(|entry| String::from_utf8_lossy(entry).into_owned()).collect()
}

/// Resident memory of a process, in KiB: all of it, and what is its own alone.
pub fn memory(pid: u32) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let field = |name: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    (field("VmRSS:"), field("RssAnon:"))
}
