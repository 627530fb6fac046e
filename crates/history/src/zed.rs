//! Zed's own agent: `threads/threads.db`, a row a thread, its content JSON, mostly compressed by zstd. Written down from
//! its sources (thread versions 0.1 to 0.3); not seen of the program itself.

use crate::WINDOW;
use crate::database;
use crate::format::{Format, Kept, Source};
use crate::places::Places;
use crate::teller::{self, Teller, one_line, text_in};
use offdesk_protocol::{HistoryItem, ToolStatus};
use rusqlite::Connection;
use serde_json::Value;
use std::io::Read;

pub(crate) struct Zed;

impl Format for Zed {
    fn name(&self) -> &'static str {
        "zed"
    }

    fn files(&self, places: &Places) -> Vec<Source> {
        let found = places.zed().into_iter().filter_map(|dir| {
            let path = dir.join("threads").join("threads.db");
            Some(Source { stamp: database::stamp(&path)?, path, agent: "zed", place: Some("Zed".into()) })
        });
        found.collect()
    }

    fn summaries(&self, source: &Source) -> Vec<Kept> {
        database::open(&source.path).and_then(|connection| listed(&connection, source)).unwrap_or_default()
    }

    fn items(&self, kept: &Kept, _: Option<u64>, _: usize) -> std::io::Result<(Vec<HistoryItem>, bool)> {
        let row = || -> rusqlite::Result<(String, Vec<u8>)> {
            let connection = database::open(&kept.path)?;
            let row = "SELECT data_type, data FROM threads WHERE id = ?1";
            connection.query_row(row, [&kept.id], |row| Ok((row.get(0)?, row.get(1)?)))
        };
        let (kind, data) = row().map_err(std::io::Error::other)?;
        let bytes = if kind == "zstd" { unpacked(&data)? } else { data };
        let mut teller = Teller::default();
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(thread) => tell(&mut teller, &thread),
            Err(_) => teller.raw(&bytes),
        }
        teller::told_whole(teller)
    }
}

/// No more than a page may read: a small file can hold a huge one.
fn unpacked(data: &[u8]) -> std::io::Result<Vec<u8>> {
    let decoder = ruzstd::decoding::StreamingDecoder::new(data).map_err(std::io::Error::other)?;
    let mut bytes = Vec::new();
    decoder.take(WINDOW).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn listed(connection: &Connection, source: &Source) -> rusqlite::Result<Vec<Kept>> {
    let columns = database::columns(connection, "threads");
    let has = |name: &str| columns.iter().any(|column| column == name);
    let folders = if has("folder_paths") { "folder_paths" } else { "NULL" };
    let created = if has("created_at") { "created_at" } else { "NULL" };
    let top = if has("parent_id") { "WHERE parent_id IS NULL" } else { "" };
    let query = format!("SELECT id, summary, updated_at, {folders}, {created} FROM threads {top}");
    let mut statement = connection.prepare(&query)?;
    let rows = statement.query_map([], |row| {
        let summary: String = row.get(1)?;
        let updated: String = row.get(2)?;
        let folders: Option<String> = row.get(3)?;
        let created: Option<String> = row.get(4)?;
        Ok(Kept {
            agent: "zed".into(),
            id: row.get(0)?,
            title: one_line(&summary),
            dir: folders
                .and_then(|folders| folders.lines().next().map(String::from))
                .filter(|dir| !dir.is_empty()),
            started_at: created.and_then(|at| at.parse().ok()),
            updated_at: updated.parse().unwrap_or_else(|_| source.stamp.at()),
            place: source.place.clone(),
            path: source.path.clone(),
            format: "zed".into(),
            ..Kept::default()
        })
    })?;
    Ok(rows.flatten().collect())
}

fn tell(teller: &mut Teller, thread: &Value) {
    teller.about.model = thread.pointer("/model/model").and_then(Value::as_str).map(String::from);
    let messages = thread.get("messages").and_then(Value::as_array);
    for (index, message) in messages.into_iter().flatten().enumerate() {
        teller.place(index as u64);
        if let Some(said) = message.get("User") {
            teller.prompt(blocks(said.get("content").unwrap_or(&Value::Null)));
        } else if let Some(said) = message.get("Agent") {
            agent(teller, said);
        } else if message.get("role").is_some() {
            older(teller, message);
        }
    }
}

/// The texts of a person's blocks; a mention is named.
fn blocks(content: &Value) -> String {
    let parts = content.as_array().into_iter().flatten().map(|block| match block.get("Mention") {
        Some(mention) => format!("@{}", text_in(mention.get("uri").unwrap_or(&Value::Null))),
        None => text_in(block),
    });
    parts.collect::<Vec<_>>().join("\n")
}

fn agent(teller: &mut Teller, said: &Value) {
    for block in said.get("content").and_then(Value::as_array).into_iter().flatten() {
        if let Some(text) = block.get("Text") {
            teller.said(text_in(text));
        } else if let Some(thought) = block.get("Thinking") {
            teller.thought(text_in(thought));
        } else if let Some(tool) = block.get("ToolUse") {
            tool_use(teller, tool);
        }
    }
    for (id, result) in said.get("tool_results").and_then(Value::as_object).into_iter().flatten() {
        tool_result(teller, id, result);
    }
}

fn tool_use(teller: &mut Teller, tool: &Value) {
    let text = |name: &str| tool.get(name).and_then(Value::as_str).unwrap_or_default();
    teller.tool(text("id"), text("name"), tool.get("input").unwrap_or(&Value::Null));
}

fn tool_result(teller: &mut Teller, id: &str, result: &Value) {
    let failed = result.get("is_error") == Some(&Value::Bool(true));
    let status = if failed { ToolStatus::Failed } else { ToolStatus::Ok };
    teller.result(id, text_in(result.get("content").unwrap_or(&Value::Null)), status);
}

/// A message as the first versions kept it.
fn older(teller: &mut Teller, message: &Value) {
    let list = |name: &str| message.get(name).and_then(Value::as_array).into_iter().flatten();
    for segment in list("segments") {
        let text = text_in(segment);
        match (message.get("role").and_then(Value::as_str), segment.get("type").and_then(Value::as_str)) {
            (Some("user"), _) => teller.prompt(text),
            (_, Some("thinking")) => teller.thought(text),
            _ => teller.said(text),
        }
    }
    list("tool_uses").for_each(|tool| tool_use(teller, tool));
    for result in list("tool_results") {
        let id = result.get("tool_use_id").and_then(Value::as_str).unwrap_or_default();
        tool_result(teller, id, result);
    }
}
