//! What Codex asks a person, and what of it is over.

use super::{Asked, CodexFold, Method, remember};
use crate::json::text;
use crate::out::Out;
use offdesk_protocol::{Actor, ApprovalId, Event, NoticeLevel, Outcome, Resolution};
use serde_json::Value;

impl CodexFold {
    pub(super) fn asks(&mut self, request: &Value, method: &str, params: &Value, out: &mut Out) {
        let Some(kind) = Method::of(method, params) else {
            if remember(&mut self.state.refused, request.clone()) {
                let method: String = method.chars().take(100).collect();
                let said = format!("Codex asked for something that Offdesk does not offer: {method}");
                out.notice(NoticeLevel::Info, "agentRefused", said);
            }
            return;
        };
        // A request that is repeated, as after taking a thread up, is the same request.
        if self.state.asked.values().any(|asked| asked.request == *request) {
            return;
        }
        // Who joins late has not heard that the turn began.
        if self.state.shared && self.own(params) && self.state.turn.is_none() {
            self.turn_started(text(params, "turnId"), out);
        }
        let approval = ApprovalId(out.id());
        let mut asked = Asked {
            request: request.clone(),
            method: kind,
            params: params.clone(),
            changes: Vec::new(),
            why: self.sub_agent(params).map_or_else(|| self.state.said.clone(), |begun| begun.said.clone()),
            sub_agent: self.sub_agent(params).map(|begun| begun.sub_agent.clone()),
        };
        if let Some(tool) = self.state.tools.get_mut(text(params, "itemId")) {
            tool.asked = true;
            asked.changes = tool.changes.clone();
        }
        if let Some(name) = asked.server_tool() {
            self.state.tools.values_mut().filter(|tool| tool.name == name).for_each(|tool| tool.asked = true);
        }
        let shown = asked.show(&self.context, approval);
        out.fact(if asked.is_question() {
            Event::QuestionAsked { approval: shown }
        } else {
            Event::ApprovalRequested { approval: shown }
        });
        self.state.asked.insert(approval, asked);
    }

    /// Codex waits no longer: it has an answer, or the turn is over.
    pub(super) fn answered(&mut self, request: &Value, out: &mut Out) {
        let found = self.state.asked.iter().find(|(_, asked)| asked.request == *request).map(|(id, _)| *id);
        let Some((approval, asked)) = found.and_then(|id| Some((id, self.state.asked.remove(&id)?))) else {
            return;
        };
        match asked.item().and_then(|item| self.state.tools.get_mut(item)) {
            Some(tool) => tool.answered.push(approval),
            None => out.fact(Event::ApprovalFinished { approval, outcome: Outcome::Ok }),
        }
    }

    pub(super) fn withdraw(&mut self, approval: ApprovalId, out: &mut Out) {
        let Some(asked) = self.state.asked.remove(&approval) else { return };
        let (resolution, decision, by) = (Resolution::Withdrawn, None, Actor::Agent);
        out.fact(if asked.is_question() {
            Event::QuestionAnswered { approval, resolution, decision, by }
        } else {
            Event::ApprovalResolved { approval, resolution, decision, by }
        });
    }
}
