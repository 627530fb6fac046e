//! What the bridge to opencode says, line by line.

use super::ask::{self, Asked};
use super::tool::Tool;
use super::{say, settings, trouble};
use crate::json::{items, text};
use crate::message_lines::MessageLines;
use crate::out::Out;
use crate::{Derived, Encoded, Fold, FoldContext, Prompt};
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// Things that are remembered only so as not to be told or answered twice.
const REMEMBERED: usize = 256;
/// Approvals that may be open at once; what is asked beyond is told and stays with opencode until the turn is cut short.
const MOST_ASKED: usize = 256;

/// The state between two lines. opencode's own ids stay in here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// How many times the bridge was connected.
    times: u64,
    version: String,
    /// Sub-agents that would act unasked; nothing: not known yet.
    loose: Option<Vec<String>>,
    /// The conversation of this run; sub-agents have their own.
    pub session: String,
    pub model: String,
    /// Why nothing must be said to it.
    refusal: Option<String>,
    pub turn: Option<TurnId>,
    /// A turn began in this attempt, or in one before.
    pub informed: bool,
    /// Why the turn under way failed.
    pub error: Option<Failure>,
    /// The turn was told to end; before its first words opencode does not say that it was cut short.
    pub cut: bool,
    /// The turn ended unheard; what was said in it is being asked for.
    pub ended_unheard: bool,
    /// Conversations of sub-agents, with the tool use that began each.
    pub children: BTreeMap<String, Option<ToolId>>,
    /// Messages the model writes; all others are the person's.
    pub written: VecDeque<String>,
    /// Pieces of messages that are not finished, by opencode's id of the part.
    pub speaking: BTreeMap<String, Speaking>,
    /// Parts that were told as a whole.
    pub told: VecDeque<String>,
    pub tools: BTreeMap<String, Tool>,
    pub asked: BTreeMap<ApprovalId, Asked>,
    /// Asked, and not shown before it is known what the tool is given.
    pub held: Vec<Asked>,
    /// Requests that were answered or are asked no more.
    pub settled: VecDeque<String>,
    /// The last words, as the reason for what is asked next.
    pub said: String,
    pub usage: Usage,
    pub counted: bool,
    pub todo: String,
    lines: MessageLines,
}

/// How a turn failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Failure {
    CutShort,
    Because(String),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Speaking {
    pub session: String,
    pub role: Role,
    pub text: String,
}

pub(super) struct OpencodeFold {
    pub context: FoldContext,
    pub state: State,
}

/// Adds what is new, and forgets the oldest beyond a number.
pub(super) fn remember(memory: &mut VecDeque<String>, new: &str) -> bool {
    if memory.iter().any(|known| known == new) {
        return false;
    }
    memory.push_back(new.into());
    if memory.len() > REMEMBERED {
        memory.pop_front();
    }
    true
}

impl OpencodeFold {
    pub(super) fn new(context: FoldContext, saved: Option<&str>) -> Self {
        let begin = || State { informed: context.agent_session.is_some(), ..State::default() };
        let state = saved.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(begin);
        Self { context, state }
    }

    // How the bridge is connected.

    fn connection(&mut self, message: &Value, out: &mut Out) {
        if text(message, "bridge") != "connected" {
            return;
        }
        self.state.times += 1;
        if self.state.times == 1 {
            self.state.version =
                message.get("health").map(|health| text(health, "version").into()).unwrap_or_default();
            return;
        }
        // What was asked or answered while nobody heard it.
        let (waiting, questions) = (message.get("permissions"), message.get("questions"));
        if let (Some(Value::Array(permissions)), Some(Value::Array(questions))) = (waiting, questions) {
            let open =
                |native: &str| permissions.iter().chain(questions).any(|one| text(one, "id") == native);
            let gone: Vec<ApprovalId> = self
                .state
                .asked
                .iter()
                .filter(|(_, asked)| !open(&asked.native))
                .map(|(id, _)| *id)
                .collect();
            for approval in gone {
                self.end_asked(approval, out);
            }
            for (list, question) in [(permissions, false), (questions, true)] {
                for properties in list {
                    self.asks(properties, question, out);
                }
            }
            self.show_held(|_| true, out);
        }
        if let Some(Value::Object(busy)) = message.get("busy") {
            self.state.ended_unheard = self.state.turn.is_some() && !busy.contains_key(&self.state.session);
        }
    }

