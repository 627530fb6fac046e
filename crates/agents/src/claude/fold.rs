//! Claude's output, line by line.

mod asks;

use super::ask;
use super::message::{self, result_diffs, result_text, tool_kind, tool_title, usage};
use super::offers;
use crate::elicitation::Elicitation;
use crate::json::{line_of, text};
use crate::message_lines::MessageLines;
use crate::out::Out;
use crate::shorten::shorten;
use crate::{Controlled, Derived, Encoded, Fold, FoldContext, Prompt, control, limit};
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Requests without an answer of ours that are remembered.
const REMEMBERED: usize = 64;

/// The state between two lines. Claude's own ids stay in here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    session: String,
    model: String,
    turn: Option<TurnId>,
    /// What it offers, as it was told last.
    #[serde(default)]
    offers: Option<Offers>,
    /// The mode it is in.
    #[serde(default)]
    mode: String,
    /// It told of a limit that is reached, in this turn.
    #[serde(default)]
    limit_told: bool,
    /// How often it went to a mode in which it does not ask, and was set back.
    #[serde(default)]
    set_back: u64,
    /// Tool uses that have no result yet, by Claude's id.
    tools: BTreeMap<String, Tool>,
    /// Requests Claude waits on, by our id.
    asked: BTreeMap<ApprovalId, Asked>,
    /// Sub-agents at work, by Claude's name of each.
    #[serde(default)]
    sub_agents: BTreeMap<String, SubAgent>,
    /// The block being streamed, by the sub-agent's tool id ("" for Claude itself).
    streaming: BTreeMap<String, Streaming>,
    /// The last words, as the reason for what is asked next.
    said: String,
    /// Requests that we have no answer to.
    #[serde(default)]
    unknown: Vec<String>,
    lines: MessageLines,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Tool {
    id: ToolId,
    approval: Option<ApprovalId>,
    #[serde(default)]
    name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Asked {
    request_id: String,
    tool: String,
    input: Value,
    description: String,
    why: String,
    question: bool,
    #[serde(default)]
    sub_agent: Option<SubAgent>,
    #[serde(default)]
    elicitation: Option<Asking>,
}

/// What a server asks, and in which uses of its tools it may be doing so.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Asking {
    what: Elicitation,
    tools: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Streaming {
    message: String,
    index: u64,
}

pub(super) struct ClaudeFold {
    context: FoldContext,
    state: State,
}

impl ClaudeFold {
    pub(super) fn new(context: FoldContext, saved: Option<&str>) -> Self {
        let state = saved.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { context, state }
    }

    fn tool_id(&self, native: &str) -> ToolId {
        ToolId(self.context.attempt.named(&format!("tool:{native}")))
    }

    fn parent(&self, message: &Value) -> Option<ToolId> {
        match text(message, "parent_tool_use_id") {
            "" => None,
            native => Some(self.tool_id(native)),
        }
    }

    /// The id of the block that is streaming now; `message.added` and its deltas share it.
    fn message_id(&self, parent: &str, native: &str) -> Option<MessageId> {
        let streaming = self.state.streaming.get(parent).filter(|s| s.message == native)?;
        Some(MessageId(self.context.attempt.named(&format!("message:{native}:{}", streaming.index))))
    }

    fn system(&mut self, message: &Value, out: &mut Out) {
        match text(message, "subtype") {
            "init" => self.init(message, out),
            "status" => self.mode_is(text(message, "permissionMode"), out),
            "task_started" if text(message, "task_type") == "local_agent" => {
                let name: String = text(message, "description").chars().take(200).collect();
                let tool = self.tool_id(text(message, "tool_use_id"));
                self.state.sub_agents.insert(text(message, "task_id").into(), SubAgent { tool, name });
            }
            "task_notification" => {
                self.state.sub_agents.remove(text(message, "task_id"));
            }
            "api_retry" => {
                let attempt = message.get("attempt").and_then(Value::as_u64).unwrap_or(0);
                let most = message.get("max_retries").and_then(Value::as_u64).unwrap_or(0);
                let status = message.get("error_status").and_then(Value::as_u64);
                let what = match status {
                    Some(429) => "is limiting requests (429)".to_string(),
                    Some(status) => format!("answered {status}"),
                    None => "could not be reached".to_string(),
                };
                out.notice(
                    NoticeLevel::Warning,
                    "retrying",
                    format!("The model's service {what}. Claude tries again, {attempt} of {most}."),
                );
            }
            "compact_boundary" => {
                out.notice(NoticeLevel::Info, "compacted", "Claude shortened the conversation to make room.")
            }
            _ => {}
        }
    }

    fn init(&mut self, message: &Value, out: &mut Out) {
        let (session, model) = (text(message, "session_id"), text(message, "model"));
        if self.state.session != session || self.state.model != model {
            self.state.session = session.into();
            self.state.model = model.into();
            out.fact(Event::AgentIdentified {
                agent_session: Some(session.to_string()).filter(|s| !s.is_empty()),
                model: Some(model.to_string()).filter(|s| !s.is_empty()),
                version: Some(text(message, "claude_code_version").to_string()).filter(|s| !s.is_empty()),
            });
        }
        self.mode_is(text(message, "permissionMode"), out);
        if let Some(known) = &self.state.offers {
            let mut offers = known.clone();
            offers::narrow(&mut offers, message);
            self.offers(offers, out);
        }
        if self.state.turn.is_none() {
            let turn = TurnId(out.id());
            self.state.turn = Some(turn);
            out.fact(Event::TurnStarted { turn });
        }
    }

    fn offers(&mut self, offers: Offers, out: &mut Out) {
        if self.state.offers.as_ref() != Some(&offers) {
            out.fact(Event::AgentOffered { offers: offers.clone() });
            self.state.offers = Some(offers);
        }
    }

    /// It may leave its plan mode when a plan is approved; where it would not ask, it does not stay.
    fn mode_is(&mut self, mode: &str, out: &mut Out) {
        if mode.is_empty() || mode == self.state.mode {
            return;
        }
        self.state.mode = mode.into();
        out.fact(Event::AgentModeChanged { mode: mode.into(), control: None });
        if !offers::asks_in(mode) {
            self.state.set_back += 1;
            let said = format!("Claude went to its mode “{mode}”; Offdesk sets it back to asking.");
            out.notice(NoticeLevel::Warning, "modeChanged", said);
        }
    }

    fn stream(&mut self, message: &Value, out: &mut Out) {
        let parent = text(message, "parent_tool_use_id").to_string();
        let Some(event) = message.get("event") else { return };
        let index = event.get("index").and_then(Value::as_u64).unwrap_or(0);
        match text(event, "type") {
            "message_start" => {
                let native = event.get("message").map(|m| text(m, "id")).unwrap_or_default().to_string();
                self.state.streaming.insert(parent, Streaming { message: native, index: 0 });
            }
            "content_block_start" => self.state.streaming.entry(parent).or_default().index = index,
            // A sub-agent's words are shown whole under its tool; only Claude's own are shown as they come.
            "content_block_delta" if parent.is_empty() => {
                let Some(delta) = event.get("delta") else { return };
                let (role, piece) = match text(delta, "type") {
                    "text_delta" => (Role::Agent, text(delta, "text")),
                    "thinking_delta" => (Role::Thought, text(delta, "thinking")),
                    _ => return,
                };
                let native = self.state.streaming.get("").map(|s| s.message.clone()).unwrap_or_default();
                if let Some(message) = self.message_id("", &native) {
                    out.delta(message, role, piece);
                }
            }
            _ => {}
        }
    }

    fn assistant(&mut self, message: &Value, out: &mut Out) {
        let parent_native = text(message, "parent_tool_use_id").to_string();
        let parent = self.parent(message);
        let Some(body) = message.get("message") else { return };
        let native = text(body, "id");
        for block in body.get("content").and_then(Value::as_array).into_iter().flatten() {
            match text(block, "type") {
                kind @ ("text" | "thinking") => {
                    let role = if kind == "text" { Role::Agent } else { Role::Thought };
                    let words = text(block, kind);
                    if words.is_empty() {
                        continue;
                    }
                    if role == Role::Agent && parent.is_none() {
                        self.state.said = words.chars().take(2000).collect();
                    }
                    let id = self.message_id(&parent_native, native).unwrap_or(MessageId(out.id()));
                    out.fact(Event::MessageAdded { message: id, role, text: words.into(), parent });
                }
                "tool_use" => {
                    let native = text(block, "id").to_string();
                    let id = self.tool_id(&native);
                    let name = text(block, "name");
                    let input = block.get("input").cloned().unwrap_or_default();
                    self.state.tools.insert(native, Tool { id, approval: None, name: name.into() });
                    out.fact(Event::ToolStarted {
                        tool: id,
                        name: name.into(),
                        kind: tool_kind(name),
                        title: tool_title(name, &input),
                        input,
                        parent,
                    });
                }
                _ => {}
            }
        }
    }

    fn user(&mut self, message: &Value, out: &mut Out) {
        let content = message.get("message").and_then(|m| m.get("content")).and_then(Value::as_array);
        for block in content.into_iter().flatten().filter(|b| text(b, "type") == "tool_result") {
            let native = text(block, "tool_use_id");
            let Some(tool) = self.state.tools.remove(native) else { continue };
            let rejected = message
                .get("tool_result_meta")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter(|meta| text(meta, "id") == native)
                .any(|meta| meta.get("permission_decision").is_some_and(|d| text(d, "decision") == "reject"));
            let failed = block.get("is_error").and_then(Value::as_bool).unwrap_or(false);
            let status = match (rejected, failed) {
                (true, _) => ToolStatus::Denied,
                (false, true) => ToolStatus::Failed,
                (false, false) => ToolStatus::Ok,
            };
            let (output, truncated) = shorten(result_text(block.get("content").unwrap_or(&Value::Null)));
            let diffs = message.get("tool_use_result").map(result_diffs).unwrap_or_default();
            out.fact(Event::ToolFinished { tool: tool.id, status, output, truncated, diffs });
            if let Some(approval) = tool.approval {
                self.state.asked.remove(&approval);
                let outcome = if status == ToolStatus::Failed { Outcome::Failed } else { Outcome::Ok };
                out.fact(Event::ApprovalFinished { approval, outcome });
            }
            self.end_elicitations(|tool| tool == native, out);
        }
    }

    fn result(&mut self, message: &Value, out: &mut Out) {
        out.fact(Event::UsageReported { usage: usage(message) });
        let is_error = message.get("is_error").and_then(Value::as_bool).unwrap_or(false);
        let reason = text(message, "terminal_reason");
        let status = match (reason.starts_with("aborted"), is_error, text(message, "subtype")) {
            (true, _, _) => TurnStatus::Interrupted,
            (false, false, "success") => TurnStatus::Completed,
            _ => TurnStatus::Failed,
        };
        let error = (status == TurnStatus::Failed).then(|| failure(message));
        if let Some(limit) = error.as_deref().filter(|_| !self.state.limit_told).and_then(limit::stated) {
            out.fact(Event::LimitReported { limit });
        }
        self.state.limit_told = false;
        self.end_elicitations(|_| false, out);
        let turn = self.state.turn.take().unwrap_or(TurnId(out.id()));
        out.fact(Event::TurnFinished { turn, status, error });
        self.state.streaming.clear();
        self.state.said.clear();
    }

    fn control_response(&mut self, message: &Value, out: &mut Out) {
        let Some(response) = message.get("response") else { return };
        let (request, failed) = (text(response, "request_id"), text(response, "subtype") == "error");
        let answer = response.get("response").unwrap_or(&Value::Null);
        match control::of_request(request) {
            Some((id, chosen)) if failed => {
                control::refused("Claude", id, &chosen, text(response, "error"), out);
            }
            Some((id, chosen)) => {
                let said = match &chosen {
                    Control::Model { .. } => text(answer, "model"),
                    Control::Mode { .. } => text(answer, "mode"),
                };
                match &chosen {
                    Control::Model { .. } if !said.is_empty() => self.state.model = said.into(),
                    Control::Mode { id } => self.state.mode = id.clone(),
                    Control::Model { .. } => {}
                }
                control::done(id, chosen, said, out);
            }
            None if failed => {
                let said = format!("Claude refused a request: {}", text(response, "error"));
                out.notice(NoticeLevel::Warning, "agentRefused", said);
            }
            None if request == "initialize" => {
                self.offers(offers::of_initialize(answer), out);
                self.mode_is(text(answer, "current_permission_mode"), out);
            }
            None => {}
        }
    }
}

fn failure(message: &Value) -> String {
    let errors: Vec<&str> = message
        .get("errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let said = text(message, "result");
    let mut words = if !said.is_empty() { said.to_string() } else { errors.join("; ") };
    if words.is_empty() {
        words = format!("The turn ended with {}.", text(message, "subtype"));
    }
    words.chars().take(2000).collect()
}

/// A person's words.
fn say(uuid: Value, prompt: &Prompt) -> Value {
    let images = prompt.files.iter().filter_map(|file| {
        let source = json!({"type": "base64", "media_type": file.media_type, "data": file.image()?});
        Some(json!({"type": "image", "source": source}))
    });
    let mut content: Vec<Value> = images.collect();
    content.push(json!({"type": "text", "text": prompt.text_with(|file| file.image.is_none())}));
    json!({"type": "user", "uuid": uuid, "parent_tool_use_id": null, "session_id": "",
            "message": {"role": "user", "content": content}})
}

impl Fold for ClaudeFold {
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        let Some(message) = self.state.lines.read(line, "Claude", &mut out) else {
            return out.derived;
        };
        match text(&message, "type") {
            "system" => self.system(&message, &mut out),
            "stream_event" => self.stream(&message, &mut out),
            "assistant" => self.assistant(&message, &mut out),
            "user" => self.user(&message, &mut out),
            "control_request" => self.control_request(&message, &mut out),
            "control_cancel_request" => self.cancel(&message, &mut out),
            "control_response" => self.control_response(&message, &mut out),
            "result" => self.result(&message, &mut out),
            "rate_limit_event" => {
                if let Some(limit) = offers::limit(&message) {
                    self.state.limit_told |= limit.state == LimitState::Reached;
                    out.fact(Event::LimitReported { limit });
                }
            }
            // Newer versions say more; what they add is kept in the output.
            _ => {}
        }
        out.derived
    }

    fn save(&self) -> String {
        serde_json::to_string(&self.state).unwrap_or_default()
    }

    fn due(&self) -> Vec<Encoded> {
        let message = json!({"type": "control_request", "request_id": "initialize",
            "request": {"subtype": "initialize", "hooks": null, "forwardSubagentText": true}});
        let mut due = vec![Encoded { id: "initialize".into(), bytes: line_of(&message) }];
        due.extend(self.state.unknown.iter().map(|request| {
            let error = "Offdesk does not offer this.";
            let message = json!({"type": "control_response",
                "response": {"subtype": "error", "request_id": request, "error": error}});
            Encoded { id: format!("refusal:{request}"), bytes: line_of(&message) }
        }));
        if self.state.set_back > 0 {
            let id = format!("ask:{}", self.state.set_back);
            let message = json!({"type": "control_request", "request_id": id,
                "request": {"subtype": "set_permission_mode", "mode": "default"}});
            due.push(Encoded { id, bytes: line_of(&message) });
        }
        due
    }

    fn prompt(&self, id: PromptId, prompt: &Prompt) -> Option<Encoded> {
        let message = say(json!(id), prompt);
        Some(Encoded { id: format!("prompt:{id}"), bytes: line_of(&message) })
    }

    fn control(&self, id: ControlId, chosen: &Control) -> Controlled {
        match chosen {
            Control::Mode { id } if !offers::asks_in(id) => Controlled::Never,
            _ => control::write(id, &offers::request(id, chosen)),
        }
    }

    fn decide(&self, approval: ApprovalId, verdict: &Verdict) -> Option<Vec<u8>> {
        let asked = self.state.asked.get(&approval)?;
        let answer = match &asked.elicitation {
            Some(asking) => asking.what.answer(verdict),
            None => ask::verdict(&asked.input, verdict),
        };
        let message = json!({"type": "control_response", "response": {"subtype": "success",
            "request_id": asked.request_id, "response": answer}});
        let mut lines = line_of(&message);
        // A server hears neither words nor that it is to stop; Claude does.
        match verdict {
            Verdict::Deny { stop: true, .. } if asked.elicitation.is_some() => {
                lines.extend(self.interrupt(&approval.to_string()).into_iter().flat_map(|cut| cut.bytes));
            }
            Verdict::Deny { say: Some(words), .. }
                if asked.elicitation.is_some() && !words.trim().is_empty() =>
            {
                let words = Prompt::words(format!("I did not answer {}. {words}", asked.tool));
                lines.extend(line_of(&say(json!(approval), &words)));
            }
            _ => {}
        }
        Some(lines)
    }

    fn request(&self, approval: ApprovalId) -> Option<ApprovalRequest> {
        self.state.asked.get(&approval).map(|asked| self.show(approval, asked))
    }

    fn interrupt(&self, nonce: &str) -> Option<Encoded> {
        let message = json!({"type": "control_request", "request_id": format!("interrupt-{nonce}"),
            "request": {"subtype": "interrupt"}});
        Some(Encoded { id: format!("interrupt:{nonce}"), bytes: line_of(&message) })
    }
}
