//! Small readings of Codex's items.

use crate::FoldContext;
use crate::json::{pretty, text};
use crate::preview::{hex_hash, unified, write_diff};
use offdesk_protocol::{FileDiff, ToolKind, ToolStatus, Usage};
use serde_json::{Value, json};
use std::path::Path;

/// A tool use: the tool's name, its kind, a line for a person, its input.
pub(super) fn tool(item: &Value, dir: &Path) -> Option<(String, ToolKind, String, Value)> {
    let first = |text: &str| text.lines().next().unwrap_or_default().to_string();
    let input = |keys: &[&str]| {
        let kept = keys.iter().filter_map(|key| Some((key.to_string(), item.get(*key)?.clone())));
        Value::Object(kept.collect())
    };
    Some(match text(item, "type") {
        "commandExecution" => {
            let command = command(text(item, "command"));
            let title = format!("Shell: {}", first(&command));
            ("shell".into(), ToolKind::Command, title, input(&["command", "cwd"]))
        }
        "fileChange" => {
            let changes = changes(item);
            ("apply_patch".into(), ToolKind::Edit, edit_title(&changes, dir), json!({ "changes": changes }))
        }
        "mcpToolCall" => {
            let name = server_tool(text(item, "server"), text(item, "tool"));
            let title = format!("Use {name}");
            (name, ToolKind::Other, title, item.get("arguments").cloned().unwrap_or_default())
        }
        "dynamicToolCall" => {
            let name = text(item, "tool").to_string();
            let title = format!("Use {name}");
            (name, ToolKind::Other, title, item.get("arguments").cloned().unwrap_or_default())
        }
        "collabAgentToolCall" => {
            let name = text(item, "tool").to_string();
            let title = match first(text(item, "prompt")) {
                prompt if prompt.is_empty() => format!("Agents: {name}"),
                prompt => format!("Agents: {name}: {prompt}"),
            };
            (name, ToolKind::Agent, title, input(&["prompt", "model", "receiverThreadIds"]))
        }
        "webSearch" => {
            let title = format!("Search the web: {}", first(text(item, "query")));
            ("web_search".into(), ToolKind::Search, title, input(&["query", "action"]))
        }
        "imageView" => {
            let title = format!("Look at {}", inside(text(item, "path"), dir));
            ("view_image".into(), ToolKind::Read, title, input(&["path"]))
        }
        _ => return None,
    })
}

pub(super) fn server_tool(server: &str, tool: &str) -> String {
    format!("{server}.{tool}")
}

/// The command in `/bin/bash -lc 'command'`, where it is exactly that.
pub(super) fn command(whole: &str) -> String {
    let Some(words) = shlex::split(whole) else { return whole.into() };
    // Splitting forgets comments and odd quotes; nothing may be left out of what is shown.
    let nothing_lost = shlex::try_join(words.iter().map(String::as_str)).is_ok_and(|again| again == whole);
    let is_shell = |program: &str| {
        let name = program.rsplit('/').next().unwrap_or_default();
        ["bash", "zsh", "sh"].contains(&name) && !program.contains(char::is_whitespace)
    };
    match words.as_slice() {
        [shell, flag, command]
            if nothing_lost && is_shell(shell) && ["-c", "-lc"].contains(&flag.as_str()) =>
        {
            command.clone()
        }
        _ => whole.into(),
    }
}

/// A path as a person knows it: from the workspace, where it is inside.
pub(super) fn inside(path: &str, dir: &Path) -> String {
    Path::new(path).strip_prefix(dir).unwrap_or(Path::new(path)).display().to_string()
}

