//! Gemini CLI: `tmp/PROJECT/chats/session-*.jsonl`, seen of 0.61.0, and one JSON document a file (`.json`) before that;
//! Qwen Code once kept its own the same way.
//!
//! A message is written again, under its id, when its tools have ended. The folder is in `.project_root` beside `chats`.

use crate::format::{Format, Kept, Source, entries, has_extension, source, stem};
use crate::lines::whole;
use crate::places::Places;
use crate::teller::{self, Teller, text_in};
use offdesk_protocol::{HistoryItem, ToolStatus};
use serde_json::Value;
use std::path::Path;

pub(crate) struct Gemini;

impl Format for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn files(&self, places: &Places) -> Vec<Source> {
        let gemini = places.gemini().into_iter().map(|dir| (dir, "gemini"));
        let agents = gemini.chain(places.qwen().into_iter().map(|dir| (dir, "qwen")));
        let mut found = Vec::new();
        for (dir, agent) in agents {
            for project in entries(&dir.join("tmp")).1 {
                let files = entries(&project.join("chats")).0.into_iter();
                let chats = files.filter(|path| {
                    (has_extension(path, "jsonl") || has_extension(path, "json"))
                        && stem(path).starts_with("session-")
                });
                found.extend(chats.filter_map(|path| source(path, agent)));
            }
        }
        found
    }

    fn summaries(&self, source: &Source) -> Vec<Kept> {
        let kept = if has_extension(&source.path, "json") {
            document(&source.path).ok().and_then(|teller| teller.kept(self.name(), source, true))
        } else {
            teller::summary(self.name(), source, line)
        };
        let dir = || project_root(&source.path);
        kept.map(|kept| Kept { dir: kept.dir.clone().or_else(dir), ..kept }).into_iter().collect()
    }

    fn items(
        &self,
        kept: &Kept,
        before: Option<u64>,
        wanted: usize,
    ) -> std::io::Result<(Vec<HistoryItem>, bool)> {
        if has_extension(&kept.path, "json") {
            return teller::told_whole(document(&kept.path)?);
        }
        teller::items(kept, before, wanted, line)
    }
}

fn project_root(file: &Path) -> Option<String> {
    let project = file.parent()?.parent()?;
    let said = std::fs::read_to_string(project.join(".project_root")).ok()?;
    Some(said.trim().to_string()).filter(|dir| !dir.is_empty() && dir.len() < 4096)
}

fn document(path: &Path) -> std::io::Result<Teller> {
    let value: Value = serde_json::from_slice(&whole(path)?)?;
    let mut teller = Teller::default();
    line(&mut teller, &value);
    for (index, message) in value.get("messages").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        teller.place(index as u64);
        tell(&mut teller, message);
    }
    Ok(teller)
}

fn line(teller: &mut Teller, record: &Value) -> bool {
    tell_line(teller, record);
    ["sessionId", "id", "$set", "$rewindTo"].iter().any(|name| record.get(*name).is_some())
}

fn tell_line(teller: &mut Teller, record: &Value) {
    let text = |name: &str| record.get(name).and_then(Value::as_str);
    if let Some(id) = text("sessionId") {
        teller.about.id.get_or_insert(id.into());
        teller.about.hidden |= text("kind").is_some_and(|kind| kind != "main");
        teller.moment(record.get("startTime"));
        teller.moment(record.get("lastUpdated"));
        if let Some(summary) = text("summary") {
            teller.about.title = Some(summary.into());
        }
    } else if let Some(set) = record.get("$set") {
        teller.moment(set.get("lastUpdated"));
        if let Some(summary) = set.get("summary").and_then(Value::as_str) {
            teller.about.title = Some(summary.into());
        }
        set.get("messages")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .for_each(|said| tell(teller, said));
    } else if record.get("id").is_some() {
        tell(teller, record);
    }
}

fn tell(teller: &mut Teller, message: &Value) {
    let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
    teller.moment(message.get("timestamp"));
    let known = teller.again(text("id"));
    let content = message.get("content").unwrap_or(&Value::Null);
    match text("type") {
        _ if known && text("type") != "gemini" => {}
        "user" => parts(teller, content, true),
        "gemini" => {
            if !text("model").is_empty() {
                teller.about.model = Some(text("model").into());
            }
            if !known {
                for thought in message.get("thoughts").and_then(Value::as_array).into_iter().flatten() {
                    let part = |name: &str| thought.get(name).and_then(Value::as_str).unwrap_or_default();
                    teller.thought(format!("{}\n{}", part("subject"), part("description")).trim());
                }
                parts(teller, content, false);
            }
            message
                .get("toolCalls")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .for_each(|call| tool(teller, call));
        }
        "info" | "error" | "warning" => teller.notice(text_in(content)),
        _ => {}
    }
}

fn tool(teller: &mut Teller, call: &Value) {
    let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
    teller.tool(text("id"), text("name"), call.get("args").unwrap_or(&Value::Null));
    let status = match text("status") {
        "success" => ToolStatus::Ok,
        "cancelled" => ToolStatus::Denied,
        "error" => ToolStatus::Failed,
        _ => return,
    };
    let given = call.pointer("/result/0/functionResponse/response");
    let shown = call.get("resultDisplay").filter(|shown| shown.is_string());
    let output = given.or(shown).map(text_in).unwrap_or_default();
    teller.result(text("id"), output, status);
}

/// Parts as Google's interfaces have them; by a person, or by the agent and its tools.
pub(crate) fn parts(teller: &mut Teller, content: &Value, person: bool) {
    let own;
    let parts: &[Value] = match content {
        Value::Array(parts) => parts,
        Value::Null => &[],
        other => {
            own = [serde_json::json!({ "text": text_in(other) })];
            &own
        }
    };
    for part in parts {
        if let Some(text) = part.get("text").and_then(Value::as_str) {
            let context =
                ["<session_context>", "<system-reminder>", "This is the Gemini CLI. We are setting up"];
            match (person, part.get("thought") == Some(&Value::Bool(true))) {
                (true, _) if context.iter().any(|start| text.trim_start().starts_with(start)) => {}
                (true, _) => teller.prompt(text),
                (false, true) => teller.thought(text),
                (false, false) => teller.said(text),
            }
        } else if let Some(call) = part.get("functionCall") {
            let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
            teller.tool(text("id"), text("name"), call.get("args").unwrap_or(&Value::Null));
        } else if let Some(given) = part.get("functionResponse") {
            let response = given.get("response").unwrap_or(&Value::Null);
            let status = if response.get("error").is_some() { ToolStatus::Failed } else { ToolStatus::Ok };
            let call = given.get("id").and_then(Value::as_str).unwrap_or_default();
            teller.result(call, text_in(response), status);
        }
    }
}
