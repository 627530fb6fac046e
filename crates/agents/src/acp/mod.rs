//! Agents that speak the Agent Client Protocol (ACP) version 1: JSON-RPC, a message a line.
//!
//! The few messages are read as plain JSON rather than by the protocol's own crate: its types know no `answers`, no
//! `_meta` of single agents and refuse kinds of updates that are newer than themselves, and its breaking releases come
//! close together. Verified against Gemini CLI 0.61.0 and Qwen Code 0.24.4; `fixtures/transcripts/{gemini,qwen}` hold
//! what the real programs said.

mod ask;
mod fold;
mod greeting;
mod known;
mod offers;
mod tool;

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Start, locate};
use fold::AcpFold;
use known::{KNOWN, Known};
use offdesk_protocol::Capabilities;

/// The driver of one agent of the table.
pub struct Acp(&'static Known);

impl Acp {
    /// One for each known agent.
    pub fn known() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(Self)
    }
}

impl Driver for Acp {
    fn kind(&self) -> &'static str {
        self.0.kind
    }

    fn name(&self) -> &'static str {
        self.0.name
    }

    fn capabilities(&self) -> Capabilities {
        // The protocol has no place for an edited input, for words with a denial, or for a prompt during a turn.
        Capabilities {
            resume: self.0.resume,
            interrupt: true,
            questions: self.0.questions,
            plan: self.0.plan,
            models: true,
            modes: self.0.asking_mode.is_some(),
            images: self.0.images,
            ..Capabilities::default()
        }
    }

    fn asks_in(&self, mode: &str) -> bool {
        offers::asks_in(self.0, mode)
    }

    fn offered_when_missing(&self) -> bool {
        self.0.warning.is_none()
    }

    fn locate(&self, environment: &Environment) -> Located {
        locate::locate(self.0.program, self.0.chosen_by, environment)
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        Some(&["--version"])
    }

    fn launch(&self, start: &Start, _: &Environment) -> Launch {
        let filled = |text: &str| text.replace("{files}", &start.files.display().to_string());
        Launch {
            program: start.program.clone(),
            args: self.0.args.iter().map(|arg| filled(arg)).collect(),
            env: self.0.env.iter().map(|(name, value)| (name.to_string(), filled(value))).collect(),
            env_remove: self.0.env_remove.iter().map(ToString::to_string).collect(),
            files: self.0.files.iter().map(|(name, content)| (*name, content.to_string())).collect(),
            ..Launch::default()
        }
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        Some(Box::new(AcpFold::new(self.0, context, saved)))
    }
}
