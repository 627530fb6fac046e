//! Codex: `sessions/YEAR/MONTH/DAY/rollout-TIME-ID.jsonl` and `archived_sessions`, seen of 0.169.0.
//!
//! What went to the model (`response_item`) is read; what the screen was told besides (`event_msg`) says the same again.

use crate::format::{Format, Kept, Source, entries, has_extension, source, stem};
use crate::places::Places;
use crate::teller::{self, Teller, text_in};
use offdesk_protocol::{HistoryItem, ToolStatus};
use serde_json::Value;
use std::path::PathBuf;

pub(crate) struct Codex;

/// Length of an id at the end of a file's name.
const ID: usize = 36;

fn below(folder: PathBuf, depth: usize) -> Vec<PathBuf> {
    let (mut files, folders) = entries(&folder);
    if depth > 0 {
        files.extend(folders.into_iter().flat_map(|folder| below(folder, depth - 1)));
    }
    files
}

impl Format for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn files(&self, places: &Places) -> Vec<Source> {
        let folders = places.codex().into_iter();
        let files = folders.flat_map(|dir| {
            let mut files = below(dir.join("sessions"), 3);
            files.extend(below(dir.join("archived_sessions"), 0));
            files
        });
        files
            .filter(|path| has_extension(path, "jsonl") && stem(path).starts_with("rollout-"))
            .filter_map(|path| source(path, "codex"))
            .collect()
    }

    fn summaries(&self, source: &Source) -> Vec<Kept> {
        let kept = teller::summary(self.name(), source, line);
        let name = stem(&source.path);
        let id = name.len().checked_sub(ID).and_then(|start| name.get(start..)).unwrap_or(&name).to_string();
        kept.map(|kept| if kept.id == name { Kept { id, ..kept } } else { kept }).into_iter().collect()
    }

    fn items(
        &self,
        kept: &Kept,
        before: Option<u64>,
        wanted: usize,
    ) -> std::io::Result<(Vec<HistoryItem>, bool)> {
        teller::items(kept, before, wanted, line)
    }
}

fn line(teller: &mut Teller, record: &Value) -> bool {
    tell_line(teller, record);
    ["payload", "id", "role", "record_type", "call_id"].iter().any(|name| record.get(*name).is_some())
}

fn tell_line(teller: &mut Teller, record: &Value) {
    teller.moment(record.get("timestamp"));
    let kind = record.get("type").and_then(Value::as_str).unwrap_or_default();
    // The first versions wrote what is now the payload as the line itself.
    let payload = record.get("payload").unwrap_or(record);
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    match kind {
        "session_meta" => meta(teller, payload),
        "" if record.get("id").is_some() => meta(teller, record),
        "turn_context" => {
            teller.about.model = text("model").map(String::from).or(teller.about.model.take());
        }
        "compacted" => {
            teller.notice(text("message").filter(|text| !text.is_empty()).unwrap_or("Conversation compacted"))
        }
        "event_msg" => match text("type") {
            Some("error" | "stream_error") => teller.notice(text("message").unwrap_or("An error")),
            Some("turn_aborted") => teller.notice("Interrupted"),
            _ => {}
        },
        "response_item" => item(teller, payload),
        "message" | "reasoning" | "function_call" | "function_call_output" | "local_shell_call" => {
            item(teller, record)
        }
        _ => {}
    }
}

fn meta(teller: &mut Teller, payload: &Value) {
    let text = |name: &str| payload.get(name).and_then(Value::as_str).map(String::from);
    // A copy carries the first lines of what it was copied from.
    if teller.about.id.is_some() {
        return;
    }
    teller.about.id = text("id").or_else(|| text("session_id"));
    teller.about.dir = text("cwd");
    let thread = text("thread_source");
    let by_agent =
        payload.get("source").is_some_and(Value::is_object) || thread.is_some_and(|source| source != "user");
    teller.about.hidden = by_agent;
}

fn item(teller: &mut Teller, item: &Value) {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let content = || text_in(item.get("content").unwrap_or(&Value::Null));
    match text("type") {
        "message" if text("role") == "user" => {
            let words = content();
            if !is_context(&words) {
                teller.prompt(words);
            }
        }
        "message" if text("role") == "assistant" => teller.said(content()),
        "reasoning" => teller.thought(text_in(item.get("summary").unwrap_or(&Value::Null))),
        "function_call" => {
            let input =
                serde_json::from_str(text("arguments")).unwrap_or_else(|_| Value::from(text("arguments")));
            teller.tool(text("call_id"), text("name"), &input);
        }
        "custom_tool_call" => teller.tool(text("call_id"), text("name"), &Value::from(text("input"))),
        "local_shell_call" => {
            teller.tool(text("call_id"), "shell", item.get("action").unwrap_or(&Value::Null));
        }
        "web_search_call" => {
            teller.tool(text("id"), "web_search", item.get("action").unwrap_or(&Value::Null))
        }
        "function_call_output" | "custom_tool_call_output" => {
            let (output, status) = output(item.get("output").unwrap_or(&Value::Null));
            teller.result(text("call_id"), output, status);
        }
        _ => {}
    }
}

/// A text, or one that holds an object with the text and the exit code.
fn output(output: &Value) -> (String, ToolStatus) {
    let held = output.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let held = held.filter(|held| held.get("output").is_some());
    let code = held.as_ref().and_then(|held| held.pointer("/metadata/exit_code")).and_then(Value::as_i64);
    let text = text_in(held.as_ref().unwrap_or(output));
    let said = text.lines().find_map(|line| line.strip_prefix("Process exited with code "));
    let failed = code.is_some_and(|code| code != 0) || said.is_some_and(|code| code.trim() != "0");
    (text, if failed { ToolStatus::Failed } else { ToolStatus::Ok })
}

/// What the program tells the model about itself in a person's name: one element around all of it, or the notes of the
/// repository.
fn is_context(text: &str) -> bool {
    let text = text.trim();
    if text.starts_with("# AGENTS.md instructions") {
        return true;
    }
    let tag = text.strip_prefix('<').and_then(|rest| rest.split(['>', ' ']).next());
    tag.is_some_and(|tag| !tag.is_empty() && text.ends_with(&format!("</{tag}>")))
}
