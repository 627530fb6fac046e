//! Which agents are here.

use crate::version::Versions;
use offdesk_agents::{Driver, Environment, Located, is_older};
use offdesk_protocol::{AgentInfo, AgentProblem, ErrorCode, OwnAgent, Problem, ProgramChoice};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

/// What a person set of agents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentSettings {
    /// Agents of their own.
    pub own: Vec<OwnAgent>,
    /// Programs they chose, by the agent's kind.
    pub programs: BTreeMap<String, PathBuf>,
}

/// Where agents are looked for, and what was learnt of the environment since the gateway was started.
#[derive(Clone, Debug, Default)]
struct Surroundings {
    environment: Environment,
    news: BTreeMap<String, OsString>,
}

pub(crate) struct Found {
    surroundings: RwLock<Surroundings>,
    settings: RwLock<AgentSettings>,
    versions: Versions,
}

/// An agent's program as a run would use it.
struct Program {
    at: Result<PathBuf, Problem>,
    looked: Vec<String>,
    chosen: bool,
}

impl Found {
    pub(crate) fn new(environment: Environment) -> Self {
        let surroundings = Surroundings { environment, news: BTreeMap::new() };
        Self {
            surroundings: RwLock::new(surroundings),
            settings: RwLock::default(),
            versions: Versions::default(),
        }
    }

