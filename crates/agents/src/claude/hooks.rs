//! What Claude's hooks say, line by line of an attempt's asides.

use super::message::{result_diffs, result_text, tool_kind, tool_title};
use super::sub_agents::SubAgents;
use super::terminal::{ANSWERED, CUT_SHORT};
use super::{ask, screen};
use crate::json::{pretty, text};
use crate::out::Out;
use crate::shorten::shorten;
use crate::{Derived, Encoded, Fold, FoldContext, Prompt, ScreenText};
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The tool by which Claude proposes a plan.
const PLAN: &str = "ExitPlanMode";
/// Modes in which Claude asks a person. In others it, or a model, answers some requests.
const ASKING_MODES: [&str; 4] = ["", "default", "manual", "plan"];

/// How Claude begins what it says to itself when a sub-agent in the background stopped.
const TASK_ENDED: &str = "<task-notification>";

/// The state between two lines. Claude's own ids stay in here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    session: String,
    mode: String,
    turn: Option<TurnId>,
    /// Tool uses that have not ended, by Claude's id.
    tools: BTreeMap<String, Tool>,
    /// What was asked and has not ended, by our id.
    asked: BTreeMap<ApprovalId, Asked>,
    #[serde(default)]
    sub_agents: SubAgents,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Tool {
    id: ToolId,
    name: String,
    input: Value,
    approval: Option<ApprovalId>,
    /// Somebody was asked, so that not having run means no.
    #[serde(default)]
    asked: bool,
    /// The tool use of the sub-agent whose it is.
    #[serde(default)]
    parent: Option<ToolId>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Asked {
    aside: String,
    tool: String,
    input: Value,
    /// The hook waits for an answer.
    waits: bool,
    #[serde(default)]
    sub_agent: Option<SubAgent>,
}

impl Asked {
    fn is_question(&self) -> bool {
        self.tool == "AskUserQuestion"
    }
}

pub(super) struct HooksFold {
    context: FoldContext,
    state: State,
}

impl HooksFold {
    pub(super) fn new(context: FoldContext, saved: Option<&str>) -> Self {
        let state = saved.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { context, state }
    }

    fn said(&mut self, aside: &str, waits: bool, hook: &Value, out: &mut Out) {
        self.mode(hook, out);
        match text(hook, "hook_event_name") {
            "SessionStart" => self.session(hook, out),
            "UserPromptSubmit" => self.prompt_submitted(hook, out),
            "PreToolUse" => self.tool_begins(hook, out),
            "PermissionRequest" => self.asks(aside, waits, hook, out),
            "PostToolUse" | "PostToolUseFailure" => self.tool_ended(hook, out),
            "Stop" => {
                let words = text(hook, "last_assistant_message");
                if !words.is_empty() {
                    let message = MessageId(out.id());
                    let text = words.into();
                    out.fact(Event::MessageAdded { message, role: Role::Agent, text, parent: None });
                }
                self.turn_ended(TurnStatus::Completed, None, out);
            }
            "StopFailure" => {
                let why = ["error", "message", "reason"].map(|key| text(hook, key));
                let why = why.into_iter().find(|why| !why.is_empty()).unwrap_or("The turn failed.");
                self.turn_ended(TurnStatus::Failed, Some(why.chars().take(2000).collect()), out);
            }
            // A turn that was cut short in the terminal says so by no hook; a minute later Claude says that it is idle.
            "Notification" if text(hook, "notification_type") == "idle_prompt" => {
                self.turn_ended(TurnStatus::Interrupted, None, out);
            }
            ANSWERED => {
                if let Some(approval) = self.by_aside(text(hook, "aside")) {
                    self.withdraw(approval, out);
                }
            }
            CUT_SHORT | "SessionEnd" => self.turn_ended(TurnStatus::Interrupted, None, out),
            _ => {}
        }
    }

    fn session(&mut self, hook: &Value, out: &mut Out) {
        let session = text(hook, "session_id");
        if session.is_empty() || self.state.session == session {
            return;
        }
        self.state.session = session.into();
        out.fact(Event::AgentIdentified {
            agent_session: Some(session.into()),
            model: Some(text(hook, "model").to_string()).filter(|model| !model.is_empty()),
            version: None,
        });
    }

    /// A person may let Claude answer for itself, in the terminal; those who are elsewhere should know.
    fn mode(&mut self, hook: &Value, out: &mut Out) {
        let Some(mode) = hook.get("permission_mode").and_then(Value::as_str) else { return };
        if mode == self.state.mode {
            return;
        }
        let (asks, asked) = (ASKING_MODES.contains(&mode), ASKING_MODES.contains(&self.state.mode.as_str()));
        self.state.mode = mode.into();
        if asks && !asked {
            out.notice(NoticeLevel::Info, "asksAgain", "Claude asks before it acts again.");
        } else if !asks {
            let mode: String = mode.chars().filter(|c| c.is_alphanumeric()).take(40).collect();
            let text = format!(
                "In its terminal, Claude is in the mode “{mode}”: some of what it does it does without asking."
            );
            out.notice(NoticeLevel::Warning, "asksLess", text);
        }
    }

    fn prompt_submitted(&mut self, hook: &Value, out: &mut Out) {
        self.begin_turn(out);
        if let Some(task) = text(hook, "prompt").trim_start().strip_prefix(TASK_ENDED) {
            return out.notice(NoticeLevel::Info, "backgroundStopped", task_ended(task));
        }
        let prompt = PromptId(out.id());
        let by = terminal();
        out.fact(Event::PromptSent {
            prompt,
            text: text(hook, "prompt").into(),
            when: When::Now,
            attachments: Vec::new(),
            by,
        });
        out.fact(Event::PromptDelivered { prompt, turned: false });
    }

    fn begin_turn(&mut self, out: &mut Out) {
        if self.state.turn.is_none() {
            let turn = TurnId(out.id());
            self.state.turn = Some(turn);
            out.fact(Event::TurnStarted { turn });
        }
    }

    fn tool_begins(&mut self, hook: &Value, out: &mut Out) {
        self.begin_turn(out);
        let native = text(hook, "tool_use_id").to_string();
        let id = ToolId(self.context.attempt.named(&format!("tool:{native}")));
        let name = text(hook, "tool_name").to_string();
        let input = hook.get("tool_input").cloned().unwrap_or_default();
        let parent = self.sub_agent(hook).map(|by| by.tool);
        out.fact(Event::ToolStarted {
            tool: id,
            name: name.clone(),
            kind: tool_kind(&name),
            title: tool_title(&name, &input),
            input: input.clone(),
            parent,
        });
        self.state.tools.insert(native, Tool { id, name, input, approval: None, asked: false, parent });
    }

    fn sub_agent(&mut self, hook: &Value) -> Option<SubAgent> {
        let open = self.state.tools.values().map(|tool| (tool.id, tool.name.as_str(), &tool.input));
        self.state.sub_agents.of(hook, open)
    }

    fn asks(&mut self, aside: &str, waits: bool, hook: &Value, out: &mut Out) {
        let approval = ApprovalId(out.id());
        let tool = text(hook, "tool_name").to_string();
        let input = hook.get("tool_input").cloned().unwrap_or_default();
        let sub_agent = self.sub_agent(hook);
        // The request has no id of its tool use. Of several that look the same none is taken by guess.
        let mut alike = self
            .state
            .tools
            .values_mut()
            .filter(|begun| begun.approval.is_none() && begun.name == tool && begun.input == input);
        if let (Some(begun), None) = (alike.next(), alike.next()) {
            (begun.approval, begun.asked) = (Some(approval), true);
        }
        let asked = Asked { aside: aside.into(), tool, input, waits, sub_agent };
        let shown = self.show(approval, &asked);
        out.fact(if asked.is_question() {
            Event::QuestionAsked { approval: shown }
        } else {
            Event::ApprovalRequested { approval: shown }
        });
        self.state.asked.insert(approval, asked);
    }

    fn show(&self, approval: ApprovalId, asked: &Asked) -> ApprovalRequest {
        let sub_agent = asked.sub_agent.clone();
        ask::request(&self.context, approval, &asked.tool, &asked.input, ("", ""), sub_agent)
    }

    fn tool_ended(&mut self, hook: &Value, out: &mut Out) {
        let Some(tool) = self.state.tools.remove(text(hook, "tool_use_id")) else { return };
        let failed = text(hook, "hook_event_name") == "PostToolUseFailure";
        let response = hook.get("tool_response").unwrap_or(&Value::Null);
        self.state.sub_agents.started(tool.id, &tool.name, &tool.input, response);
        let words = match text(hook, "error") {
            "" => said_by(response),
            error => error.into(),
        };
        let (output, truncated) = shorten(words);
        let status = if failed { ToolStatus::Failed } else { ToolStatus::Ok };
        out.fact(Event::ToolFinished {
            tool: tool.id,
            status,
            output,
            truncated,
            diffs: result_diffs(response),
        });
        let outcome = if failed { Outcome::Failed } else { Outcome::Ok };
        if let Some(approval) = tool.approval {
            self.end_approval(approval, outcome, out);
        }
    }

    /// The tool went on, or the turn is over: nothing more comes of what was asked.
    fn end_approval(&mut self, approval: ApprovalId, outcome: Outcome, out: &mut Out) {
        match self.state.asked.get(&approval).map(|asked| asked.waits) {
            Some(true) => self.withdraw(approval, out),
            Some(false) => {
                self.state.asked.remove(&approval);
                out.fact(Event::ApprovalFinished { approval, outcome });
            }
            None => {}
        }
    }

    /// Its dialog was answered in the terminal.
    fn withdraw(&mut self, approval: ApprovalId, out: &mut Out) {
        let Some(asked) = self.state.asked.remove(&approval) else { return };
        for tool in self.state.tools.values_mut().filter(|tool| tool.approval == Some(approval)) {
            tool.approval = None;
        }
        let (resolution, decision, by) = (Resolution::Withdrawn, None, terminal());
        out.fact(if asked.is_question() {
            Event::QuestionAnswered { approval, resolution, decision, by }
        } else {
            Event::ApprovalResolved { approval, resolution, decision, by }
        });
    }

    fn turn_ended(&mut self, status: TurnStatus, error: Option<String>, out: &mut Out) {
        let Some(turn) = self.state.turn.take() else { return };
        // What a sub-agent does in the background goes on behind the turn: the use that started it has ended.
        let open: Vec<ToolId> = self.state.tools.values().map(|tool| tool.id).collect();
        let behind = |tool: &Tool| tool.parent.is_some_and(|parent| !open.contains(&parent));
        let (stay, over) =
            std::mem::take(&mut self.state.tools).into_iter().partition(|(_, tool)| behind(tool));
        self.state.tools = stay;
        let over: BTreeMap<String, Tool> = over;
        for tool in over.into_values() {
            let status = if tool.asked { ToolStatus::Denied } else { ToolStatus::Failed };
            let (output, truncated, diffs) = (String::new(), 0, Vec::new());
            out.fact(Event::ToolFinished { tool: tool.id, status, output, truncated, diffs });
        }
        let answered: Vec<ApprovalId> =
            self.state.asked.iter().filter(|(_, asked)| !asked.waits).map(|(id, _)| *id).collect();
        for approval in answered {
            self.end_approval(approval, Outcome::Unknown, out);
        }
        out.fact(Event::TurnFinished { turn, status, error });
    }

    fn by_aside(&self, aside: &str) -> Option<ApprovalId> {
        self.state.asked.iter().find(|(_, asked)| asked.aside == aside).map(|(id, _)| *id)
    }
}

/// Why Claude works though nobody said anything.
fn task_ended(task: &str) -> String {
    let summary = task.split_once("<summary>").and_then(|(_, rest)| rest.split_once("</summary>"));
    let summary = summary.map(|(summary, _)| summary.chars().filter(|c| !c.is_control()).take(200).collect());
    let summary: String = summary.unwrap_or_default();
    match summary.trim() {
        "" => "Something in the background stopped, and Claude goes on with what came of it.".into(),
        said => format!("{said}, in the background. Claude goes on with what came of it."),
    }
}

/// Whoever sits at the terminal, or types into it from elsewhere.
fn terminal() -> Actor {
    Actor::Person { name: "the terminal".into(), device: None }
}

fn said_by(response: &Value) -> String {
    let (out, err) = (text(response, "stdout"), text(response, "stderr"));
    match response {
        Value::Object(fields) if fields.contains_key("stdout") => {
            let gap = if out.is_empty() || err.is_empty() { "" } else { "\n" };
            format!("{out}{gap}{err}")
        }
        Value::Object(_) => pretty(response),
        other => result_text(other),
    }
}

impl Fold for HooksFold {
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        let Ok(message) = serde_json::from_slice::<Value>(line) else { return out.derived };
        let aside = text(&message, "aside");
        match text(&message, "kind") {
            "said" => {
                let waits = message.get("waits").and_then(Value::as_bool).unwrap_or(false);
                if let Some(hook) = message.get("body") {
                    self.said(aside, waits, hook, &mut out);
                }
            }
            "answered" => {
                if let Some(asked) = self.by_aside(aside).and_then(|id| self.state.asked.get_mut(&id)) {
                    asked.waits = false;
                }
            }
            "left" => {
                if let Some(approval) = self.by_aside(aside) {
                    self.withdraw(approval, &mut out);
                    // A hook that sees an answer says so first. Claude ends one when its turn is cut short.
                    self.turn_ended(TurnStatus::Interrupted, None, &mut out);
                }
            }
            _ => {}
        }
        out.derived
    }

    fn save(&self) -> String {
        serde_json::to_string(&self.state).unwrap_or_default()
    }

    /// Never into an open dialog: its Enter would answer it.
    fn prompt(&self, id: PromptId, prompt: &Prompt) -> Option<Encoded> {
        if self.state.session.is_empty() || self.state.turn.is_some() || !self.state.asked.is_empty() {
            return None;
        }
        Some(crate::paste::prompt(id, &prompt.typed()))
    }

    fn still_typed(&self, screen: &ScreenText, prompt: &Prompt) -> bool {
        // Never while a turn may ask something: an Enter that comes a moment too late would answer that.
        self.state.turn.is_none()
            && self.state.asked.is_empty()
            && screen::still_typed(screen, &prompt.typed())
    }

    fn cut_short(&self, screen: &ScreenText) -> Option<Vec<u8>> {
        let was_cut = self.state.turn.is_some() && self.state.asked.is_empty() && screen::was_cut(screen);
        was_cut.then(|| json!({"hook_event_name": CUT_SHORT}).to_string().into_bytes())
    }

    fn decide(&self, approval: ApprovalId, verdict: &Verdict) -> Option<Vec<u8>> {
        let asked = self.state.asked.get(&approval).filter(|asked| asked.waits)?;
        let decision = match verdict {
            // Exactly what was asked: nothing to put in its place. A plan's dialog closes only when it gets an input.
            Verdict::Allow if asked.tool != PLAN => json!({"behavior": "allow"}),
            other => ask::verdict(&asked.input, other),
        };
        let answer = json!({"hookSpecificOutput":
            {"hookEventName": "PermissionRequest", "decision": decision}});
        Some(answer.to_string().into_bytes())
    }

    fn aside(&self, approval: ApprovalId) -> Option<String> {
        self.state.asked.get(&approval).map(|asked| asked.aside.clone())
    }

    fn request(&self, approval: ApprovalId) -> Option<ApprovalRequest> {
        self.state.asked.get(&approval).map(|asked| self.show(approval, asked))
    }

    /// Escape, as the person at the keyboard would.
    fn interrupt(&self, nonce: &str) -> Option<Encoded> {
        Some(Encoded { id: format!("interrupt:{nonce}"), bytes: vec![0x1b] })
    }
}
