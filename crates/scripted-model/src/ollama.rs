//! Ollama's own API: `/api/chat` as a stream of JSON lines, and what it has.

use crate::conversation::Conversation;
use crate::script::Block;
use crate::wire::{Sent, pieces, tokens};
use crate::{names, rev};
use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;

/// The models there are: a name, what it can, whether it is only passed on to a service.
const MODELS: [(&str, &[&str], bool); 4] = [
    ("scripted-cloud:latest", &["completion", "tools"], true),
    ("scripted-talker:latest", &["completion"], false),
    ("scripted:8b", &["completion", "tools", "thinking"], false),
    ("scripted-small:latest", &["completion", "tools"], false),
];
/// Tokens that the small one was made for.
const SMALL: u64 = 3000;

fn known(model: &str) -> Option<&'static (&'static str, &'static [&'static str], bool)> {
    let latest = format!("{model}:latest");
    MODELS.iter().find(|(name, ..)| *name == model || *name == latest)
}

/// `/api/tags`.
pub(crate) fn tags() -> Value {
    let model = |(name, _, remote): &(&str, &[&str], bool)| {
        let mut model = json!({ "name": name, "model": name, "modified_at": "2026-10-01T10:00:00Z", "size": 5_200_000_000_u64,
            "digest": "0", "details": { "format": "gguf", "family": "scripted", "parameter_size": "8B" } });
        if *remote {
            model["remote_host"] = json!("https://ollama.com:443");
            model["remote_model"] = json!("scripted");
        }
        model
    };
    json!({ "models": MODELS.iter().map(model).collect::<Vec<_>>() })
}

/// `/api/show`.
pub(crate) fn show(request: &Value) -> (StatusCode, Value) {
    let model = request.get("model").and_then(Value::as_str).unwrap_or_default();
    match known(model) {
        Some((name, can, _)) => {
            let length = if name.contains("small") { SMALL } else { 131_072 };
            let info = json!({ "general.architecture": "scripted", "scripted.context_length": length });
            (StatusCode::OK, json!({ "capabilities": can, "model_info": info, "parameters": "" }))
        }
        None => missing(model),
    }
}

fn missing(model: &str) -> (StatusCode, Value) {
    (StatusCode::NOT_FOUND, json!({ "error": format!("model '{model}' not found") }))
}

/// What is refused before the script is asked.
pub(crate) fn refused(request: &Value) -> Option<(StatusCode, Value)> {
    let model = request.get("model").and_then(Value::as_str).unwrap_or_default();
    match known(model) {
        None => Some(missing(model)),
        Some((name, can, _)) if !can.contains(&"tools") && request.get("tools").is_some() => Some((
            StatusCode::BAD_REQUEST,
            json!({ "error": format!("registry.ollama.ai/library/{name} does not support tools") }),
        )),
        Some(_) => None,
    }
}

/// The request in the shape the script reads.
pub(crate) struct Request {
    read: Value,
    model: String,
    size: usize,
    /// Asked by rev.
    rev: bool,
}

fn array<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn message(message: &Value) -> Option<Value> {
    let content = message.get("content").and_then(Value::as_str).unwrap_or_default();
    match message.get("role").and_then(Value::as_str)? {
        "tool" => {
            let failed = ["Error", "Denied", "Interrupted"].iter().any(|start| content.starts_with(start));
            Some(json!({ "role": "user",
                "content": [{ "type": "tool_result", "content": content, "is_error": failed }] }))
        }
        "assistant" => {
            let calls = array(message, "tool_calls").map(|call| {
                let name = call.get("function").and_then(|f| f.get("name")).and_then(Value::as_str);
                json!({ "type": "tool_use", "name": names::ours(name.unwrap_or_default()) })
            });
            Some(json!({ "role": "assistant", "content": calls.collect::<Vec<_>>() }))
        }
        "user" => Some(json!({ "role": "user", "content": content })),
        _ => None,
    }
}

impl Request {
    pub(crate) fn new(request: &Value, size: usize) -> Self {
        let messages: Vec<Value> = array(request, "messages").filter_map(message).collect();
        let name = |tool: &Value| Some(tool.get("function")?.get("name")?.as_str()?.to_string());
        let offered: Vec<String> = array(request, "tools").filter_map(name).collect();
        let rev = offered.iter().any(|name| name == rev::SHELL);
        let tools: Vec<Value> = offered.iter().map(|name| json!({ "name": names::ours(name) })).collect();
        Self {
            read: json!({ "messages": messages, "tools": tools }),
            model: request.get("model").and_then(Value::as_str).unwrap_or_default().into(),
            size,
            rev,
        }
    }