    // What the server answers.

    fn answered(&mut self, id: &str, answer: &Value, out: &mut Out) {
        let failed = trouble::refusal(answer);
        let body = answer.get("body").unwrap_or(&Value::Null);
        let (kind, rest) = id.split_once(':').unwrap_or((id, ""));
        match kind {
            "agents" => self.knows_agents(body, failed, out),
            "session" => self.began(body, failed, out),
            "prompt" => self.prompted(failed, out),
            "messages" => self.reads_again(body, out),
            "reply" => {
                // It is asked no more, or never was.
                if let (Some(_), Ok(approval)) = (failed, rest.parse()) {
                    self.state.asked.remove(&approval);
                    out.fact(Event::ApprovalFinished { approval, outcome: Outcome::Unknown });
                }
            }
            "words" | "stop" | "interrupt" => {
                if let Some(failed) = failed {
                    let said = format!("opencode did not take it: {failed}");
                    out.notice(NoticeLevel::Warning, "agentRefused", said);
                }
            }
            _ => {}
        }
    }

    fn knows_agents(&mut self, body: &Value, failed: Option<String>, out: &mut Out) {
        if let Some(failed) = failed {
            return self.refuse(format!("opencode does not say which agents it has: {failed}"), out);
        }
        let loose = settings::loose_agents(body);
        if !loose.is_empty() {
            let said = format!(
                "Settings of opencode's on this host let these sub-agents act without asking, so they are not used in \
                 this run: {}",
                loose.join(", ")
            );
            out.notice(NoticeLevel::Info, "agentWarning", said.chars().take(2000).collect::<String>());
        }
        self.state.loose = Some(loose);
    }

    fn began(&mut self, body: &Value, failed: Option<String>, out: &mut Out) {
        if let Some(failed) = failed {
            let what = match &self.context.agent_session {
                Some(_) => "opencode cannot go on with this conversation",
                None => "opencode did not begin a conversation",
            };
            return self.refuse(format!("{what}: {failed}"), out);
        }
        let ours = settings::rules(self.state.loose.as_deref().unwrap_or_default());
        let theirs: Vec<&Value> = items(body, "permission").collect();
        // Taken up, a conversation has those of earlier attempts before them; the last ones count.
        let asks =
            theirs.len() >= ours.len() && theirs[theirs.len() - ours.len()..].iter().copied().eq(&ours);
        if !asks || text(body, "id").is_empty() {
            let why = "opencode does not take the rules by which it asks a person before everything that has an \
                       effect, so nothing was said to it. Update it: npm install -g opencode-ai";
            return self.refuse(why.into(), out);
        }
        self.state.session = text(body, "id").into();
        self.count_before(body);
        self.identify(out);
    }

    pub(super) fn identify(&self, out: &mut Out) {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        out.fact(Event::AgentIdentified {
            agent_session: some(&self.state.session),
            model: some(&self.state.model),
            version: some(&self.state.version),
        });
    }

    /// From now on every prompt is answered with this.
    fn refuse(&mut self, why: String, out: &mut Out) {
        out.notice(NoticeLevel::Error, "agentRefused", why.clone());
        self.state.refusal = Some(why);
    }

    fn prompted(&mut self, failed: Option<String>, out: &mut Out) {
        let failed = failed.map(|failed| format!("opencode did not take the prompt: {failed}"));
        let Some(error) = self.state.refusal.clone().or(failed) else { return };
        if self.state.turn.is_some() {
            return out.notice(NoticeLevel::Warning, "agentRefused", error);
        }
        let turn = TurnId(out.id());
        out.fact(Event::TurnStarted { turn });
        out.fact(Event::TurnFinished { turn, status: TurnStatus::Failed, error: Some(error) });
    }

    /// What was said while nobody heard it.
    fn reads_again(&mut self, body: &Value, out: &mut Out) {
        for message in body.as_array().into_iter().flatten() {
            self.message(message.get("info").unwrap_or(&Value::Null), out);
            items(message, "parts").for_each(|part| self.part(part, out));
        }
        if std::mem::take(&mut self.state.ended_unheard) {
            self.finish_turn(out);
        }
    }

    // What the server tells.

