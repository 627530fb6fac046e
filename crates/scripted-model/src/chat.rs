//! OpenAI's chat completions, whole and as a stream.

use crate::conversation::Conversation;
use crate::names;
use crate::script::Block;
use crate::wire::Sent;
use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

/// The request in the shape the script reads.
pub(crate) struct Request {
    read: Value,
    offered: Vec<String>,
    dir: Option<String>,
    model: String,
    id: String,
    size: usize,
}

impl Request {
    pub(crate) fn new(request: &Value, size: usize) -> Self {
        let offered: Vec<String> = array(request, "tools")
            .filter_map(|tool| Some(tool.get("function")?.get("name")?.as_str()?.to_string()))
            .collect();
        let messages: Vec<Value> = array(request, "messages").filter_map(message).collect();
        let tools: Vec<Value> = names::known(&offered).map(|name| json!({ "name": name })).collect();
        let words: String = array(request, "messages").map(|message| said(message) + "\n").collect();
        Self {
            read: json!({ "messages": messages, "tools": tools }),
            offered,
            dir: names::dir_in(&words).map(str::to_string),
            model: request.get("model").and_then(Value::as_str).unwrap_or("scripted-1").into(),
            id: format!("chatcmpl-{}", Uuid::now_v7().simple()),
            size,
        }
    }

    pub(crate) fn conversation(&self) -> Conversation<'_> {
        Conversation::read(&self.read)
    }

    /// The answer at once.
    pub(crate) fn whole(&self, blocks: Vec<Block>) -> Value {
        let blocks = names::theirs(blocks, &self.offered, self.dir.as_deref());
        let text: String = blocks.iter().filter_map(text).collect();
        let calls: Vec<Value> = blocks.iter().filter_map(call).collect();
        let mut message = json!({ "role": "assistant", "content": text });
        if !calls.is_empty() {
            message["tool_calls"] = json!(calls);
        }
        json!({ "id": self.id, "object": "chat.completion", "created": 0, "model": self.model,
            "choices": [{ "index": 0, "message": message, "finish_reason": finish(&blocks) }],
            "usage": self.usage(&blocks) })
    }

    /// The answer as events.
    pub(crate) fn stream(&self, blocks: Vec<Block>) -> Vec<Sent> {
        let blocks = names::theirs(blocks, &self.offered, self.dir.as_deref());
        let mut sent = vec![self.event(json!({ "role": "assistant", "content": "" }), None)];
        let mut index = 0;
        for block in &blocks {
            match block {
                Block::Text { text, chunk, pause } => {
                    let characters: Vec<char> = text.chars().collect();
                    for piece in characters.chunks((*chunk).max(1)) {
                        let piece: String = piece.iter().collect();
                        sent.push(self.event(json!({ "content": piece }), None));
                        sent.extend((!pause.is_zero()).then_some(Sent::Pause(*pause)));
                    }
                }
                Block::Think(text) => sent.push(self.event(json!({ "reasoning_content": text }), None)),
                Block::Tool { .. } => {
                    let mut call = call(block).unwrap_or_default();
                    call["index"] = json!(index);
                    index += 1;
                    sent.push(self.event(json!({ "tool_calls": [call] }), None));
                }
                Block::Wait(time) => sent.push(Sent::Pause(*time)),
                Block::Cut => {
                    sent.push(Sent::Cut);
                    return sent;
                }
            }
        }
        sent.push(self.event(json!({}), Some(finish(&blocks))));
        sent.push(event(&json!({ "id": self.id, "object": "chat.completion.chunk", "created": 0,
            "model": self.model, "choices": [], "usage": self.usage(&blocks) })));
        sent.push(Sent::Event(Bytes::from_static(b"data: [DONE]\n\n")));
        sent
    }

    fn event(&self, delta: Value, finish: Option<&str>) -> Sent {
        event(&json!({ "id": self.id, "object": "chat.completion.chunk", "created": 0, "model": self.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] }))
    }

    fn usage(&self, blocks: &[Block]) -> Value {
        let calls = blocks.iter().filter_map(call).map(|call| call.to_string().len());
        let written = calls.chain(blocks.iter().filter_map(text).map(str::len)).sum::<usize>() / 4 + 1;
        let read = self.size / 4 + 1;
        json!({ "prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written })
    }
}

fn array<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// A message's words, whether one text or several.
fn said(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn message(message: &Value) -> Option<Value> {
    match message.get("role").and_then(Value::as_str)? {
        "tool" => {
            let text = said(message);
            // This dialect has no mark for a failure; the agents write one in words.
            let failed = text.starts_with("Error") || text.contains("was canceled by the user");
            Some(json!({ "role": "user",
                "content": [{ "type": "tool_result", "content": text, "is_error": failed }] }))
        }
        "assistant" => {
            let calls = array(message, "tool_calls").map(|call| {
                let name = call.get("function").and_then(|f| f.get("name")).and_then(Value::as_str);
                json!({ "type": "tool_use", "name": names::ours(name.unwrap_or_default()) })
            });
            Some(json!({ "role": "assistant", "content": calls.collect::<Vec<_>>() }))
        }
        "user" => match message.get("content") {
            Some(content @ (Value::Array(_) | Value::String(_))) => {
                Some(json!({ "role": "user", "content": content }))
            }
            _ => None,
        },
        _ => None,
    }
}

fn text(block: &Block) -> Option<&str> {
    match block {
        Block::Text { text, .. } => Some(text),
        _ => None,
    }
}

fn call(block: &Block) -> Option<Value> {
    let Block::Tool { name, input } = block else { return None };
    let id = format!("call_{}", Uuid::now_v7().simple());
    Some(json!({ "id": id, "type": "function",
        "function": { "name": name, "arguments": input.to_string() } }))
}

fn finish(blocks: &[Block]) -> &'static str {
    if blocks.iter().any(|block| matches!(block, Block::Tool { .. })) { "tool_calls" } else { "stop" }
}

fn event(data: &Value) -> Sent {
    Sent::Event(Bytes::from(format!("data: {data}\n\n")))
}

/// What the service says when it fails.
pub(crate) fn error(status: u16) -> Value {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        429 => "rate_limit_error",
        _ => "server_error",
    };
    json!({ "error": { "message": format!("Scripted error {status}"), "type": kind, "code": kind, "param": null } })
}
