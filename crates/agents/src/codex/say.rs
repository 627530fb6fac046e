//! What is written to Codex.

use crate::json::{line_of, text};
use crate::{Encoded, FoldContext, Prompt};
use serde_json::{Map, Value, json};

/// The longest AGENTS.md that is passed on, in bytes: as much as Codex itself reads.
const LONGEST_WORDS: usize = 32 * 1024;

pub(super) fn encoded(id: &str, message: &Value) -> Encoded {
    Encoded { id: id.into(), bytes: line_of(message) }
}

pub(super) fn initialize() -> Encoded {
    let params = json!({"clientInfo": {"name": "offdesk", "title": "Offdesk", "version": env!("CARGO_PKG_VERSION")},
        "capabilities": {"experimentalApi": true, "requestAttestation": false}});
    encoded("initialize", &json!({"id": "initialize", "method": "initialize", "params": params}))
}

pub(super) fn initialized() -> Encoded {
    encoded("initialized", &json!({"method": "initialized"}))
}

/// Asks for the settings in force, to know the person's servers.
pub(super) fn config(context: &FoldContext) -> Encoded {
    let params = json!({"cwd": context.dir, "includeLayers": false});
    encoded("config", &json!({"id": "config", "method": "config/read", "params": params}))
}

/// Settings that make each server of the person's ask before any of its tools, whatever the tool says of itself and
/// whatever was allowed for good elsewhere.
pub(super) fn asking_servers(config: &Value) -> Map<String, Value> {
    let prompt = |tools: &Value| {
        let asked = tools.as_object().into_iter().flatten();
        asked.map(|(tool, _)| (tool.clone(), json!({"approval_mode": "prompt"}))).collect::<Map<_, _>>()
    };
    let servers = config.get("mcp_servers").and_then(Value::as_object).into_iter().flatten();
    let asking: Map<String, Value> = servers
        .map(|(name, server)| {
            let tools = prompt(server.get("tools").unwrap_or(&Value::Null));
            (name.clone(), json!({"default_tools_approval_mode": "prompt", "tools": tools}))
        })
        .collect();
    // A table here adds to the person's: what it does not name stays.
    if asking.is_empty() { Map::new() } else { Map::from_iter([("mcp_servers".into(), asking.into())]) }
}

/// Begins a thread, or goes on with one; with the asking mode, whatever the person's settings say.
pub(super) fn thread(context: &FoldContext, settings: &Map<String, Value>) -> Encoded {
    // Anything but a read-only sandbox here would write into the person's settings that they trust this repository.
    // The turns have their own.
    let mut params = json!({"cwd": context.dir, "approvalPolicy": "untrusted", "approvalsReviewer": "user",
        "sandbox": "read-only", "config": settings});
    if let Some(words) = repository_words(context) {
        params["developerInstructions"] = words.into();
    }
    if let Some(model) = &context.model {
        params["model"] = model.clone().into();
    }
    let method = match &context.agent_session {
        Some(session) => {
            params["threadId"] = session.clone().into();
            params["excludeTurns"] = true.into();
            "thread/resume"
        }
        None => "thread/start",
    };
    encoded("thread", &json!({"id": "thread", "method": method, "params": params}))
}

/// Codex does not read an untrusted repository's AGENTS.md; its text alone runs nothing.
fn repository_words(context: &FoldContext) -> Option<String> {
    let path = context.dir.join("AGENTS.md");
    // A link could lead to anything of the person's, which the model would then be told.
    if context.workspace.is_link(&path) {
        return None;
    }
    let bytes = context.workspace.read(&path)?;
    let words = String::from_utf8_lossy(bytes.get(..LONGEST_WORDS).unwrap_or(&bytes)).into_owned();
    (!words.trim().is_empty())
        .then(|| format!("The workspace has an AGENTS.md. These are the repository's words:\n\n{words}"))
}

fn input(prompt: &Prompt) -> Vec<Value> {
    let words = prompt.text_with(|file| file.image.is_none());
    let images = prompt.files.iter().filter(|file| file.image.is_some());
    let mut input: Vec<Value> =
        images.map(|file| json!({"type": "localImage", "path": file.path.display().to_string()})).collect();
    input.push(json!({"type": "text", "text": words, "text_elements": []}));
    input
}

/// Says this on a thread whose person chose what is asked: a new turn, or more for the one under way. The words come back
/// with the request's id.
pub(super) fn shared(request: &str, thread: &str, prompt: &Prompt) -> Value {
    json!({"id": request, "method": "turn/start",
        "params": {"threadId": thread, "clientUserMessageId": request, "input": input(prompt)}})
}

/// Says this: a new turn, or more for the one under way.
pub(super) fn prompt(request: &str, thread: &str, prompt: &Prompt) -> Value {
    json!({"id": request, "method": "turn/start", "params": {"threadId": thread,
        "input": input(prompt),
        "approvalPolicy": "untrusted", "approvalsReviewer": "user",
        // Everything asks. What was allowed then runs once and as it was shown: in a sandbox Codex would try it there
        // first, and again outside.
        "sandboxPolicy": {"type": "dangerFullAccess"}}})
}

/// Asks which models there are.
pub(super) fn models() -> Encoded {
    encoded("models", &json!({"id": "models", "method": "model/list", "params": {}}))
}

/// From the next turn on with this model.
pub(super) fn model(request: &str, thread: &str, model: &str) -> Value {
    json!({"id": request, "method": "thread/settings/update", "params": {"threadId": thread, "model": model}})
}

/// A request whose answer says nothing, where a prompt must not be said.
pub(super) fn nothing(request: &str) -> Value {
    json!({"id": request, "method": "thread/loaded/list", "params": {}})
}

pub(super) fn interrupt(request: &str, thread: &str, turn: &str) -> Value {
    json!({"id": request, "method": "turn/interrupt", "params": {"threadId": thread, "turnId": turn}})
}

pub(super) fn response(request: &Value, result: Value) -> Value {
    json!({"id": request, "result": result})
}

/// For what Codex asks its client and we have no answer to. Unanswered, it would wait.
pub(super) fn refusal(request: &Value) -> Encoded {
    let message =
        json!({"id": request, "error": {"code": -32601, "message": "Offdesk does not offer this."}});
    encoded(&format!("refusal:{request}"), &message)
}

/// The version in `offdesk/0.169.0 (Debian …)`.
pub(super) fn version(initialized: &Value) -> String {
    let agent = text(initialized, "userAgent").split_whitespace().next().unwrap_or_default();
    agent.rsplit('/').next().unwrap_or_default().chars().take(40).collect()
}
