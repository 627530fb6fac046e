//! The Messages API's shapes: whole, and as a stream of events.

use crate::script::Block;
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

pub(crate) fn id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::now_v7().simple())
}

fn content(block: &Block) -> Option<Value> {
    match block {
        Block::Text { text, .. } => Some(json!({ "type": "text", "text": text })),
        Block::Think(text) => Some(json!({ "type": "thinking", "thinking": text, "signature": "scripted" })),
        Block::Tool { name, input } => {
            Some(json!({ "type": "tool_use", "id": id("toolu"), "name": name, "input": input }))
        }
        Block::Wait(_) | Block::Cut => None,
    }
}

fn stop_reason(blocks: &[Block]) -> &'static str {
    let uses = blocks.iter().any(|block| matches!(block, Block::Tool { .. }));
    if uses { "tool_use" } else { "end_turn" }
}

/// Tokens, about: four bytes each.
pub(crate) fn tokens(bytes: usize) -> u64 {
    (bytes / 4 + 1) as u64
}

/// The whole message.
pub(crate) fn whole(model: &str, blocks: &[Block], read: usize) -> Value {
    let content: Vec<Value> = blocks.iter().filter_map(content).collect();
    let written = tokens(content.iter().map(|block| block.to_string().len()).sum());
    json!({ "id": id("msg"), "type": "message", "role": "assistant", "model": model, "content": content,
        "stop_reason": stop_reason(blocks), "stop_sequence": null,
        "usage": { "input_tokens": tokens(read), "output_tokens": written,
            "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0 } })
}

/// A step of a streamed answer.
pub(crate) enum Sent {
    Event(Bytes),
    Pause(Duration),
    Cut,
}

pub(crate) fn event(name: &str, data: &Value) -> Sent {
    Sent::Event(Bytes::from(format!("event: {name}\ndata: {data}\n\n")))
}

/// A text in pieces of this many characters.
pub(crate) fn pieces(text: &str, size: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(size.max(1)).map(|piece| piece.iter().collect()).collect()
}

/// The same message as events.
pub(crate) fn stream(model: &str, blocks: &[Block], read: usize) -> Vec<Sent> {
    let mut message = whole(model, blocks, read);
    let (written, reason) = (message["usage"]["output_tokens"].clone(), message["stop_reason"].take());
    message["content"] = json!([]);
    message["usage"]["output_tokens"] = json!(1);
    let mut sent = vec![event("message_start", &json!({ "type": "message_start", "message": message }))];
    let mut index = 0;
    for block in blocks {
        match block {
            Block::Wait(time) => sent.push(Sent::Pause(*time)),
            Block::Cut => {
                sent.push(Sent::Cut);
                return sent;
            }
            _ => {
                one_block(block, index, &mut sent);
                index += 1;
            }
        }
    }
    sent.push(event(
        "message_delta",
        &json!({ "type": "message_delta", "delta": { "stop_reason": reason, "stop_sequence": null },
            "usage": { "output_tokens": written } }),
    ));
    sent.push(event("message_stop", &json!({ "type": "message_stop" })));
    sent
}

fn one_block(block: &Block, index: usize, sent: &mut Vec<Sent>) {
    let Some(mut start) = content(block) else { return };
    let mut deltas: Vec<Value> = Vec::new();
    let mut pause = Duration::ZERO;
    match block {
        Block::Text { text, chunk, pause: between } => {
            start["text"] = json!("");
            pause = *between;
            for piece in pieces(text, *chunk) {
                deltas.push(json!({ "type": "text_delta", "text": piece }));
            }
        }
        Block::Think(text) => {
            start["thinking"] = json!("");
            start["signature"] = json!("");
            deltas.push(json!({ "type": "thinking_delta", "thinking": text }));
            deltas.push(json!({ "type": "signature_delta", "signature": "scripted" }));
        }
        Block::Tool { input, .. } => {
            start["input"] = json!({});
            deltas.push(json!({ "type": "input_json_delta", "partial_json": input.to_string() }));
        }
        Block::Wait(_) | Block::Cut => {}
    }
    sent.push(event(
        "content_block_start",
        &json!({ "type": "content_block_start", "index": index, "content_block": start }),
    ));
    for delta in deltas {
        sent.push(event(
            "content_block_delta",
            &json!({ "type": "content_block_delta", "index": index, "delta": delta }),
        ));
        if !pause.is_zero() {
            sent.push(Sent::Pause(pause));
        }
    }
    sent.push(event("content_block_stop", &json!({ "type": "content_block_stop", "index": index })));
}
