//! A tool use, as opencode's parts of a message tell it.

use crate::json::{items, text};
use offdesk_protocol::{ApprovalId, FileDiff, ToolId, ToolKind, ToolStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// Longest title that is kept of a tool; what a person decides on is never shortened.
const LONGEST_TITLE: usize = 300;

/// One that has not ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tool {
    pub id: ToolId,
    /// The conversation it belongs to.
    pub session: String,
    pub name: String,
    pub input: Value,
    /// Somebody was asked before it ran.
    pub asked: bool,
    /// Approvals that opencode has the answer to.
    pub answered: Vec<ApprovalId>,
}

/// A path as a person in that folder writes it.
pub(super) fn inside(path: &str, dir: &Path) -> String {
    let plain = path.strip_prefix("./").unwrap_or(path);
    match Path::new(plain).strip_prefix(dir) {
        Ok(below) if !below.as_os_str().is_empty() => below.display().to_string(),
        _ => plain.into(),
    }
}

pub(super) fn kind(name: &str) -> ToolKind {
    match name {
        "bash" => ToolKind::Command,
        "edit" | "write" | "apply_patch" | "patch" | "multiedit" => ToolKind::Edit,
        "read" | "list" => ToolKind::Read,
        "glob" | "grep" | "websearch" | "codesearch" => ToolKind::Search,
        "webfetch" => ToolKind::Fetch,
        "task" => ToolKind::Agent,
        "question" => ToolKind::Question,
        "todowrite" | "todoread" => ToolKind::Plan,
        _ => ToolKind::Other,
    }
}

/// What a person reads of it.
pub(super) fn title(name: &str, input: &Value, dir: &Path) -> String {
    let path = || inside(text(input, "filePath"), dir);
    let title = match name {
        "bash" => text(input, "command").to_string(),
        "edit" => format!("Change {}", path()),
        "write" => format!("Write {}", path()),
        "apply_patch" => "Change files".into(),
        "read" => format!("Read {}", path()),
        "list" => format!("List {}", inside(text(input, "path"), dir)),
        "glob" | "grep" => format!("Search for {}", text(input, "pattern")),
        "webfetch" => format!("Fetch {}", text(input, "url")),
        "websearch" | "codesearch" => format!("Search for {}", text(input, "query")),
        "task" => format!("Sub-agent {}: {}", text(input, "subagent_type"), text(input, "description")),
        "question" => "Ask a question".into(),
        "todowrite" => "Write down the steps".into(),
        "skill" => format!("Use the skill {}", text(input, "name")),
        other => format!("Use {other}"),
    };
    title.chars().take(LONGEST_TITLE).collect()
}

/// How it ended, from its part's state.
pub(super) fn status(state: &Value) -> ToolStatus {
    let error = text(state, "error");
    let denied = [
        "The user rejected permission",
        "The user dismissed",
        "The user has specified a rule which prevents",
    ];
    let exit = state.get("metadata").and_then(|meta| meta.get("exit")).and_then(Value::as_i64);
    match (text(state, "status"), exit) {
        ("error", _) if denied.iter().any(|words| error.starts_with(words)) => ToolStatus::Denied,
        ("error", _) => ToolStatus::Failed,
        (_, Some(code)) if code != 0 => ToolStatus::Failed,
        _ => ToolStatus::Ok,
    }
}

/// What it gave.
pub(super) fn output(state: &Value) -> String {
    let mut output = match text(state, "status") {
        "error" => text(state, "error").to_string(),
        _ => text(state, "output").to_string(),
    };
    let exit = state.get("metadata").and_then(|meta| meta.get("exit")).and_then(Value::as_i64);
    if let Some(code) = exit.filter(|code| *code != 0) {
        output.push_str(&format!("\n[exit code {code}]"));
    }
    output
}

/// Changes that the metadata of an edit hold: path and unified hunks.
pub(super) fn changes(metadata: &Value) -> Vec<(String, String)> {
    let of_file = |file: &Value| {
        let path =
            ["filePath", "path", "relativePath"].iter().map(|key| text(file, key)).find(|p| !p.is_empty());
        let diff = ["diff", "patch"].iter().map(|key| text(file, key)).find(|diff| !diff.is_empty());
        Some((path?.to_string(), hunks(diff?)))
    };
    let files: Vec<_> = items(metadata, "files").filter_map(of_file).collect();
    if !files.is_empty() {
        return files;
    }
    let filediff = metadata.get("filediff").map(|diff| text(diff, "file")).unwrap_or_default();
    let path = Some(text(metadata, "filepath")).filter(|path| !path.is_empty()).unwrap_or(filediff);
    match text(metadata, "diff") {
        "" => Vec::new(),
        diff => vec![(path.to_string(), hunks(diff))],
    }
}

/// Without the lines that name the file.
fn hunks(diff: &str) -> String {
    match diff.starts_with("@@").then_some(0).or_else(|| diff.find("\n@@").map(|at| at + 1)) {
        Some(start) => diff[start..].into(),
        None => diff.into(),
    }
}

/// What an edit that is done has changed.
pub(super) fn diffs_done(state: &Value, dir: &Path) -> Vec<FileDiff> {
    let metadata = state.get("metadata").unwrap_or(&Value::Null);
    let each = changes(metadata).into_iter().map(|(path, unified)| FileDiff {
        path: inside(&path, dir),
        created: unified.starts_with("@@ -0,0 "),
        unified,
        base_hash: None,
    });
    each.filter(|diff| !diff.unified.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_diff_is_its_hunks_and_a_path_is_as_a_person_writes_it() {
        let diff = "Index: /w/a\n=====\n--- /w/a\n+++ /w/a\n@@ -1,1 +1,1 @@\n-a\n+b\n";
        let one = changes(&json!({"filepath": "/w/a", "diff": diff}));
        assert_eq!(one, [("/w/a".to_string(), "@@ -1,1 +1,1 @@\n-a\n+b\n".to_string())]);
        let several = changes(&json!({"filepath": "a, b", "diff": diff, "files": [
            {"filePath": "/w/a", "patch": diff}, {"filePath": "/w/b", "patch": "@@ -0,0 +1 @@\n+b\n"}]}));
        assert_eq!(several.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["/w/a", "/w/b"]);
        assert_eq!(inside("/w/src/a", Path::new("/w")), "src/a");
        assert_eq!(inside("./a", Path::new("/w")), "a");
        assert_eq!(inside("/etc/a", Path::new("/w")), "/etc/a");
    }
}
