//! A turn: what is said in it, what is used in it, how it ends.

use super::fold::{Failure, OpencodeFold, Speaking, remember, steps};
use super::tool::{self, Tool};
use super::{settings, trouble};
use crate::json::text;
use crate::out::Out;
use crate::shorten::shorten;
use offdesk_protocol::*;
use serde_json::Value;

/// A message that grows beyond this is not kept twice: what was streamed of it is in the output.
const LONGEST_MESSAGE: usize = 256 * 1024;

impl OpencodeFold {
    fn message_id(&self, part: &str) -> MessageId {
        MessageId(self.context.attempt.named(&format!("message:{part}")))
    }

    fn is_own(&self, session: &str) -> bool {
        !self.state.session.is_empty() && session == self.state.session
    }

    /// The tool use in which a sub-agent works.
    fn parent(&self, session: &str) -> Option<ToolId> {
        self.state.children.get(session).copied().flatten()
    }

    /// The sub-agent whose conversation this is.
    pub(super) fn sub_agent(&self, session: &str) -> Option<SubAgent> {
        let tool = self.parent(session)?;
        let started = self.state.tools.values().find(|started| started.id == tool);
        let name = started.map(|started| text(&started.input, "description")).unwrap_or_default();
        Some(SubAgent { tool, name: name.chars().take(200).collect() })
    }

    /// A conversation of a sub-agent's.
    pub(super) fn created(&mut self, info: &Value) {
        let (id, parent) = (text(info, "id"), text(info, "parentID"));
        if !id.is_empty() && (self.is_own(parent) || self.state.children.contains_key(parent)) {
            self.state.children.entry(id.into()).or_insert(None);
        }
    }

    pub(super) fn status(&mut self, status: &Value, out: &mut Out) {
        match text(status, "type") {
            "busy" => self.begin_turn(out),
            "retry" => {
                self.begin_turn(out);
                let said: String = text(status, "message").chars().take(1000).collect();
                let said = format!("A request to the model's service failed. opencode tries again. ({said})");
                out.notice(NoticeLevel::Warning, "retrying", said);
            }
            "idle" => self.finish_turn(out),
            _ => {}
        }
    }

    fn begin_turn(&mut self, out: &mut Out) {
        if self.state.turn.is_none() {
            let turn = TurnId(out.id());
            self.state.turn = Some(turn);
            self.state.error = None;
            self.state.cut = false;
            out.fact(Event::TurnStarted { turn });
        }
    }

    pub(super) fn failed(&mut self, error: &Value, out: &mut Out) {
        let failure = match trouble::sentence(error) {
            None => Failure::CutShort,
            Some(why) => Failure::Because(why),
        };
        match (self.state.turn, failure) {
            (Some(_), failure) => self.state.error = Some(failure),
            (None, Failure::CutShort) => {}
            // A prompt that never became a turn.
            (None, Failure::Because(why)) => {
                let turn = TurnId(out.id());
                out.fact(Event::TurnStarted { turn });
                out.fact(Event::TurnFinished { turn, status: TurnStatus::Failed, error: Some(why) });
            }
        }
    }

    pub(super) fn finish_turn(&mut self, out: &mut Out) {
        let Some(turn) = self.state.turn.take() else { return };
        for (part, speaking) in std::mem::take(&mut self.state.speaking) {
            self.said(&part, &speaking.session, speaking.role, speaking.text, out);
        }
        // opencode leaves open what was asked when it is cut short.
        for held in std::mem::take(&mut self.state.held) {
            remember(&mut self.state.settled, &held.native);
        }
        let open: Vec<ApprovalId> = self.state.asked.keys().copied().collect();
        for approval in open {
            self.end_asked(approval, out);
        }
        for (call, tool) in std::mem::take(&mut self.state.tools) {
            remember(&mut self.state.told, &call);
            let (status, diffs) = (ToolStatus::Failed, Vec::new());
            let output = "The turn ended before this did.".to_string();
            out.fact(Event::ToolFinished { tool: tool.id, status, output, truncated: 0, diffs });
            for approval in tool.answered {
                out.fact(Event::ApprovalFinished { approval, outcome: Outcome::Unknown });
            }
        }
        if std::mem::take(&mut self.state.counted) {
            out.fact(Event::UsageReported { usage: self.state.usage.clone() });
        }
        let (status, error) = match self.state.error.take() {
            None if !self.state.cut => (TurnStatus::Completed, None),
            None | Some(Failure::CutShort) => (TurnStatus::Interrupted, None),
            Some(Failure::Because(why)) => (TurnStatus::Failed, Some(why)),
        };
        out.fact(Event::TurnFinished { turn, status, error });
        self.state.informed = true;
        self.state.children.clear();
        self.state.said.clear();
        self.state.todo.clear();
    }

