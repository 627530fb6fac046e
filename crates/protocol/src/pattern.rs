//! What a rule is about: which requests it covers, word by word and path by path.

use crate::{ApprovalKind, ApprovalRequest, RuleEffect, RunId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Component, Path, PathBuf};

/// What a rule is about, literally. Nothing in it is a regular expression: a person must be able to say at a glance
/// what it lets happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Pattern {
    /// Exactly this command.
    Command {
        /// The whole command.
        text: String,
        /// How it is asked for; options of the command are part of it.
        title: String,
    },
    /// One plain command that begins with these words; never one with chaining, redirection, quotes or substitution.
    Commands {
        /// The words, separated by single spaces.
        words: String,
        /// How it is asked for; options of the command are part of it.
        title: String,
    },
    /// Changes of this file.
    File {
        /// Absolute.
        path: String,
    },
    /// Changes of files in this folder, except what steers programs (see [`steers`]).
    Folder {
        /// Absolute.
        path: String,
    },
    /// Changes of files in the run's own workspace, except what steers programs.
    Workspace,
    /// Exactly this use of a tool.
    Call {
        /// The agent's kind; each agent has tools of its own.
        agent: String,
        /// The agent's name for the tool.
        tool: String,
        /// All that was shown of it.
        text: String,
    },
    /// Any use of a tool.
    Tool {
        /// The agent's kind.
        agent: String,
        /// The agent's name for the tool.
        tool: String,
    },
}

/// Whose approval it is: what a rule looks at besides the request.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The run.
    pub run: RunId,
    /// The agent's kind.
    pub agent: &'a str,
    /// The workspace, absolute.
    pub dir: &'a str,
    /// The project's folder, absolute: the workspace, or what it was made from.
    pub project: &'a str,
}

/// How a command is asked for when it has no options.
pub(crate) const PLAIN_COMMAND: &str = "Run a command";

/// Programs that run what they are given: "begins with" would let anything happen.
const RUNS_ANYTHING: [&str; 44] = [
    "sh",
    "bash",
    "zsh",
    "fish",
    "dash",
    "ksh",
    "csh",
    "pwsh",
    "powershell",
    "cmd",
    "env",
    "sudo",
    "doas",
    "su",
    "xargs",
    "nohup",
    "timeout",
    "time",
    "nice",
    "watch",
    "ssh",
    "python",
    "python2",
    "python3",
    "node",
    "deno",
    "bun",
    "perl",
    "ruby",
    "php",
    "lua",
    "eval",
    "exec",
    "source",
    ".",
    "command",
    "find",
    "awk",
    "sed",
    "osascript",
    "parallel",
    "setsid",
    "stdbuf",
    "script",
];

/// Folders and files that steer programs, so that a change in them is a command in disguise.
const STEERING: [&str; 15] = [
    ".git",
    ".claude",
    ".codex",
    ".gemini",
    ".qwen",
    ".opencode",
    ".copilot",
    ".goose",
    ".vscode",
    ".idea",
    ".husky",
    ".envrc",
    ".mcp.json",
    ".gitmodules",
    ".gitattributes",
];

/// Whether a path leads through what steers programs. Rules about folders never cover it.
pub fn steers(path: &Path) -> bool {
    path.components().any(|part| match part {
        Component::Normal(name) => {
            // Some file systems fold case, and some drop dots and spaces at the end.
            let name = name.to_string_lossy().to_lowercase();
            STEERING.contains(&name.trim_end_matches(['.', ' ']))
        }
        _ => false,
    })
}

/// The absolute path without `.` and `..`, by its letters alone. Nothing: it leads above the root.
pub fn absolute(dir: &str, path: &str) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for part in Path::new(dir).join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !clean.pop() {
                    return None;
                }
            }
            other => clean.push(other),
        }
    }
    clean.is_absolute().then_some(clean)
}

/// Whether a shell takes this for one program with plain words, whatever shell it is.
fn plain(command: &str) -> bool {
    let harmless = |c: char| c.is_ascii_alphanumeric() || " _./:=@%+,-".contains(c);
    // A variable before a command is a setting of that command, and not its name.
    let named = command.split(' ').next().is_some_and(|first| !first.is_empty() && !first.contains('='));
    command.chars().all(harmless) && named
}

fn begins(command: &str, words: &str) -> bool {
    command.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn runs_anything(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word).to_lowercase();
    RUNS_ANYTHING.contains(&name.trim_end_matches(".exe"))
}

impl Pattern {
    /// Patterns that cover this request, the narrowest first. None for questions and plans: those are a person's.
    pub fn proposals(asking: Asking<'_>, request: &ApprovalRequest) -> Vec<Pattern> {
        let title = request.title.clone();
        let candidates = match request.kind {
            ApprovalKind::Command => {
                let mut words = request.text.split(' ').filter(|word| !word.is_empty());
                let (first, second) = (words.next().unwrap_or_default(), words.next());
                let sub = second.filter(|word| !word.starts_with('-') && !word.contains(['/', '.', '=']));
                let beginning = match sub {
                    Some(sub) => format!("{first} {sub}"),
                    None => first.to_string(),
                };
                vec![
                    Pattern::Command { text: request.text.clone(), title: title.clone() },
                    Pattern::Commands { words: beginning, title },
                ]
            }
            ApprovalKind::Edit => {
                let path = request.diffs.first().and_then(|diff| absolute(asking.dir, &diff.path));
                let path = path.filter(|_| request.diffs.len() == 1);
                let folder = path.as_deref().and_then(Path::parent).map(|path| path.display().to_string());
                let path = path.map(|path| path.display().to_string());
                let file = path.map(|path| Pattern::File { path });
                let folder = folder.map(|path| Pattern::Folder { path });
                file.into_iter().chain(folder).chain([Pattern::Workspace]).collect()
            }
            ApprovalKind::Tool => {
                let (agent, tool) = (asking.agent.to_string(), request.tool.clone());
                let text = request.text.clone();
                vec![
                    Pattern::Call { agent: agent.clone(), tool: tool.clone(), text },
                    Pattern::Tool { agent, tool },
                ]
            }
            ApprovalKind::Plan | ApprovalKind::Question => Vec::new(),
        };
        let fits = |pattern: &Pattern| {
            pattern.problem().is_none() && pattern.covers(RuleEffect::Allow, asking, request)
        };
        candidates.into_iter().filter(fits).collect()
    }

