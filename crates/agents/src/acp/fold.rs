//! An ACP agent's output, line by line.

mod opening;
mod turn;

use super::ask::{Asked, cancelled, choices};
use super::form::Form;
use super::greeting::{self, Step};
use super::known::Known;
use super::offers;
use super::tool::Tool;
use crate::json::{line_of, text};
use crate::message_lines::MessageLines;
use crate::out::Out;
use crate::{Controlled, Derived, Encoded, Fold, FoldContext, Prompt, PromptFile, control};
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use turn::{Speaking, start};

/// Answers of ours to the agent that may wait to be written; an agent that asks for more is not waited for.
const MOST_OWED: usize = 256;
/// Bytes of each of the repository's notes that are passed on.
const LONGEST_NOTE: usize = 32 * 1024;
/// Approvals that may be open at once; more are refused by themselves.
const MOST_ASKED: usize = 256;

/// The state between two lines. The agent's own ids stay in here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    step: Step,
    /// It does not offer the mode in which it would ask, and is taken as it is.
    #[serde(default)]
    modeless: bool,
    /// The conversation to be taken up, until it was.
    taking_up: Option<String>,
    session: String,
    /// It was prompted in this attempt, or knows what was said in an earlier one.
    informed: bool,
    version: String,
    model: String,
    /// What it offers, as it was told last.
    #[serde(default)]
    offers: Offers,
    /// The option that chooses its model, where there is no other way.
    #[serde(default)]
    model_option: Option<String>,
    /// The mode it was told to be in, or went to.
    #[serde(default)]
    mode: String,
    /// It takes images.
    #[serde(default)]
    images: bool,
    /// What is written to it without a person, after the greeting.
    owed: Vec<Value>,
    turn: Option<TurnId>,
    speaking: Option<Speaking>,
    messages: u64,
    tools: BTreeMap<String, Tool>,
    asked: BTreeMap<ApprovalId, Asked>,
    usage: Usage,
    /// The present turn's usage was told call by call.
    counted: bool,
    said: String,
    lines: MessageLines,
}

pub(super) struct AcpFold {
    known: &'static Known,
    /// For people.
    name: String,
    /// What a person would type to log in.
    program: String,
    context: FoldContext,
    state: State,
}

impl AcpFold {
    pub(super) fn new(
        known: &'static Known,
        name: &str,
        program: &str,
        context: FoldContext,
        saved: Option<&str>,
    ) -> Self {
        let begin = || State { taking_up: context.agent_session.clone(), ..State::default() };
        let state = saved.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(begin);
        Self { known, name: name.into(), program: program.into(), context, state }
    }

    fn owe(&mut self, message: Value) {
        self.state.owed.push(message);
        if self.state.owed.len() > MOST_OWED {
            self.state.owed.remove(0);
        }
    }

    /// Nothing more can come of this attempt.
    fn stuck(&mut self, out: &mut Out, why: impl Into<String>) {
        self.state.step = Step::Stuck;
        out.notice(NoticeLevel::Error, "agentRefused", why);
    }

    fn dir(&self) -> String {
        self.context.dir.display().to_string()
    }

    // What it tells.

    fn told(&mut self, update: &Value, out: &mut Out) {
        let kind = text(update, "sessionUpdate");
        if kind == "current_mode_update" {
            return self.mode_changed(text(update, "currentModeId"), out);
        }
        if kind == "available_commands_update" {
            let slash = offers::slash(update);
            // Told before what else it offers is known, it is told together with that.
            if self.state.session.is_empty() {
                self.state.offers.slash = slash;
                return;
            }
            let offers = Offers { slash, ..self.state.offers.clone() };
            return self.offers(offers, out);
        }
        // Before, it repeats the conversation it takes up; what a person said comes from nowhere else.
        if self.state.step != Step::Ready {
            return;
        }
        match kind {
            "agent_message_chunk" => self.says(update, Role::Agent, out),
            "agent_thought_chunk" => self.says(update, Role::Thought, out),
            "tool_call" | "tool_call_update" => self.tool_told(update, out),
            "usage_update" => {
                if let Some(cost) = update.get("cost").filter(|cost| text(cost, "currency") == "USD") {
                    self.state.usage.cost_usd = cost.get("amount").and_then(Value::as_f64);
                }
            }
            _ => {}
        }
    }

