//! A gateway to be measured.

use anyhow::{Context, Result};
use offdesk_client::{Client, Place};
use offdesk_protocol::*;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Desk {
    pub home: tempfile::TempDir,
    pub gateway: Child,
    pub client: Client,
}

fn serve(home: &Path, env: &[(String, String)], args: &[&str]) -> Result<Child> {
    let program = std::env::var("OFFDESK_BIN").context("OFFDESK_BIN names no program")?;
    let mut gateway = Command::new(program)
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(home.join("data"))
        .arg("--root")
        .arg(home)
        .args(args)
        .env("SHELL", "/bin/sh")
        .envs(env.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(gateway.stdout.take().context("no output")?).read_line(&mut line)?;
    Ok(gateway)
}

impl Desk {
    /// Starts a gateway, on prepared data or none.
    pub async fn start(home: Option<tempfile::TempDir>) -> Result<Self> {
        Self::with(home.map_or_else(tempfile::tempdir, Ok)?, &[], &[]).await
    }

    /// The same with these variables and arguments.
    pub async fn with(home: tempfile::TempDir, env: &[(String, String)], args: &[&str]) -> Result<Self> {
        let gateway = serve(home.path(), env, args)?;
        let client = Client::new(Place::Socket(home.path().join("data/gateway.sock")))?;
        Ok(Self { home, gateway, client })
    }

    /// Ends the gateway and starts the next on the same data.
    pub async fn restart(&mut self, env: &[(String, String)]) -> Result<()> {
        self.gateway.kill()?;
        self.gateway.wait()?;
        self.gateway = serve(self.home.path(), env, &[])?;
        Ok(())
    }

    pub async fn run(&self, agent: &str, prompt: Option<String>) -> Result<RunView> {
        let dir = self.home.path().to_str().context("path")?.to_string();
        let start = StartRun { prompt, label: Some("bench".into()), ..StartRun::of(agent, dir) };
        let mut view = self.client.start(&start).await?;
        while view.pid.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
            view = self.client.run(view.id).await?;
        }
        Ok(view)
    }

    pub async fn stop(&self, run: RunId) -> Result<()> {
        self.client.stop(run).await?;
        while !self.client.run(run).await?.state.is_over() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.gateway.kill();
        let _ = self.gateway.wait();
    }
}

/// Resident memory in MB.
pub fn rss_mb(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}

/// CPU time so far, in milliseconds.
pub fn cpu_ms(pid: u32) -> Result<f64> {
    let total: u64 = std::fs::read_dir(format!("/proc/{pid}/task"))?
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum();
    Ok(total as f64 / 1e6)
}

/// The parent of a process.
pub fn parent(pid: u32) -> Result<u32> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:")).context("no PPid")?;
    Ok(line.trim().parse()?)
}

/// What processes weigh together.
pub struct Weight {
    pub rss: f64,
    /// Pages that several have count for each only in part.
    pub pss: f64,
    pub processes: usize,
}

/// Resident and proportional memory of processes, in MB.
pub fn weigh(pids: &[u32]) -> Result<Weight> {
    let mut weight = Weight { rss: 0.0, pss: 0.0, processes: pids.len() };
    for pid in pids {
        let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).context("no such field")?;
            Ok::<f64, anyhow::Error>(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
        };
        weight.rss += field("Rss:")?;
        weight.pss += field("Pss:")?;
    }
    Ok(weight)
}

/// All processes below one.
pub fn below(pid: u32) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))?.flatten() {
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
            found.push(child);
            found.extend(below(child).unwrap_or_default());
        }
    }
    Ok(found)
}