    /// Why no rule can have this pattern.
    pub fn problem(&self) -> Option<&'static str> {
        match self {
            Pattern::Commands { words, .. } => {
                let clean =
                    !words.is_empty() && words.split(' ').all(|word| !word.is_empty()) && plain(words);
                if !clean {
                    return Some(
                        "The beginning of a command must be plain words with single spaces: letters, digits and _./:=@%+,-",
                    );
                }
                let anything = words.split(' ').next().is_some_and(runs_anything);
                anything.then_some("That program runs whatever it is given, so a rule about its beginning would allow anything.")
            }
            Pattern::Command { text, .. } if text.trim().is_empty() => Some("The command is empty."),
            Pattern::File { path } | Pattern::Folder { path } => {
                let clean = absolute("", path).is_some_and(|clean| clean == Path::new(path));
                (!clean).then_some("The path must be absolute, without “.” and “..”.")
            }
            _ => None,
        }
    }

    /// Whether it is about this request. What is asked of a path's letters here is asked of the disk by the runner.
    pub fn covers(&self, effect: RuleEffect, asking: Asking<'_>, request: &ApprovalRequest) -> bool {
        match (self, request.kind) {
            (Pattern::Command { text, title }, ApprovalKind::Command) => {
                *text == request.text && *title == request.title
            }
            (Pattern::Commands { words, .. }, ApprovalKind::Command) if effect == RuleEffect::Deny => {
                begins(&request.text, words)
            }
            (Pattern::Commands { words, title }, ApprovalKind::Command) => {
                *title == request.title && plain(&request.text) && begins(&request.text, words)
            }
            (Pattern::File { path }, ApprovalKind::Edit) => {
                edits_only(asking, request, |edited| edited == Path::new(path))
            }
            (Pattern::Folder { path }, ApprovalKind::Edit) => edits_only(asking, request, |edited| {
                let seen = edited.strip_prefix(asking.dir).unwrap_or(edited);
                edited.starts_with(path) && (effect == RuleEffect::Deny || !steers(seen))
            }),
            (Pattern::Workspace, ApprovalKind::Edit) => edits_only(asking, request, |edited| {
                edited.strip_prefix(asking.dir).is_ok_and(|rest| effect == RuleEffect::Deny || !steers(rest))
            }),
            (Pattern::Call { agent, tool, text }, ApprovalKind::Tool) => {
                agent == asking.agent && *tool == request.tool && *text == request.text
            }
            (Pattern::Tool { agent, tool }, ApprovalKind::Tool) => {
                agent == asking.agent && *tool == request.tool
            }
            _ => false,
        }
    }

    /// The folder that what it covers must really be in, links followed; nothing: it is not about places.
    pub fn place(&self, dir: &str) -> Option<PathBuf> {
        match self {
            Pattern::File { path } | Pattern::Folder { path } => Some(PathBuf::from(path)),
            Pattern::Workspace => Some(PathBuf::from(dir)),
            _ => None,
        }
    }
}

/// Whether the request changes only files for which this holds. All it shows must be names of files with their
/// changes: a request that also moves a file, or asks for more, is a person's.
fn edits_only(asking: Asking<'_>, request: &ApprovalRequest, holds: impl Fn(&Path) -> bool) -> bool {
    let shown =
        request.diffs.iter().all(|diff| absolute(asking.dir, &diff.path).is_some_and(|path| holds(&path)));
    let named = |line: &str| request.diffs.iter().any(|diff| diff.path == line);
    !request.diffs.is_empty() && shown && request.text.lines().all(named)
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = |title: &str| match title.strip_prefix(PLAIN_COMMAND).unwrap_or(title).trim() {
            "" => String::new(),
            options => format!(" {options}"),
        };
        match self {
            Pattern::Command { text, title } => write!(f, "exactly the command: {text}{}", options(title)),
            Pattern::Commands { words, title } => write!(f, "plain commands: {words} …{}", options(title)),
            Pattern::File { path } => write!(f, "changes of {path}"),
            Pattern::Folder { path } => {
                let path = path.trim_end_matches(['/', '\\']);
                write!(f, "changes of files in {path}, but not of .git or settings of programs")
            }
            Pattern::Workspace => {
                f.write_str("changes of files in the workspace, but not of .git or settings of programs")
            }
            Pattern::Call { agent, tool, text } => write!(f, "{agent}: exactly this use of {tool}: {text}"),
            Pattern::Tool { agent, tool } => write!(f, "{agent}: any use of {tool}"),
        }
    }
}
