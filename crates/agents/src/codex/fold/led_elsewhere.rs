//! Reading a thread that a person leads in Codex's own terminal.

use super::{CodexFold, State};
use crate::json::text;
use crate::out::Out;
use crate::{Derived, FoldContext};
use offdesk_protocol::{Actor, ApprovalId, Event, Resolution};
use serde_json::Value;

impl CodexFold {
    /// A reading of somebody else's thread: they chose what is asked.
    pub(in crate::codex) fn shared(context: FoldContext, saved: Option<&str>) -> Self {
        let state: Option<State> = saved.and_then(|text| serde_json::from_str(text).ok());
        Self { context, state: State { shared: true, ..state.unwrap_or_default() } }
    }

    /// From here on it is this thread.
    pub(in crate::codex) fn follow(&mut self, offset: u64, params: &Value) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        let thread = text(params, "threadId");
        if !thread.is_empty() && self.state.thread != thread {
            self.state.thread = thread.into();
            self.state.model = text(params, "model").into();
            self.identify(&mut out);
        }
        out.derived
    }

    /// The person answered in the terminal.
    pub(in crate::codex) fn answered_elsewhere(&mut self, offset: u64, approval: ApprovalId) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        if let Some(asked) = self.state.asked.remove(&approval) {
            let by = Actor::Person { name: "the terminal".into(), device: None };
            let (resolution, decision) = (Resolution::Withdrawn, None);
            out.fact(if asked.is_question() {
                Event::QuestionAnswered { approval, resolution, decision, by }
            } else {
                Event::ApprovalResolved { approval, resolution, decision, by }
            });
        }
        out.derived
    }

    /// It has begun, nothing is under way, and nothing waits for an answer.
    pub(in crate::codex) fn rests(&self) -> bool {
        !self.state.thread.is_empty() && self.state.turn.is_none() && self.state.asked.is_empty()
    }
}
