//! What a terminal's screen seems to ask. Advice for a person and nothing more: no decision is made of it.

use serde::{Deserialize, Serialize};

/// What kind of answer the screen seems to want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum DetectedKind {
    /// Yes or no.
    Confirm,
    /// One of several.
    Choice,
    /// Whether a folder is trusted: one of several, which the agent keeps.
    Trust,
    /// A key, to go on.
    Key,
    /// A password: what is typed is shown and kept nowhere.
    Password,
    /// Words.
    Text,
}

/// Keys that would answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct QuickReply {
    /// What they mean.
    pub label: String,
    /// The keys, as the terminal gets them.
    pub keys: String,
}

/// A prompt that was detected on a terminal's screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DetectedPrompt {
    /// Its id: the attempt and the place in its output.
    pub id: String,
    /// What kind of answer it seems to want.
    pub kind: DetectedKind,
    /// The line that asks, secrets masked; where it is about trust, all that is asked.
    pub text: String,
    /// Keys that would answer.
    pub choices: Vec<QuickReply>,
}

/// Types keys into a run's terminal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TypeKeys {
    /// Made by the client; the same again is typed once.
    pub id: String,
    /// The keys.
    pub keys: String,
    /// Only while this detected prompt is on the screen.
    #[serde(default)]
    pub prompt: Option<String>,
}

impl std::fmt::Debug for TypeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Keys may be a password, and are in no log.
        f.debug_struct("TypeKeys").field("id", &self.id).field("prompt", &self.prompt).finish_non_exhaustive()
    }
}
