//! What the demo agent and its driver say to each other.

use offdesk_protocol::{Answer, TurnStatus};
use serde::{Deserialize, Serialize};

/// To the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum ToDemo {
    /// Do these steps.
    Prompt { text: String },
    /// The decision on a request.
    Decide {
        request: u64,
        allow: bool,
        /// A changed command or content.
        #[serde(default)]
        instead: Option<String>,
        #[serde(default)]
        say: Option<String>,
        #[serde(default)]
        stop: bool,
        #[serde(default)]
        answers: Vec<Answer>,
    },
    /// Leave off.
    Interrupt,
}

/// What the agent asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase")]
pub(super) enum Ask {
    /// To run this shell command.
    Run { command: String },
    /// To give this file this content.
    Edit { path: String, content: String },
    /// To be told something.
    Question { question: String },
}

/// From the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum FromDemo {
    /// First line.
    Ready { version: String },
    /// It begins with a prompt.
    Turn,
    /// A piece of message `message`.
    Delta { message: u64, text: String },
    /// The whole of it.
    Said { message: u64, text: String },
    /// It wants this.
    Asked { request: u64, what: Ask },
    /// It no longer wants it.
    Withdrawn { request: u64 },
    /// It went on.
    Done { request: u64, ok: bool, denied: bool, output: String },
    /// Filler.
    Noise { text: String },
    /// That was all the filler.
    Flooded { megabytes: u64 },
    /// It waits for the next prompt.
    End { status: TurnStatus, error: Option<String> },
}
