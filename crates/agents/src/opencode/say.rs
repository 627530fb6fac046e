//! What is given to the bridge: requests of opencode's server.

use crate::json::line_of;
use crate::{Encoded, FoldContext};
use serde_json::{Value, json};

/// The longest of the repository's notes that is passed on, in bytes.
const LONGEST_NOTE: usize = 32 * 1024;
/// What opencode would read, the first that is there.
const NOTES: [&str; 3] = ["AGENTS.md", "CLAUDE.md", "CONTEXT.md"];

pub(super) fn request(id: &str, method: &str, path: &str, body: Option<Value>) -> Value {
    match body {
        Some(body) => json!({"id": id, "method": method, "path": path, "body": body}),
        None => json!({"id": id, "method": method, "path": path}),
    }
}

pub(super) fn encoded(request: &Value) -> Encoded {
    let id = request.get("id").and_then(Value::as_str).unwrap_or_default();
    Encoded { id: id.into(), bytes: line_of(request) }
}

pub(super) fn agents() -> Value {
    request("agents", "GET", "/agent", None)
}

/// Begins a conversation, or goes on with one; with our rules as its own.
pub(super) fn conversation(context: &FoldContext, rules: Vec<Value>) -> Value {
    let body = Some(json!({ "permission": rules }));
    match &context.agent_session {
        Some(session) => request("session", "PATCH", &format!("/session/{}", segment(session)), body),
        None => request("session", "POST", "/session", body),
    }
}

pub(super) fn prompt(id: &str, session: &str, parts: Vec<Value>) -> Value {
    let path = format!("/session/{}/prompt_async", segment(session));
    request(id, "POST", &path, Some(json!({ "parts": parts })))
}

pub(super) fn words(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// A request whose answer says nothing, where something must not be said.
pub(super) fn nothing(id: &str) -> Value {
    request(id, "GET", "/global/health", None)
}

pub(super) fn abort(id: &str, session: &str) -> Value {
    request(id, "POST", &format!("/session/{}/abort", segment(session)), None)
}

/// What was said last, for one who did not hear it.
pub(super) fn messages(times: u64, session: &str) -> Value {
    let path = format!("/session/{}/message?limit=20", segment(session));
    request(&format!("messages:{times}"), "GET", &path, None)
}

/// opencode's ids are plain; whatever else stands there leads nowhere.
pub(super) fn segment(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
}

/// What a repository says to agents. opencode does not read it when it reads none of the repository's settings; its text
/// alone runs nothing.
pub(super) fn note(context: &FoldContext) -> Option<Value> {
    NOTES.iter().find_map(|name| {
        let path = context.dir.join(name);
        // A link could lead to what is no part of the repository.
        let bytes = context.workspace.read(&path).filter(|_| !context.workspace.is_link(&path))?;
        let said = String::from_utf8_lossy(&bytes);
        let said = &said[..said.floor_char_boundary(LONGEST_NOTE)];
        (!said.trim().is_empty())
            .then(|| words(&format!("The repository says to agents, in {name}:\n\n{said}")))
    })
}
