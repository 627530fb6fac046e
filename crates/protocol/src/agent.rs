//! Agents and what their drivers can do.

use crate::{AgentProblem, ProgramChoice};
use serde::{Deserialize, Serialize};

/// What a driver can do for a person. Asked for, never assumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    /// A new attempt can go on in the agent's own earlier session.
    pub resume: bool,
    /// The running turn can be cut short while the agent stays.
    pub interrupt: bool,
    /// A prompt sent during a turn reaches the agent in that turn.
    pub steer: bool,
    /// An approval can be allowed with a changed input.
    pub edit_input: bool,
    /// A denial can carry words that the agent reads.
    pub deny_with_reason: bool,
    /// The agent asks questions with options.
    pub questions: bool,
    /// The agent proposes plans.
    pub plan: bool,
    /// The agent is a terminal: bytes in, bytes out, a size.
    pub terminal: bool,
    /// It can work with a model on the person's own machine (Ollama).
    pub local_model: bool,
    /// A run of it is started with a command line.
    pub command: bool,
}

/// One agent a run can be started with, as found on this host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AgentInfo {
    /// The word used in commands: `claude`, `hands-on`, `demo`.
    pub kind: String,
    /// The name shown to a person.
    pub name: String,
    /// The program that would run, if one was found.
    pub program: Option<String>,
    /// What the program says of its version.
    pub version: Option<String>,
    /// Whether a run with it can start now.
    pub found: bool,
    /// Where was looked, when it was not found.
    pub looked: Vec<String>,
    /// Where to get it, when it was not found.
    #[serde(default)]
    pub get_it: Option<String>,
    /// What a person should know before starting it.
    #[serde(default)]
    pub warning: Option<String>,
    /// What its driver can do.
    pub capabilities: Capabilities,
    /// It is one of the person's own.
    #[serde(default)]
    pub own: bool,
    /// One emoji or letter, where the person gave one.
    #[serde(default)]
    pub icon: String,
    /// Another program can be chosen for it.
    #[serde(default)]
    pub choosable: bool,
    /// The person chose its program.
    #[serde(default)]
    pub chosen: bool,
    /// Every program that was found, the one that would be used without a choice first.
    #[serde(default)]
    pub choices: Vec<ProgramChoice>,
    /// Why it may not work as it should.
    #[serde(default)]
    pub problem: Option<AgentProblem>,
}

/// Ollama on this host, and the models it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LocalModels {
    /// Where Ollama was asked.
    pub base: String,
    /// That place is another machine.
    pub elsewhere: bool,
    /// The models, newest first.
    pub models: Vec<LocalModel>,
    /// Why there are none to choose from.
    pub problem: Option<String>,
}

/// A model that Ollama has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LocalModel {
    /// Its name, with its tag.
    pub name: String,
    /// Bytes on disk.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
}
