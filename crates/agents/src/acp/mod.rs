//! Agents that speak the Agent Client Protocol (ACP) version 1: JSON-RPC, a message a line.
//!
//! The few messages are read as plain JSON rather than by the protocol's own crate: its types know no `answers`, no
//! `_meta` of single agents and refuse kinds of updates that are newer than themselves, and its breaking releases come
//! close together. Verified against the real programs that `fixtures/agents.txt` pins; `fixtures/transcripts` holds what
//! they said.

mod ask;
mod fold;
mod form;
mod greeting;
mod known;
mod offers;
mod tool;

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Oldest, Start, locate};
use fold::AcpFold;
use known::{KNOWN, Known, OWN};
use offdesk_protocol::Capabilities;
use std::path::PathBuf;

/// The driver of one agent of the table.
pub struct Acp(&'static Known);

impl Acp {
    /// One for each known agent.
    pub fn known() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(Self)
    }
}

/// What an agent of a row can do.
fn capabilities(known: &Known) -> Capabilities {
    // The protocol has no place for an edited input, for words with a denial, or for a prompt during a turn.
    Capabilities {
        resume: known.resume,
        interrupt: known.barred.is_none(),
        questions: known.questions,
        plan: known.plan,
        local_model: known.local.is_some(),
        models: known.models,
        modes: known.asking_mode.is_some(),
        images: known.images,
        ..Capabilities::default()
    }
}

/// What an agent of the person's own can do.
pub(crate) fn own_capabilities() -> Capabilities {
    capabilities(&OWN)
}

/// Whether an agent of the person's own still asks in this mode.
pub(crate) fn own_asks_in(mode: &str) -> bool {
    offers::asks_in(&OWN, mode)
}

/// Reads an agent of the person's own.
pub(crate) fn own_fold(
    name: &str,
    program: &str,
    context: FoldContext,
    saved: Option<&str>,
) -> Box<dyn Fold> {
    Box::new(AcpFold::new(&OWN, name, program, context, saved))
}

impl Driver for Acp {
    fn kind(&self) -> &'static str {
        self.0.kind
    }

    fn name(&self) -> &'static str {
        self.0.name
    }

    fn capabilities(&self) -> Capabilities {
        capabilities(self.0)
    }

    fn asks_in(&self, mode: &str) -> bool {
        offers::asks_in(self.0, mode)
    }

    fn offered_when_missing(&self) -> bool {
        matches!(self.0.kind, "gemini" | "qwen")
    }

    fn locate(&self, environment: &Environment) -> Located {
        locate::locate(self.0.program, self.0.chosen_by, environment)
    }

    fn choices(&self, environment: &Environment) -> Vec<PathBuf> {
        locate::all(self.0.program, self.0.chosen_by, environment)
    }

    fn oldest(&self) -> Option<Oldest> {
        self.0.oldest
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        Some(&["--version"])
    }

    fn warning(&self) -> Option<&'static str> {
        self.0.warning
    }

    fn launch(&self, start: &Start, environment: &Environment) -> Launch {
        let filled = |text: &str| text.replace("{files}", &start.files.display().to_string());
        let mut launch = Launch {
            program: start.program.clone(),
            args: self.0.args.iter().map(|arg| filled(arg)).collect(),
            env: self.0.env.iter().map(|(name, value)| (name.to_string(), filled(value))).collect(),
            env_remove: self.0.env_remove.iter().map(ToString::to_string).collect(),
            files: self.0.files.iter().map(|(name, content)| (*name, content.to_string())).collect(),
            ..Launch::default()
        };
        if let (Some(local), Some(bring)) = (start.local(environment), self.0.local) {
            bring(&local, &mut launch);
        }
        launch
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        Some(Box::new(AcpFold::new(self.0, self.0.name, self.0.program, context, saved)))
    }
}
