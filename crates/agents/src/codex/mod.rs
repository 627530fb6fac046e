//! *codex*: the Codex CLI by `codex app-server`, JSON-RPC over its standard input and output.
//!
//! Verified against 0.169.0; `fixtures/transcripts/codex` holds what the real program said.

mod ask;
mod fold;
mod item;
mod offers;
mod say;
mod terminal;
mod trouble;

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Oldest, Start, locate};
use fold::CodexFold;
use offdesk_protocol::Capabilities;
use std::path::{Path, PathBuf};
pub use terminal::{ASKS, CodexTerminal, asking_settings};

/// The driver.
pub struct Codex;

/// Settings that win over the person's and the repository's files.
const SETTINGS: [&str; 5] = [
    // Without markers a repository is its workspace folder alone, so that no folder above lends it settings.
    "project_root_markers=[]",
    // What is typed into a command that runs already would not be asked for.
    "features.unified_exec_tty=false",
    // Lets it ask questions outside its plan mode.
    "features.default_mode_request_user_input=true",
    "suppress_unstable_features_warning=true",
    // A skill's text would have servers installed.
    "features.skill_mcp_dependency_install=false",
];

/// Variables by which a Codex that started us would make its child think it runs inside another.
const NESTED: [&str; 3] =
    ["CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_INTERNAL_ORIGINATOR_OVERRIDE"];

impl Driver for Codex {
    fn kind(&self) -> &'static str {
        "codex"
    }

    fn name(&self) -> &'static str {
        "Codex"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            resume: true,
            interrupt: true,
            steer: true,
            // The protocol has no place for another input.
            edit_input: false,
            // It has none for words either: they follow the refusal as a prompt of the same turn.
            deny_with_reason: true,
            questions: true,
            plan: false,
            local_model: true,
            models: true,
            // It has no modes that could be chosen here: how it asks is set with every turn.
            images: true,
            ..Capabilities::default()
        }
    }

    fn locate(&self, environment: &Environment) -> Located {
        locate::locate("codex", "OFFDESK_CODEX", environment)
    }

    fn choices(&self, environment: &Environment) -> Vec<PathBuf> {
        locate::all("codex", "OFFDESK_CODEX", environment)
    }

    fn oldest(&self) -> Option<Oldest> {
        Some(Oldest {
            version: "0.169",
            risk: "It may run commands it believes to be harmless without asking.",
            update: "npm install -g @openai/codex",
        })
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        Some(&["--version"])
    }

    fn launch(&self, start: &Start, environment: &Environment) -> Launch {
        let untrusted = untrusted(&start.dir);
        let settings = SETTINGS.iter().copied().chain([untrusted.as_str()]);
        let settings = settings.flat_map(|setting| ["-c".to_string(), setting.to_string()]);
        let mut launch = Launch {
            program: start.program.clone(),
            args: ["app-server".to_string()].into_iter().chain(settings).collect(),
            env_remove: NESTED.map(String::from).to_vec(),
            ..Launch::default()
        };
        if let Some(local) = start.local(environment) {
            local.codex(&mut launch);
        }
        launch
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        Some(Box::new(CodexFold::new(context, saved)))
    }
}

/// A trusted repository's settings start servers and hooks and allow commands. The person may have trusted it for
/// their own terminal, where they sit in front of it.
fn untrusted(dir: &Path) -> String {
    let dir = toml_string(&dir.display().to_string());
    format!("projects={{{dir}={{trust_level=\"untrusted\"}}}}")
}

/// TOML's strings are JSON's, but for one character.
fn toml_string(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
