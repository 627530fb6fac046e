//! Our own agents' output, line by line.

use super::dialect::{Ask, FromAgent, Place, ToAgent};
use crate::preview::{replace_diff, seal, write_diff};
use crate::shorten::shorten;
use crate::{Derived, Encoded, Fold, FoldContext, Prompt, request};
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    turn: Option<TurnId>,
    /// Requests without an end, by the agent's number.
    asked: BTreeMap<u64, Ask>,
    /// Uses of tools that need no yes, without an end.
    #[serde(default)]
    free: BTreeSet<u64>,
    junk: u64,
}

pub(crate) struct BuiltInFold {
    context: FoldContext,
    state: State,
}

/// How a line of filler begins; it is not worth parsing.
const NOISE: &[u8] = br#"{"type":"noise""#;

impl BuiltInFold {
    pub(crate) fn new(context: FoldContext, saved: Option<&str>) -> Self {
        let state = saved.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { context, state }
    }

    fn message(&self, number: u64) -> MessageId {
        MessageId(self.context.attempt.named(&format!("message:{number}")))
    }

    fn approval(&self, number: u64) -> ApprovalId {
        ApprovalId(self.context.attempt.named(&format!("request:{number}")))
    }

    fn tool(&self, number: u64) -> ToolId {
        ToolId(self.context.attempt.named(&format!("tool:{number}")))
    }

    fn number(&self, approval: ApprovalId) -> Option<u64> {
        self.state.asked.keys().copied().find(|number| self.approval(*number) == approval)
    }

    fn show(&self, number: u64, what: &Ask) -> ApprovalRequest {
        let mut request = ApprovalRequest {
            kind: ApprovalKind::Command,
            ..request::blank(&self.context, self.approval(number))
        };
        match what {
            Ask::Run { command } => {
                request.tool = "run".into();
                request.title = "Run a command".into();
                request.text = command.clone();
                request.input = json!({ "command": command });
            }
            Ask::Edit { path, content, place } => {
                let full = self.full(path, place.as_ref());
                let diff = write_diff(self.context.workspace.as_ref(), &full, path, content);
                request.input = json!({ "path": path, "content": content });
                self.show_edit(&mut request, path, place.as_ref(), diff);
            }
            Ask::Replace { path, old, new, all, place } => {
                let full = self.full(path, Some(place));
                let change = [(old.clone(), new.clone(), *all)];
                let diff = replace_diff(self.context.workspace.as_ref(), &full, path, &change);
                request.input = json!({ "path": path, "old": old, "new": new, "all": all });
                self.show_edit(&mut request, path, Some(place), diff);
            }
            Ask::Look { tool, path, place } => {
                request.kind = ApprovalKind::Tool;
                request.tool = tool.clone();
                let verb = match tool.as_str() {
                    "list" => "List a folder",
                    "search" => "Search",
                    _ => "Read a file",
                };
                request.title = format!("{verb} outside the workspace");
                request.text = place.path.clone();
                request.input = json!({ "path": path });
            }
            Ask::Question { question, options, multi } => {
                request.tool = "ask".into();
                let option = |label: &String| QuestionOption { label: label.clone(), description: None };
                let asked = Question {
                    text: question.clone(),
                    multi: *multi,
                    options: options.iter().map(option).collect(),
                    ..Question::default()
                };
                request::asks(&mut request, vec![asked]);
            }
        }
        seal(request)
    }

    fn full(&self, path: &str, place: Option<&Place>) -> PathBuf {
        place.map_or_else(|| self.context.dir.join(path), |place| PathBuf::from(&place.path))
    }

    fn show_edit(&self, request: &mut ApprovalRequest, path: &str, place: Option<&Place>, diff: FileDiff) {
        let verb = if diff.created { "Create" } else { "Change" };
        let outside = place.is_some_and(|place| place.outside);
        request.kind = ApprovalKind::Edit;
        request.tool = "edit".into();
        request.title = format!("{verb} {path}{}", if outside { ", outside the workspace" } else { "" });
        // A link or `..` in what was said hides where it leads.
        request.text = match place {
            Some(place) if self.context.dir.join(path) != *place.path => {
                format!("{path} → {}", place.path)
            }
            _ => path.into(),
        };
        request.diffs = vec![diff];
    }

    fn using(
        &mut self,
        number: u64,
        name: String,
        kind: ToolKind,
        title: String,
        input: Value,
    ) -> Vec<Event> {
        self.state.free.insert(number);
        vec![Event::ToolStarted { tool: self.tool(number), name, kind, title, input, parent: None }]
    }

    fn asked(&mut self, number: u64, what: Ask) -> Vec<Event> {
        let approval = self.show(number, &what);
        let (name, kind) = match &what {
            Ask::Run { .. } => ("run", ToolKind::Command),
            Ask::Edit { .. } | Ask::Replace { .. } => ("edit", ToolKind::Edit),
            Ask::Look { tool, .. } => {
                (tool.as_str(), if tool == "search" { ToolKind::Search } else { ToolKind::Read })
            }
            Ask::Question { .. } => ("ask", ToolKind::Question),
        };
        let started = Event::ToolStarted {
            tool: self.tool(number),
            name: name.into(),
            kind,
            title: format!("{name}: {}", approval.text),
            input: approval.input.clone(),
            parent: None,
        };
        let asked = match &what {
            Ask::Question { .. } => Event::QuestionAsked { approval },
            _ => Event::ApprovalRequested { approval },
        };
        self.state.asked.insert(number, what);
        vec![started, asked]
    }

