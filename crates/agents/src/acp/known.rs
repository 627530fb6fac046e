//! The agents we know to speak ACP, as data: the next one is a row.

use crate::claude::{ASK, NESTED};
use crate::local::Local;
use crate::{Launch, Oldest};
use serde_json::{Value, json};

/// One agent.
#[derive(Debug)]
pub(super) struct Known {
    /// The word in commands and events.
    pub kind: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// Its program.
    pub program: &'static str,
    /// The variable that names another program.
    pub chosen_by: &'static str,
    /// Arguments that make it speak ACP and ask. `{files}` is the folder of [`Known::files`].
    pub args: &'static [&'static str],
    /// Variables, with `{files}` as above.
    pub env: &'static [(&'static str, &'static str)],
    /// Variables by which it would find another agent's surroundings.
    pub env_remove: &'static [&'static str],
    /// Settings of ours that win over the person's and the repository's.
    pub files: &'static [(&'static str, &'static str)],
    /// The session mode in which it asks; its id, or the end of it after `#`. Nothing: it has no such modes, and what
    /// is above makes it ask.
    pub asking_mode: Option<&'static str>,
    /// Where it does not offer that mode, it is taken as it is.
    pub asks_anyway: bool,
    /// The other modes in which nothing is changed unasked.
    pub harmless_modes: &'static [&'static str],
    /// Options that are set before the first prompt, and must be taken: what they are called, and what they are set to.
    pub options: &'static [(&'static str, &'static str)],
    /// What it is told with each conversation, in words of its own.
    pub meta: Option<fn(dir: &str) -> Value>,
    /// It may ask by forms.
    pub forms: bool,
    /// What kind its tools are of, where it does not say: its name for one, and the protocol's for the kind.
    pub tools: &'static [(&'static str, &'static str)],
    /// What it used is told of the conversation so far rather than of the turn.
    pub usage_so_far: bool,
    /// A command or a change that it did not ask about is told to the person.
    pub tells_unasked: bool,
    /// Tools that are denied at once, because what they start does not ask.
    pub denies: &'static [&'static str],
    /// Why nothing is ever said to it.
    pub barred: Option<&'static str>,
    /// What it would run of a repository unasked, with no way to keep it from that: it is not used where one of these is.
    pub runs: &'static [&'static str],
    /// The same, but only where the person trusted the folder in the agent's own terminal: they are told.
    pub runs_if_trusted: &'static [&'static str],
    /// The diffs it shows hold whole files rather than pieces of them.
    pub whole_diffs: bool,
    /// The repository's notes that it leaves out because of what is above; they are passed on as the repository's words.
    pub notes: &'static [&'static str],
    /// It can take up an earlier conversation.
    pub resume: bool,
    /// It asks questions.
    pub questions: bool,
    /// It proposes plans.
    pub plan: bool,
    /// How it is brought to a model on the person's own machine.
    pub local: Option<fn(&Local, &mut Launch)>,
    /// It can be told its model, and says which one it has then.
    pub models: bool,
    /// It takes images; asked for again in the greeting.
    pub images: bool,
    /// The lowest version this row was made for.
    pub oldest: Option<Oldest>,
    /// What a person should know before trusting it. Nothing: it was tried against the real program.
    pub warning: Option<&'static str>,
}

/// Gemini's own rules and those of the person may allow what we must ask; these win. What Gemini holds for mere looking
/// (`ls`, `cat` …) stays unasked, whatever a rule says.
const GEMINI_POLICY: &str = r#"# Written by Offdesk at each start: whatever other rules allow, these ask.
[[rule]]
toolName = ["run_shell_command", "write_file", "replace", "web_fetch", "activate_skill", "invoke_agent", "save_memory"]
decision = "ask_user"
priority = 900

[[rule]]
toolName = "*"
mcpName = "*"
decision = "ask_user"
priority = 900
"#;