    pub(super) fn message(&mut self, info: &Value, out: &mut Out) {
        if text(info, "role") != "assistant" {
            return;
        }
        remember(&mut self.state.written, text(info, "id"));
        let model = match (text(info, "providerID"), text(info, "modelID")) {
            (_, "") => return,
            ("", model) => model.to_string(),
            (provider, model) => format!("{provider}/{model}"),
        };
        if self.is_own(text(info, "sessionID")) && self.state.model != model {
            self.state.model = model;
            self.identify(out);
        }
    }

    pub(super) fn piece(&mut self, properties: &Value, out: &mut Out) {
        let (part, delta) = (text(properties, "partID"), text(properties, "delta"));
        let Some(speaking) = self.state.speaking.get_mut(part) else { return };
        if text(properties, "field") != "text" {
            return;
        }
        if speaking.text.len() + delta.len() <= LONGEST_MESSAGE {
            speaking.text.push_str(delta);
        }
        let (role, session) = (speaking.role, speaking.session.clone());
        if self.is_own(&session) {
            out.delta(self.message_id(part), role, delta);
        }
    }

    pub(super) fn part(&mut self, part: &Value, out: &mut Out) {
        let session = text(part, "sessionID");
        let ours = self.is_own(session) || self.state.children.contains_key(session);
        if !ours || !self.state.written.iter().any(|message| message == text(part, "messageID")) {
            return;
        }
        match text(part, "type") {
            "text" => self.words(part, Role::Agent, out),
            "reasoning" => self.words(part, Role::Thought, out),
            "tool" => self.tool(part, out),
            "step-finish" => self.count(part),
            _ => {}
        }
    }

    fn words(&mut self, part: &Value, role: Role, out: &mut Out) {
        let (id, session, said) = (text(part, "id"), text(part, "sessionID"), text(part, "text"));
        if id.is_empty() || self.state.told.iter().any(|told| told == id) {
            return;
        }
        if part.get("time").is_some_and(|time| time.get("end").is_some()) {
            self.state.speaking.remove(id);
            self.said(id, session, role, said.into(), out);
        } else if self.state.speaking.len() < 64 {
            let text = said.to_string();
            self.state.speaking.insert(id.into(), Speaking { session: session.into(), role, text });
        }
    }

    fn said(&mut self, part: &str, session: &str, role: Role, text: String, out: &mut Out) {
        if text.is_empty() || !remember(&mut self.state.told, part) {
            return;
        }
        if role == Role::Agent {
            self.state.said = text.chars().take(2000).collect();
        }
        let parent = self.parent(session);
        out.fact(Event::MessageAdded { message: self.message_id(part), role, text, parent });
    }

