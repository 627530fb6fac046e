//! Health as data.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What `offdesk doctor` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// Nothing needs attention.
    pub ok: bool,
    /// One sentence for a person.
    pub sentence: String,
    /// Its beginning, for whoever knows of runs and decisions sooner than health is asked again: how the machine is
    /// reached ([`counted`] makes the sentence of it). Empty when something failed.
    pub reached: String,
    /// Each hop, outermost first.
    pub hops: Vec<Hop>,
    /// What a person should know.
    pub warnings: Vec<Warning>,
    /// How much is kept by what, once that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub storage: Option<crate::Storage>,
}

/// How a machine is reached, and what waits and works there, in one sentence.
pub fn counted(reached: &str, waiting: usize, working: usize) -> String {
    match (waiting, working) {
        (0, 0) => format!("{reached}: no run at work, nothing waits for you."),
        (0, 1) => format!("{reached}: one run at work, nothing waits for you."),
        (0, _) => format!("{reached}: {working} runs at work, nothing waits for you."),
        (1, _) => format!("{reached}: one decision waits for you."),
        _ => format!("{reached}: {waiting} decisions wait for you."),
    }
}

/// One hop between a phone and an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// Its name: `edge`, `tunnel`, `gateway`, `log`, `runner`, `agents`.
    pub name: String,
    /// How it is.
    pub state: HopState,
    /// What was seen.
    pub detail: String,
    /// When it was looked at.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub checked_at: Timestamp,
}

/// How a hop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum HopState {
    /// It answered.
    Ok,
    /// It did not.
    Failed,
    /// It is not in use.
    Off,
    /// It is being started, or nothing can be said of it because one before it failed.
    Unknown,
}

/// A coded, graded condition a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// For programs.
    pub code: String,
    /// How bad.
    pub severity: crate::NoticeLevel,
    /// What it is.
    pub text: String,
    /// What to do.
    pub fix: String,
    /// The hop it is about: while that one is in order, this does not matter. None: it always does.
    #[serde(default)]
    pub depends_on: Option<String>,
    /// Seconds it must have lasted before a person is troubled with it.
    pub visible_after: u32,
}
