//! Refusals and error codes. A code exists only because some client branches on it.

use crate::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why something was refused or failed, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ErrorCode {
    /// Nothing has this id or name.
    NotFound,
    /// The request is malformed or names something that cannot be.
    BadRequest,
    /// The folder is outside the allowed roots.
    OutsideRoots,
    /// The agent is not on this host.
    AgentMissing,
    /// The approval has its one resolution.
    AlreadyResolved,
    /// What was shown is not what is asked any more; look again.
    ApprovalChanged,
    /// The run is not in a state that allows this.
    WrongState,
    /// A file of this name is there already; nothing was changed.
    FileExists,
    /// The agent cannot do this.
    Unsupported,
    /// The caller may not do this.
    NotAllowed,
    /// No valid key was given.
    Unauthorized,
    /// The body is too large.
    TooLarge,
    /// The log cannot be written; nothing was changed.
    StorageFailed,
    /// Nobody answers. Said by a client, never by a gateway.
    Unreachable,
    /// A fault of ours.
    Internal,
}

/// An error as a client receives it: what happened, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    /// The same with what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// Why a command was refused. A refused command is not a fault: nothing was changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// No approval of this run has this id.
    UnknownApproval(ApprovalId),
    /// Somebody was first.
    AlreadyResolved(Box<Approval>),
    /// The decision names another hash than the request now has.
    Changed {
        /// The hash it has now.
        hash: String,
    },
    /// The verdict does not fit the request, e.g. answers for a command.
    VerdictDoesNotFit(&'static str),
    /// The run cannot do this now.
    WrongState {
        /// What was wanted.
        wanted: &'static str,
        /// How the run stands.
        state: RunState,
    },
    /// The agent cannot do this at all.
    Unsupported(&'static str),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownApproval(id) => {
                Problem::new(ErrorCode::NotFound, format!("There is no approval {id} in this run."))
            }
            Refusal::AlreadyResolved(approval) => {
                let who = match &approval.decided_by {
                    Some(Actor::Person { name, .. }) => format!("by {name}"),
                    Some(Actor::Agent) => "by the agent itself".into(),
                    _ => "by the gateway".into(),
                };
                let how = match approval.resolution {
                    Some(Resolution::Allowed) => "allowed",
                    Some(Resolution::Denied) => "denied",
                    Some(Resolution::Expired) => "denied, because its time ran out,",
                    _ => "taken back",
                };
                Problem::new(ErrorCode::AlreadyResolved, format!("This was already {how} {who}."))
            }
            Refusal::Changed { .. } => Problem::new(
                ErrorCode::ApprovalChanged,
                "What you saw is not what is asked any more, so nothing was decided.",
            )
            .hint("Read the request as it is now and decide again."),
            Refusal::VerdictDoesNotFit(why) => Problem::new(ErrorCode::BadRequest, why),
            Refusal::WrongState { wanted, state } => {
                Problem::new(ErrorCode::WrongState, format!("Cannot {wanted}: the run is {state}."))
            }
            Refusal::Unsupported(what) => {
                Problem::new(ErrorCode::Unsupported, format!("This agent cannot {what}."))
            }
        }
    }
}
