//! An ACP agent's output, line by line.

use super::ask::{Asked, cancelled, choices};
use super::greeting::{self, Step};
use super::known::Known;
use super::offers;
use super::tool::Tool;
use crate::json::{line_of, text};
use crate::out::Out;
use crate::shorten::shorten;
use crate::{Controlled, Derived, Encoded, Fold, FoldContext, Prompt, PromptFile, control, limit};
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A message that grows beyond this is given as it is, and the rest is the next one.
const LONGEST_MESSAGE: usize = 256 * 1024;
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
    /// Lines in a row that were not JSON.
    junk: u64,
}

/// A message that is being said.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Speaking {
    message: MessageId,
    role: Role,
    text: String,
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

    // What it answers.

    fn answered(&mut self, id: &str, message: &Value, out: &mut Out) {
        let result = message.get("result");
        let error = message.get("error").map(greeting::failure);
        let name = self.name.clone();
        match (id, self.state.step) {
            ("initialize", Step::Greeted) => match (result, error) {
                (Some(result), None) => self.introduced(result, out),
                (_, error) => {
                    let error = error.unwrap_or_default();
                    self.stuck(out, format!("{name} could not begin: {error}"));
                }
            },
            ("open" | "open-new", Step::Opening) => match (result, error) {
                (Some(result), None) => self.opened(result, out),
                (_, error) => self.not_opened(error.unwrap_or_default(), out),
            },
            ("mode", Step::Setting) => match error {
                None => {
                    let mode = self.state.mode.clone();
                    out.fact(Event::AgentModeChanged { mode, control: None });
                    self.choose_model();
                }
                Some(error) => {
                    let why =
                        format!("{name} cannot be made to ask before it acts, so it gets no prompt: {error}");
                    self.stuck(out, why);
                }
            },
            ("model", Step::Choosing) => {
                self.state.step = Step::Ready;
                let wanted = self.context.model.clone().unwrap_or_default();
                match error {
                    None => {
                        self.state.model = wanted.clone();
                        out.fact(Event::AgentModelChanged { model: wanted, control: None });
                    }
                    Some(error) => out.notice(
                        NoticeLevel::Warning,
                        "agentRefused",
                        format!("{name} did not take the model “{wanted}” and uses its own: {error}"),
                    ),
                }
            }
            (id, _) if id.starts_with("control:") => self.chosen(id, error, out),
            (id, _) if id.starts_with("prompt:") => self.turn_over(result, error, out),
            (id, _) if id.starts_with("mode:") => {
                if let Some(error) = error {
                    return self.stuck(
                        out,
                        format!("{name} changed how it asks and cannot be changed back: {error}"),
                    );
                }
                let mode = self.state.mode.clone();
                out.fact(Event::AgentModeChanged { mode, control: None });
            }
            _ => {}
        }
    }

    fn introduced(&mut self, result: &Value, out: &mut Out) {
        let name = self.name.clone();
        if result.get("protocolVersion").and_then(Value::as_u64) != Some(1) {
            return self.stuck(
                out,
                format!("{name} speaks another version of its protocol (ACP) than Offdesk, which is 1."),
            );
        }
        self.state.version =
            result.get("agentInfo").map(|info| text(info, "version")).unwrap_or_default().into();
        if let Some(warning) = self.known.warning {
            out.notice(NoticeLevel::Warning, "unproven", warning);
        }
        let loads =
            result.pointer("/agentCapabilities/loadSession").and_then(Value::as_bool).unwrap_or(false);
        let images = result.pointer("/agentCapabilities/promptCapabilities/image");
        self.state.images = images.and_then(Value::as_bool).unwrap_or(false);
        let dir = self.dir();
        if !loads && self.state.taking_up.take().is_some() {
            begins_anew(&name, "it keeps none", out);
        }
        self.state.step = Step::Opening;
        let open = match &self.state.taking_up {
            Some(session) => greeting::load_session("open", &dir, session),
            None => greeting::new_session("open", &dir),
        };
        self.owe(open);
    }

    fn opened(&mut self, result: &Value, out: &mut Out) {
        let taken_up = self.state.taking_up.take().unwrap_or_default();
        self.state.session = match text(result, "sessionId") {
            "" => taken_up.clone(),
            session => session.into(),
        };
        self.state.informed = self.state.session == taken_up;
        self.state.model = offers::current_model(result).into();
        self.state.model_option = offers::model_option_id(result);
        let some = |text: &str| Some(text.to_string()).filter(|text| !text.is_empty());
        out.fact(Event::AgentIdentified {
            agent_session: some(&self.state.session),
            model: some(&self.state.model),
            version: some(&self.state.version),
        });
        let slash = std::mem::take(&mut self.state.offers.slash);
        self.offers(Offers { slash, ..offers::of_opened(self.known, result) }, out);
        let offered = |mode: &&String| self.state.offers.modes.iter().any(|offer| offer.id == **mode);
        // Offered are only modes in which it asks.
        let wanted = self.context.mode.as_ref().filter(offered).map(String::as_str);
        let asking = greeting::asking_mode(self.known, result);
        match (wanted.filter(|_| asking.is_some()).or(asking), self.known.asking_mode) {
            (Some(mode), _) => {
                self.state.step = Step::Setting;
                self.state.mode = mode.into();
                let set = greeting::set_mode("mode", &self.state.session, mode);
                self.owe(set);
            }
            (None, None) => self.choose_model(),
            (None, Some(_)) if self.known.asks_anyway => {
                self.state.modeless = true;
                self.choose_model();
            }
            (None, Some(meant)) => {
                let why = format!(
                    "{} does not offer the mode “{meant}”, in which it asks before it acts, so it gets no prompt. It \
                     is of another version than Offdesk knows.",
                    self.name
                );
                self.stuck(out, why);
            }
        }
    }

    fn offers(&mut self, offers: Offers, out: &mut Out) {
        if self.state.offers != offers {
            out.fact(Event::AgentOffered { offers: offers.clone() });
            self.state.offers = offers;
        }
    }

    /// The last step before the first prompt.
    fn choose_model(&mut self) {
        let offered = |model: &&String| self.state.offers.models.iter().any(|offer| offer.id == **model);
        let wanted = self.context.model.clone().filter(|model| offered(&model) && *model != self.state.model);
        let Some(model) = wanted else { return self.state.step = Step::Ready };
        self.state.step = Step::Choosing;
        let option = self.state.model_option.as_deref();
        let set = offers::set_model("model", &self.state.session, option, &model);
        self.owe(set);
    }

    /// The answer to a choice of a person's.
    fn chosen(&mut self, request: &str, error: Option<String>, out: &mut Out) {
        let Some((id, chosen)) = control::of_request(request) else { return };
        if let Some(error) = error {
            return control::refused(self.known.name, id, &chosen, &error, out);
        }
        match &chosen {
            Control::Model { id } => self.state.model = id.clone(),
            Control::Mode { id } => self.state.mode = id.clone(),
        }
        control::done(id, chosen, "", out);
    }

    fn not_opened(&mut self, error: String, out: &mut Out) {
        if self.state.taking_up.take().is_some() {
            begins_anew(&self.name, &error, out);
            let open = greeting::new_session("open-new", &self.dir());
            return self.owe(open);
        }
        let (name, program) = (&self.name, &self.program);
        let why = format!(
            "{name} could not begin a conversation: {error}. If it is not logged in, run “{program}” once in a terminal."
        );
        self.stuck(out, why);
    }

    fn turn_over(&mut self, result: Option<&Value>, error: Option<String>, out: &mut Out) {
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

    fn turn(&mut self, out: &mut Out) -> TurnId {
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

    fn says(&mut self, update: &Value, role: Role, out: &mut Out) {
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

    fn finish_message(&mut self, out: &mut Out) {
        let Some(Speaking { message, role, text }) = self.state.speaking.take() else { return };
        self.state.messages += 1;
        if role == Role::Agent {
            self.state.said = text.chars().take(2000).collect();
        }
        out.fact(Event::MessageAdded { message, role, text, parent: None });
    }

    /// The tool of a message, with what the message says learnt.
    fn tool(&mut self, call: &Value) -> (String, &mut Tool) {
        let native = text(call, "toolCallId").to_string();
        let attempt = self.context.attempt;
        let tool = self
            .state
            .tools
            .entry(native.clone())
            .or_insert_with(|| Tool::new(ToolId(attempt.named(&format!("tool:{native}")))));
        tool.learn(call);
        (native, tool)
    }

    fn tool_told(&mut self, call: &Value, out: &mut Out) {
        self.finish_message(out);
        self.turn(out);
        let (native, tool) = self.tool(call);
        if tool.is_under_way() {
            start(tool, out);
        }
        let Some(well) = tool.ended() else { return };
        let Some(tool) = self.state.tools.remove(&native) else { return };
        let status = if well { ToolStatus::Ok } else { ToolStatus::Failed };
        let (output, truncated) = shorten(tool.gave());
        let diffs = if well { tool.diffs() } else { Vec::new() };
        out.fact(Event::ToolFinished { tool: tool.id, status, output, truncated, diffs });
        if let Some(approval) = tool.approval.filter(|approval| self.state.asked.remove(approval).is_some()) {
            let outcome = if well { Outcome::Ok } else { Outcome::Failed };
            out.fact(Event::ApprovalFinished { approval, outcome });
        }
    }

    // What it asks.

    fn asks(&mut self, message: &Value, out: &mut Out) {
        let request = message.get("id").cloned().unwrap_or_default();
        let params = message.get("params").cloned().unwrap_or_default();
        if text(message, "method") != "session/request_permission" {
            let error = json!({ "code": -32601, "message": "Offdesk does not do this." });
            return self.owe(json!({ "jsonrpc": "2.0", "id": request, "error": error }));
        }
        if self.state.step != Step::Ready || self.state.asked.len() >= MOST_ASKED {
            return self.owe(json!({ "jsonrpc": "2.0", "id": request, "result": cancelled() }));
        }
        self.finish_message(out);
        self.turn(out);
        let why = self.state.said.clone();
        let call = params.get("toolCall").cloned().unwrap_or_default();
        let (_, tool) = self.tool(&call);
        start(tool, out);
        let approval = ApprovalId(out.id());
        tool.approval = Some(approval);
        let asked = Asked { request, tool: tool.clone(), options: choices(&params), why };
        let shown = asked.shown(self.known, &self.context, approval);
        out.fact(if asked.is_question() {
            Event::QuestionAsked { approval: shown }
        } else {
            Event::ApprovalRequested { approval: shown }
        });
        self.state.asked.insert(approval, asked);
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

    /// Gemini CLI tells each turn; others the whole conversation so far.
    fn count_turn(&mut self, result: &Value, out: &mut Out) {
        let usage = &mut self.state.usage;
        if let Some(used) = result.pointer("/_meta/quota/token_count").filter(|_| !self.state.counted) {
            let number = |key: &str| used.get(key).and_then(Value::as_u64).unwrap_or(0);
            add(&mut usage.input_tokens, number("input_tokens"));
            add(&mut usage.output_tokens, number("output_tokens"));
        } else if let Some(used) = result.get("usage").filter(|_| !self.state.counted) {
            let number = |key: &str| used.get(key).and_then(Value::as_u64).unwrap_or(0);
            usage.cached_tokens = number("cachedReadTokens");
            usage.input_tokens = number("inputTokens").saturating_sub(usage.cached_tokens);
            usage.output_tokens = number("outputTokens");
        }
        if *usage != Usage::default() {
            out.fact(Event::UsageReported { usage: usage.clone() });
        }
    }

    fn not_json(&mut self, line: &[u8], out: &mut Out) {
        self.state.junk += 1;
        // One notice for a run of such lines: the output keeps them all.
        if self.state.junk == 1 {
            let shown: String = String::from_utf8_lossy(line).chars().take(500).collect();
            let text = format!("{} said something that is no message: {shown}", self.name);
            out.notice(NoticeLevel::Warning, "notJson", text);
        }
    }
}

fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

fn begins_anew(name: &str, why: &str, out: &mut Out) {
    let text = format!(
        "The earlier conversation could not be taken up: {why}. {name} begins a new one in the same folder and knows \
         nothing of what was said before."
    );
    out.notice(NoticeLevel::Warning, "beganAnew", text);
}

/// Says that the tool began, once.
fn start(tool: &mut Tool, out: &mut Out) {
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
        parent: None,
    });
}

impl Fold for AcpFold {
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived> {
        let mut out = Out::at(self.context.attempt, offset);
        if line.iter().all(u8::is_ascii_whitespace) {
            return out.derived;
        }
        let message: Value = match serde_json::from_slice(line) {
            Ok(message @ Value::Object(_)) => message,
            _ => {
                self.not_json(line, &mut out);
                return out.derived;
            }
        };
        self.state.junk = 0;
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
        let greeting = greeting::initialize();
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
            bytes.extend(line_of(&json!({ "jsonrpc": "2.0", "id": asked.request, "result": cancelled() })));
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