    pub(crate) fn set(&self, settings: AgentSettings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    fn settings(&self) -> AgentSettings {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks again from now on: with these variables, and asking each program for its version anew.
    pub(crate) fn look_again(&self, news: Vec<(String, OsString)>) {
        let mut surroundings = self.surroundings.write().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in news {
            surroundings.environment.vars.insert(name.clone(), value.clone());
            surroundings.news.insert(name, value);
        }
        self.versions.forget();
    }

    pub(crate) fn environment(&self) -> Environment {
        self.surroundings.read().unwrap_or_else(PoisonError::into_inner).environment.clone()
    }

    /// What an agent is given on top of what its supervisor inherits, so that it also finds what is beside its program.
    pub(crate) fn variables(&self, program: &Path) -> Vec<(String, String)> {
        let Surroundings { environment, mut news } =
            self.surroundings.read().unwrap_or_else(PoisonError::into_inner).clone();
        if program != environment.offdesk
            && let Some(path) = offdesk_agents::in_path(program, &environment)
        {
            news.insert("PATH".into(), path);
        }
        texts(news)
    }

    /// What was learnt of the environment since the gateway was started.
    pub(crate) fn news(&self) -> Vec<(String, String)> {
        texts(self.surroundings.read().unwrap_or_else(PoisonError::into_inner).news.clone())
    }

    fn drivers(&self) -> Vec<Box<dyn Driver>> {
        offdesk_agents::drivers(&self.settings().own)
    }

    pub(crate) fn driver(&self, kind: &str) -> Result<Box<dyn Driver>, Problem> {
        let mut drivers = self.drivers();
        match drivers.iter().position(|driver| driver.kind() == kind) {
            Some(at) => Ok(drivers.swap_remove(at)),
            None => {
                let known: Vec<&str> = drivers.iter().map(|driver| driver.kind()).collect();
                Err(Problem::new(ErrorCode::NotFound, format!("There is no agent called “{kind}”.")).hint(
                    format!(
                        "Known agents: {}. An agent of your own: `offdesk agents add`.",
                        known.join(", ")
                    ),
                ))
            }
        }
    }

    pub(crate) fn program(&self, kind: &str) -> Result<PathBuf, Problem> {
        self.program_of(&*self.driver(kind)?).at
    }

    fn program_of(&self, driver: &dyn Driver) -> Program {
        if let Some(chosen) = self.settings().programs.get(driver.kind()).filter(|_| driver.is_choosable()) {
            let shown = chosen.display().to_string();
            let at = which::which(chosen).map_err(|_| {
                Problem::new(
                    ErrorCode::AgentMissing,
                    format!("{} is not where you chose it: {shown} is no program any more.", driver.name()),
                )
                .hint(
                    "Choose another program for it, or let it be looked for again: `offdesk agents choose`.",
                )
            });
            return Program { at, looked: vec![format!("{shown} (chosen by you)")], chosen: true };
        }
        let (at, looked) = match driver.locate(&self.environment()) {
            Located::Found(program) => (Ok(program), Vec::new()),
            Located::Missing { program, looked } => {
                let problem = Problem::new(
                    ErrorCode::AgentMissing,
                    format!("{} is not on this host: no program “{program}” was found.", driver.name()),
                )
                .hint(format!(
                    "Looked in {}. {} Or try the demo agent.",
                    looked.join(", "),
                    driver.get_it().unwrap_or("Install it.")
                ));
                (Err(problem), looked)
            }
        };
        Program { at, looked, chosen: false }
    }

    /// The program of a command line, as its workspace and `PATH` have it.
    pub(crate) fn command(&self, dir: &Path, command: &[String]) -> Result<PathBuf, Problem> {
        let program = command.first().map(String::as_str).unwrap_or_default();
        let path = self.environment().vars.get("PATH").cloned();
        which::which_in(program, path, dir).map_err(|_| {
            Problem::new(
                ErrorCode::NotFound,
                format!("No program “{program}” was found, so nothing was started."),
            )
            .hint("Check its name. A command line is no shell: for its words (&&, |, $X) start `sh -c '…'`.")
        })
    }

    pub(crate) async fn agents(&self) -> Vec<AgentInfo> {
        let mut agents = Vec::new();
        for driver in self.drivers() {
            agents.extend(self.info(&*driver).await);
        }
        agents
    }

    /// The agent as people see it. Nothing: it is one that is shown only where it is.
    async fn info(&self, driver: &dyn Driver) -> Option<AgentInfo> {
        let program = self.program_of(driver);
        if program.at.is_err() && !program.chosen && !driver.offered_when_missing() {
            return None;
        }
        let capabilities = driver.capabilities();
        let choices = if driver.is_choosable() { driver.choices(&self.environment()) } else { Vec::new() };
        let found = program.at.as_ref().ok().filter(|_| !capabilities.command);
        let version = match found {
            Some(program) => self.version(driver, program).await,
            None => None,
        };
        let mut listed = Vec::new();
        for choice in choices {
            let version = self.version(driver, &choice).await;
            listed.push(ProgramChoice { program: choice.display().to_string(), version });
        }
        let problem = match &program.at {
            Ok(_) => too_old(driver, version.as_deref()),
            Err(problem) if program.chosen => Some(AgentProblem {
                code: "chosenMissing".into(),
                text: problem.message.clone(),
                fix: problem.hint.clone().unwrap_or_default(),
            }),
            Err(_) => None,
        };
        Some(AgentInfo {
            kind: driver.kind().into(),
            name: driver.name().into(),
            found: program.at.is_ok(),
            program: found.map(|program| program.display().to_string()),
            version,
            looked: if program.at.is_ok() { Vec::new() } else { program.looked },
            get_it: driver.get_it().map(String::from),
            warning: driver.warning().map(String::from),
            capabilities,
            own: driver.own().is_some(),
            icon: driver.own().map(|own| own.icon.clone()).unwrap_or_default(),
            choosable: driver.is_choosable(),
            chosen: program.chosen,
            choices: listed,
            problem,
        })
    }

    /// What is wrong with the program that an agent runs as.
    pub(crate) async fn problem(&self, kind: &str, program: &Path) -> Option<AgentProblem> {
        let driver = self.driver(kind).ok()?;
        driver.oldest()?;
        let version = self.version(&*driver, program).await;
        too_old(&*driver, version.as_deref())
    }

    /// What this program says of its version when asked as the agent's is.
    ///
    /// # Errors
    /// When it cannot be the agent's program.
    pub(crate) async fn tried(&self, kind: &str, program: &Path) -> Result<Option<String>, Problem> {
        let driver = self.driver(kind)?;
        let refused =
            |text: String| Problem::new(ErrorCode::BadRequest, format!("{text} Nothing was changed."));
        if !driver.is_choosable() {
            return Err(refused(format!("{} has no program that could be chosen.", driver.name())));
        }
        let shown = program.display();
        if !program.is_absolute() || which::which(program).is_err() {
            return Err(refused(format!("{shown} is no program that can be started on this host."))
                .hint("Give the whole path of a program, from the root on."));
        }
        let version = self.version(&*driver, program).await;
        let said = version.as_deref().and_then(offdesk_agents::version_in);
        if driver.version_args().is_some() && said.is_none() {
            return Err(refused(format!(
                "{shown} says no version, so it does not seem to be {}.",
                driver.name()
            ))
            .hint("Try it in a terminal: it should answer to --version."));
        }
        Ok(version)
    }

    async fn version(&self, driver: &dyn Driver, program: &Path) -> Option<String> {
        let args = driver.version_args()?;
        self.versions.of(program, args, self.variables(program)).await
    }
}

fn texts(variables: BTreeMap<String, OsString>) -> Vec<(String, String)> {
    variables.into_iter().filter_map(|(name, value)| Some((name, value.into_string().ok()?))).collect()
}

fn too_old(driver: &dyn Driver, version: Option<&str>) -> Option<AgentProblem> {
    let (oldest, said) = (driver.oldest()?, version?);
    is_older(said, oldest.version).then(|| AgentProblem {
        code: "agentTooOld".into(),
        text: format!(
            "This is {} {}; Offdesk was made for {} and later. {}",
            driver.name(),
            offdesk_agents::version_in(said).unwrap_or(said),
            oldest.version,
            oldest.risk
        ),
        fix: format!("Update it (`{}`), or choose another program for it.", oldest.update),
    })
}
