//! The OpenAI Responses API's shapes, as Codex speaks it.

use crate::conversation::{Conversation, person_wrote};
use crate::script::Block;
use crate::wire::{Sent, event, id, pieces, tokens};
use serde_json::{Value, json};

/// What the script calls a tool, and what Codex calls the one that does it.
const NAMES: [(&str, &str); 7] = [
    ("Bash", "exec_command"),
    ("Read", "exec_command"),
    ("Write", "apply_patch"),
    ("Edit", "apply_patch"),
    ("AskUserQuestion", "request_user_input"),
    ("Agent", "spawn_agent"),
    ("AwaitAgents", "wait_agent"),
];

fn kind(value: &Value) -> &str {
    value.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn name(value: &Value) -> &str {
    value.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn texts(content: Option<&Value>) -> Vec<&str> {
    match content {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect()
        }
        _ => Vec::new(),
    }
}

fn words(item: &Value) -> Option<String> {
    if item.get("role").and_then(Value::as_str) != Some("user") {
        return None;
    }
    let wrote: Vec<&str> = texts(item.get("content")).into_iter().filter_map(person_wrote).collect();
    (!wrote.is_empty()).then(|| wrote.join("\n"))
}

/// The tools that are offered, each with the namespace it is called in.
fn offered(request: &Value) -> Vec<(&str, Option<&str>)> {
    let tools = request.get("tools").and_then(Value::as_array).into_iter().flatten();
    tools
        .flat_map(|tool| match kind(tool) {
            "namespace" => {
                let inner = tool.get("tools").and_then(Value::as_array).into_iter().flatten();
                inner.map(|inside| (name(inside), Some(name(tool)))).collect()
            }
            _ => vec![(name(tool), None)],
        })
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

/// What the request says.
pub(crate) fn read(request: &Value) -> Conversation<'_> {
    let empty = Vec::new();
    let items = request.get("input").and_then(Value::as_array).unwrap_or(&empty);
    let last = items.iter().enumerate().rev().find_map(|(index, item)| Some((index, words(item)?)));
    let (start, prompt) = last.unwrap_or((0, String::new()));
    let (mut step, mut results, mut in_round) = (0, Vec::new(), false);
    for item in items.iter().skip(start + 1) {
        let is_result = kind(item).ends_with("_call_output");
        if is_result {
            // The API marks no errors: what failed says so in its words.
            results.push((true, texts(item.get("output")).join(" ")));
            step += usize::from(!in_round);
        }
        in_round = is_result;
    }
    let offered = offered(request);
    let is_offered = |tool: &str| offered.iter().any(|(name, _)| *name == tool);
    let known = NAMES.iter().filter(|(_, theirs)| is_offered(theirs)).map(|(ours, _)| *ours);
    let tools = known.chain(offered.iter().map(|(name, _)| *name)).collect();
    Conversation { prompt, step, results, tools, plan_file: None, seen: String::new() }
}

fn at<'a>(input: &'a Value, key: &str) -> &'a str {
    input.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn with_sign(sign: char, text: &str) -> String {
    text.lines().map(|line| format!("{sign}{line}\n")).collect()
}

/// The patch, in the form Codex reads, for what the script calls an edit.
fn patch(tool: &str, input: &Value) -> String {
    let path = at(input, "file_path");
    let change = match tool {
        "Write" => format!("*** Add File: {path}\n{}", with_sign('+', at(input, "content"))),
        _ => format!(
            "*** Update File: {path}\n@@\n{}{}",
            with_sign('-', at(input, "old_string")),
            with_sign('+', at(input, "new_string"))
        ),
    };
    format!("*** Begin Patch\n{change}*** End Patch\n")
}

fn function(name: &str, arguments: &Value) -> Value {
    json!({ "type": "function_call", "id": id("fc"), "call_id": id("call"), "status": "completed",
        "name": name, "arguments": arguments.to_string() })
}

/// The script's tool use in Codex's words.
fn call(request: &Value, tool: &str, input: &Value) -> Value {
    match tool {
        "Bash" => {
            let mut arguments = json!({ "cmd": at(input, "command") });
            if let Some(limit) = input.get("yield_time_ms") {
                arguments["yield_time_ms"] = limit.clone();
            }
            // Codex asks when a command is to leave its sandbox.
            if let Some(why) = input.get("escalate") {
                arguments["sandbox_permissions"] = "require_escalated".into();
                arguments["justification"] = why.clone();
            }
            function("exec_command", &arguments)
        }
        "Read" => function("exec_command", &json!({ "cmd": format!("cat {}", at(input, "file_path")) })),
        "Write" | "Edit" => json!({ "type": "custom_tool_call", "id": id("ctc"), "call_id": id("call"),
            "status": "completed", "name": "apply_patch", "input": patch(tool, input) }),
        "AskUserQuestion" => {
            let mut questions = input.get("questions").cloned().unwrap_or_default();
            for (number, question) in questions.as_array_mut().into_iter().flatten().enumerate() {
                question["id"] = json!(format!("q{number}"));
            }
            function("request_user_input", &json!({ "questions": questions }))
        }
        "Agent" => in_namespace(request, "spawn_agent", &json!({ "message": at(input, "prompt") })),
        "AwaitAgents" => in_namespace(request, "wait_agent", input),
        other => in_namespace(request, other, input),
    }
}

/// A tool of those that are offered under a name together.
fn in_namespace(request: &Value, name: &str, input: &Value) -> Value {
    let mut call = function(name, input);
    let namespace = offered(request).into_iter().find(|(offer, _)| *offer == name);
    if let Some((_, Some(namespace))) = namespace {
        call["namespace"] = json!(namespace);
    }
    call
}

