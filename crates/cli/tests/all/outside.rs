//! The world between a phone and the gateway: an edge that is a process of its own, and a tunnel program that leads
//! to it.

use crate::story::{Desk, PATIENCE, eventually, offdesk};
use offdesk_protocol::{Health, HopState};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

/// An edge like Cloudflare's.
pub struct Edge {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    pub public: SocketAddr,
    control: String,
    proxy: String,
    pub ca: PathBuf,
}

fn beside(name: &str) -> PathBuf {
    offdesk().with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

impl Edge {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(beside("scripted-edge"))
            .args(["--public", "127.0.0.1:0", "--control", "127.0.0.1:0", "--proxy", "127.0.0.1:0"])
            .arg("--certs")
            .arg(folder.path())
            .arg("--log")
            .arg(folder.path().join("log"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("scripted-edge is built by `cargo test` of the whole workspace");
        let commands = child.stdin.take().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| ready[name].as_str().unwrap().to_string();
        Self {
            public: text("public").parse().unwrap(),
            control: text("control"),
            proxy: text("proxy"),
            ca: text("ca").into(),
            child,
            commands,
            answers,
            folder,
        }
    }

    /// `down`, `up`, `cut`, `freeze`, `thaw`, `forget`, …
    pub fn say(&mut self, command: &str) {
        writeln!(self.commands, "{command}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ok", "{command}");
    }

    /// A desk whose way in leads through this edge.
    pub fn desk(&self, misbehaviour: &str) -> Desk {
        let program = beside("scripted-cloudflared");
        self.desk_with(&[("SCRIPTED_CLOUDFLARED", misbehaviour)], &["--tunnel", "quick"], &program)
    }

    /// The same where the command line says nothing of a tunnel.
    pub fn desk_without_tunnel(&self, env: &[(&str, &str)], args: &[&str]) -> Desk {
        self.desk_with(env, args, &beside("scripted-cloudflared"))
    }

    /// A desk with a tunnel and an address of its own.
    pub fn named_desk(&self, name: &str, door: &str, token: &str) -> Desk {
        let origin = format!("http://{door}");
        let env = [
            ("SCRIPTED_CLOUDFLARED_HOSTNAME", name),
            ("SCRIPTED_CLOUDFLARED_ORIGIN", origin.as_str()),
            ("OFFDESK_TUNNEL_TOKEN", token),
        ];
        let url = format!("https://{name}");
        let args = ["--tunnel", "named", "--tunnel-url", url.as_str(), "--edge", door];
        self.desk_with(&env, &args, &beside("scripted-cloudflared"))
    }

    /// A desk to which a tunnel of the person's own delivers: nothing of ours starts it.
    pub fn desk_of_own_tunnel(&self, name: &str, door: &str) -> Desk {
        let url = format!("https://{name}");
        self.desk_with(&[], &["--edge", door, "--edge-url", url.as_str()], Path::new("/nowhere"))
    }

    /// That tunnel.
    pub fn own_tunnel(&self, name: &str, door: &str, token: &str) -> OwnTunnel {
        let config = self.folder.path().join("empty.yml");
        std::fs::write(&config, "").unwrap();
        let child = Command::new(beside("scripted-cloudflared"))
            .args(["tunnel", "--config"])
            .arg(config)
            .args(["--no-autoupdate", "--output", "json", "--metrics", "127.0.0.1:0", "run"])
            .env("SCRIPTED_EDGE_CONTROL", &self.control)
            .env("SCRIPTED_CLOUDFLARED_HOSTNAME", name)
            .env("SCRIPTED_CLOUDFLARED_ORIGIN", format!("http://{door}"))
            .env("TUNNEL_TOKEN", token)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        OwnTunnel(child)
    }

    fn desk_with(&self, env: &[(&str, &str)], args: &[&str], program: &Path) -> Desk {
        let proxy = format!("http://{}", self.proxy);
        let world = [
            ("SCRIPTED_EDGE_CONTROL", self.control.as_str()),
            ("HTTPS_PROXY", proxy.as_str()),
            ("SSL_CERT_FILE", self.ca.to_str().unwrap()),
        ];
        let program = ["--cloudflared", program.to_str().unwrap()];
        Desk::with(&[&world, env].concat(), &[args, &program].concat())
    }

    /// What came to the public port, in order.
    pub fn seen(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

/// A tunnel program that the person started.
pub struct OwnTunnel(Child);

impl Drop for OwnTunnel {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the ladder shows this; says how it stood when it never does.
pub async fn until_health(desk: &Desk, what: &str, wanted: impl Fn(&Health) -> bool) -> Health {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let last = desk.client().health().await;
        match &last {
            Ok(health) if wanted(health) => return health.clone(),
            _ if Instant::now() > deadline => panic!("never: {what}; last seen {last:#?}"),
            _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

pub fn hop(health: &Health, name: &str) -> HopState {
    health.hops.iter().find(|hop| hop.name == name).unwrap().state
}

/// Waits until the way in works, and gives its address.
pub async fn reachable(desk: &Desk) -> String {
    until_health(desk, "reachable", |health| health.ok && hop(health, "edge") == HopState::Ok).await;
    let offer = desk.json(&["pair"]);
    offer["loginUrl"].as_str().unwrap().split_once("/p#").unwrap().0.to_string()
}

/// The tunnel program's process.
pub async fn tunnel_pid(desk: &Desk) -> u32 {
    let find = || {
        desk.processes().into_iter().find(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0)
                .next()
                .is_some_and(|program| program.ends_with(b"scripted-cloudflared"))
        })
    };
    eventually("the tunnel program runs", async || find().is_some()).await;
    find().unwrap()
}