    fn event(&mut self, event: &Value, out: &mut Out) {
        let properties = event.get("properties").unwrap_or(&Value::Null);
        let own = !self.state.session.is_empty() && text(properties, "sessionID") == self.state.session;
        match text(event, "type") {
            "session.created" => self.created(properties.get("info").unwrap_or(&Value::Null)),
            "session.status" if own => self.status(properties.get("status").unwrap_or(&Value::Null), out),
            "session.idle" if own => self.finish_turn(out),
            "session.error" if own => self.failed(properties.get("error").unwrap_or(&Value::Null), out),
            "session.compacted" if own => {
                let said = "opencode shortened the conversation to make room.";
                out.notice(NoticeLevel::Info, "compacted", said);
            }
            "message.updated" => self.message(properties.get("info").unwrap_or(&Value::Null), out),
            "message.part.updated" => self.part(properties.get("part").unwrap_or(&Value::Null), out),
            "message.part.delta" => self.piece(properties, out),
            "permission.asked" => self.asks(properties, false, out),
            "question.asked" => self.asks(properties, true, out),
            "permission.replied" => self.replied(properties, text(properties, "reply") == "reject", out),
            "question.replied" => self.replied(properties, false, out),
            "question.rejected" => self.replied(properties, true, out),
            "todo.updated" if own => self.steps(properties, out),
            // Newer versions say more; what they add is kept in the output.
            _ => {}
        }
    }

    fn asks(&mut self, properties: &Value, question: bool, out: &mut Out) {
        let (native, session) = (text(properties, "id"), text(properties, "sessionID"));
        let known = |asked: &Asked| asked.native == native;
        let repeated = self.state.asked.values().any(known) || self.state.held.iter().any(known);
        if native.is_empty() || repeated || self.state.settled.iter().any(|settled| settled == native) {
            return;
        }
        if self.state.asked.len() + self.state.held.len() >= MOST_ASKED {
            let said = "opencode asks for more at once than Offdesk shows; interrupt it to go on.";
            return out.notice(NoticeLevel::Warning, "agentRefused", said);
        }
        let mut asked = Asked {
            native: native.into(),
            session: session.into(),
            question,
            properties: properties.clone(),
            input: Value::Null,
            why: self.state.said.clone(),
            bases: Vec::new(),
            sub_agent: None,
            sent: false,
            stopped: false,
        };
        asked.remember_files(&self.context);
        // It may ask a moment before it says what the tool is given, which may change what would happen.
        let waits = !question && !asked.call().is_empty() && !self.state.tools.contains_key(asked.call());
        self.state.held.push(asked);
        if !waits {
            self.show_held(|asked| asked.native == native, out);
        }
    }

    /// Shows what was held and is so.
    pub(super) fn show_held(&mut self, ready: impl Fn(&Asked) -> bool, out: &mut Out) {
        let (shown, held) = std::mem::take(&mut self.state.held).into_iter().partition(|asked| ready(asked));
        self.state.held = held;
        let shown: Vec<Asked> = shown;
        for mut asked in shown {
            if let Some(tool) = self.state.tools.get_mut(asked.call()) {
                tool.asked = true;
                tool.changes.extend(asked.changes());
                asked.input = tool.input.clone();
            }
            asked.sub_agent = self.sub_agent(&asked.session);
            let approval = ApprovalId(out.id());
            let request = asked.show(&self.context, approval);
            out.fact(if asked.question {
                Event::QuestionAsked { approval: request }
            } else {
                Event::ApprovalRequested { approval: request }
            });
            self.state.asked.insert(approval, asked);
        }
    }

    /// opencode has an answer.
    fn replied(&mut self, properties: &Value, refused: bool, out: &mut Out) {
        let native = text(properties, "requestID");
        self.state.held.retain(|asked| asked.native != native);
        remember(&mut self.state.settled, native);
        let found = self.state.asked.iter().find(|(_, asked)| asked.native == native).map(|(id, _)| *id);
        let Some(approval) = found else { return };
        let ours = self.state.asked.get(&approval).is_some_and(|asked| asked.sent);
        if !ours && !refused {
            let said = "Something other than Offdesk answered a request of opencode's and allowed it. If that was not \
                        you, stop this run: what it was allowed to run may have answered for you.";
            out.notice(NoticeLevel::Warning, "ranUnasked", said);
        }
        // A denial denies all that the same conversation asks at that moment.
        if !ours {
            return self.end_asked(approval, out);
        }
        let Some(asked) = self.state.asked.remove(&approval) else { return };
        match self.state.tools.get_mut(asked.call()) {
            Some(tool) => tool.answered.push(approval),
            None => out.fact(Event::ApprovalFinished { approval, outcome: Outcome::Ok }),
        }
    }

