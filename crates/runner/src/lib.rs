//! What a host can do: it finds agents, checks workspaces, and keeps attempts going through their supervisors.
//!
//! The runner reports what happens ([`Report`]) and does what it is told ([`Order`]); it decides nothing and stores
//! nothing but the attempts' files. All facts it reports come from the attempt's recorded output, so that the next
//! gateway reads the same ones.

mod artifacts;
mod asking;
mod attempt;
mod desk;
mod files;
mod found;
mod git;
mod knock;
mod launch;
mod masking;
mod order;
mod output;
mod program;
mod pump;
mod screen;
mod service;
mod settings;
mod storage;
mod telling;
mod trial;
mod typed;
mod uploads;
mod version;
mod vouch;
mod workspace;

pub use artifacts::{Artifacts, Kept, NewArtifact};
pub use files::{Files, FindFiles, OpenFile, Place as FilePlace, SmallPicture};
pub use found::AgentSettings;
pub use git::{At, RunSnapshots, TurnChanges, Workspaces};
pub use offdesk_agents::Environment;
pub use offdesk_supervisor::{Size, is_inside_an_attempt, mask_text};
pub use order::{AttemptHandle, Begin, How, Order, Report};
pub use output::{AttemptOutput, Chunk, Progress};
pub use service::{RunningService, ServiceNews, ServiceSpec};
pub use storage::{Fate, Known, KnownRun, Owner, Place, Thing};
pub use uploads::Uploads;

use found::Found;
use offdesk_protocol::{AgentInfo, AttemptId, ErrorCode, OwnAgent, OwnAgentTest, Problem, RunId};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use tokio::sync::mpsc;

/// Kinds of agents that are not the person's own.
pub fn built_in_kinds() -> Vec<String> {
    offdesk_agents::drivers(&[]).iter().map(|driver| driver.kind().to_string()).collect()
}

/// Where a host keeps attempts and what it allows.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder; attempts live in `attempts/` below it.
    pub data: PathBuf,
    /// Folders under which workspaces are allowed, to begin with.
    pub roots: Vec<PathBuf>,
    /// Where agents are looked for and started.
    pub environment: Environment,
    /// Seconds between an interrupt and the end of everything, when a run is stopped.
    pub grace: std::time::Duration,
}

/// The local runner.
pub struct Runner {
    config: Config,
    roots: RwLock<Vec<PathBuf>>,
    found: Found,
    workspaces: Workspaces,
    outputs: Mutex<HashMap<AttemptId, Weak<AttemptOutput>>>,
    uploads: Uploads,
    files: Files,
    artifacts: Artifacts,
    /// The program supervisors run from, copied when the first one is started.
    supervisor: tokio::sync::OnceCell<PathBuf>,
}

