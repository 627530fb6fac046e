//! Codex's output, line by line.

mod asks;
mod led_elsewhere;
mod sub_agents;

use super::ask::{self, Asked, Method};
use super::{item, offers, say, trouble};
use crate::json::{line_of, text};
use crate::message_lines::MessageLines;
use crate::out::Out;
use crate::shorten::shorten;
use crate::{Controlled, Derived, Encoded, Fold, FoldContext, Prompt, control, limit};
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};
use sub_agents::Begun;

/// Things that are remembered only so as not to be told or answered twice.
const REMEMBERED: usize = 64;

/// The state between two lines. Codex's own ids stay in here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    /// It answered our greeting.
    greeted: bool,
    version: String,
    /// What to add to the person's settings; nothing: those are not known yet.
    settings: Option<Map<String, Value>>,
    /// The thread of this run; sub-agents have their own.
    thread: String,
    model: String,
    /// Why nothing must be said to it.
    refusal: Option<String>,
    turn: Option<Turn>,
    /// Tool uses that have not ended, by Codex's id.
    tools: BTreeMap<String, Tool>,
    /// Those that have, so that what is told of them later does not begin them anew.
    ended: VecDeque<String>,
    /// Requests Codex waits on, by our id.
    asked: BTreeMap<ApprovalId, Asked>,
    /// Requests that we have no answer to.
    refused: VecDeque<Value>,
    /// The last words, as the reason for what is asked next.
    said: String,
    usage: Option<Usage>,
    /// Limits as they were told last.
    limits: Vec<Limit>,
    plan: String,
    /// By the thread they work in.
    sub_agents: BTreeMap<String, Begun>,
    warned: VecDeque<String>,
    /// A person leads it in its own terminal.
    shared: bool,
    /// There it asks for everything, too.
    asks: bool,
    /// The thread that was told of.
    identified: String,
    lines: MessageLines,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Turn {
    native: String,
    id: TurnId,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Tool {
    id: ToolId,
    thread: String,
    name: String,
    title: String,
    changes: Vec<Value>,
    /// Somebody was asked before it ran.
    asked: bool,
    /// Approvals that Codex has the answer to.
    answered: Vec<ApprovalId>,
}

pub(super) struct CodexFold {
    context: FoldContext,
    state: State,
}

fn status_of(turn: &Value) -> TurnStatus {
    match text(turn, "status") {
        "completed" => TurnStatus::Completed,
        "interrupted" => TurnStatus::Interrupted,
        _ => TurnStatus::Failed,
    }
}

fn remember<T: PartialEq>(memory: &mut VecDeque<T>, new: T) -> bool {
    if memory.contains(&new) {
        return false;
    }
    memory.push_back(new);
    if memory.len() > REMEMBERED {
        memory.pop_front();
    }
    true
}

impl CodexFold {
    pub(super) fn new(context: FoldContext, saved: Option<&str>) -> Self {
        let state = saved.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { context, state }
    }

    fn message_id(&self, native: &str) -> MessageId {
        MessageId(self.context.attempt.named(&format!("message:{native}")))
    }

    /// Of the run's own thread, not of a sub-agent's.
    fn own(&self, params: &Value) -> bool {
        !self.state.thread.is_empty() && text(params, "threadId") == self.state.thread
    }

    fn response(&mut self, id: &str, message: &Value, out: &mut Out) {
        let (result, error) = (message.get("result"), message.get("error"));
        let failed = error.map(|error| text(error, "message").chars().take(1000).collect::<String>());
        if let Some((control, chosen)) = control::of_request(id) {
            return match (failed, &chosen) {
                (Some(failed), _) => control::refused("Codex", control, &chosen, &failed, out),
                (None, Control::Model { id }) => {
                    self.state.model = id.clone();
                    control::done(control, chosen, "", out);
                }
                (None, Control::Mode { .. }) => {}
            };
        }
        match id.split(':').next().unwrap_or_default() {
            "initialize" => self.greeted(result, failed, out),
            "config" => self.configured(result, failed, out),
            "models" => {
                let offers = result.map(offers::models).unwrap_or_default();
                if offers != Offers::default() {
                    out.fact(Event::AgentOffered { offers });
                }
            }
            "thread" => self.began(result, failed, out),
            "prompt" => self.prompted(failed, out),
            "words" | "interrupt" => {
                if let Some(failed) = failed {
                    let said = format!("Codex did not take it: {failed}");
                    out.notice(NoticeLevel::Warning, "agentRefused", said);
                }
            }
            _ => {}
        }
    }

    fn greeted(&mut self, result: Option<&Value>, failed: Option<String>, out: &mut Out) {
        if let Some(failed) = failed {
            return self.refuse(format!("Codex does not speak with Offdesk: {failed}"), out);
        }
        self.state.greeted = true;
        self.state.version = result.map(say::version).unwrap_or_default();
    }

    fn configured(&mut self, result: Option<&Value>, failed: Option<String>, out: &mut Out) {
        if let Some(failed) = failed {
            let said = format!(
                "Codex's settings could not be read ({failed}); tools of its servers that call themselves read-only \
                 may run without asking."
            );
            out.notice(NoticeLevel::Warning, "agentWarning", said);
        }
        let config = result.and_then(|result| result.get("config")).unwrap_or(&Value::Null);
        self.state.settings = Some(say::asking_servers(config));
    }

    fn began(&mut self, result: Option<&Value>, failed: Option<String>, out: &mut Out) {
        let Some(result) = result.filter(|_| failed.is_none()) else {
            let failed = failed.unwrap_or_default();
            let what = match &self.context.agent_session {
                Some(_) => "Codex cannot go on with this conversation",
                None => "Codex did not begin a conversation",
            };
            return self.refuse(format!("{what}: {failed}"), out);
        };
        self.state.thread = result.get("thread").map(|thread| text(thread, "id").into()).unwrap_or_default();
        self.state.model = text(result, "model").into();
        self.identify(out);
        // What manages this host's Codex may not let us choose.
        let (policy, reviewer) = (text(result, "approvalPolicy"), text(result, "approvalsReviewer"));
        if policy != "untrusted" || !matches!(reviewer, "user" | "") {
            self.refuse(
                "Codex does not take the mode in which it asks a person before everything, so nothing was said to it. \
                 Update Codex, or ask whoever manages its settings on this host."
                    .into(),
                out,
            );
        } else if self.state.thread.is_empty() {
            self.refuse("Codex began a conversation and gave it no name. Update Codex.".into(), out);
        }
    }

    fn identify(&self, out: &mut Out) {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        out.fact(Event::AgentIdentified {
            agent_session: some(&self.state.thread),
            model: some(&self.state.model),
            version: some(&self.state.version),
        });
    }

    /// From now on every prompt is answered with this.
    fn refuse(&mut self, why: String, out: &mut Out) {
        out.notice(NoticeLevel::Error, "agentRefused", why.clone());
        self.state.refusal = Some(why);
    }

    /// The answer to a prompt; the turn itself is told apart.
    fn prompted(&mut self, failed: Option<String>, out: &mut Out) {
        let failed = failed.map(|failed| format!("Codex did not take the prompt: {failed}"));
        let Some(error) = self.state.refusal.clone().or(failed) else { return };
        if self.state.turn.is_some() {
            out.notice(NoticeLevel::Warning, "agentRefused", error);
            return;
        }
        let turn = TurnId(out.id());
        out.fact(Event::TurnStarted { turn });
        out.fact(Event::TurnFinished { turn, status: TurnStatus::Failed, error: Some(error) });
    }

    fn notification(&mut self, method: &str, params: &Value, out: &mut Out) {
        match method {
            "turn/started" if self.own(params) => {
                let native = params.get("turn").map(|turn| text(turn, "id")).unwrap_or_default();
                self.turn_started(native, out);
            }
            "turn/completed" if self.own(params) => {
                self.turn_completed(params.get("turn").unwrap_or(&Value::Null), out);
            }
            "turn/started" => self.sub_agent_turn_started(params),
            "turn/completed" => {
                let status = params.get("turn").map_or(TurnStatus::Failed, status_of);
                self.sub_agent_turn_completed(params, status, out);
            }
            "turn/plan/updated" if self.own(params) => {
                let plan: String = item::plan(params).chars().take(8000).collect();
                if plan != self.state.plan && !plan.is_empty() {
                    out.notice(NoticeLevel::Info, "plan", format!("The plan:\n{plan}"));
                    self.state.plan = plan;
                }
            }
            "item/started" => self.item_started(params, out),
            "item/completed" => self.item_completed(params, out),
            "item/agentMessage/delta" | "item/plan/delta" if self.own(params) => {
                out.delta(self.message_id(text(params, "itemId")), Role::Agent, text(params, "delta"));
            }
            "item/reasoning/summaryTextDelta" if self.own(params) => {
                out.delta(self.message_id(text(params, "itemId")), Role::Thought, text(params, "delta"));
            }
            "thread/tokenUsage/updated" if self.own(params) => {
                self.state.usage = item::usage(params).or(self.state.usage.take());
            }
            "thread/tokenUsage/updated" => {
                let usage = item::usage(params);
                if let Some(begun) = self.sub_agent_mut(params) {
                    begun.usage = usage.or(begun.usage.take());
                }
            }
            "serverRequest/resolved" => self.answered(params.get("requestId").unwrap_or(&Value::Null), out),
            "model/rerouted" if self.own(params) => {
                self.state.model = text(params, "toModel").into();
                self.identify(out);
            }
            "thread/settings/updated" if self.own(params) => {
                let model = params.get("threadSettings").map(|told| text(told, "model")).unwrap_or_default();
                if !model.is_empty() && model != self.state.model {
                    self.state.model = model.into();
                    out.fact(Event::AgentModelChanged { model: model.into(), control: None });
                }
            }
            "account/rateLimits/updated" => {
                for limit in offers::limits(params) {
                    if !self.state.limits.contains(&limit) {
                        self.state.limits.retain(|known| known.window != limit.window);
                        self.state.limits.push(limit.clone());
                        out.fact(Event::LimitReported { limit });
                    }
                }
            }
            "error" => self.error(params, out),
            "mcpServer/startupStatus/updated" if text(params, "status") == "failed" => {
                let (name, error) = (text(params, "name"), text(params, "error"));
                self.warn(format!("Codex's server {name} did not start: {error}"), out);
            }
            "warning" | "guardianWarning" => self.warn(text(params, "message").into(), out),
            "configWarning" | "deprecationNotice" => self.warn(text(params, "summary").into(), out),
            // Newer versions say more; what they add is kept in the output.
            _ => {}
        }
    }

    /// Codex repeats its warnings with every turn.
    fn warn(&mut self, said: String, out: &mut Out) {
        let said: String = said.chars().take(2000).collect();
        if !said.is_empty() && remember(&mut self.state.warned, said.clone()) {
            out.notice(NoticeLevel::Info, "agentWarning", said);
        }
    }

    fn error(&mut self, params: &Value, out: &mut Out) {
        // The last one comes again with the turn's end.
        if params.get("willRetry").and_then(Value::as_bool) == Some(true) {
            let error = params.get("error").unwrap_or(&Value::Null);
            out.notice(NoticeLevel::Warning, "retrying", trouble::retry(error));
        }
    }

    fn turn_started(&mut self, native: &str, out: &mut Out) {
        if self.state.turn.as_ref().is_some_and(|turn| turn.native == native) {
            return;
        }
        let id = TurnId(out.id());
        self.state.turn = Some(Turn { native: native.into(), id });
        out.fact(Event::TurnStarted { turn: id });
    }

    fn turn_completed(&mut self, turn: &Value, out: &mut Out) {
        let status = status_of(turn);
        let thread = self.state.thread.clone();
        self.settle(&thread, status, out);
        if let Some(usage) = self.state.usage.take() {
            let usage = self.used(usage);
            out.fact(Event::UsageReported { usage });
        }
        let error = (status == TurnStatus::Failed)
            .then(|| trouble::sentence(turn.get("error").unwrap_or(&Value::Null)));
        let told = self.state.limits.iter().any(|limit| limit.state == LimitState::Reached);
        if let Some(limit) = error.as_deref().filter(|_| !told).and_then(limit::stated) {
            out.fact(Event::LimitReported { limit });
        }
        let turn = self.state.turn.take().map_or(TurnId(out.id()), |turn| turn.id);
        out.fact(Event::TurnFinished { turn, status, error });
        self.state.said.clear();
        self.state.plan.clear();
    }

    fn end_tool(&mut self, native: &str) -> Option<Tool> {
        let tool = self.state.tools.remove(native)?;
        remember(&mut self.state.ended, native.to_string());
        Some(tool)
    }

    fn tool_cut_short(&mut self, native: &str, out: &mut Out) {
        let Some(tool) = self.end_tool(native) else { return };
        let (status, diffs) = (ToolStatus::Failed, Vec::new());
        let output = "The turn ended before this did.".to_string();
        out.fact(Event::ToolFinished { tool: tool.id, status, output, truncated: 0, diffs });
        for approval in tool.answered {
            out.fact(Event::ApprovalFinished { approval, outcome: Outcome::Unknown });
        }
    }

    fn item_started(&mut self, params: &Value, out: &mut Out) {
        let Some(item) = params.get("item") else { return };
        let native = text(item, "id").to_string();
        let Some((name, kind, title, input)) = item::tool(item, &self.context.dir) else { return };
        if native.is_empty() || self.state.tools.contains_key(&native) || self.state.ended.contains(&native) {
            return;
        }
        let tool = Tool {
            id: ToolId(out.id()),
            thread: text(params, "threadId").into(),
            name: name.clone(),
            title: title.clone(),
            changes: item::changes(item),
            asked: false,
            answered: Vec::new(),
        };
        let parent = self.sub_agent(params).map(|begun| begun.sub_agent.tool);
        out.fact(Event::ToolStarted { tool: tool.id, name, kind, title, input, parent });
        self.state.tools.insert(native, tool);
    }

    fn item_completed(&mut self, params: &Value, out: &mut Out) {
        let Some(item) = params.get("item") else { return };
        let native = text(item, "id");
        if text(item, "type") == "userMessage" {
            return self.person_said(params, item, out);
        }
        let said = match text(item, "type") {
            "agentMessage" | "plan" => Some((Role::Agent, text(item, "text").to_string())),
            "reasoning" => Some((Role::Thought, item::thoughts(item))),
            "contextCompaction" if self.own(params) => {
                let said = "Codex shortened the conversation to make room.";
                return out.notice(NoticeLevel::Info, "compacted", said);
            }
            _ => None,
        };
        let parent = self.sub_agent(params).map(|begun| begun.sub_agent.tool);
        let is_ours = self.own(params) || parent.is_some();
        if let Some((role, text)) = said.filter(|(_, text)| !text.is_empty() && is_ours) {
            if role == Role::Agent {
                let said = text.chars().take(2000).collect();
                match self.sub_agent_mut(params) {
                    Some(begun) => begun.said = said,
                    None => self.state.said = said,
                }
            }
            out.fact(Event::MessageAdded { message: self.message_id(native), role, text, parent });
        } else {
            self.tool_completed(params, item, out);
        }
    }

    fn tool_completed(&mut self, params: &Value, item: &Value, out: &mut Out) {
        // Some are told only when they are over.
        self.item_started(params, out);
        let Some(tool) = self.end_tool(text(item, "id")) else { return };
        self.begins_sub_agents(item, &tool);
        let status = item::status(item);
        let ran = status != ToolStatus::Denied && text(item, "source") != "userShell";
        let asks = matches!(text(item, "type"), "commandExecution" | "fileChange" | "mcpToolCall");
        if ran && asks && !tool.asked && (!self.state.shared || self.state.asks) {
            let why = match text(item, "type") {
                "commandExecution" => "a rule of the person's own Codex allows it (in its rules folder)",
                _ => "its own settings allow it",
            };
            let title: String = tool.title.chars().take(500).collect();
            let said = format!("Codex did this without asking, most likely because {why}: {title}");
            out.notice(NoticeLevel::Warning, "ranUnasked", said);
        }
        let (output, truncated) = shorten(item::output(item));
        let diffs = if status == ToolStatus::Ok { item::diffs_done(item) } else { Vec::new() };
        out.fact(Event::ToolFinished { tool: tool.id, status, output, truncated, diffs });
        let outcome = if status == ToolStatus::Failed { Outcome::Failed } else { Outcome::Ok };
        for approval in tool.answered {
            out.fact(Event::ApprovalFinished { approval, outcome });
        }
    }
}

impl Fold for CodexFold {
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        let Some(message) = self.state.lines.read(line, "Codex", &mut out) else {
            return out.derived;
        };
        let params = message.get("params").unwrap_or(&Value::Null);
        match (message.get("id").filter(|id| !id.is_null()), text(&message, "method")) {
            (Some(Value::String(id)), "") => self.response(id, &message, &mut out),
            (Some(request), method) if !method.is_empty() => self.asks(request, method, params, &mut out),
            (None, method) => self.notification(method, params, &mut out),
            // Answers to numbers: we ask with words.
            (Some(_), _) => {}
        }
        out.derived
    }

    fn save(&self) -> String {
        serde_json::to_string(&self.state).unwrap_or_default()
    }

    fn due(&self) -> Vec<Encoded> {
        let mut due = vec![say::initialize()];
        if self.state.greeted {
            due.extend([say::initialized(), say::config(&self.context), say::models()]);
        }
        due.extend(self.state.settings.iter().map(|settings| say::thread(&self.context, settings)));
        due.extend(self.state.refused.iter().map(say::refusal));
        due
    }

    fn control(&self, id: ControlId, chosen: &Control) -> Controlled {
        match chosen {
            Control::Model { .. } if self.state.thread.is_empty() && self.state.refusal.is_none() => {
                Controlled::Later
            }
            Control::Model { id: model } if self.state.refusal.is_none() => {
                let request = control::request_id(id, chosen);
                control::write(id, &say::model(&request, &self.state.thread, model))
            }
            _ => Controlled::Never,
        }
    }

    fn prompt(&self, id: PromptId, prompt: &Prompt) -> Option<Encoded> {
        let request = format!("prompt:{id}");
        if self.state.refusal.is_some() {
            return Some(say::encoded(&request, &say::nothing(&request)));
        }
        let ready = !self.state.thread.is_empty();
        ready.then(|| say::encoded(&request, &say::prompt(&request, &self.state.thread, prompt)))
    }

    fn decide(&self, approval: ApprovalId, verdict: &Verdict) -> Option<Vec<u8>> {
        let asked = self.state.asked.get(&approval)?;
        // Words and an end are for who asked: a sub-agent has a thread of its own.
        let thread = match &asked.sub_agent {
            Some(_) => text(&asked.params, "threadId"),
            None => &self.state.thread,
        };
        Some(ask::verdict(asked, approval, (thread, self.state.shared), verdict))
    }

    fn request(&self, approval: ApprovalId) -> Option<ApprovalRequest> {
        self.state.asked.get(&approval).map(|asked| asked.show(&self.context, approval))
    }

    fn interrupt(&self, nonce: &str) -> Option<Encoded> {
        let id = format!("interrupt:{nonce}");
        // Without a turn's name it is the one under way.
        let turn = self.state.turn.as_ref().map(|turn| turn.native.as_str()).unwrap_or_default();
        let message = say::interrupt(&id, &self.state.thread, turn);
        let mut bytes = line_of(&message);
        bytes.extend(self.interrupts_sub_agents(&id));
        Some(Encoded { bytes, id })
    }
}