/// Rules that ask win over rules that allow. A folder that is not trusted has no settings, hooks and servers.
const QWEN_SETTINGS: &str = r#"{
  "security": { "folderTrust": { "enabled": true } },
  "permissions": {
    "ask": ["Bash", "Edit", "Write", "WriteFile", "NotebookEdit", "WebFetch", "mcp__*", "Agent", "Skill"]
  },
  "tools": { "approvalMode": "default" }
}
"#;

/// No folder is.
const QWEN_TRUST: &str = if cfg!(windows) {
    r#"{ "A:\\": "DO_NOT_TRUST", "B:\\": "DO_NOT_TRUST", "C:\\": "DO_NOT_TRUST", "D:\\": "DO_NOT_TRUST", "E:\\": "DO_NOT_TRUST", "F:\\": "DO_NOT_TRUST", "G:\\": "DO_NOT_TRUST", "H:\\": "DO_NOT_TRUST" }"#
} else {
    r#"{ "/": "DO_NOT_TRUST" }"#
};

/// The adapter puts the repository itself among the folders Codex trusts, and has no mode in which a command is asked
/// about: both were seen of 2.6.0.
const CODEX_ACP_ACTS: &str = "This adapter has Codex trust the repository, whose servers then start unasked, and run \
                              commands in a sandbox without asking you. Offdesk gives it no prompt. Start Codex \
                              itself (kind codex): that is made to ask.";

/// Claude Code's own settings as the `claude` driver sets them: the person's, not the repository's, and what asks wins.
/// Leaving the repository's out leaves its CLAUDE.md out as well; the folder brings that back.
fn claude_session(dir: &str) -> Value {
    let settings = json!({ "permissions": { "ask": ASK } });
    json!({ "claudeCode": { "options": { "settingSources": ["user"], "additionalDirectories": [dir],
        "settings": settings } } })
}

/// What most rows share.
const ANY: Known = Known {
    kind: "",
    name: "",
    program: "",
    chosen_by: "",
    args: &[],
    env: &[],
    env_remove: &[],
    files: &[],
    asking_mode: None,
    asks_anyway: false,
    harmless_modes: &[],
    options: &[],
    meta: None,
    forms: false,
    tools: &[],
    usage_so_far: false,
    tells_unasked: true,
    denies: &[],
    barred: None,
    runs: &[],
    runs_if_trusted: &[],
    whole_diffs: false,
    notes: &[],
    resume: true,
    questions: false,
    plan: false,
    local: None,
    models: false,
    images: false,
    oldest: None,
    warning: None,
};

/// An agent of the person's own: nothing is known of it but that it speaks the protocol.
pub(super) static OWN: Known = Known {
    asking_mode: Some("default"),
    asks_anyway: true,
    harmless_modes: &["plan"],
    questions: true,
    plan: true,
    usage_so_far: true,
    tells_unasked: false,
    warning: Some(
        "This is an agent of your own, driven by its protocol alone: what it asks before it acts is up to it and its \
         settings. A repository's own settings, hooks and servers may run without asking you.",
    ),
    ..ANY
};