    fn mode_changed(&mut self, mode: &str, out: &mut Out) {
        let Some(asking) =
            self.known.asking_mode.filter(|_| self.state.step == Step::Ready && !self.state.modeless)
        else {
            return;
        };
        if mode.is_empty() {
            return;
        }
        if offers::asks_in(self.known, mode) {
            if self.state.mode != mode {
                self.state.mode = mode.into();
                out.fact(Event::AgentModeChanged { mode: mode.into(), control: None });
            }
            return;
        }
        let back = match mode.rsplit_once('#') {
            Some((before, _)) => format!("{before}#{asking}"),
            None => asking.to_string(),
        };
        out.notice(
            NoticeLevel::Warning,
            "modeChanged",
            format!("{} went to its mode “{mode}”; Offdesk sets it back to asking.", self.name),
        );
        let set = greeting::set_mode(&format!("mode:{}", out.id()), &self.state.session, &back);
        self.state.mode = back;
        self.owe(set);
    }

    // What it asks.

    fn asks(&mut self, message: &Value, out: &mut Out) {
        let request = message.get("id").cloned().unwrap_or_default();
        let params = message.get("params").cloned().unwrap_or_default();
        let form = text(message, "method") == "elicitation/create" && self.known.forms;
        if !form && text(message, "method") != "session/request_permission" {
            let error = json!({ "code": -32601, "message": "Offdesk does not do this." });
            return self.owe(json!({ "jsonrpc": "2.0", "id": request, "error": error }));
        }
        if self.state.step != Step::Ready || self.state.asked.len() >= MOST_ASKED {
            let result = if form { json!({ "action": "cancel" }) } else { cancelled() };
            return self.owe(json!({ "jsonrpc": "2.0", "id": request, "result": result }));
        }
        self.finish_message(out);
        self.turn(out);
        let why = self.state.said.clone();
        let (asked, approval) = if form {
            let approval = ApprovalId(out.id());
            let Some(form) = Form::of(&params, self.working_server()) else {
                let result = json!({ "action": "cancel" });
                return self.owe(json!({ "jsonrpc": "2.0", "id": request, "result": result }));
            };
            let mut tool = Tool::new(ToolId(out.id()));
            if params.get("toolCallId").is_some() {
                let (_, known) = self.tool(&json!({ "toolCallId": text(&params, "toolCallId") }));
                start(known, out);
                known.approval = Some(approval);
                tool = known.clone();
            }
            (Asked { request, tool, options: Vec::new(), why, form: Some(form) }, approval)
        } else {
            let call = params.get("toolCall").cloned().unwrap_or_default();
            self.start_parent(&call, out);
            let (_, tool) = self.tool(&call);
            start(tool, out);
            let asked = Asked { request, tool: tool.clone(), options: choices(&params), why, form: None };
            if self.known.denies.contains(&asked.tool.name.as_str()) {
                return self.deny_at_once(&asked, out);
            }
            let approval = ApprovalId(out.id());
            if let Some(tool) = self.state.tools.get_mut(text(&call, "toolCallId")) {
                tool.approval = Some(approval);
            }
            (asked, approval)
        };
        let shown = asked.shown(self.known, &self.context, approval);
        out.fact(if asked.is_question() {
            Event::QuestionAsked { approval: shown }
        } else {
            Event::ApprovalRequested { approval: shown }
        });
        self.state.asked.insert(approval, asked);
    }

    /// What its tool would start does not ask, so it is not started.
    fn deny_at_once(&mut self, asked: &Asked, out: &mut Out) {
        let (name, tool) = (&self.name, asked.tool.called());
        let text = format!("What {name} starts with “{tool}” acts without asking, so it was denied.");
        out.notice(NoticeLevel::Warning, "subAgentDenied", text);
        let result = asked.verdict(&Verdict::Deny { say: None, stop: false });
        self.owe(json!({ "jsonrpc": "2.0", "id": asked.request, "result": result }));
    }

    /// The person's server whose tool works now. The form does not say whose it is; where several work, nobody knows.
    fn working_server(&self) -> Option<&str> {
        let mut servers = self.state.tools.values().filter_map(Tool::server);
        servers.next().filter(|_| servers.next().is_none())
    }
}