impl Runner {
    /// A runner with this configuration. Starts nothing.
    pub fn new(config: Config) -> Arc<Self> {
        let uploads = Uploads::new(&config.data);
        Arc::new(Self {
            found: Found::new(config.environment.clone()),
            workspaces: Workspaces::new(config.data.clone(), config.environment.clone()),
            roots: RwLock::new(config.roots.clone()),
            files: Files::new(&config.data, uploads.clone()),
            uploads,
            artifacts: Artifacts::new(&config.data),
            config,
            outputs: Mutex::default(),
            supervisor: Default::default(),
        })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Folders under which workspaces are allowed now.
    pub fn roots(&self) -> Vec<PathBuf> {
        self.roots.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Allows workspaces under these folders and no others from now on. Runs that are there stay where they are.
    pub fn set_roots(&self, roots: Vec<PathBuf>) {
        *self.roots.write().unwrap_or_else(PoisonError::into_inner) = roots;
    }

    /// What the person set of agents holds from now on. Attempts that are under way go on as they are.
    pub fn set_agents(&self, settings: AgentSettings) {
        self.found.set(settings);
    }

    /// Looks for agents anew from now on, with these variables.
    pub fn look_again(&self, news: Vec<(String, OsString)>) {
        self.found.look_again(news);
    }

    /// Whether this program can be the agent's, and the version it says.
    ///
    /// # Errors
    /// When it is no program, or not one of this agent's.
    pub async fn try_program(&self, kind: &str, program: &Path) -> Result<Option<String>, Problem> {
        self.found.tried(kind, program).await
    }

    /// Whether an agent of the person's own can be used: its program is found, and says hello where it has a protocol.
    pub async fn try_agent(&self, agent: OwnAgent) -> OwnAgentTest {
        trial::agent(&self.found, agent).await
    }

    /// The program of a command line.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn command(&self, dir: &Path, command: &[String]) -> Result<PathBuf, Problem> {
        self.found.command(dir, command)
    }

    /// All agents, with whether they can be started here. Asks each program for its version once.
    pub async fn agents(&self) -> Vec<AgentInfo> {
        self.found.agents().await
    }

    /// Where agents are looked for and started, as it is now.
    pub fn environment(&self) -> Environment {
        self.found.environment()
    }

    /// What the agent's driver can do.
    ///
    /// # Errors
    /// When no driver has this kind.
    pub fn capabilities(&self, kind: &str) -> Result<offdesk_protocol::Capabilities, Problem> {
        self.found.driver(kind).map(|driver| driver.capabilities())
    }

    /// Whether this mode is one in which the agent still asks before it acts.
    ///
    /// # Errors
    /// When no driver has this kind.
    pub fn asks_in(&self, kind: &str, mode: &str) -> Result<bool, Problem> {
        self.found.driver(kind).map(|driver| driver.asks_in(mode))
    }

    /// Files that people brought for their prompts.
    pub fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    /// What is shown of this host's files. Blocks the thread.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// What is kept of runs, whatever becomes of their workspaces. Blocks the thread.
    pub fn artifacts(&self) -> &Artifacts {
        &self.artifacts
    }

    /// The folder with the files of a run's prompts, which its agent may read.
    pub(crate) fn attachments(&self, run: RunId) -> PathBuf {
        self.config.data.join("attachments").join(run.to_string())
    }

    /// The agent's program.
    ///
    /// # Errors
    /// When no driver has this kind, or its program is not here: then it says where was looked.
    pub fn program(&self, kind: &str) -> Result<PathBuf, Problem> {
        self.found.program(kind)
    }

    /// The workspace as an absolute path without links.
    ///
    /// # Errors
    /// When it is not a folder, or is outside the allowed roots.
    pub fn workspace(&self, dir: &str) -> Result<PathBuf, Problem> {
        let checked = workspace::check(&self.roots(), dir);
        match &checked {
            // Worktrees are made only for workspaces that were allowed.
            Err(problem) if problem.code == ErrorCode::OutsideRoots => {
                workspace::check(&[self.workspaces.folder()], dir).or(checked)
            }
            _ => checked,
        }
    }

    /// What git does for runs. Blocks the thread.
    pub fn workspaces(&self) -> &Workspaces {
        &self.workspaces
    }

    /// Sub-folders of a folder inside the roots, hidden ones left out, sorted.
    ///
    /// # Errors
    /// As [`Runner::workspace`].
    pub fn children(&self, dir: &str) -> Result<Vec<String>, Problem> {
        workspace::children(&self.workspace(dir)?)
    }

    /// The folder of an attempt's files.
    pub fn attempt_dir(&self, attempt: AttemptId) -> PathBuf {
        self.config.data.join("attempts").join(attempt.to_string())
    }

    /// Starts an attempt, or takes up one that was started by an earlier gateway. Reports come on `reports` until
    /// `Report::Exited`, which is the last.
    pub fn begin(self: &Arc<Self>, begin: Begin, reports: mpsc::Sender<Report>) -> AttemptHandle {
        attempt::begin(self.clone(), begin, reports)
    }

    /// An attempt's output, live or not. All readers of one attempt share it.
    ///
    /// # Errors
    /// When there is no such attempt on this host.
    pub fn output(&self, attempt: AttemptId) -> Result<Arc<AttemptOutput>, Problem> {
        let mut outputs = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(output) = outputs.get(&attempt).and_then(Weak::upgrade) {
            return Ok(output);
        }
        outputs.retain(|_, output| output.strong_count() > 0);
        if !self.attempt_dir(attempt).exists() {
            let text = "What this attempt put out is not kept any more: it was cleaned up, or never began.";
            return Err(
                Problem::new(ErrorCode::NotFound, text).hint("What was said and done is still shown.")
            );
        }
        let output = AttemptOutput::open(&self.attempt_dir(attempt)).map_err(|error| {
            Problem::new(ErrorCode::NotFound, format!("The output of this attempt cannot be read: {error}."))
        })?;
        let output = Arc::new(output);
        outputs.insert(attempt, Arc::downgrade(&output));
        Ok(output)
    }

    /// The copy of our own program that supervisors run from.
    async fn supervisor(&self) -> Result<&Path, String> {
        let copied = self.supervisor.get_or_try_init(async || {
            let (data, offdesk) = (self.config.data.clone(), self.config.environment.offdesk.clone());
            let copy = move || program::supervisor_copy(&data, &offdesk, env!("CARGO_PKG_VERSION"));
            tokio::task::spawn_blocking(copy).await.map_err(|error| error.to_string())?.map_err(|error| {
                format!("The supervisor's program could not be copied to the data folder: {error}.")
            })
        });
        copied.await.map(PathBuf::as_path)
    }

    fn fold_context(
        &self,
        run: RunId,
        attempt: AttemptId,
        dir: &Path,
        agent_session: Option<String>,
        (model, mode): (Option<String>, Option<String>),
    ) -> offdesk_agents::FoldContext {
        offdesk_agents::FoldContext {
            run,
            attempt,
            dir: dir.to_path_buf(),
            agent_session,
            model,
            mode,
            workspace: Arc::new(offdesk_agents::Disk),
        }
    }
}
