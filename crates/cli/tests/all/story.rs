//! The words tests are told in.

use offdesk_client::{Client, Place};
use offdesk_protocol::*;
use serde_json::Value;
use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Longest anything here may take; the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn offdesk() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_offdesk"))
}

/// The pinned Claude Code, where `cargo x test` put it.
pub fn claude() -> PathBuf {
    let path = std::env::var_os("OFFDESK_CLAUDE")
        .expect("OFFDESK_CLAUDE names the pinned Claude Code; run the tests by `cargo x test`");
    PathBuf::from(path)
}

/// The pinned Codex, where `cargo x test` put it.
pub fn codex() -> PathBuf {
    let path = std::env::var_os("OFFDESK_CODEX")
        .expect("OFFDESK_CODEX names the pinned Codex; run the tests by `cargo x test`");
    PathBuf::from(path)
}

/// A person's machine: a data folder, a workspace, and a gateway that can be killed and started again.
pub struct Desk {
    pub home: tempfile::TempDir,
    pub workspace: PathBuf,
    pub data: PathBuf,
    env: Vec<(String, String)>,
    args: Vec<String>,
    /// The workspace is named as the one root.
    rooted: bool,
    gateway: Option<Child>,
    pub url: String,
    pub login_url: String,
}

impl Desk {
    /// A machine with a running gateway.
    pub fn new() -> Self {
        Self::with(&[], &[])
    }

    /// The same with more variables and arguments for the gateway.
    pub fn with(env: &[(&str, &str)], args: &[&str]) -> Self {
        Self::made(env, args, true)
    }

    /// The same where the command line says nothing of roots: runs may work in the home folder.
    pub fn at_home(env: &[(&str, &str)], args: &[&str]) -> Self {
        Self::made(env, args, false)
    }

    fn made(env: &[(&str, &str)], args: &[&str], rooted: bool) -> Self {
        let home = tempfile::tempdir().unwrap();
        let workspace = home.path().join("workspace");
        std::fs::create_dir(&workspace).unwrap();
        let workspace = workspace.canonicalize().unwrap();
        let own = |list: &[(&str, &str)]| list.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let mut desk = Self {
            data: home.path().join("data"),
            workspace,
            env: own(env),
            args: args.iter().map(ToString::to_string).collect(),
            rooted,
            gateway: None,
            url: String::new(),
            login_url: String::new(),
            home,
        };
        desk.start();
        desk
    }

    fn command(&self) -> Command {
        let mut command = Command::new(offdesk());
        // Agents must not find what whoever runs the tests has set.
        for name in
            ["IS_SANDBOX", "CLAUDECODE", "OFFDESK_DATA", "OFFDESK_URL", "INVOCATION_ID", "JOURNAL_STREAM"]
        {
            command.env_remove(name);
        }
        // Nor may the keyring of whoever runs the tests be touched.
        command.env("HOME", self.home.path()).env("SHELL", "/bin/sh").env("OFFDESK_KEYS", "file");
        command.envs(self.env.iter().map(|(k, v)| (k, v)));
        command.arg("--data").arg(&self.data);
        command
    }

    fn serve(&self, listen: &str) -> (Child, Option<Value>) {
        let mut command = self.command();
        command.args(["serve", "--json", "--listen", listen]).args(&self.args);
        if self.rooted {
            command.arg("--root").arg(&self.workspace);
        }
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (child, serde_json::from_str(&line).ok())
    }