impl Fold for AcpFold {
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        let Some(message) = self.state.lines.read(line, &self.name, &mut out) else {
            return out.derived;
        };
        match (text(&message, "method"), message.get("id")) {
            ("", Some(Value::String(id))) => self.answered(id, &message, &mut out),
            ("session/update", None) => {
                if let Some(update) = message.get("params").and_then(|params| params.get("update")) {
                    self.told(update, &mut out);
                }
            }
            // Both sides count their requests for themselves, so a request is known by its method, not by its id.
            (method, Some(Value::String(_) | Value::Number(_))) if !method.is_empty() => {
                self.asks(&message, &mut out);
            }
            // Newer agents say more; what they add is kept in the output.
            _ => {}
        }
        out.derived
    }

    fn save(&self) -> String {
        serde_json::to_string(&self.state).unwrap_or_default()
    }

    fn due(&self) -> Vec<Encoded> {
        let greeting = greeting::initialize(self.known);
        let encoded = |message: &Value| {
            let id = message.get("id").map(Value::to_string).unwrap_or_default();
            let kind = if message.get("method").is_some() { "request" } else { "reply" };
            Encoded { id: format!("{kind}:{id}"), bytes: line_of(message) }
        };
        [&greeting].into_iter().chain(&self.state.owed).map(encoded).collect()
    }

    fn is_over(&self) -> bool {
        self.state.step == Step::Stuck
    }

    fn control(&self, id: ControlId, chosen: &Control) -> Controlled {
        match (self.state.step, chosen) {
            (Step::Stuck, _) => Controlled::Never,
            (_, Control::Mode { id }) if !offers::asks_in(self.known, id) => Controlled::Never,
            (Step::Ready, chosen) => {
                let option = self.state.model_option.as_deref();
                control::write(id, &offers::request(id, &self.state.session, option, chosen))
            }
            _ => Controlled::Later,
        }
    }

    fn prompt(&self, id: PromptId, prompt: &Prompt) -> Option<Encoded> {
        if self.state.step != Step::Ready {
            return None;
        }
        let id = format!("prompt:{id}");
        let seen = |file: &PromptFile| self.state.images && file.image.is_some();
        let text = json!({ "type": "text", "text": prompt.text_with(|file| !seen(file)) });
        let images = prompt.files.iter().filter(|file| seen(file)).filter_map(|file| {
            Some(json!({ "type": "image", "mimeType": file.media_type, "data": file.image()? }))
        });
        let mut blocks: Vec<Value> = self.notes().chain(images).collect();
        // A command is known by being the first words.
        let place = if prompt.text.starts_with('/') { 0 } else { blocks.len() };
        blocks.insert(place, text);
        let params = json!({ "sessionId": self.state.session, "prompt": blocks });
        Some(Encoded { bytes: line_of(&greeting::request(&id, "session/prompt", params)), id })
    }

    fn decide(&self, approval: ApprovalId, verdict: &Verdict) -> Option<Vec<u8>> {
        let asked = self.state.asked.get(&approval)?;
        let mut bytes = match verdict {
            Verdict::Deny { stop: true, .. } => self.cancel(),
            _ => Vec::new(),
        };
        let result = asked.verdict(verdict);
        bytes.extend(line_of(&json!({ "jsonrpc": "2.0", "id": asked.request, "result": result })));
        Some(bytes)
    }

    fn request(&self, approval: ApprovalId) -> Option<ApprovalRequest> {
        let asked = self.state.asked.get(&approval)?;
        Some(asked.shown(self.known, &self.context, approval))
    }

    fn interrupt(&self, nonce: &str) -> Option<Encoded> {
        let mut bytes = self.cancel();
        // The protocol wants what is open to be answered so.
        for asked in self.state.asked.values() {
            let result = asked.cancelled();
            bytes.extend(line_of(&json!({ "jsonrpc": "2.0", "id": asked.request, "result": result })));
        }
        Some(Encoded { id: format!("interrupt:{nonce}"), bytes })
    }
}

impl AcpFold {
    /// What a repository says to agents, for the first prompt of a conversation.
    fn notes(&self) -> impl Iterator<Item = Value> {
        let names = self.known.notes.iter().filter(|_| !self.state.informed);
        names.filter_map(|name| {
            let (path, files) = (self.context.dir.join(name), &self.context.workspace);
            // A link could lead to what is no part of the repository.
            let bytes = files.read(&path).filter(|bytes| !bytes.is_empty() && !files.is_link(&path))?;
            let words = String::from_utf8_lossy(&bytes);
            let words = &words[..words.floor_char_boundary(LONGEST_NOTE)];
            Some(json!({ "type": "text", "text": format!("The repository says to agents, in {name}:\n\n{words}") }))
        })
    }

    fn cancel(&self) -> Vec<u8> {
        let params = json!({ "sessionId": self.state.session });
        line_of(&json!({ "jsonrpc": "2.0", "method": "session/cancel", "params": params }))
    }
}
