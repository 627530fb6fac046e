//! Agents of the person's own, and which program each agent is.

use serde::{Deserialize, Serialize};

/// How an agent of the person's own is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum OwnAgentHow {
    /// It speaks the Agent Client Protocol.
    Acp,
    /// It is a program in a terminal.
    Terminal,
}

/// A variable of an agent's environment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnVariable {
    /// Its name.
    pub name: String,
    /// Its value. Nothing, from the gateway: it looks like a secret and is kept without being given out. Nothing, to
    /// the gateway: the one that is kept stays.
    #[serde(default)]
    pub value: Option<String>,
}

impl std::fmt::Debug for OwnVariable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A value may be a secret, and is in no log.
        f.debug_struct("OwnVariable").field("name", &self.name).finish_non_exhaustive()
    }
}

/// An agent of the person's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnAgent {
    /// The word used in commands: small letters, digits and `-`.
    pub kind: String,
    /// The name shown to a person.
    pub name: String,
    /// How it is driven.
    pub how: OwnAgentHow,
    /// Its program: a whole path, or a name that is looked for.
    pub program: String,
    /// Its arguments, one by one: no shell reads them.
    #[serde(default)]
    pub args: Vec<String>,
    /// Variables set on top of the inherited ones.
    #[serde(default)]
    pub env: Vec<OwnVariable>,
    /// One emoji or letter.
    #[serde(default)]
    pub icon: String,
}

/// Puts an agent of the person's own there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutOwnAgent {
    /// The agent.
    pub agent: OwnAgent,
    /// It is there already and is changed. Otherwise it is new, and one that is there already is left alone.
    #[serde(default)]
    pub change: bool,
}

/// Removes an agent of the person's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveOwnAgent {
    /// Its kind.
    pub kind: String,
}

/// What trying an agent of the person's own has shown. Nothing was said to it but hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OwnAgentTest {
    /// It can be used.
    pub ok: bool,
    /// The program that was found.
    pub program: Option<String>,
    /// What it calls itself.
    pub version: Option<String>,
    /// What was seen, as a sentence.
    pub text: String,
}

/// Chooses an agent's program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChooseProgram {
    /// The agent's kind.
    pub kind: String,
    /// The whole path. Nothing: it is looked for again.
    #[serde(default)]
    pub program: Option<String>,
}

/// One program that an agent could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ProgramChoice {
    /// Where it is.
    pub program: String,
    /// What it says of its version.
    pub version: Option<String>,
}

/// Why an agent may not work as it should, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AgentProblem {
    /// A stable word for programs: `tooOld`, `chosenMissing`.
    pub code: String,
    /// What it is, as a sentence.
    pub text: String,
    /// What to do.
    pub fix: String,
}