    /// One more variable for gateways that are started from now on.
    pub fn also(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.into(), value.into()));
    }

    /// Starts the gateway, where it was before if it was somewhere.
    pub fn start(&mut self) {
        let listen = self.url.strip_prefix("http://").unwrap_or("127.0.0.1:0").to_string();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (mut child, ready) = self.serve(&listen);
            if let Some(ready) = ready {
                self.url = ready["url"].as_str().unwrap().into();
                self.login_url = ready["loginUrl"].as_str().unwrap_or_default().into();
                self.gateway = Some(child);
                return;
            }
            // A fault may end it before it is ready: that is what is tested.
            child.wait().unwrap();
            assert!(Instant::now() < deadline, "the gateway did not start");
        }
    }

    pub fn gateway_pid(&self) -> u32 {
        self.gateway.as_ref().unwrap().id()
    }

    /// `kill -9`.
    pub fn kill_gateway(&mut self) {
        if let Some(mut gateway) = self.gateway.take() {
            let _ = gateway.kill();
            gateway.wait().unwrap();
        }
    }

    /// Starts it again if something killed it.
    pub fn revive(&mut self) -> bool {
        match self.gateway.as_mut().map(|gateway| gateway.try_wait().unwrap()) {
            Some(None) => false,
            _ => {
                self.start();
                true
            }
        }
    }

    /// Waits for an end that somebody else asked for.
    pub fn gateway_ends(&mut self) {
        if let Some(mut gateway) = self.gateway.take() {
            assert!(gateway.wait().unwrap().success());
        }
    }

    /// SIGTERM, and wait for the end.
    pub fn stop_gateway(&mut self) {
        if let Some(mut gateway) = self.gateway.take() {
            Command::new("kill").arg(gateway.id().to_string()).status().unwrap();
            assert!(gateway.wait().unwrap().success());
        }
    }

    pub fn client(&self) -> Client {
        Client::new(Place::Socket(self.data.join("gateway.sock"))).unwrap()
    }

    /// The command line, as typed.
    pub fn cli(&self, args: &[&str]) -> Output {
        self.command().args(args).stdin(Stdio::null()).output().unwrap()
    }

    /// The command line with `--json`; it must succeed.
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.cli(&[args, &["--json"]].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{args:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?} gave {text}: {error}"))
    }

    /// The command line with `--json`; it must fail with this code.
    pub fn refused(&self, exit: i32, args: &[&str]) -> Problem {
        let output = self.cli(&[args, &["--json"]].concat());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?} gave {text}: {error}"))
    }

    pub async fn start_run(&self, agent: &str, prompt: &str) -> RunId {
        let start = StartRun {
            prompt: Some(prompt.into()).filter(|prompt: &String| !prompt.is_empty()),
            ..StartRun::of(agent, self.workspace.to_str().unwrap())
        };
        self.client().start(&start).await.unwrap().id
    }

    /// Waits until the run is so; says how it was when it never is.
    pub async fn until(&self, run: RunId, what: &str, wanted: impl Fn(&RunView) -> bool) -> RunView {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let last = self.client().run(run).await;
            match &last {
                Ok(view) if wanted(view) => return view.clone(),
                _ if Instant::now() > deadline => panic!("never: {what}; last seen {last:#?}"),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    pub async fn until_state(&self, run: RunId, state: RunState) -> RunView {
        self.until(run, &format!("{state}"), |view| view.state == state).await
    }

    /// The one approval that waits.
    pub async fn asked(&self, run: RunId) -> Approval {
        self.until_state(run, RunState::Waiting).await;
        self.client().approvals(Some(run), false).await.unwrap().remove(0)
    }

    pub async fn decide(&self, approval: &Approval, verdict: Verdict) -> Approval {
        let decision = Decision::new(approval.request.hash.clone(), verdict);
        self.client().decide(approval.request.id, &decision).await.unwrap()
    }

    pub async fn events(&self, run: RunId) -> Vec<Envelope> {
        let mut events: Vec<Envelope> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.seq);
            let page = self.client().events(Some(run), after, 1000).await.unwrap();
            if page.is_empty() {
                return events;
            }
            events.extend(page.into_iter().map(|event| serde_json::from_value::<Envelope>(event).unwrap()));
        }
    }

    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.workspace.join(name)).unwrap_or_default()
    }

    /// Processes that belong to this desk: supervisors, agents and whatever they started.
    pub fn processes(&self) -> Vec<u32> {
        let mark = format!("OFFDESK_DATA={}", self.data.display());
        let own = std::process::id();
        let gateway = self.gateway.as_ref().map(Child::id);
        std::fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            .filter(|pid| *pid != own && Some(*pid) != gateway)
            .filter(|pid| belongs(*pid, &mark, &self.data))
            .collect()
    }

    /// Ends all runs and the gateway, and finds nothing left.
    pub async fn close(mut self) {
        for view in self.client().runs(true).await.unwrap() {
            if !view.state.is_over() {
                self.client().stop(view.id).await.unwrap();
            }
        }
        for view in self.client().runs(true).await.unwrap() {
            self.until(view.id, "over", |view| view.state.is_over()).await;
        }
        self.stop_gateway();
        let none = async || self.processes().is_empty();
        eventually("no process is left", none).await;
        let sockets = walk(&self.data).into_iter().filter(|path| is_socket(path)).collect::<Vec<_>>();
        assert_eq!(sockets, Vec::<PathBuf>::new(), "no socket is left");
    }
}

fn belongs(pid: u32, mark: &str, data: &Path) -> bool {
    let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let zombie = String::from_utf8_lossy(&read("stat")).contains(") Z ");
    let environ = read("environ").split(|b| *b == 0).any(|entry| entry == mark.as_bytes());
    let supervises = String::from_utf8_lossy(&read("cmdline")).contains(&*data.to_string_lossy());
    !zombie && (environ || supervises)
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(walk(&entry.path())),
            _ => found.push(entry.path()),
        }
    }
    found
}

fn is_socket(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    path.symlink_metadata().is_ok_and(|meta| meta.file_type().is_socket())
}

/// Waits for a condition.
pub async fn eventually<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let deadline = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.kill_gateway();
        for pid in self.processes() {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
        }
    }
}