    pub(crate) fn conversation(&self) -> Conversation<'_> {
        Conversation::read(&self.read)
    }

    /// How long the whole answer takes.
    pub(crate) fn takes(blocks: &[Block]) -> Duration {
        let one = |block: &Block| match block {
            Block::Text { text, chunk, pause } => *pause * pieces(text, *chunk).len() as u32,
            Block::Wait(time) => *time,
            _ => Duration::ZERO,
        };
        blocks.iter().map(one).sum()
    }

    /// The answer at once.
    pub(crate) fn whole(&self, blocks: Vec<Block>) -> Value {
        let mut text: String = blocks
            .iter()
            .filter_map(|block| match block {
                Block::Text { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let call = |block: &Block| match block {
            Block::Tool { name, input } => {
                let theirs = rev::call(name, input).filter(|_| self.rev);
                let (name, input) = theirs.unwrap_or_else(|| (named(name), arguments(name, input.clone())));
                Some(json!({ "function": { "name": name, "arguments": input } }))
            }
            _ => None,
        };
        let calls: Vec<Value> = blocks.iter().filter_map(call).collect();
        if self.rev && calls.is_empty() {
            text.push_str(rev::OVER);
        }
        self.answer(&text, &calls)
    }

    /// These words at once.
    pub(crate) fn said(&self, text: &str) -> Value {
        self.answer(text, &[])
    }

    fn answer(&self, text: &str, calls: &[Value]) -> Value {
        json!({ "model": self.model, "created_at": "2026-10-01T10:00:00Z", "done": true, "done_reason": "stop",
            "message": { "role": "assistant", "content": text, "tool_calls": calls },
            "prompt_eval_count": tokens(self.size), "eval_count": tokens(text.len()) })
    }

    /// The answer, line by line.
    pub(crate) fn stream(&self, blocks: Vec<Block>) -> Vec<Sent> {
        let mut sent = Vec::new();
        let mut written = 0;
        for block in blocks {
            match block {
                Block::Text { text, chunk, pause } => {
                    written += text.len();
                    for piece in pieces(&text, chunk) {
                        sent.push(self.line(json!({ "role": "assistant", "content": piece })));
                        sent.extend((!pause.is_zero()).then_some(Sent::Pause(pause)));
                    }
                }
                Block::Think(text) => {
                    written += text.len();
                    sent.push(self.line(json!({ "role": "assistant", "content": "", "thinking": text })));
                }
                Block::Tool { name, input } => {
                    let call =
                        json!({ "function": { "name": named(&name), "arguments": arguments(&name, input) } });
                    written += call.to_string().len();
                    sent.push(self.line(json!({ "role": "assistant", "content": "", "tool_calls": [call] })));
                }
                Block::Wait(time) => sent.push(Sent::Pause(time)),
                Block::Cut => {
                    sent.push(Sent::Cut);
                    return sent;
                }
            }
        }
        sent.push(event(&json!({ "model": self.model, "created_at": "2026-10-01T10:00:00Z", "done": true,
            "done_reason": "stop", "message": { "role": "assistant", "content": "" },
            "prompt_eval_count": tokens(self.size), "eval_count": tokens(written) })));
        sent
    }

    fn line(&self, message: Value) -> Sent {
        event(
            &json!({ "model": self.model, "created_at": "2026-10-01T10:00:00Z", "message": message, "done": false }),
        )
    }
}

/// The word of an agent of Ollama's API for the script's tool.
fn named(name: &str) -> &str {
    match name {
        "Bash" => "run",
        "Read" => "read",
        "Write" => "write",
        "Edit" => "edit",
        "AskUserQuestion" => "ask",
        other => other,
    }
}

fn arguments(name: &str, input: Value) -> Value {
    let at = |key: &str| input.get(key).cloned().unwrap_or_default();
    match name {
        "Bash" => json!({ "command": at("command") }),
        "Read" => json!({ "path": at("file_path") }),
        "Write" => json!({ "path": at("file_path"), "content": at("content") }),
        "Edit" => json!({ "path": at("file_path"), "old": at("old_string"), "new": at("new_string") }),
        "AskUserQuestion" => {
            let question = &input["questions"][0];
            let options: Vec<Value> =
                array(question, "options").map(|option| option["label"].clone()).collect();
            json!({ "question": question["question"], "options": options, "multi": question["multiSelect"] })
        }
        _ => input,
    }
}

fn event(data: &Value) -> Sent {
    Sent::Event(Bytes::from(format!("{data}\n")))
}
