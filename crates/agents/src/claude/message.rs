//! Small readings of Claude's messages.

use crate::json::text;
use offdesk_protocol::{FileDiff, ToolKind, Usage};
use serde_json::Value;
use std::fmt::Write as _;

/// What kind of tool this is.
pub(super) fn tool_kind(name: &str) -> ToolKind {
    match name {
        "Bash" | "PowerShell" | "KillShell" | "BashOutput" => ToolKind::Command,
        "Edit" | "Write" | "MultiEdit" | "NotebookEdit" => ToolKind::Edit,
        "Read" | "NotebookRead" | "LS" => ToolKind::Read,
        "Grep" | "Glob" | "ToolSearch" => ToolKind::Search,
        "WebFetch" | "WebSearch" => ToolKind::Fetch,
        "Task" | "Agent" => ToolKind::Agent,
        "AskUserQuestion" => ToolKind::Question,
        "ExitPlanMode" | "EnterPlanMode" => ToolKind::Plan,
        _ => ToolKind::Other,
    }
}

/// A server's name within the names of its tools.
pub(super) fn tool_word(server: &str) -> String {
    server.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// One line for a person: what the tool is about to do.
pub(super) fn tool_title(name: &str, input: &Value) -> String {
    for key in ["command", "file_path", "notebook_path", "pattern", "url", "query", "description", "path"] {
        let about = text(input, key);
        if !about.is_empty() {
            let line = about.lines().next().unwrap_or_default();
            return format!("{name}: {line}");
        }
    }
    name.to_string()
}

/// The words of a tool result: a text, or a list of blocks.
pub(super) fn result_text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let mut out = String::new();
            for block in blocks {
                let piece = match text(block, "type") {
                    "text" => text(block, "text").to_string(),
                    "image" => "[image]".to_string(),
                    other => format!("[{other}]"),
                };
                if !out.is_empty() {
                    out.push('\n');
                }
                out.push_str(&piece);
            }
            out
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The diffs of a finished edit, from Claude's structured result.
pub(super) fn result_diffs(result: &Value) -> Vec<FileDiff> {
    let path = text(result, "filePath");
    if path.is_empty() {
        return Vec::new();
    }
    let created = text(result, "type") == "create";
    let mut unified = String::new();
    for hunk in result.get("structuredPatch").and_then(Value::as_array).into_iter().flatten() {
        let number = |key: &str| hunk.get(key).and_then(Value::as_u64).unwrap_or(0);
        let _ = writeln!(
            unified,
            "@@ -{},{} +{},{} @@",
            number("oldStart"),
            number("oldLines"),
            number("newStart"),
            number("newLines")
        );
        for line in hunk.get("lines").and_then(Value::as_array).into_iter().flatten() {
            let _ = writeln!(unified, "{}", line.as_str().unwrap_or_default());
        }
    }
    if created && unified.is_empty() {
        unified = crate::preview::unified("", text(result, "content"));
    }
    if unified.is_empty() {
        return Vec::new();
    }
    vec![FileDiff { path: path.into(), unified, base_hash: None, created }]
}

/// What the whole conversation used so far.
pub(super) fn usage(result: &Value) -> Usage {
    let mut usage =
        Usage { cost_usd: result.get("total_cost_usd").and_then(Value::as_f64), ..Usage::default() };
    for model in result.get("modelUsage").and_then(Value::as_object).into_iter().flat_map(|m| m.values()) {
        let number = |key: &str| model.get(key).and_then(Value::as_u64).unwrap_or(0);
        usage.input_tokens += number("inputTokens") + number("cacheCreationInputTokens");
        usage.output_tokens += number("outputTokens");
        usage.cached_tokens += number("cacheReadInputTokens");
    }
    usage
}
