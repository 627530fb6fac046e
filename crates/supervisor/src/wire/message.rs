//! The messages.

use crate::Size;
use offdesk_protocol::Exit;
use serde::{Deserialize, Serialize};

/// The version of these messages. Growth is additive.
pub(crate) const VERSION: u32 = 1;

/// What a gateway asks of a supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ToSupervisor {
    /// Write the body to the agent, once for this id.
    Input {
        /// Made by whoever has something to say; saying it again changes nothing.
        id: String,
    },
    /// A hook of the agent says the body, which is JSON. The only thing that is heard from inside the attempt.
    Aside {
        /// Made by the hook.
        id: String,
        /// It waits on this connection for an answer.
        #[serde(default)]
        waits: bool,
    },
    /// Give the body to the hook that waits, once for this id.
    Answer {
        /// Made by whoever answers; saying it again changes nothing.
        id: String,
        /// What the hook said.
        aside: String,
    },
    /// The terminal's new size.
    Resize(Size),
    /// Cut short what the agent does: Ctrl-C in a terminal, else an interrupt signal to its group.
    Interrupt,
    /// The agent's input is at its end, after what was asked before.
    CloseInput,
    /// End the agent with everything it started.
    Stop {
        /// How long it may take to end by itself, in milliseconds.
        grace_ms: u64,
    },
    /// Something a newer gateway asks for; left alone.
    #[serde(other)]
    Unknown,
}

/// What a supervisor tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromSupervisor {
    /// Who this is; the first message of every connection.
    Welcome(Welcome),
    /// The output file is at least this long.
    Grown {
        /// Bytes.
        length: u64,
    },
    /// The input with this id was written to the agent.
    Written {
        /// Whose.
        id: String,
        /// It had been written before, and was not written again.
        repeated: bool,
        /// How long the output was when the agent was given it, in bytes: what the agent says to it is behind that.
        /// Nothing for an aside's answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<u64>,
    },
    /// The input with this id was not written and never will be by this supervisor.
    Refused {
        /// Whose.
        id: String,
        /// Why, for a person.
        text: String,
    },
    /// The file of asides is this long.
    Asides {
        /// Bytes.
        length: u64,
    },
    /// To a hook that waits: the answer.
    Answer {
        /// What it said.
        aside: String,
        /// The answer; it travels as the frame's body.
        #[serde(skip)]
        body: Vec<u8>,
    },
    /// The agent is over and so is everything it started. Nothing follows.
    Exited {
        /// How.
        exit: Exit,
    },
    /// Something is wrong; nothing is lost.
    Trouble {
        /// What, for a person.
        text: String,
    },
    /// Something a newer supervisor tells; left alone.
    #[serde(other)]
    Unknown,
}

/// How an attempt stands when a gateway connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The version of the messages this supervisor speaks.
    pub version: u32,
    /// The agent's process.
    pub pid: u32,
    /// The supervisor's process.
    pub supervisor_pid: u32,
    /// Bytes of output there are.
    pub length: u64,
    /// How the agent ended, if it did.
    pub exited: Option<Exit>,
    /// The agent's program, as it was started.
    pub program: String,
    /// The size of its terminal, if it has one. Older supervisors do not say.
    #[serde(default)]
    pub size: Option<Size>,
}

impl FromSupervisor {
    /// What travels beside the message.
    pub(crate) fn body(&self) -> &[u8] {
        match self {
            Self::Answer { body, .. } => body,
            _ => &[],
        }
    }

    /// The message with what travelled beside it.
    pub(crate) fn with_body(self, body: Vec<u8>) -> Self {
        match self {
            Self::Answer { aside, .. } => Self::Answer { aside, body },
            other => other,
        }
    }
}
