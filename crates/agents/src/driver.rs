//! What a driver is.

use crate::local::Local;
use crate::{Fold, FoldContext};
use offdesk_protocol::{Capabilities, OwnAgent};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// The environment agents are looked for and started in: handed in, never read from the process here.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Variables by name.
    pub vars: BTreeMap<String, OsString>,
    /// The running `offdesk` program, whose built-in agents are verbs of itself.
    pub offdesk: PathBuf,
}

impl Environment {
    /// The variable's value, where it is set, not empty and readable text.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).and_then(|value| value.to_str()).filter(|value| !value.is_empty())
    }

    /// The person's home folder.
    pub fn home(&self) -> Option<PathBuf> {
        self.var("HOME").or_else(|| self.var("USERPROFILE")).map(PathBuf::from)
    }
}

/// Where an agent's program is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// Here.
    Found(PathBuf),
    /// Nowhere; these places were looked at.
    Missing {
        /// The program's name.
        program: String,
        /// Folders and files, as a person would check them.
        looked: Vec<String>,
    },
}

/// What one attempt starts with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The program found by [`Driver::locate`].
    pub program: PathBuf,
    /// The workspace.
    pub dir: PathBuf,
    /// The agent's own handle of the conversation to go on with.
    pub agent_session: Option<String>,
    /// The model on the person's own machine it is to use, by Ollama's name for it.
    pub local_model: Option<String>,
    /// The model a person chose; nothing: the agent's own choice.
    pub model: Option<String>,
    /// The mode a person chose; nothing: the one in which it asks before everything.
    pub mode: Option<String>,
    /// The folder with the files of this run's prompts, which the agent may read.
    pub attachments: PathBuf,
    /// The command line after its program, where one was typed.
    pub args: Vec<String>,
    /// A person typed that command line at the machine, so that the agent works as they have set it up.
    pub typed: bool,
    /// A folder of this agent's alone, into which [`Launch::files`] are written.
    pub files: PathBuf,
}

impl Start {
    /// Where the model on the person's own machine is, if it is to use one.
    pub(crate) fn local(&self, environment: &Environment) -> Option<Local> {
        let model = self.local_model.clone()?;
        Some(Local { base: crate::ollama::base(environment), model })
    }
}

/// How to start the agent's program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its arguments; never secrets.
    pub args: Vec<String>,
    /// Variables set on top of the inherited ones.
    pub env: Vec<(String, String)>,
    /// Variables taken away.
    pub env_remove: Vec<String>,
    /// Under a terminal rather than pipes.
    pub terminal: bool,
    /// Settings of ours that the agent reads, written to [`Start::files`] before it starts: names and contents. The same
    /// for every attempt, and never secrets.
    pub files: Vec<(&'static str, String)>,
}

/// What a driver's fold reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// What the agent says.
    #[default]
    Output,
    /// What its hooks say beside its terminal.
    Asides,
}

/// The lowest version a driver was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oldest {
    /// As the program says it: `0.169`.
    pub version: &'static str,
    /// What an older one may do, as a sentence.
    pub risk: &'static str,
    /// How it is brought up to date.
    pub update: &'static str,
}

/// Our code for one agent dialect.
pub trait Driver: Send + Sync {
    /// The word in commands and events.
    fn kind(&self) -> &str;
    /// The name for people.
    fn name(&self) -> &str;
    /// What it can do.
    fn capabilities(&self) -> Capabilities;
    /// Whether this mode is one in which the agent still asks before it acts. No other is ever chosen.
    fn asks_in(&self, _mode: &str) -> bool {
        false
    }
    /// Whether people are shown that it is missing. The less usual agents are only offered where they are.
    fn offered_when_missing(&self) -> bool {
        true
    }
    /// Where a person who does not have it gets it.
    fn get_it(&self) -> Option<&'static str> {
        None
    }
    /// What a person should know before starting it.
    fn warning(&self) -> Option<&'static str> {
        None
    }
    /// Finds the program.
    fn locate(&self, environment: &Environment) -> Located;
    /// Every program it could be, the one of [`Driver::locate`] first.
    fn choices(&self, environment: &Environment) -> Vec<PathBuf> {
        match self.locate(environment) {
            Located::Found(program) => vec![program],
            Located::Missing { .. } => Vec::new(),
        }
    }
    /// Whether a person may choose another program for it.
    fn is_choosable(&self) -> bool {
        true
    }
    /// The lowest version of the program this was made for, where that matters.
    fn oldest(&self) -> Option<Oldest> {
        None
    }
    /// What the person set, where it is an agent of theirs.
    fn own(&self) -> Option<&OwnAgent> {
        None
    }
    /// Arguments that make the program say its version, where it has one to say.
    fn version_args(&self) -> Option<&'static [&'static str]>;
    /// What a terminal's last line is when a prompt may be typed. A space typed there is shown, and means nothing.
    /// Nothing: whenever it likes.
    fn ready_mark(&self) -> Option<&'static str> {
        None
    }
    /// Why it is not started there: something in the workspace would act through it, and no setting of ours keeps it
    /// from that.
    fn refuses(&self, _start: &Start, _environment: &Environment) -> Option<String> {
        None
    }
    /// How to start it.
    fn launch(&self, start: &Start, environment: &Environment) -> Launch;
    /// What the fold reads.
    fn reads(&self) -> Reads {
        Reads::default()
    }
    /// Begins to read an attempt's output, or goes on from a saved state. Nothing: the output is a terminal's and
    /// means nothing to us.
    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>>;
}
