//! The agents under contract, and how each is asked for the same.

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
        }
    }

    /// A desk on which it is, and reaches the scripted model and nothing else.
    pub async fn desk(self) -> Contract {
        let (desk, model) = match self {
            Agent::Demo => (Desk::new(), None),
            Agent::Claude => some(crate::claude::desk_with_claude().await),
            Agent::Codex => some(crate::codex::desk_with_codex("").await),
            Agent::Gemini => some(crate::acp::desk_with(crate::acp::GEMINI).await),
            Agent::Qwen => some(crate::acp::desk_with(crate::acp::QWEN).await),
            Agent::Ollama => some(crate::ollama::desk_with_ollama(&[]).await),
            Agent::Opencode => some(crate::opencode::desk_with_opencode(json!({})).await),
            Agent::Copilot => some(crate::acp::desk_with(crate::acp::COPILOT).await),
            Agent::Goose => some(crate::acp::desk_with(crate::acp::GOOSE).await),
            Agent::ClaudeAcp => some(crate::acp::desk_with(crate::acp::CLAUDE_ACP).await),
            Agent::CodexAcp => some(crate::acp::desk_with(crate::acp::CODEX_ACP).await),
        };
        Contract { agent: self, desk, _model: model }
    }

    /// What it puts before the names of the tools of the server `forms`.
    fn server_prefix(self) -> &'static str {
        match self {
            Agent::Claude | Agent::ClaudeAcp | Agent::Qwen => "mcp__forms__",
            Agent::Gemini => "mcp_forms_",
            Agent::Opencode => "forms_",
            Agent::Copilot => "forms-",
            Agent::Goose => "forms__",
            Agent::Demo | Agent::Codex | Agent::CodexAcp | Agent::Ollama => "",
        }
    }

    /// Adds the server to the person's settings, where this agent has servers.
    pub fn knows_server(self, desk: &Desk) {
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
            Agent::Codex => crate::elicitation::add_to_codex(home, &words),
            Agent::Gemini => add(&home.join(".gemini/settings.json"), &entry),
            Agent::Qwen => add(&home.join(".qwen/settings.json"), &entry),
            Agent::Opencode => {
                let server = json!({"mcp": {"forms": {"type": "local", "command": words}}});
                add(&home.join(".config/opencode/opencode.json"), &server);
            }
            // They are programs of ours, and have no servers; or are given no prompt.
            Agent::Demo | Agent::Ollama | Agent::CodexAcp => {}
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
            (_, Ask::Two(first, second)) => {
                let same = first.replace("-0", "-{i}");
                assert_eq!(same.replace("{i}", "1"), *second);
                format!("[[parallel n=2 cmd='{same}']]")
            }
        }
    }
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

fn some((desk, model): (Desk, Model)) -> (Desk, Option<Model>) {
    (desk, Some(model))
}

/// A desk with one agent.
pub struct Contract {
    pub agent: Agent,
    pub desk: Desk,
    _model: Option<Model>,
}

impl Contract {
    pub async fn start(&self, ask: &Ask<'_>) -> RunId {
        self.desk.start_run(self.agent.kind(), &self.agent.prompt(ask)).await
    }

    pub fn send(&self, run: RunId, ask: &Ask<'_>) {
        self.desk.json(&["send", &run.to_string(), &self.agent.prompt(ask)]);
    }

    /// Ends the run: the next cell finds nothing of it.
    pub async fn end(&self, run: RunId) {
        self.desk.json(&["stop", &run.to_string()]);
        self.desk.until(run, "its end", |view| view.state.is_over()).await;
    }

    pub async fn record(&self, approval: &Approval) -> Approval {
        self.desk.client().approval(approval.request.id).await.unwrap()
    }

    pub async fn turns(&self, run: RunId) -> Vec<TurnStatus> {
        let events = self.desk.events(run).await;
        let finished = events.into_iter().filter_map(|e| match e.event {
            Event::TurnFinished { status, .. } => Some(status),
            _ => None,
        });
        finished.collect()
    }

    /// Waits until this many turns are over and nothing waits.
    pub async fn rests(&self, run: RunId, turns: usize) -> RunView {
        eventually("its turns are over", async || self.turns(run).await.len() >= turns).await;
        self.desk.until_state(run, RunState::Idle).await
    }

    /// What the agent said last, or what its last tool gave. Not the run's line: that may be a remark on standard error.
    pub async fn last_words(&self, run: RunId) -> String {
        let last = self.desk.events(run).await.into_iter().rev().find_map(|e| match e.event {
            Event::MessageAdded { role: Role::Agent, text, .. } => Some(text),
            Event::ToolFinished { output, .. } if !output.is_empty() => Some(output),
            _ => None,
        });
        last.unwrap_or_default()
    }

    /// The agent's own name of the conversation, as last told.
    pub async fn conversation(&self, run: RunId) -> Option<String> {
        self.desk.events(run).await.into_iter().rev().find_map(|e| match e.event {
            Event::AgentIdentified { agent_session, .. } => agent_session,
            _ => None,
        })
    }
}