    fn withdrawn(&mut self, number: u64) -> Vec<Event> {
        let Some(what) = self.state.asked.remove(&number) else { return Vec::new() };
        let approval = self.approval(number);
        let (resolution, decision, by) = (Resolution::Withdrawn, None, Actor::Agent);
        let resolved = match what {
            Ask::Question { .. } => Event::QuestionAnswered { approval, resolution, decision, by },
            _ => Event::ApprovalResolved { approval, resolution, decision, by },
        };
        let tool = self.tool(number);
        let finished = Event::ToolFinished {
            tool,
            status: ToolStatus::Denied,
            output: "Interrupted.".into(),
            truncated: 0,
            diffs: Vec::new(),
        };
        vec![resolved, finished]
    }

    fn done(
        &mut self,
        number: u64,
        ok: bool,
        denied: bool,
        output: String,
        diffs: Vec<FileDiff>,
    ) -> Vec<Event> {
        self.state.asked.remove(&number);
        let status = match (denied, ok) {
            (true, _) => ToolStatus::Denied,
            (false, true) => ToolStatus::Ok,
            (false, false) => ToolStatus::Failed,
        };
        let outcome = if status == ToolStatus::Failed { Outcome::Failed } else { Outcome::Ok };
        let (output, truncated) = shorten(output);
        let finished = Event::ToolFinished { tool: self.tool(number), status, output, truncated, diffs };
        if self.state.free.remove(&number) {
            return vec![finished];
        }
        vec![finished, Event::ApprovalFinished { approval: self.approval(number), outcome }]
    }

    fn facts(&mut self, offset: u64, message: FromAgent) -> Vec<Event> {
        let place = |ordinal| self.context.attempt.derive(offset, ordinal);
        match message {
            FromAgent::Ready { version, session, model } => {
                vec![Event::AgentIdentified { agent_session: session, model, version: Some(version) }]
            }
            FromAgent::Turn => {
                let turn = TurnId(place(0));
                self.state.turn = Some(turn);
                vec![Event::TurnStarted { turn }]
            }
            FromAgent::Said { message, thought, text } => {
                let (message, role) = (self.message(message), role(thought));
                vec![Event::MessageAdded { message, role, text, parent: None }]
            }
            FromAgent::Using { request, name, kind, title, input } => {
                self.using(request, name, kind, title, input)
            }
            FromAgent::Asked { request, what } => self.asked(request, what),
            FromAgent::Withdrawn { request } => self.withdrawn(request),
            FromAgent::Done { request, ok, denied, output, diffs } => {
                self.done(request, ok, denied, output, diffs)
            }
            FromAgent::Used { usage } => vec![Event::UsageReported { usage }],
            FromAgent::Notice { level, code, text } => vec![Event::NoticeRaised { level, code, text }],
            FromAgent::Flooded { megabytes } => vec![Event::MessageAdded {
                message: MessageId(place(0)),
                role: Role::Agent,
                text: format!("That was {megabytes} MB of output."),
                parent: None,
            }],
            FromAgent::End { status, error } => {
                let turn = self.state.turn.take().unwrap_or(TurnId(place(0)));
                vec![Event::TurnFinished { turn, status, error }]
            }
            FromAgent::Delta { .. } | FromAgent::Noise { .. } => Vec::new(),
        }
    }
}

impl Fold for BuiltInFold {
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived> {
        if line.starts_with(NOISE) || line.is_empty() {
            return Vec::new();
        }
        match serde_json::from_slice::<FromAgent>(line) {
            Ok(FromAgent::Delta { message, thought, text }) => {
                vec![Derived::Delta { message: self.message(message), role: role(thought), text }]
            }
            Ok(message) => {
                self.state.junk = 0;
                self.facts(offset, message).into_iter().map(Derived::from).collect()
            }
            Err(_) => {
                self.state.junk += 1;
                if self.state.junk > 1 {
                    return Vec::new();
                }
                let shown: String = String::from_utf8_lossy(line).chars().take(500).collect();
                vec![
                    Event::NoticeRaised {
                        level: NoticeLevel::Warning,
                        code: "notJson".into(),
                        text: format!("The agent said something that is no message: {shown}"),
                    }
                    .into(),
                ]
            }
        }
    }

    fn save(&self) -> String {
        serde_json::to_string(&self.state).unwrap_or_default()
    }

    fn prompt(&self, id: PromptId, prompt: &Prompt) -> Option<Encoded> {
        let bytes = line_of(&ToAgent::Prompt { text: prompt.text_with(|_| true) });
        Some(Encoded { id: format!("prompt:{id}"), bytes })
    }

    fn decide(&self, approval: ApprovalId, verdict: &Verdict) -> Option<Vec<u8>> {
        let request = self.number(approval)?;
        let mut message = (request, true, None, None, false, Vec::new());
        match verdict {
            Verdict::Allow => {}
            Verdict::AllowEdited { input } => {
                message.2 = Some(input.clone());
            }
            Verdict::Deny { say, stop } => {
                (message.1, message.3, message.4) = (false, say.clone(), *stop);
            }
            Verdict::Answer { answers } => message.5 = answers.clone(),
        }
        let (request, allow, instead, say, stop, answers) = message;
        Some(line_of(&ToAgent::Decide { request, allow, instead, say, stop, answers }))
    }

    fn request(&self, approval: ApprovalId) -> Option<ApprovalRequest> {
        let number = self.number(approval)?;
        self.state.asked.get(&number).map(|what| self.show(number, what))
    }

    fn interrupt(&self, nonce: &str) -> Option<Encoded> {
        Some(Encoded { id: format!("interrupt:{nonce}"), bytes: line_of(&ToAgent::Interrupt) })
    }
}

fn role(thought: bool) -> Role {
    if thought { Role::Thought } else { Role::Agent }
}

fn line_of(message: &ToAgent) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(message).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
