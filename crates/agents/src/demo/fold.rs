//! The demo agent's output, line by line.

use super::dialect::{Ask, FromDemo, ToDemo};
use crate::preview::{seal, write_diff};
use crate::shorten::shorten;
use crate::{Derived, Encoded, Fold, FoldContext, Prompt};
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct State {
    turn: Option<TurnId>,
    /// Requests without an end, by the agent's number.
    asked: BTreeMap<u64, Ask>,
    junk: u64,
}

pub(super) struct DemoFold {
    context: FoldContext,
    state: State,
}

/// How a line of filler begins; it is not worth parsing.
const NOISE: &[u8] = br#"{"type":"noise""#;

impl DemoFold {
    pub(super) fn new(context: FoldContext, saved: Option<&str>) -> Self {
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
            id: self.approval(number),
            run: self.context.run,
            attempt: self.context.attempt,
            kind: ApprovalKind::Command,
            tool: String::new(),
            title: String::new(),
            text: String::new(),
            diffs: Vec::new(),
            input: Value::Null,
            reason: None,
            questions: Vec::new(),
            hash: String::new(),
        };
        match what {
            Ask::Run { command } => {
                request.tool = "run".into();
                request.title = "Run a command".into();
                request.text = command.clone();
                request.input = json!({ "command": command });
            }
            Ask::Edit { path, content } => {
                let full = self.context.dir.join(path);
                let diff = write_diff(self.context.workspace.as_ref(), &full, path, content);
                request.kind = ApprovalKind::Edit;
                request.tool = "edit".into();
                request.title = format!("{} {path}", if diff.created { "Create" } else { "Change" });
                request.text = path.clone();
                request.diffs = vec![diff];
                request.input = json!({ "path": path, "content": content });
            }
            Ask::Question { question } => {
                request.kind = ApprovalKind::Question;
                request.tool = "ask".into();
                request.title = "Answer a question".into();
                request.text = question.clone();
                request.questions = vec![Question {
                    text: question.clone(),
                    header: None,
                    multi: false,
                    options: Vec::new(),
                }];
            }
        }
        seal(request)
    }

    fn asked(&mut self, number: u64, what: Ask) -> Vec<Event> {
        let approval = self.show(number, &what);
        let (name, kind) = match &what {
            Ask::Run { .. } => ("run", ToolKind::Command),
            Ask::Edit { .. } => ("edit", ToolKind::Edit),
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

    fn done(&mut self, number: u64, ok: bool, denied: bool, output: String) -> Vec<Event> {
        self.state.asked.remove(&number);
        let status = match (denied, ok) {
            (true, _) => ToolStatus::Denied,
            (false, true) => ToolStatus::Ok,
            (false, false) => ToolStatus::Failed,
        };
        let outcome = if status == ToolStatus::Failed { Outcome::Failed } else { Outcome::Ok };
        let (output, truncated) = shorten(output);
        vec![
            Event::ToolFinished { tool: self.tool(number), status, output, truncated, diffs: Vec::new() },
            Event::ApprovalFinished { approval: self.approval(number), outcome },
        ]
    }

    fn facts(&mut self, offset: u64, message: FromDemo) -> Vec<Event> {
        let place = |ordinal| self.context.attempt.derive(offset, ordinal);
        match message {
            FromDemo::Ready { version } => {
                // The demo agent keeps nothing between attempts; its handle only says that it may be started again.
                let session = Some("demo".to_string());
                vec![Event::AgentIdentified { agent_session: session, model: None, version: Some(version) }]
            }
            FromDemo::Turn => {
                let turn = TurnId(place(0));
                self.state.turn = Some(turn);
                vec![Event::TurnStarted { turn }]
            }
            FromDemo::Said { message, text } => {
                vec![Event::MessageAdded {
                    message: self.message(message),
                    role: Role::Agent,
                    text,
                    parent: None,
                }]
            }
            FromDemo::Asked { request, what } => self.asked(request, what),
            FromDemo::Withdrawn { request } => self.withdrawn(request),
            FromDemo::Done { request, ok, denied, output } => self.done(request, ok, denied, output),
            FromDemo::Flooded { megabytes } => vec![Event::MessageAdded {
                message: MessageId(place(0)),
                role: Role::Agent,
                text: format!("That was {megabytes} MB of output."),
                parent: None,
            }],
            FromDemo::End { status, error } => {
                let turn = self.state.turn.take().unwrap_or(TurnId(place(0)));
                vec![Event::TurnFinished { turn, status, error }]
            }
            FromDemo::Delta { .. } | FromDemo::Noise { .. } => Vec::new(),
        }
    }
}

impl Fold for DemoFold {
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived> {
        if line.starts_with(NOISE) || line.is_empty() {
            return Vec::new();
        }
        match serde_json::from_slice::<FromDemo>(line) {
            Ok(FromDemo::Delta { message, text }) => {
                vec![Derived::Delta { message: self.message(message), role: Role::Agent, text }]
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
        let bytes = line_of(&ToDemo::Prompt { text: prompt.text_with(|_| true) });
        Some(Encoded { id: format!("prompt:{id}"), bytes })
    }

    fn decide(&self, approval: ApprovalId, verdict: &Verdict) -> Option<Vec<u8>> {
        let request = self.number(approval)?;
        let mut message = (request, true, None, None, false, Vec::new());
        match verdict {
            Verdict::Allow => {}
            Verdict::AllowEdited { input } => {
                let instead = input.get("command").or_else(|| input.get("content"));
                message.2 = instead.and_then(Value::as_str).map(String::from);
            }
            Verdict::Deny { say, stop } => {
                (message.1, message.3, message.4) = (false, say.clone(), *stop);
            }
            Verdict::Answer { answers } => message.5 = answers.clone(),
        }
        let (request, allow, instead, say, stop, answers) = message;
        Some(line_of(&ToDemo::Decide { request, allow, instead, say, stop, answers }))
    }

    fn request(&self, approval: ApprovalId) -> Option<ApprovalRequest> {
        let number = self.number(approval)?;
        self.state.asked.get(&number).map(|what| self.show(number, what))
    }

    fn interrupt(&self, nonce: &str) -> Option<Encoded> {
        Some(Encoded { id: format!("interrupt:{nonce}"), bytes: line_of(&ToDemo::Interrupt) })
    }
}

fn line_of(message: &ToDemo) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(message).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