fn item(request: &Value, block: &Block) -> Option<Value> {
    match block {
        Block::Text { text, .. } => Some(json!({ "type": "message", "id": id("msg"), "status": "completed",
            "role": "assistant", "content": [{ "type": "output_text", "text": text, "annotations": [] }] })),
        Block::Think(text) => Some(json!({ "type": "reasoning", "id": id("rs"),
            "summary": [{ "type": "summary_text", "text": text }], "encrypted_content": "c2NyaXB0ZWQ=" })),
        Block::Tool { name, input } => Some(call(request, name, input)),
        Block::Wait(_) | Block::Cut => None,
    }
}

fn envelope(request: &Value, id: &str, items: &[Value], read: usize, done: bool) -> Value {
    let written = tokens(items.iter().map(|item| item.to_string().len()).sum());
    let usage = json!({ "input_tokens": tokens(read), "input_tokens_details": { "cached_tokens": 0 },
        "output_tokens": written, "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": tokens(read) + written });
    json!({ "id": id, "object": "response", "created_at": 0, "model": request.get("model"), "output": items,
        "status": if done { "completed" } else { "in_progress" }, "error": null, "incomplete_details": null,
        "parallel_tool_calls": true, "tool_choice": "auto", "tools": [],
        "usage": if done { usage } else { Value::Null } })
}

/// The whole response.
pub(crate) fn whole(request: &Value, blocks: &[Block], read: usize) -> Value {
    let items: Vec<Value> = blocks.iter().filter_map(|block| item(request, block)).collect();
    envelope(request, &id("resp"), &items, read, true)
}

/// The same as events.
pub(crate) fn stream(request: &Value, blocks: &[Block], read: usize) -> Vec<Sent> {
    let response = id("resp");
    let mut sent = vec![event(
        "response.created",
        &json!({ "type": "response.created", "response": envelope(request, &response, &[], read, false) }),
    )];
    let mut items = Vec::new();
    for block in blocks {
        match (block, item(request, block)) {
            (Block::Wait(time), _) => sent.push(Sent::Pause(*time)),
            (Block::Cut, _) => {
                sent.push(Sent::Cut);
                return sent;
            }
            (_, Some(item)) => {
                one_item(block, &item, items.len(), &mut sent);
                items.push(item);
            }
            _ => {}
        }
    }
    sent.push(event(
        "response.completed",
        &json!({ "type": "response.completed", "response": envelope(request, &response, &items, read, true) }),
    ));
    sent
}

/// An event about the item at this place.
fn about(item: &Value, index: usize, what: &str, mut data: Value) -> Sent {
    (data["type"], data["output_index"], data["item_id"]) = (json!(what), json!(index), item["id"].clone());
    event(what, &data)
}

fn one_item(block: &Block, item: &Value, index: usize, sent: &mut Vec<Sent>) {
    let mut begun = item.clone();
    for (key, nothing) in
        [("content", json!([])), ("summary", json!([])), ("arguments", json!("")), ("input", json!(""))]
    {
        if begun.get(key).is_some() {
            begun[key] = nothing;
        }
    }
    sent.push(about(item, index, "response.output_item.added", json!({ "item": begun })));
    match block {
        Block::Text { text, chunk, pause } => {
            let part = json!({ "content_index": 0, "part": { "type": "output_text", "text": "", "annotations": [] } });
            sent.push(about(item, index, "response.content_part.added", part));
            for piece in pieces(text, *chunk) {
                let delta = json!({ "content_index": 0, "delta": piece });
                sent.push(about(item, index, "response.output_text.delta", delta));
                if !pause.is_zero() {
                    sent.push(Sent::Pause(*pause));
                }
            }
            let whole = json!({ "content_index": 0, "text": text });
            sent.push(about(item, index, "response.output_text.done", whole));
        }
        Block::Think(text) => {
            let part = json!({ "summary_index": 0, "part": { "type": "summary_text", "text": "" } });
            sent.push(about(item, index, "response.reasoning_summary_part.added", part));
            let delta = json!({ "summary_index": 0, "delta": text });
            sent.push(about(item, index, "response.reasoning_summary_text.delta", delta));
        }
        Block::Tool { .. } | Block::Wait(_) | Block::Cut => {}
    }
    sent.push(about(item, index, "response.output_item.done", json!({ "item": item })));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_from_the_last_words_of_a_person() {
        let user = |text: &str| json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]});
        let called = json!({"type": "function_call", "name": "exec_command"});
        let gave = |text: &str| json!({"type": "function_call_output", "output": text});
        let request = json!({"tools": [{"type": "function", "name": "exec_command"}, {"type": "custom", "name": "apply_patch"},
                {"type": "namespace", "name": "mcp__mail", "tools": [{"type": "function", "name": "send"}]}],
            "input": [user("[[bash]] old"), called, gave("1"), user("<environment_context>[[crash]]"), user("[[multi]] new"),
                called, called, gave("a"), gave("b"), called, gave("c")]});
        let conversation = read(&request);
        assert_eq!(conversation.prompt, "[[multi]] new");
        let seen: Vec<&str> = conversation.results.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!((conversation.step, seen), (2, vec!["a", "b", "c"]));
        assert!(["Bash", "Edit", "send"].iter().all(|tool| conversation.tools.contains(tool)));
        assert!(!conversation.tools.contains(&"AskUserQuestion"));
        assert_eq!(call(&request, "send", &json!({}))["namespace"], "mcp__mail");
    }

    #[test]
    fn edits_are_patches() {
        let input = json!({"file_path": "./a", "old_string": "x\ny", "new_string": "z"});
        assert_eq!(
            patch("Edit", &input),
            "*** Begin Patch\n*** Update File: ./a\n@@\n-x\n-y\n+z\n*** End Patch\n"
        );
    }
}