pub(super) fn changes(item: &Value) -> Vec<Value> {
    item.get("changes").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn kind(change: &Value) -> &str {
    change.get("kind").map(|kind| text(kind, "type")).unwrap_or_default()
}

/// Where the file goes, when it is moved.
pub(super) fn moved_to(change: &Value) -> Option<&str> {
    let to = change.get("kind").map(|kind| text(kind, "move_path"))?;
    (!to.is_empty()).then_some(to)
}

pub(super) fn edit_title(changes: &[Value], dir: &Path) -> String {
    match changes {
        [] => "Change files".into(),
        [change] => {
            let name = inside(text(change, "path"), dir);
            match (kind(change), moved_to(change)) {
                ("add", _) => format!("Create {name}"),
                ("delete", _) => format!("Delete {name}"),
                (_, Some(to)) => format!("Move {name} to {}", inside(to, dir)),
                _ => format!("Change {name}"),
            }
        }
        many => format!("Change {} files", many.len()),
    }
}

/// One change against the file as it is now.
pub(super) fn diff_now(context: &FoldContext, change: &Value) -> FileDiff {
    let (shown, said) = (text(change, "path"), text(change, "diff"));
    let path = context.dir.join(shown);
    let workspace = context.workspace.as_ref();
    match kind(change) {
        "add" => write_diff(workspace, &path, shown, said),
        "delete" => match workspace.read(&path) {
            Some(_) => write_diff(workspace, &path, shown, ""),
            None => {
                FileDiff { path: shown.into(), unified: unified(said, ""), base_hash: None, created: false }
            }
        },
        _ => FileDiff {
            path: shown.into(),
            unified: said.into(),
            base_hash: workspace.read(&path).as_deref().map(hex_hash),
            created: false,
        },
    }
}

/// What a finished edit changed. The files are not read: they may have changed again.
pub(super) fn diffs_done(item: &Value) -> Vec<FileDiff> {
    let changes = changes(item);
    let each = changes.iter().map(|change| {
        let (path, said) = (text(change, "path"), text(change, "diff"));
        let unified = match kind(change) {
            "add" => unified("", said),
            "delete" => unified(said, ""),
            _ => said.into(),
        };
        FileDiff { path: path.into(), unified, base_hash: None, created: kind(change) == "add" }
    });
    each.filter(|diff| !diff.unified.is_empty()).collect()
}

/// How the tool use ended, from what its item says.
pub(super) fn status(item: &Value) -> ToolStatus {
    let exit = item.get("exitCode").and_then(Value::as_i64);
    match (text(item, "status"), exit) {
        ("declined", _) => ToolStatus::Denied,
        ("failed", _) => ToolStatus::Failed,
        (_, Some(code)) if code != 0 => ToolStatus::Failed,
        _ if item.get("success").and_then(Value::as_bool) == Some(false) => ToolStatus::Failed,
        _ => ToolStatus::Ok,
    }
}

/// What the tool gave.
pub(super) fn output(item: &Value) -> String {
    let mut output = text(item, "aggregatedOutput").to_string();
    if let Some(code) = item.get("exitCode").and_then(Value::as_i64).filter(|code| *code != 0) {
        output.push_str(&format!("\n[exit code {code}]"));
    }
    if let Some(error) = item.get("error").map(|error| text(error, "message")).filter(|e| !e.is_empty()) {
        output.push_str(error);
    }
    let result = item.get("result").and_then(|result| result.get("content")).or(item.get("contentItems"));
    for block in result.and_then(Value::as_array).into_iter().flatten() {
        match text(block, "text") {
            "" => output.push_str(&pretty(block)),
            words => output.push_str(words),
        }
        output.push('\n');
    }
    output
}

/// Thoughts of a `reasoning` item: the summary, or where there is none, all.
pub(super) fn thoughts(item: &Value) -> String {
    let words = |key: &str| {
        let parts = item.get(key).and_then(Value::as_array);
        parts.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join("\n\n")
    };
    match words("summary") {
        summary if summary.is_empty() => words("content"),
        summary => summary,
    }
}

/// What the whole thread used so far.
pub(super) fn usage(params: &Value) -> Option<Usage> {
    let total = params.get("tokenUsage")?.get("total")?;
    let number = |key: &str| total.get(key).and_then(Value::as_u64).unwrap_or(0);
    Some(Usage {
        input_tokens: number("inputTokens").saturating_sub(number("cachedInputTokens")),
        output_tokens: number("outputTokens"),
        cached_tokens: number("cachedInputTokens"),
        cost_usd: None,
    })
}

/// The steps of a plan, a line each.
pub(super) fn plan(params: &Value) -> String {
    let steps = params.get("plan").and_then(Value::as_array);
    let lines = steps.into_iter().flatten().map(|step| {
        let mark = match text(step, "status") {
            "completed" => "done",
            "inProgress" => "now",
            _ => "to do",
        };
        format!("{mark}: {}", text(step, "step"))
    });
    let explanation = Some(text(params, "explanation").to_string()).filter(|words| !words.is_empty());
    explanation.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}