    fn tool(&mut self, part: &Value, out: &mut Out) {
        let (call, name) = (text(part, "callID"), text(part, "tool"));
        let Some(state) = part.get("state").filter(|_| !call.is_empty()) else { return };
        let status = text(state, "status");
        if !matches!(status, "running" | "completed" | "error")
            || self.state.told.iter().any(|told| told == call)
        {
            return;
        }
        let input = state.get("input").cloned().unwrap_or_default();
        if !self.state.tools.contains_key(call) {
            let (id, session) = (ToolId(out.id()), text(part, "sessionID"));
            let title = tool::title(name, &input, &self.context.dir);
            let (kind, parent) = (tool::kind(name), self.parent(session));
            let name = name.to_string();
            out.fact(Event::ToolStarted {
                tool: id,
                name: name.clone(),
                kind,
                title,
                input: input.clone(),
                parent,
            });
            let (session, asked, answered) = (session.to_string(), false, Vec::new());
            self.state
                .tools
                .insert(call.into(), Tool { id, session, name, input, changes: Vec::new(), asked, answered });
        }
        let metadata = state.get("metadata").unwrap_or(&Value::Null);
        let child = text(metadata, "sessionId");
        if name == "task" && !child.is_empty() {
            let id = self.state.tools.get(call).map(|tool| tool.id);
            self.state.children.insert(child.into(), id);
        }
        self.show_held(|asked| asked.call() == call, out);
        if status != "running" {
            self.tool_done(call, state, out);
        }
    }

    fn tool_done(&mut self, call: &str, state: &Value, out: &mut Out) {
        let Some(tool) = self.state.tools.remove(call) else { return };
        remember(&mut self.state.told, call);
        let status = tool::status(state);
        let ran = text(state, "status") == "completed";
        if ran && !tool.asked && !settings::is_harmless(&tool.name) {
            let title = tool::title(&tool.name, &tool.input, &self.context.dir);
            let said = format!(
                "opencode did this without asking, most likely because its own settings on this host allow it: {title}"
            );
            out.notice(NoticeLevel::Warning, "ranUnasked", said);
        }
        let diffs = if status == ToolStatus::Ok {
            tool::diffs_done(&tool, state, &self.context.dir)
        } else {
            Vec::new()
        };
        let (output, truncated) = shorten(tool::output(state));
        out.fact(Event::ToolFinished { tool: tool.id, status, output, truncated, diffs });
        // It may have asked for several things, the last of which nobody decided.
        let open = self
            .state
            .asked
            .iter()
            .filter(|(_, asked)| asked.call() == call && asked.session == tool.session);
        let open: Vec<ApprovalId> = open.map(|(approval, _)| *approval).collect();
        for approval in open {
            self.end_asked(approval, out);
        }
        let outcome = if status == ToolStatus::Failed { Outcome::Failed } else { Outcome::Ok };
        for approval in tool.answered {
            out.fact(Event::ApprovalFinished { approval, outcome });
        }
    }

    pub(super) fn steps(&mut self, properties: &Value, out: &mut Out) {
        let steps = steps(properties);
        if steps != self.state.todo && !steps.is_empty() {
            out.notice(NoticeLevel::Info, "plan", format!("The plan:\n{steps}"));
            self.state.todo = steps;
        }
    }

    // What it used, sub-agents included.

    /// What a conversation that is taken up used before.
    pub(super) fn count_before(&mut self, info: &Value) {
        self.add(info);
        self.state.counted = false;
    }

    fn count(&mut self, part: &Value) {
        if remember(&mut self.state.told, text(part, "id")) {
            self.add(part);
            self.state.counted = true;
        }
    }

    fn add(&mut self, counts: &Value) {
        let tokens = counts.get("tokens").unwrap_or(&Value::Null);
        let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_u64).unwrap_or(0);
        let cache = tokens.get("cache").unwrap_or(&Value::Null);
        let usage = &mut self.state.usage;
        let input = number(tokens, "input").saturating_add(number(cache, "write"));
        usage.input_tokens = usage.input_tokens.saturating_add(input);
        let output = number(tokens, "output").saturating_add(number(tokens, "reasoning"));
        usage.output_tokens = usage.output_tokens.saturating_add(output);
        usage.cached_tokens = usage.cached_tokens.saturating_add(number(cache, "read"));
        if let Some(cost) = counts.get("cost").and_then(Value::as_f64) {
            usage.cost_usd = Some(usage.cost_usd.unwrap_or(0.0) + cost);
        }
    }
}