    /// It is asked no more: undecided ones are withdrawn; what became of a decided one is not known.
    pub(super) fn end_asked(&mut self, approval: ApprovalId, out: &mut Out) {
        let Some(asked) = self.state.asked.remove(&approval) else { return };
        remember(&mut self.state.settled, &asked.native);
        if asked.sent {
            let outcome = if asked.stopped { Outcome::Ok } else { Outcome::Unknown };
            return out.fact(Event::ApprovalFinished { approval, outcome });
        }
        let (resolution, decision, by) = (Resolution::Withdrawn, None, Actor::Agent);
        out.fact(if asked.question {
            Event::QuestionAnswered { approval, resolution, decision, by }
        } else {
            Event::ApprovalResolved { approval, resolution, decision, by }
        });
    }
}

impl Fold for OpencodeFold {
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        let Some(message) = self.state.lines.read(line, "opencode", &mut out) else {
            return out.derived;
        };
        if let Some(event) = message.get("event") {
            self.event(event, &mut out);
        } else if message.get("bridge").is_some() {
            self.connection(&message, &mut out);
        } else if let Some(sent) = message.get("sent").and_then(Value::as_str) {
            let (kind, approval) = sent.split_once(':').unwrap_or((sent, ""));
            let asked = approval.parse().ok().and_then(|approval| self.state.asked.get_mut(&approval));
            if let Some(asked) = asked.filter(|_| matches!(kind, "reply" | "stop")) {
                asked.sent = true;
                asked.stopped |= kind == "stop";
            }
            self.state.cut |= kind == "interrupt" && self.state.turn.is_some();
        } else if let Some(id) = message.get("id").and_then(Value::as_str) {
            self.answered(id, &message, &mut out);
        }
        out.derived
    }

    fn save(&self) -> String {
        serde_json::to_string(&self.state).unwrap_or_default()
    }

    fn due(&self) -> Vec<Encoded> {
        let mut due = Vec::new();
        if self.state.times > 0 {
            due.push(say::encoded(&say::agents()));
        }
        if let Some(loose) = &self.state.loose {
            due.push(say::encoded(&say::conversation(&self.context, settings::rules(loose))));
        }
        if self.state.times > 1 && !self.state.session.is_empty() {
            due.push(say::encoded(&say::messages(self.state.times, &self.state.session)));
        }
        due
    }

    fn prompt(&self, id: PromptId, prompt: &Prompt) -> Option<Encoded> {
        let id = format!("prompt:{id}");
        if self.state.refusal.is_some() {
            return Some(say::encoded(&say::nothing(&id)));
        }
        if self.state.session.is_empty() {
            return None;
        }
        let note = if self.state.informed { None } else { say::note(&self.context) };
        let parts = note.into_iter().chain([say::words(&prompt.text_with(|_| true))]).collect();
        Some(say::encoded(&say::prompt(&id, &self.state.session, parts)))
    }

    fn decide(&self, approval: ApprovalId, verdict: &Verdict) -> Option<Vec<u8>> {
        let asked = self.state.asked.get(&approval)?;
        Some(ask::verdict(asked, approval, &self.state.session, verdict))
    }

    fn request(&self, approval: ApprovalId) -> Option<ApprovalRequest> {
        self.state.asked.get(&approval).map(|asked| asked.show(&self.context, approval))
    }

    fn interrupt(&self, nonce: &str) -> Option<Encoded> {
        let id = format!("interrupt:{nonce}");
        Some(say::encoded(&match self.state.session.as_str() {
            "" => say::nothing(&id),
            session => say::abort(&id, session),
        }))
    }
}

/// The steps it wrote down, a line each.
pub(super) fn steps(properties: &Value) -> String {
    let lines = items(properties, "todos").map(|todo| {
        let mark = match text(todo, "status") {
            "completed" => "done",
            "in_progress" => "now",
            "cancelled" => "dropped",
            _ => "to do",
        };
        format!("{mark}: {}", text(todo, "content"))
    });
    lines.collect::<Vec<_>>().join("\n").chars().take(8000).collect()
}
