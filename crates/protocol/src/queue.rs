//! Prompts that wait for the agent.

use crate::*;
use serde::{Deserialize, Serialize};

/// When a prompt goes to an agent that is at work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum When {
    /// At once, into the running turn, where the agent can take it so.
    #[default]
    Now,
    /// When the running turn is over.
    AfterTurn,
}

/// A prompt the agent does not have yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingPrompt {
    /// Its id.
    pub id: PromptId,
    /// The words.
    pub text: String,
    /// When it goes to the agent.
    #[serde(default)]
    pub when: When,
    /// Files that go with it.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
}

/// The same as people see it in a list; the story has the whole text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct QueuedPrompt {
    /// Its id.
    pub id: PromptId,
    /// The beginning of its words, on one line.
    pub line: String,
    /// When it goes to the agent.
    pub when: When,
    /// How many files go with it.
    pub attachments: u32,
}

/// Say something else instead; only while the agent does not have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangePrompt {
    /// The words.
    pub text: String,
}

/// Give a prompt that waits another place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MovePrompt {
    /// Before this one; nothing: to the end.
    #[serde(default)]
    pub before: Option<PromptId>,
}

/// Puts the prompt before that one, or at the end.
pub(crate) fn put_before(prompts: &mut Vec<PendingPrompt>, moved: PromptId, before: Option<PromptId>) {
    let Some(from) = prompts.iter().position(|prompt| prompt.id == moved) else { return };
    let prompt = prompts.remove(from);
    let to = before.and_then(|before| prompts.iter().position(|prompt| prompt.id == before));
    prompts.insert(to.unwrap_or(prompts.len()), prompt);
}
