//! What Claude asks a person, and what of it is over.

use super::{Asked, Asking, ClaudeFold, REMEMBERED, ask, message};
use crate::elicitation::Elicitation;
use crate::json::text;
use crate::out::Out;
use crate::preview::seal;
use crate::request;
use offdesk_protocol::{Actor, ApprovalId, ApprovalRequest, Event, NoticeLevel, Outcome, Resolution};
use serde_json::Value;

impl ClaudeFold {
    pub(super) fn control_request(&mut self, message: &Value, out: &mut Out) {
        let Some(request) = message.get("request") else { return };
        match text(request, "subtype") {
            "can_use_tool" => {}
            "elicitation" => return self.elicited(text(message, "request_id"), request, out),
            _ => return,
        }
        let native = text(message, "request_id");
        let approval = ApprovalId(out.id());
        let tool = text(request, "tool_name").to_string();
        let sub_agent = self.state.sub_agents.get(text(request, "agent_id")).cloned();
        let asked = Asked {
            request_id: native.into(),
            input: request.get("input").cloned().unwrap_or_default(),
            description: text(request, "description").into(),
            // What Claude itself said last is not why a sub-agent asks.
            why: if sub_agent.is_some() { String::new() } else { self.state.said.clone() },
            sub_agent,
            elicitation: None,
            question: tool == "AskUserQuestion",
            tool,
        };
        if let Some(tool) = self.state.tools.get_mut(text(request, "tool_use_id")) {
            tool.approval = Some(approval);
        }
        self.ask(approval, asked, out);
    }

    fn ask(&mut self, approval: ApprovalId, asked: Asked, out: &mut Out) {
        let shown = self.show(approval, &asked);
        out.fact(if asked.question {
            Event::QuestionAsked { approval: shown }
        } else {
            Event::ApprovalRequested { approval: shown }
        });
        self.state.asked.insert(approval, asked);
    }

    /// A server of the person's asks them something.
    fn elicited(&mut self, native: &str, request: &Value, out: &mut Out) {
        let schema = request.get("requested_schema").unwrap_or(&Value::Null);
        let server = text(request, "mcp_server_name");
        let (mode, url) = (text(request, "mode"), text(request, "url"));
        let Some(what) = Elicitation::of(server, mode, url, text(request, "message"), schema) else {
            // Newer versions may know more kinds. Unanswered, it would wait.
            self.state.unknown.push(native.into());
            if self.state.unknown.len() > REMEMBERED {
                self.state.unknown.remove(0);
            }
            let mode: String = mode.chars().take(100).collect();
            let said = format!("{server} asks for something that Offdesk does not offer: {mode}");
            return out.notice(NoticeLevel::Info, "agentRefused", said);
        };
        let of_server = format!("mcp__{}__", message::tool_word(server));
        let uses = self.state.tools.iter().filter(|(_, tool)| tool.name.starts_with(&of_server));
        let tools = uses.map(|(native, _)| native.clone()).collect();
        let asked = Asked {
            request_id: native.into(),
            tool: server.into(),
            input: Value::Null,
            description: String::new(),
            why: String::new(),
            question: true,
            sub_agent: None,
            elicitation: Some(Asking { what, tools }),
        };
        self.ask(ApprovalId(out.id()), asked, out);
    }

    /// A server's question is over with the tool that asked it; Claude says no more of it.
    pub(super) fn end_elicitations(&mut self, ended: impl Fn(&str) -> bool, out: &mut Out) {
        let mut over = Vec::new();
        for (approval, asked) in &mut self.state.asked {
            let Some(asking) = &mut asked.elicitation else { continue };
            asking.tools.retain(|tool| !ended(tool));
            if asking.tools.is_empty() {
                over.push(*approval);
            }
        }
        for approval in over {
            self.state.asked.remove(&approval);
            out.fact(Event::ApprovalFinished { approval, outcome: Outcome::Ok });
        }
    }

    pub(super) fn show(&self, approval: ApprovalId, asked: &Asked) -> ApprovalRequest {
        if let Some(asking) = &asked.elicitation {
            let mut request = request::blank(&self.context, approval);
            asking.what.show(&mut request);
            return seal(request);
        }
        let why = (asked.description.as_str(), asked.why.as_str());
        ask::request(&self.context, approval, &asked.tool, &asked.input, why, asked.sub_agent.clone())
    }

    fn withdraw(&mut self, approval: ApprovalId, out: &mut Out) {
        let Some(asked) = self.state.asked.remove(&approval) else { return };
        for tool in self.state.tools.values_mut().filter(|tool| tool.approval == Some(approval)) {
            tool.approval = None;
        }
        let (resolution, decision, by) = (Resolution::Withdrawn, None, Actor::Agent);
        out.fact(if asked.question {
            Event::QuestionAnswered { approval, resolution, decision, by }
        } else {
            Event::ApprovalResolved { approval, resolution, decision, by }
        });
    }

    pub(super) fn cancel(&mut self, message: &Value, out: &mut Out) {
        let native = text(message, "request_id");
        let found = self.state.asked.iter().find(|(_, asked)| asked.request_id == native).map(|(id, _)| *id);
        if let Some(approval) = found {
            self.withdraw(approval, out);
        }
    }
}
