//! The agents under contract, and how each is asked for the same.

use super::shells;
use crate::claude::Model;
use crate::story::*;
use offdesk_protocol::*;
use serde_json::{Value, json};
use std::path::Path;

/// An agent under contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    Demo,
    Claude,
    Codex,
    Gemini,
    Qwen,
    Ollama,
    Opencode,
    Copilot,
    Goose,
    ClaudeAcp,
    CodexAcp,
    ClaudeTerminal,
    CodexTerminal,
    Rev,
    HandsOn,
    Terminal,
}

/// How one speaks with an agent, which says what can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// By its protocol.
    Structured,
    /// In its own terminal, and beside it its hooks or its server tell what it does.
    OwnTerminal,
    /// In a terminal and nothing else.
    Shell,
    /// The same, and its loop reads a line when the one before is done.
    Loop,
}

/// What an agent is asked to do.
pub enum Ask<'a> {
    Say(&'a str),
    /// The same, slowly.
    Tell(&'a str),
    Command(&'a str),
    /// Changes `hello.txt`, which says `world`.
    Edit,
    Question,
    Plan,
    /// Has a sub-agent run a command.
    SubAgent(&'a str),
    /// Uses the tool `form` of the person's server.
    Form,
    /// Says how many pictures it sees.
    Seen,
    /// Works for a minute.
    Slow,
    /// Two commands, at once where it can.
    Two(&'a str, &'a str),
}

impl Agent {
    pub fn kind(self) -> &'static str {
        match self {
            Agent::Demo => "demo",
            Agent::Claude => "claude",
            Agent::Codex => "codex",
            Agent::Gemini => "gemini",
            Agent::Qwen => "qwen",
            Agent::Ollama => "ollama",
            Agent::Opencode => "opencode",
            Agent::Copilot => "copilot",
            Agent::Goose => "goose",
            Agent::ClaudeAcp => "claude-acp",
            Agent::CodexAcp => "codex-acp",
            Agent::ClaudeTerminal => "claude-terminal",
            Agent::CodexTerminal => "codex-terminal",
            Agent::Rev => "rev",
            Agent::HandsOn => "hands-on",
            Agent::Terminal => "terminal",
        }
    }

    pub fn family(self) -> Family {
        match self {
            Agent::ClaudeTerminal | Agent::CodexTerminal => Family::OwnTerminal,
            Agent::HandsOn | Agent::Terminal => Family::Shell,
            Agent::Rev => Family::Loop,
            _ => Family::Structured,
        }
    }

    /// A desk on which it is, and reaches the scripted model and nothing else.
    pub async fn desk(self) -> Contract {
        let (desk, model) = match self {
            Agent::Demo | Agent::HandsOn | Agent::Terminal => (Desk::new(), None),
            Agent::ClaudeTerminal => some(claude_in_its_terminal().await),
            Agent::CodexTerminal => some(codex_in_its_terminal().await),
            Agent::Claude => some(crate::claude::desk_with_claude().await),
            Agent::Codex => some(crate::codex::desk_with_codex("").await),
            Agent::Gemini => some(crate::acp::desk_with(crate::acp::GEMINI).await),
            Agent::Qwen => some(crate::acp::desk_with(crate::acp::QWEN).await),
            Agent::Rev => some(crate::rev::desk_with_rev().await),
            Agent::Ollama => some(crate::ollama::desk_with_ollama(&[]).await),
            Agent::Opencode => some(crate::opencode::desk_with_opencode(json!({})).await),
            Agent::Copilot => some(crate::acp::desk_with(crate::acp::COPILOT).await),
            Agent::Goose => some(crate::acp::desk_with(crate::acp::GOOSE).await),
            Agent::ClaudeAcp => some(crate::acp::desk_with(crate::acp::CLAUDE_ACP).await),
            Agent::CodexAcp => some(crate::acp::desk_with(crate::acp::CODEX_ACP).await),
        };
        // From the beginning, so that it needs no start of its own. With it Codex gets another model.
        if !self.is_codex() {
            self.knows_server(&desk);
        }
        Contract { agent: self, desk, _model: model, run: None, before: 0, plain: false }
    }

    /// Whether it is a program of somebody else's, whose version Offdesk knows.
    pub fn is_installed(self) -> bool {
        !matches!(self, Agent::Demo | Agent::Ollama | Agent::Rev | Agent::HandsOn | Agent::Terminal)
    }

    pub fn is_claude(self) -> bool {
        matches!(self, Agent::Claude | Agent::ClaudeAcp | Agent::ClaudeTerminal)
    }

    pub fn is_codex(self) -> bool {
        matches!(self, Agent::Codex | Agent::CodexTerminal)
    }

    /// What its own dialog for a command says, and the key that allows it.
    pub fn dialog(self) -> (&'static str, &'static str) {
        match self {
            Agent::CodexTerminal => ("Would you like to run", "y"),
            _ => ("Do you want to proceed?", "1"),
        }
    }

    /// What it puts before the names of the tools of the server `forms`.
    fn server_prefix(self) -> &'static str {
        match self {
            Agent::Claude | Agent::ClaudeAcp | Agent::ClaudeTerminal | Agent::Qwen => "mcp__forms__",
            Agent::Gemini => "mcp_forms_",
            Agent::Opencode => "forms_",
            Agent::Copilot => "forms-",
            Agent::Goose => "forms__",
            _ => "",
        }
    }

    /// Adds the server to the person's settings, where this agent has servers.
    fn knows_server(self, desk: &Desk) {
        let home = desk.home.path();
        let words = crate::elicitation::server(home);
        let (command, args) = words.split_first().unwrap();
        let entry = json!({"mcpServers": {"forms": {"command": command, "args": args}}});
        match self {
            Agent::Claude | Agent::ClaudeAcp => add(&home.join(".claude.json"), &entry),
            Agent::Copilot => add(&home.join(".copilot/mcp-config.json"), &entry),
            Agent::Goose => {
                // JSON is YAML, too.
                let server = json!({"extensions": {"forms": {"type": "stdio", "name": "forms", "enabled": true,
                    "description": "", "cmd": command, "args": args}}});
                add(&home.join(".config/goose/config.yaml"), &server);
            }
            Agent::ClaudeTerminal => add(&home.join(".claude/.claude.json"), &entry),
            Agent::Codex | Agent::CodexTerminal => crate::elicitation::add_to_codex(home, &words),
            Agent::Gemini => add(&home.join(".gemini/settings.json"), &entry),
            Agent::Qwen => add(&home.join(".qwen/settings.json"), &entry),
            Agent::Opencode => {
                let server = json!({"mcp": {"forms": {"type": "local", "command": words}}});
                add(&home.join(".config/opencode/opencode.json"), &server);
            }
            // They have no servers, or are given no prompt.
            Agent::Demo | Agent::Ollama | Agent::CodexAcp | Agent::Rev | Agent::HandsOn | Agent::Terminal => {
            }
        }
    }

    /// The prompt that has it do this.
    pub fn prompt(self, ask: &Ask<'_>) -> String {
        match (self, ask) {
            (Agent::Demo, Ask::Say(text) | Ask::Tell(text)) => format!("say: {text}"),
            (Agent::Demo, Ask::Command(command)) => format!("run: {command}"),
            (Agent::Demo, Ask::Edit) => "edit: hello.txt".into(),
            (Agent::Demo, Ask::Question) => "ask: Which colour should the button be?".into(),
            (Agent::Demo, Ask::Plan) => "plan: one, two".into(),
            (Agent::Demo, Ask::Slow) => "sleep: 60".into(),
            (Agent::Demo, Ask::Two(first, second)) => format!("run: {first}\nrun: {second}"),
            (Agent::Demo, Ask::SubAgent(command)) => format!("subagent: {command}"),
            (Agent::Demo, Ask::Form) => "form: forms".into(),
            (Agent::Demo, Ask::Seen) => "say: the files are told by their names".into(),
            (Agent::HandsOn | Agent::Terminal, Ask::Command(command)) => (*command).into(),
            // It looks at the first word only, and lets a shell run the rest.
            (Agent::Rev, Ask::Command(command)) => format!("[[bash cmd='git version; {command}']]"),
            (_, Ask::SubAgent(command)) => format!("[[subagent cmd='{command}']]"),
            (_, Ask::Form) => format!(r#"[[tool {{"name":"{}form","input":{{}}}}]]"#, self.server_prefix()),
            (_, Ask::Seen) => "[[seen]]".into(),
            (_, Ask::Tell(text)) => format!("[[hello text='{text}' pause=0.2]]"),
            (_, Ask::Say(text)) => format!("[[hello text='{text}']]"),
            (_, Ask::Command(command)) => format!("[[bash cmd='{command}']]"),
            (_, Ask::Edit) => "[[edit path=hello.txt old=world new=there]]".into(),
            (_, Ask::Question) => "[[question]]".into(),
            (_, Ask::Plan) => "[[plan]]".into(),
            (_, Ask::Slow) => "[[slow secs=60]]".into(),
            (_, Ask::Two(first, second)) => format!("[[parallel n=2 cmd='{}']]", numbered(first, second)),
        }
    }
}

/// What two commands are that differ by their number.
fn numbered(first: &str, second: &str) -> String {
    let same = first.replace("-0", "-{i}");
    assert_eq!(same.replace("{i}", "1"), second);
    same
}

/// Adds to a file of settings what is not in it.
fn add(path: &Path, more: &Value) {
    let known = std::fs::read_to_string(path).unwrap_or_default();
    let mut settings: Value = serde_json::from_str(&known).unwrap_or_else(|_| json!({}));
    for (key, value) in more.as_object().into_iter().flatten() {
        settings[key] = value.clone();
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, settings.to_string()).unwrap();
}

/// Claude Code as somebody has it who has used it before and trusts this folder.
async fn claude_in_its_terminal() -> (Desk, Model) {
    let (mut desk, model) = crate::claude::desk_with_claude().await;
    let env = crate::takeover::knows_claude(&desk, &model, true);
    // Else it says only after a minute that a turn is over which was cut short in the terminal.
    add(&desk.home.path().join(".claude/.claude.json"), &json!({"messageIdleNotifThresholdMs": 1000}));
    restarted_with(&mut desk, &env);
    (desk, model)
}

/// Codex as somebody has it who has used it before: it has praised its newer model already.
async fn codex_in_its_terminal() -> (Desk, Model) {
    let (desk, model) = crate::codex::desk_with_codex("").await;
    let config = desk.home.path().join(".codex/config.toml");
    let known = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, known + crate::codex::PRAISED).unwrap();
    (desk, model)
}

/// The gateway's variables are those of the shell in which it was started.
fn restarted_with(desk: &mut Desk, env: &[(String, String)]) {
    for (name, value) in env {
        desk.also(name, value);
    }
    desk.stop_gateway();
    desk.start();
}

fn some((desk, model): (Desk, Model)) -> (Desk, Option<Model>) {
    (desk, Some(model))
}

/// A desk with one agent, and the conversation that its cells share.
pub struct Contract {
    pub agent: Agent,
    pub desk: Desk,
    _model: Option<Model>,
    /// The run that lives. To begin one takes an agent most of a cell's time.
    run: Option<RunId>,
    /// The last event before the cell that is under way: what came earlier is others'.
    before: u64,
    /// See [`Contract::meets_the_server`].
    plain: bool,
}

impl Contract {
    /// Has the agent do this, in the conversation that is there, or in a new one.
    pub async fn start(&mut self, ask: &Ask<'_>) -> RunId {
        self.say(&self.agent.prompt(ask)).await
    }

    /// The same in words.
    pub async fn say(&mut self, prompt: &str) -> RunId {
        match self.run {
            Some(run) => {
                self.before = self.desk.events(run).await.last().map_or(0, |last| last.seq);
                self.desk.json(&["send", &run.to_string(), prompt]);
                run
            }
            None => {
                self.before = 0;
                let start = match shells::command(self.agent, prompt) {
                    Some(command) => StartRun { command: Some(command), ..self.nothing_said() },
                    None => StartRun { prompt: Some(prompt.into()), ..self.nothing_said() },
                };
                *self.run.insert(self.desk.client().start(&start).await.unwrap().id)
            }
        }
    }

    fn nothing_said(&self) -> StartRun {
        StartRun::of(self.agent.kind(), self.desk.workspace.to_str().unwrap())
    }

    pub fn send(&self, run: RunId, ask: &Ask<'_>) {
        self.desk.json(&["send", &run.to_string(), &self.agent.prompt(ask)]);
    }

    /// The run that lives.
    pub fn lives(&self) -> Option<RunId> {
        self.run
    }

    /// The conversation's run has ended: the next cell begins another.
    pub fn is_over(&mut self) {
        self.run = None;
    }

    /// Waits until nothing is left of a cell that the next one could take for its own.
    pub async fn settles(&self) {
        if let Some(run) = self.run {
            self.desk.until_state(run, RunState::Idle).await;
        }
    }

    /// The cell's events and, of a terminal, its screen: for whoever has to find out why it failed.
    pub async fn told(&self) -> String {
        let Some(run) = self.run else { return "no run lives".into() };
        let events: Vec<String> = self.events(run).await.iter().map(|e| format!("{:?}", e.event)).collect();
        let mut screen = vt100::Parser::new(50.try_into().unwrap(), 120.try_into().unwrap(), 0);
        if self.agent.family() != Family::Structured {
            self.output(run, |bytes| screen.process(bytes)).await;
        }
        format!("{}\n{}", events.join("\n"), screen.screen().contents())
    }

    /// Gives all that the attempt's terminal showed, and how much it was.
    pub async fn output(&self, run: RunId, mut each: impl FnMut(&[u8])) -> u64 {
        let mut from = 0;
        while let Ok(output) = self.desk.client().output(run, None, from).await
            && !output.bytes.is_empty()
        {
            each(&output.bytes);
            from = output.offset + output.bytes.len() as u64;
        }
        from
    }

    /// After a cell that failed: the next one finds nothing of it.
    pub async fn begins_anew(&mut self) {
        self.desk.revive();
        if let Some(run) = self.run.take() {
            self.desk.cli(&["stop", &run.to_string()]);
            self.desk.until(run, "its end", |view| view.state.is_over()).await;
        }
    }

    /// From now on Codex works with a model that it does not know, to which it offers all it has; to its own it offers
    /// some of that after a search only.
    pub async fn meets_the_server(&mut self) {
        if self.agent.is_codex() && !self.plain {
            self.plain = true;
            self.begins_anew().await;
            self.agent.knows_server(&self.desk);
        }
    }

    pub async fn record(&self, approval: &Approval) -> Approval {
        self.desk.client().approval(approval.request.id).await.unwrap()
    }

    /// What this cell brought about.
    pub async fn events(&self, run: RunId) -> Vec<Envelope> {
        let mut events = self.desk.events(run).await;
        events.retain(|event| event.seq > self.before);
        events
    }

    pub async fn turns(&self, run: RunId) -> Vec<TurnStatus> {
        let events = self.events(run).await;
        let finished = events.into_iter().filter_map(|e| match e.event {
            Event::TurnFinished { status, .. } => Some(status),
            _ => None,
        });
        finished.collect()
    }

    /// Waits until this many turns of the cell are over and nothing waits.
    pub async fn rests(&self, run: RunId, turns: usize) -> RunView {
        eventually("its turns are over", async || self.turns(run).await.len() >= turns).await;
        self.desk.until_state(run, RunState::Idle).await
    }

    /// Waits until it asks a person, or its turn is over without that.
    pub async fn rests_or_waits(&self, run: RunId) -> RunView {
        let so = async || {
            let asks = self.desk.client().run(run).await.unwrap().state == RunState::Waiting;
            asks || !self.turns(run).await.is_empty()
        };
        eventually("it asks, or its turn is over", so).await;
        self.desk.client().run(run).await.unwrap()
    }

    /// Waits until the agent said these words, and is done.
    pub async fn hears(&self, run: RunId, words: &str) {
        let said = |e: &Envelope| matches!(&e.event, Event::MessageAdded { role: Role::Agent, text, .. } if text.contains(words));
        eventually(words, async || self.events(run).await.iter().any(said)).await;
        self.desk.until_state(run, RunState::Idle).await;
    }

    /// What the agent said last, or what its last tool gave. Not the run's line: that may be a remark on standard error.
    pub async fn last_words(&self, run: RunId) -> String {
        let last = self.events(run).await.into_iter().rev().find_map(|e| match e.event {
            Event::MessageAdded { role: Role::Agent, text, .. } => Some(text),
            Event::ToolFinished { output, .. } if !output.is_empty() => Some(output),
            _ => None,
        });
        last.unwrap_or_default()
    }

    /// The agent's own name of the conversation, as last told, whenever that was.
    pub async fn conversation(&self, run: RunId) -> Option<String> {
        self.desk.events(run).await.into_iter().rev().find_map(|e| match e.event {
            Event::AgentIdentified { agent_session, .. } => agent_session,
            _ => None,
        })
    }
}
