//! The Gemini API: `generateContent`, whole and as a stream.

use crate::conversation::Conversation;
use crate::names;
use crate::script::Block;
use crate::wire::Sent;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The request in the shape the script reads.
pub(crate) struct Request {
    read: Value,
    offered: Vec<String>,
    dir: Option<String>,
    model: String,
    size: usize,
}

impl Request {
    pub(crate) fn new(request: &Value, model: &str, size: usize) -> Self {
        let offered: Vec<String> = array(request, "tools")
            .flat_map(|tool| array(tool, "functionDeclarations"))
            .filter_map(|function| Some(function.get("name")?.as_str()?.to_string()))
            .collect();
        let messages: Vec<Value> = array(request, "contents").map(message).collect();
        let tools: Vec<Value> = offered.iter().map(|name| json!({ "name": names::ours(name) })).collect();
        let words = request.get("systemInstruction").into_iter().chain(array(request, "contents"));
        let words: String = words.flat_map(|content| array(content, "parts")).filter_map(text).collect();
        Self {
            read: json!({ "messages": messages, "tools": tools }),
            offered,
            dir: names::dir_in(&words).map(str::to_string),
            model: model.into(),
            size,
        }
    }

    pub(crate) fn conversation(&self) -> Conversation<'_> {
        Conversation::read(&self.read)
    }

    /// The answer at once.
    pub(crate) fn whole(&self, blocks: Vec<Block>) -> Value {
        let blocks = names::theirs(blocks, &self.offered, self.dir.as_deref());
        let parts: Vec<Value> = blocks.iter().filter_map(part).collect();
        self.chunk(parts, true, &blocks)
    }

    /// The answer as events.
    pub(crate) fn stream(&self, blocks: Vec<Block>) -> Vec<Sent> {
        let blocks = names::theirs(blocks, &self.offered, self.dir.as_deref());
        let mut sent = Vec::new();
        for block in &blocks {
            match block {
                Block::Text { text, chunk, pause } => {
                    let characters: Vec<char> = text.chars().collect();
                    for piece in characters.chunks((*chunk).max(1)) {
                        let piece = json!({ "text": piece.iter().collect::<String>() });
                        sent.push(event(&self.chunk(vec![piece], false, &blocks)));
                        sent.extend((!pause.is_zero()).then_some(Sent::Pause(*pause)));
                    }
                }
                Block::Wait(time) => sent.push(Sent::Pause(*time)),
                Block::Cut => {
                    sent.push(Sent::Cut);
                    return sent;
                }
                Block::Think(_) | Block::Tool { .. } => {
                    sent.push(event(&self.chunk(part(block).into_iter().collect(), false, &blocks)));
                }
            }
        }
        sent.push(event(&self.chunk(vec![json!({ "text": "" })], true, &blocks)));
        sent
    }

    fn chunk(&self, parts: Vec<Value>, last: bool, blocks: &[Block]) -> Value {
        let written =
            blocks.iter().filter_map(part).map(|part| part.to_string().len()).sum::<usize>() / 4 + 1;
        let read = self.size / 4 + 1;
        let mut candidate = json!({ "content": { "role": "model", "parts": parts }, "index": 0 });
        if last {
            candidate["finishReason"] = json!("STOP");
        }
        json!({ "candidates": [candidate], "modelVersion": self.model,
            "usageMetadata": { "promptTokenCount": read, "candidatesTokenCount": written,
                "totalTokenCount": read + written } })
    }
}

fn array<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text(part: &Value) -> Option<&str> {
    part.get("text").filter(|_| part.get("thought").is_none()).and_then(Value::as_str)
}

fn message(content: &Value) -> Value {
    let theirs = content.get("role").and_then(Value::as_str) == Some("model");
    let blocks: Vec<Value> = array(content, "parts")
        .filter_map(|part| {
            if let Some(text) = text(part) {
                return Some(json!({ "type": "text", "text": text }));
            }
            if let Some(call) = part.get("functionCall") {
                let name = call.get("name").and_then(Value::as_str).unwrap_or_default();
                return Some(json!({ "type": "tool_use", "name": names::ours(name) }));
            }
            let response = part.get("functionResponse")?.get("response")?;
            let said = ["output", "error"].iter().find_map(|key| response.get(key)?.as_str());
            Some(json!({ "type": "tool_result", "is_error": response.get("error").is_some(),
                "content": said.map_or_else(|| response.to_string(), str::to_string) }))
        })
        .collect();
    json!({ "role": if theirs { "assistant" } else { "user" }, "content": blocks })
}

fn part(block: &Block) -> Option<Value> {
    match block {
        Block::Text { text, .. } => Some(json!({ "text": text })),
        Block::Think(text) => Some(json!({ "text": text, "thought": true })),
        Block::Tool { name, input } => {
            let id = format!("fc_{}", Uuid::now_v7().simple());
            Some(json!({ "functionCall": { "id": id, "name": name, "args": input } }))
        }
        Block::Wait(_) | Block::Cut => None,
    }
}

fn event(data: &Value) -> Sent {
    Sent::Event(Bytes::from(format!("data: {data}\n\n")))
}

/// What the service says when it fails.
pub(crate) fn error(status: u16) -> Value {
    let kind = match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        429 => "RESOURCE_EXHAUSTED",
        503 | 529 => "UNAVAILABLE",
        _ => "INTERNAL",
    };
    let mut error = Map::new();
    error.insert("code".into(), json!(status));
    error.insert("message".into(), json!(format!("Scripted error {status}")));
    error.insert("status".into(), json!(kind));
    json!({ "error": error })
}
