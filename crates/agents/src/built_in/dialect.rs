//! The words.

use offdesk_protocol::{Answer, FileDiff, NoticeLevel, ToolKind, TurnStatus, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// To the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ToAgent {
    /// Do this.
    Prompt {
        /// The words.
        text: String,
    },
    /// The decision on a request.
    Decide {
        /// Which.
        request: u64,
        /// Whether it may.
        allow: bool,
        /// The input that is to run instead, whole.
        #[serde(default)]
        instead: Option<Value>,
        /// Words with a denial.
        #[serde(default)]
        say: Option<String>,
        /// Leave off altogether.
        #[serde(default)]
        stop: bool,
        /// To a question.
        #[serde(default)]
        answers: Vec<Answer>,
    },
    /// Leave off.
    Interrupt,
}

/// Where a path that was said really leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The absolute path, without links.
    pub path: String,
    /// It is outside the workspace.
    pub outside: bool,
}

/// What the agent asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase")]
pub enum Ask {
    /// To run this shell command.
    Run {
        /// As the shell gets it.
        command: String,
    },
    /// To give this file this content.
    Edit {
        /// As it was said.
        path: String,
        /// All of it.
        content: String,
        /// Where it leads; below the workspace, if this is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
    },
    /// To put one text in place of another.
    Replace {
        /// As it was said.
        path: String,
        /// What is there.
        old: String,
        /// What shall be there.
        new: String,
        /// Wherever it is there, not only once.
        #[serde(default)]
        all: bool,
        /// Where it leads.
        place: Place,
    },
    /// To look at something outside the workspace.
    Look {
        /// The tool: `read`, `list` or `search`.
        tool: String,
        /// As it was said.
        path: String,
        /// Where it leads.
        place: Place,
    },
    /// To be told something.
    Question {
        /// What.
        question: String,
        /// What can be chosen.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        options: Vec<String>,
        /// Several of them.
        #[serde(default)]
        multi: bool,
    },
}

/// From the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum FromAgent {
    /// First line, and again when more is known.
    Ready {
        /// The agent's.
        version: String,
        /// Its handle for the conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
        /// Its model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
    },
    /// It begins with a prompt.
    Turn,
    /// A piece of message `message`.
    Delta {
        /// The message.
        message: u64,
        /// It is thought, not said.
        #[serde(default, skip_serializing_if = "is_false")]
        thought: bool,
        /// The piece.
        text: String,
    },
    /// The whole of it.
    Said {
        /// The message.
        message: u64,
        /// It was thought, not said.
        #[serde(default, skip_serializing_if = "is_false")]
        thought: bool,
        /// The whole.
        text: String,
    },
    /// It uses a tool that needs no yes.
    Using {
        /// The use; requests and uses share their numbers.
        request: u64,
        /// The tool.
        name: String,
        /// What kind of tool.
        kind: ToolKind,
        /// One line for a person.
        title: String,
        /// The tool's input.
        input: Value,
    },
    /// It wants this.
    Asked {
        /// The request.
        request: u64,
        /// What.
        what: Ask,
    },
    /// It no longer wants it.
    Withdrawn {
        /// Which.
        request: u64,
    },
    /// It went on.
    Done {
        /// From which request or use.
        request: u64,
        /// What was tried succeeded.
        ok: bool,
        /// A person said no.
        denied: bool,
        /// What the tool gave.
        output: String,
        /// What was changed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        diffs: Vec<FileDiff>,
    },
    /// What this attempt used so far.
    Used {
        /// The figures.
        usage: Usage,
    },
    /// Something a person should know.
    Notice {
        /// How bad.
        level: NoticeLevel,
        /// A stable word.
        code: String,
        /// A sentence.
        text: String,
    },
    /// Filler.
    Noise {
        /// Means nothing.
        text: String,
    },
    /// That was all the filler.
    Flooded {
        /// So much.
        megabytes: u64,
    },
    /// It waits for the next prompt.
    End {
        /// How the turn ended.
        status: TurnStatus,
        /// What went wrong, for a person.
        error: Option<String>,
    },
}

fn is_false(value: &bool) -> bool {
    !value
}
