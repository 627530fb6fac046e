//! A turn: what is said in it, what is used in it, how it ends.

use super::AcpFold;
use crate::acp::tool::{self, Tool};
use crate::json::text;
use crate::limit;
use crate::out::Out;
use crate::shorten::shorten;
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A message that grows beyond this is given as it is, and the rest is the next one.
const LONGEST_MESSAGE: usize = 256 * 1024;

/// A message that is being said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Speaking {
    message: MessageId,
    role: Role,
    text: String,
}

impl AcpFold {
    pub(super) fn turn_over(&mut self, result: Option<&Value>, error: Option<String>, out: &mut Out) {
        self.finish_message(out);
        if let Some(result) = result {
            self.count_turn(result, out);
        }
        let stop = result.map(|result| text(result, "stopReason")).unwrap_or_default();
        let (status, error) = match (error, stop) {
            (Some(error), _) => (TurnStatus::Failed, Some(format!("{} failed: {error}", self.name))),
            (None, "cancelled") => (TurnStatus::Interrupted, None),
            (None, "max_tokens") => {
                (TurnStatus::Failed, Some("The answer was cut off: the model's limit was reached.".into()))
            }
            (None, "max_turn_requests") => {
                (TurnStatus::Failed, Some("The agent stopped after the most steps it allows itself.".into()))
            }
            (None, "refusal") => (TurnStatus::Failed, Some("The model refused to go on.".into())),
            (None, _) => (TurnStatus::Completed, None),
        };
        if let Some(limit) = error.as_deref().and_then(limit::stated) {
            out.fact(Event::LimitReported { limit });
        }
        let turn = self.turn(out);
        // A tool it says no more of was denied, where it was asked for (Gemini CLI says nothing then), or was cut short.
        for tool in std::mem::take(&mut self.state.tools).into_values().filter(|tool| tool.started) {
            let denied = tool.approval.is_some() && status != TurnStatus::Interrupted;
            let status = if denied { ToolStatus::Denied } else { ToolStatus::Failed };
            let (output, diffs) = (String::new(), Vec::new());
            out.fact(Event::ToolFinished { tool: tool.id, status, output, truncated: 0, diffs });
        }
        // Undecided ones are withdrawn by this; for a denied one it is the end.
        for approval in std::mem::take(&mut self.state.asked).into_keys() {
            out.fact(Event::ApprovalFinished { approval, outcome: Outcome::Unknown });
        }
        out.fact(Event::TurnFinished { turn, status, error });
        self.state.turn = None;
        self.state.informed = true;
        self.state.counted = false;
        self.state.said.clear();
    }

    pub(super) fn turn(&mut self, out: &mut Out) -> TurnId {
        match self.state.turn {
            Some(turn) => turn,
            None => {
                let turn = TurnId(out.id());
                self.state.turn = Some(turn);
                out.fact(Event::TurnStarted { turn });
                turn
            }
        }
    }

    pub(super) fn says(&mut self, update: &Value, role: Role, out: &mut Out) {
        self.count_call(update);
        let piece = update.get("content").map(|content| text(content, "text")).unwrap_or_default();
        if piece.is_empty() {
            return;
        }
        self.turn(out);
        if self.state.speaking.as_ref().is_some_and(|s| s.role != role || s.text.len() > LONGEST_MESSAGE) {
            self.finish_message(out);
        }
        let number = self.state.messages;
        let attempt = self.context.attempt;
        let speaking = self.state.speaking.get_or_insert_with(|| Speaking {
            message: MessageId(attempt.named(&format!("message:{number}"))),
            role,
            text: String::new(),
        });
        speaking.text.push_str(piece);
        out.delta(speaking.message, role, piece);
    }

    pub(super) fn finish_message(&mut self, out: &mut Out) {
        let Some(Speaking { message, role, text }) = self.state.speaking.take() else { return };
        self.state.messages += 1;
        if role == Role::Agent {
            self.state.said = text.chars().take(2000).collect();
        }
        out.fact(Event::MessageAdded { message, role, text, parent: None });
    }

