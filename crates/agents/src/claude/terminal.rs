//! *claude-terminal*: Claude Code as a person runs it, in a terminal. Its hooks say what it does and ask; its own dialogs
//! go on working, and the first answer wins.
//!
//! Verified against 2.1.329; `fixtures/transcripts/claude-terminal` holds what its hooks said.

use super::hooks::HooksFold;
use super::{Claude, NESTED};
use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Reads, Start};
use offdesk_protocol::Capabilities;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The driver.
pub struct ClaudeTerminal;

/// The file of ours that Claude reads beside the person's settings.
const SETTINGS: &str = "hooks.json";
/// Hooks that only tell; Claude waits for them, so they have little time.
const TELLING: [&str; 9] = [
    "SessionStart",
    "SessionEnd",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "Notification",
    "Stop",
    "StopFailure",
];
/// Our own words, said by the hook that asks when it sees that its dialog was answered in the terminal: with the turn cut
/// short, or not. No hook of Claude's tells.
pub const CUT_SHORT: &str = "OffdeskCutShort";
/// See [`CUT_SHORT`].
pub const ANSWERED: &str = "OffdeskAnswered";
/// Seconds for those.
const TELLING_SECONDS: u64 = 10;
/// Seconds for the one that asks, a week: more than some timers can count is taken for none at all.
const ASKING_SECONDS: u64 = 7 * 24 * 60 * 60;
/// Options by which a person says how Claude is to ask.
const MODES: [&str; 3] =
    ["--permission-mode", "--dangerously-skip-permissions", "--allow-dangerously-skip-permissions"];

/// Settings with our hooks and nothing else: the person's own settings and hooks stay as they are.
fn settings(offdesk: &Path) -> String {
    let command = command(offdesk);
    let hook =
        |seconds: u64| json!([{"hooks": [{"type": "command", "command": command, "timeout": seconds}]}]);
    let mut hooks: Map<String, Value> =
        TELLING.iter().map(|name| (name.to_string(), hook(TELLING_SECONDS))).collect();
    hooks.insert("PermissionRequest".into(), hook(ASKING_SECONDS));
    json!({ "hooks": hooks }).to_string()
}

/// The hook's command for a shell. On Windows that is Git's bash, which takes such a path with forward slashes.
fn command(offdesk: &Path) -> String {
    let path = offdesk.display().to_string();
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path };
    format!("'{}' hook claude", path.replace('\'', r"'\''"))
}

/// What the person typed after the program's name, with what we need.
fn args(typed: &[String], settings: &Path, resumed: Option<&str>) -> Vec<String> {
    let says = |names: &[&str]| {
        typed.iter().any(|arg| names.iter().any(|name| arg == name || arg.starts_with(&format!("{name}="))))
    };
    // It takes one such file. A person's own is not replaced; then it asks in its terminal only.
    let mut args: Vec<String> = if says(&["--settings"]) {
        Vec::new()
    } else {
        vec!["--settings".into(), settings.display().to_string()]
    };
    // Newer versions otherwise begin in a mode in which a model answers some requests.
    if !says(&MODES) {
        args.extend(["--permission-mode".into(), "manual".into()]);
    }
    match resumed {
        // The words it was begun with were said then.
        Some(session) => args.extend(["--resume".into(), session.into()]),
        None => args.extend(typed.iter().cloned()),
    }
    args
}

impl Driver for ClaudeTerminal {
    fn kind(&self) -> &str {
        "claude-terminal"
    }

    fn name(&self) -> &str {
        "Claude Code in its terminal"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            terminal: true,
            // What is typed while it works, and its models and modes, are its terminal's; files are told by their names.
            steer: false,
            images: false,
            models: false,
            modes: false,
            local_model: false,
            ..Claude.capabilities()
        }
    }

    fn offered_when_missing(&self) -> bool {
        false
    }

    fn locate(&self, environment: &Environment) -> Located {
        Claude.locate(environment)
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        Claude.version_args()
    }

    fn launch(&self, start: &Start, environment: &Environment) -> Launch {
        Launch {
            program: start.program.clone(),
            args: args(&start.args, &start.files.join(SETTINGS), start.agent_session.as_deref()),
            env: vec![("COLORTERM".into(), "truecolor".into())],
            env_remove: NESTED.map(String::from).to_vec(),
            terminal: true,
            files: vec![(SETTINGS, settings(&environment.offdesk))],
        }
    }

    fn reads(&self) -> Reads {
        Reads::Asides
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        Some(Box::new(HooksFold::new(context, saved)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_person_types_is_kept_and_asking_is_the_mode_unless_they_say_another() {
        let settings = Path::new("/data/hooks.json");
        let plain = args(&typed(&["fix it"]), settings, None);
        assert_eq!(plain, ["--settings", "/data/hooks.json", "--permission-mode", "manual", "fix it"]);
        let own = args(&typed(&["--permission-mode=plan", "-c"]), settings, None);
        assert_eq!(own, ["--settings", "/data/hooks.json", "--permission-mode=plan", "-c"]);
        assert_eq!(
            args(&typed(&["--settings", "mine.json"]), settings, None)[2..],
            ["--settings", "mine.json"]
        );
        let resumed = args(&typed(&["fix it"]), settings, Some("abc"));
        assert!(!resumed.contains(&"fix it".into()) && resumed.ends_with(&typed(&["--resume", "abc"])));
    }

    #[test]
    fn a_path_with_quotes_stays_one_word_for_the_shell() {
        assert_eq!(command(Path::new("/a b/it's")), r"'/a b/it'\''s' hook claude");
    }
}
