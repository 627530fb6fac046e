//! Reading a thread that a person leads in Codex's own terminal.

use super::{CodexFold, State};
use crate::codex::say;
use crate::json::{items, text};
use crate::out::Out;
use crate::{Derived, Encoded, FoldContext, Prompt};
use offdesk_protocol::{Actor, ApprovalId, Event, PromptId, Resolution, When};
use serde_json::Value;

/// How the ids of what we said begin.
const OURS: [&str; 2] = ["prompt:", "words:"];

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
        let is = |key: &str| params.get(key).and_then(Value::as_bool) == Some(true);
        self.state.asks = is("asks");
        if !thread.is_empty() {
            self.state.thread = thread.into();
            self.state.model = text(params, "model").into();
        }
        // Before its first turn nobody could go on with it.
        if !thread.is_empty() && is("begun") && self.state.identified != thread {
            self.state.identified = thread.into();
            self.identify(&mut out);
        }
        out.derived
    }

    /// It cannot be brought to ask.
    pub(in crate::codex) fn cannot_ask(&mut self, offset: u64, params: &Value) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        let why: String = text(params, "why").chars().take(1000).collect();
        self.refuse(
            format!(
                "Codex does not take the mode in which it asks a person before everything ({why}), so nothing was said to \
                 it. Update Codex, or ask whoever manages its settings on this host."
            ),
            &mut out,
        );
        out.derived
    }

    /// Words of a person's, as Codex has them: those of ours are known.
    pub(super) fn person_said(&self, params: &Value, item: &Value, out: &mut Out) {
        let known = text(item, "clientId");
        let ours = OURS.iter().any(|ours| known.starts_with(ours));
        if !self.state.shared || ours || !self.own(params) {
            return;
        }
        let text = items(item, "content").map(|part| text(part, "text")).collect::<Vec<_>>().join("");
        if text.is_empty() {
            return;
        }
        let prompt = PromptId(out.id());
        let (when, attachments, by) = (When::Now, Vec::new(), terminal());
        out.fact(Event::PromptSent { prompt, text, when, attachments, by });
        out.fact(Event::PromptDelivered { prompt, turned: true });
    }

    /// The person answered in the terminal.
    pub(in crate::codex) fn answered_elsewhere(&mut self, offset: u64, approval: ApprovalId) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        if let Some(asked) = self.state.asked.remove(&approval) {
            let by = terminal();
            let (resolution, decision) = (Resolution::Withdrawn, None);
            out.fact(if asked.is_question() {
                Event::QuestionAnswered { approval, resolution, decision, by }
            } else {
                Event::ApprovalResolved { approval, resolution, decision, by }
            });
        }
        out.derived
    }

    /// What to say for this prompt.
    pub(in crate::codex) fn shared_prompt(&self, id: PromptId, prompt: &Prompt) -> Option<Encoded> {
        let request = format!("prompt:{id}");
        let ready = !self.state.thread.is_empty() && self.state.refusal.is_none();
        ready.then(|| say::encoded(&request, &say::shared(&request, &self.state.thread, prompt)))
    }
}

/// Whoever sits at the terminal, or types into it from elsewhere.
fn terminal() -> Actor {
    Actor::Person { name: "the terminal".into(), device: None }
}