    /// The tool of a message, with what the message says learnt.
    pub(super) fn tool(&mut self, call: &Value) -> (String, &mut Tool) {
        let native = text(call, "toolCallId").to_string();
        let attempt = self.context.attempt;
        let sub_agent = tool::parent(call).map(|parent| SubAgent {
            tool: ToolId(attempt.named(&format!("tool:{parent}"))),
            name: self.state.tools.get(parent).map(Tool::line).unwrap_or_default(),
        });
        let tool = self
            .state
            .tools
            .entry(native.clone())
            .or_insert_with(|| Tool::new(ToolId(attempt.named(&format!("tool:{native}")))));
        tool.learn(call, self.known.tools);
        tool.sub_agent = tool.sub_agent.take().or(sub_agent);
        (native, tool)
    }

    pub(super) fn tool_told(&mut self, call: &Value, out: &mut Out) {
        self.finish_message(out);
        self.turn(out);
        let (native, tool) = self.tool(call);
        if tool.is_under_way() {
            start(tool, out);
        }
        let Some(well) = tool.ended() else { return };
        let Some(tool) = self.state.tools.remove(&native) else { return };
        let acts = matches!(tool.kind.as_str(), "execute" | "edit" | "delete" | "move");
        if self.known.tells_unasked && acts && well && tool.approval.is_none() {
            let text = format!("{} did this without asking: {}", self.name, tool.shown_line());
            out.notice(NoticeLevel::Warning, "ranUnasked", text);
        }
        let status = if well { ToolStatus::Ok } else { ToolStatus::Failed };
        let (output, truncated) = shorten(tool.gave());
        let diffs = if well { tool.diffs() } else { Vec::new() };
        out.fact(Event::ToolFinished { tool: tool.id, status, output, truncated, diffs });
        if let Some(approval) = tool.approval.filter(|approval| self.state.asked.remove(approval).is_some()) {
            let outcome = if well { Outcome::Ok } else { Outcome::Failed };
            out.fact(Event::ApprovalFinished { approval, outcome });
        }
        // A form that is no tool's own is over once nothing works any more that could wait for it.
        if self.state.tools.is_empty() {
            let forms = self.state.asked.extract_if(.., |_, asked| asked.is_form_of_a_server());
            for (approval, _) in forms.collect::<Vec<_>>() {
                out.fact(Event::ApprovalFinished { approval, outcome: Outcome::Ok });
            }
        }
    }

    // What it used.

    /// Qwen Code tells each call of the model.
    fn count_call(&mut self, update: &Value) {
        let Some(used) = update.pointer("/_meta/usage") else { return };
        let number = |key: &str| used.get(key).and_then(Value::as_u64).unwrap_or(0);
        let cached = number("cachedReadTokens");
        let usage = &mut self.state.usage;
        add(&mut usage.input_tokens, number("inputTokens").saturating_sub(cached));
        add(&mut usage.output_tokens, number("outputTokens"));
        add(&mut usage.cached_tokens, cached);
        self.state.counted = true;
    }

    /// Some tell each turn, others the whole conversation so far.
    fn count_turn(&mut self, result: &Value, out: &mut Out) {
        let usage = &mut self.state.usage;
        let quota =
            result.pointer("/_meta/quota/token_count").filter(|quota| quota.get("input_tokens").is_some());
        if let Some(used) = quota.filter(|_| !self.state.counted) {
            let number = |key: &str| used.get(key).and_then(Value::as_u64).unwrap_or(0);
            add(&mut usage.input_tokens, number("input_tokens"));
            add(&mut usage.output_tokens, number("output_tokens"));
        } else if let Some(used) = result.get("usage").filter(|_| !self.state.counted) {
            let number = |key: &str| used.get(key).and_then(Value::as_u64).unwrap_or(0);
            if self.known.usage_so_far {
                (usage.cached_tokens, usage.input_tokens, usage.output_tokens) = (0, 0, 0);
            }
            let cached = number("cachedReadTokens");
            add(&mut usage.cached_tokens, cached);
            add(&mut usage.input_tokens, number("inputTokens").saturating_sub(cached));
            add(&mut usage.output_tokens, number("outputTokens"));
        }
        if *usage != Usage::default() {
            out.fact(Event::UsageReported { usage: usage.clone() });
        }
    }
}

fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

/// Says that the tool began, once.
pub(super) fn start(tool: &mut Tool, out: &mut Out) {
    if tool.started {
        return;
    }
    tool.started = true;
    out.fact(Event::ToolStarted {
        tool: tool.id,
        name: tool.called().into(),
        kind: tool.tool_kind(),
        title: tool.line(),
        input: tool.shown_input(),
        parent: tool.sub_agent.as_ref().map(|by| by.tool),
    });
}
