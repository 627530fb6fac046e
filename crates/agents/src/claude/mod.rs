//! *claude*: the Claude Code CLI by its stream-json control protocol.
//!
//! Verified against 2.1.329; `fixtures/transcripts/claude` holds what the real program said.

mod ask;
mod fold;
mod hooks;
mod message;
mod offers;
mod screen;
mod sub_agents;
mod terminal;
mod transcript;

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Oldest, Start, locate};
use fold::ClaudeFold;
use offdesk_protocol::Capabilities;
use serde_json::json;
use std::path::PathBuf;
pub use terminal::{ANSWERED, CUT_SHORT, ClaudeTerminal};
pub use transcript::{Dialog, dialog};

/// The driver.
pub struct Claude;

/// Whatever other settings allow, these ask. A rule that asks wins over one that allows, so neither a repository nor an
/// old "always allow" of the person's runs anything past us.
pub(crate) const ASK: [&str; 8] =
    ["Bash", "Edit", "Write", "NotebookEdit", "WebFetch", "CronCreate", "EnterWorktree", "mcp__*"];

/// Variables by which a Claude that started us would make its child think it runs inside another.
pub(crate) const NESTED: [&str; 4] =
    ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SSE_PORT", "CLAUDE_CODE_EXECPATH"];

impl Driver for Claude {
    fn kind(&self) -> &'static str {
        "claude"
    }

    fn name(&self) -> &'static str {
        "Claude Code"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            resume: true,
            interrupt: true,
            steer: true,
            edit_input: true,
            deny_with_reason: true,
            questions: true,
            plan: true,
            local_model: true,
            models: true,
            modes: true,
            images: true,
            ..Capabilities::default()
        }
    }

    fn asks_in(&self, mode: &str) -> bool {
        offers::asks_in(mode)
    }

    fn locate(&self, environment: &Environment) -> Located {
        locate::locate("claude", "OFFDESK_CLAUDE", environment)
    }

    fn choices(&self, environment: &Environment) -> Vec<PathBuf> {
        locate::all("claude", "OFFDESK_CLAUDE", environment)
    }

    fn oldest(&self) -> Option<Oldest> {
        Some(Oldest {
            version: "2.1.20",
            risk: "It may leave a repository's CLAUDE.md unread, or not start as Offdesk starts it.",
            update: "claude update",
        })
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        Some(&["--version"])
    }

    fn launch(&self, start: &Start, environment: &Environment) -> Launch {
        let mut args: Vec<String> = [
            "-p",
            "--input-format",
            "stream-json",
            "--output-format",
            "stream-json",
            "--verbose",
            "--include-partial-messages",
            "--permission-prompt-tool",
            "stdio",
            // The asking mode is set explicitly: newer versions otherwise answer some requests themselves.
            "--permission-mode",
            start.mode.as_deref().filter(|mode| offers::asks_in(mode)).unwrap_or("default"),
            // A repository's settings, hooks, helpers and MCP servers would run without being asked for: under `-p`
            // there is no trust dialog. The person's own stay.
            "--setting-sources",
            "user",
        ]
        .map(String::from)
        .to_vec();
        // Leaving the repository's settings out leaves its CLAUDE.md out as well; this brings that back.
        for dir in [&start.dir, &start.attachments] {
            args.extend(["--add-dir".into(), dir.display().to_string()]);
        }
        if let Some(model) = &start.model {
            args.extend(["--model".into(), model.clone()]);
        }
        if let Some(session) = &start.agent_session {
            args.extend(["--resume".into(), session.clone()]);
        }
        let mut launch = Launch {
            program: start.program.clone(),
            args,
            env: vec![("CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD".into(), "1".into())],
            env_remove: NESTED.map(String::from).to_vec(),
            ..Launch::default()
        };
        let mut settings = json!({ "permissions": { "ask": ASK } });
        if let Some(local) = start.local(environment) {
            local.claude(&mut launch, &mut settings);
        }
        launch.args.extend(["--settings".into(), settings.to_string()]);
        launch
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        Some(Box::new(ClaudeFold::new(context, saved)))
    }
}