pub(super) static KNOWN: [Known; 6] = [
    Known {
        kind: "gemini",
        name: "Gemini CLI",
        program: "gemini",
        chosen_by: "OFFDESK_GEMINI",
        args: &["--acp", "--approval-mode", "default", "--admin-policy", "{files}/policy.toml"],
        // A repository that is not trusted has no settings, hooks, servers, policies and variables, also where the
        // person trusted it for Gemini's own terminal.
        env: &[("GEMINI_CLI_TRUST_WORKSPACE", "false")],
        env_remove: &["GEMINI_CLI_IDE_WORKSPACE_PATH", "GEMINI_CLI_IDE_SERVER_PORT"],
        files: &[("policy.toml", GEMINI_POLICY)],
        asking_mode: Some("default"),
        harmless_modes: &["plan"],
        whole_diffs: true,
        // What it holds for mere looking is known to run unasked.
        tells_unasked: false,
        notes: &["GEMINI.md"],
        // Only in its plan mode, which is not used.
        plan: false,
        models: true,
        oldest: Some(Oldest {
            version: "0.61",
            risk: "It may not start, or may follow rules that allow what should be asked.",
            update: "npm install -g @google/gemini-cli",
        }),
        ..ANY
    },
    Known {
        kind: "qwen",
        name: "Qwen Code",
        program: "qwen",
        chosen_by: "OFFDESK_QWEN",
        args: &["--acp", "--approval-mode", "default"],
        env: &[
            ("QWEN_CODE_SYSTEM_SETTINGS_PATH", "{files}/settings.json"),
            ("QWEN_CODE_TRUSTED_FOLDERS_PATH", "{files}/trusted-folders.json"),
        ],
        env_remove: &["QWEN_CODE_IDE_WORKSPACE_PATH", "QWEN_CODE_IDE_SERVER_PORT"],
        files: &[("settings.json", QWEN_SETTINGS), ("trusted-folders.json", QWEN_TRUST)],
        asking_mode: Some("default"),
        harmless_modes: &["plan"],
        whole_diffs: true,
        tells_unasked: false,
        usage_so_far: true,
        notes: &["QWEN.md", "AGENTS.md"],
        questions: true,
        // Only in its plan mode, which is not used.
        plan: false,
        local: Some(Local::qwen),
        oldest: Some(Oldest {
            version: "0.24",
            risk: "It may not start, or may follow rules that allow what should be asked.",
            update: "npm install -g @qwen-code/qwen-code",
        }),
        ..ANY
    },
    Known {
        kind: "copilot",
        name: "GitHub Copilot CLI",
        program: "copilot",
        chosen_by: "OFFDESK_COPILOT",
        args: &["--acp", "--disable-builtin-mcps", "--no-auto-update", "--no-remote"],
        env_remove: &["COPILOT_ALLOW_ALL", "COPILOT_ASSISTED_APPROVAL"],
        asking_mode: Some("agent"),
        harmless_modes: &["plan"],
        options: &[("allow_all", "off")],
        runs: &[".github/hooks"],
        runs_if_trusted: &[".mcp.json", ".github/mcp.json", ".github/copilot", ".github/extensions"],
        images: true,
        usage_so_far: true,
        oldest: Some(Oldest {
            version: "1.0.102",
            risk: "It may not start, or may not ask before it acts.",
            update: "npm install -g @github/copilot",
        }),
        ..ANY
    },
    Known {
        kind: "goose",
        name: "Goose",
        program: "goose",
        chosen_by: "OFFDESK_GOOSE",
        args: &["acp"],
        env: &[("GOOSE_MODE", "approve")],
        asking_mode: Some("approve"),
        // Nothing but words.
        harmless_modes: &["chat"],
        // Its sub-agents act in no mode but their own.
        denies: &["delegate"],
        runs: &[".agents/plugins"],
        forms: true,
        tools: &[("shell", "execute"), ("write", "edit"), ("edit", "edit")],
        oldest: Some(Oldest {
            version: "1.52",
            risk: "It may not start, or may not ask before it acts.",
            update: "goose update",
        }),
        ..ANY
    },
    Known {
        kind: "claude-acp",
        name: "Claude Code (ACP adapter)",
        program: "claude-agent-acp",
        chosen_by: "OFFDESK_CLAUDE_ACP",
        env: &[("CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD", "1")],
        // Its bypass is offered where the first is set.
        env_remove: &["IS_SANDBOX", NESTED[0], NESTED[1], NESTED[2], NESTED[3]],
        asking_mode: Some("default"),
        harmless_modes: &["plan"],
        meta: Some(claude_session),
        forms: true,
        questions: true,
        plan: true,
        oldest: Some(Oldest {
            version: "0.100",
            risk: "It may not start, or may follow a repository's settings.",
            update: "npm install -g @agentclientprotocol/claude-agent-acp",
        }),
        ..ANY
    },
    Known {
        kind: "codex-acp",
        name: "Codex (ACP adapter)",
        program: "codex-acp",
        chosen_by: "OFFDESK_CODEX_ACP",
        env: &[("INITIAL_AGENT_MODE", "read-only")],
        resume: false,
        barred: Some(CODEX_ACP_ACTS),
        warning: Some(CODEX_ACP_ACTS),
        ..ANY
    },
];
