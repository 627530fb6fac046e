//! Which agents are here.

use offdesk_agents::{Driver, Environment, Located};
use offdesk_protocol::{AgentInfo, ErrorCode, Problem};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How long a program may take to say its version.
const VERSION_PATIENCE: Duration = Duration::from_secs(10);

/// Versions by program and its last change, so that each program is asked once.
type Versions = HashMap<(PathBuf, Option<SystemTime>), Option<String>>;

pub(crate) struct Found {
    environment: Environment,
    versions: Mutex<Versions>,
}

impl Found {
    pub(crate) fn new(environment: Environment) -> Self {
        Self { environment, versions: Mutex::default() }
    }

    pub(crate) fn driver(&self, kind: &str) -> Result<Box<dyn Driver>, Problem> {
        offdesk_agents::driver(kind).ok_or_else(|| {
            let known: Vec<&str> = offdesk_agents::drivers().iter().map(|driver| driver.kind()).collect();
            Problem::new(ErrorCode::NotFound, format!("There is no agent called “{kind}”."))
                .hint(format!("Known agents: {}.", known.join(", ")))
        })
    }

    pub(crate) fn program(&self, kind: &str) -> Result<PathBuf, Problem> {
        let driver = self.driver(kind)?;
        match driver.locate(&self.environment) {
            Located::Found(program) => Ok(program),
            Located::Missing { program, looked } => Err(Problem::new(
                ErrorCode::AgentMissing,
                format!("{} is not on this host: no program “{program}” was found.", driver.name()),
            )
            .hint(format!(
                "Looked in {}. {} Or try the demo agent.",
                looked.join(", "),
                driver.get_it().unwrap_or("Install it.")
            ))),
        }
    }

    pub(crate) async fn agents(&self) -> Vec<AgentInfo> {
        let mut agents = Vec::new();
        for driver in offdesk_agents::drivers() {
            let located = driver.locate(&self.environment);
            let (program, looked) = match located {
                Located::Found(program) => (Some(program), Vec::new()),
                Located::Missing { .. } if !driver.offered_when_missing() => continue,
                Located::Missing { looked, .. } => (None, looked),
            };
            let version = match (&program, driver.version_args()) {
                (Some(program), Some(args)) => self.version(program, args).await,
                _ => None,
            };
            agents.push(AgentInfo {
                kind: driver.kind().into(),
                name: driver.name().into(),
                found: program.is_some(),
                program: program.map(|program| program.display().to_string()),
                version,
                looked,
                get_it: driver.get_it().map(String::from),
                warning: driver.warning().map(String::from),
                capabilities: driver.capabilities(),
            });
        }
        agents
    }

    async fn version(&self, program: &Path, args: &[&str]) -> Option<String> {
        let changed = program.metadata().and_then(|meta| meta.modified()).ok();
        let key = (program.to_path_buf(), changed);
        let known = self.versions.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(version) = known {
            return version;
        }
        let asked =
            tokio::process::Command::new(program).args(args).stdin(Stdio::null()).kill_on_drop(true).output();
        let said = tokio::time::timeout(VERSION_PATIENCE, asked).await.ok().and_then(Result::ok);
        let version = said
            .map(|output| {
                String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_string()
            })
            .filter(|line| !line.is_empty());
        self.versions.lock().unwrap_or_else(PoisonError::into_inner).insert(key, version.clone());
        version
    }
}
