//! opencode: `opencode.db`, seen of 1.18.33, and before that a JSON file for each conversation, message and part in
//! `storage`. Conversations with a parent are sub-agents'.

use crate::database;
use crate::format::{Format, Kept, Source, entries, has_extension, source, stem};
use crate::lines::whole;
use crate::places::Places;
use crate::teller::{self, Teller, moment, one_line, text_in};
use offdesk_protocol::{HistoryItem, ToolStatus};
use rusqlite::Connection;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Most parts of one conversation.
const PARTS: usize = 50_000;

pub(crate) struct OpenCode;

impl Format for OpenCode {
    fn name(&self) -> &'static str {
        "opencode"
    }

    fn files(&self, places: &Places) -> Vec<Source> {
        let found = places.opencode().into_iter().filter_map(|dir| {
            let path = dir.join("opencode.db");
            Some(Source { stamp: database::stamp(&path)?, path, agent: "opencode", place: None })
        });
        found.collect()
    }

    fn summaries(&self, source: &Source) -> Vec<Kept> {
        database::open(&source.path).and_then(|connection| listed(&connection, source)).unwrap_or_default()
    }

    fn items(&self, kept: &Kept, _: Option<u64>, _: usize) -> std::io::Result<(Vec<HistoryItem>, bool)> {
        let read = || -> rusqlite::Result<Teller> {
            let connection = database::open(&kept.path)?;
            let mut statement = connection.prepare(
                "SELECT message.data, part.data FROM part JOIN message ON message.id = part.message_id
                 WHERE part.session_id = ?1 ORDER BY message.time_created, message.id, part.id LIMIT ?2",
            )?;
            let mut rows = statement.query(rusqlite::params![kept.id, PARTS as i64])?;
            let mut teller = Teller::default();
            let mut index = 0;
            while let Some(row) = rows.next()? {
                teller.place(index);
                index += 1;
                let (message, part) = (row.get_ref(0)?.as_bytes()?, row.get_ref(1)?.as_bytes()?);
                match (serde_json::from_slice(message), serde_json::from_slice(part)) {
                    (Ok(message), Ok(part)) => tell(&mut teller, &message, &part),
                    _ => teller.raw(part),
                }
            }
            Ok(teller)
        };
        teller::told_whole(read().map_err(std::io::Error::other)?)
    }
}

fn listed(connection: &Connection, source: &Source) -> rusqlite::Result<Vec<Kept>> {
    let columns = database::columns(connection, "session");
    let has = |name: &str| columns.iter().any(|column| column == name);
    let model = if has("model") { "model" } else { "NULL" };
    let top = if has("parent_id") { "WHERE parent_id IS NULL" } else { "" };
    let mut statement = connection.prepare(&format!(
        "SELECT id, directory, title, time_created, time_updated, {model},
           (SELECT count(*) FROM message WHERE session_id = session.id),
           (SELECT group_concat(text, char(10)) FROM
             (SELECT substr(json_extract(part.data, '$.text'), 1, 500) AS text
              FROM part JOIN message ON message.id = part.message_id
              WHERE part.session_id = session.id AND json_valid(part.data) AND json_valid(message.data)
                AND json_extract(part.data, '$.type') = 'text' AND json_extract(message.data, '$.role') = 'user'
              ORDER BY part.id LIMIT 4))
         FROM session {top}"
    ))?;
    let rows = statement.query_map([], |row| {
        let at = |index| Ok::<_, rusqlite::Error>(moment(&Value::from(row.get::<_, i64>(index)?)));
        let model: Option<String> = row.get(5)?;
        let model = model.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let words: String = row.get::<_, Option<String>>(7)?.unwrap_or_default();
        let words = words.lines().map(unquoted).collect::<Vec<_>>().join("\n");
        let title: String = row.get(2)?;
        Ok(Kept {
            agent: "opencode".into(),
            id: row.get(0)?,
            title: one_line(if title.starts_with("New session - ") && !words.is_empty() {
                &words
            } else {
                &title
            }),
            dir: Some(row.get(1)?),
            started_at: at(3)?,
            updated_at: at(4)?.unwrap_or_else(|| source.stamp.at()),
            messages: Some(row.get::<_, i64>(6)?.try_into().unwrap_or(u32::MAX)),
            model: model.and_then(|model| model.get("id").and_then(Value::as_str).map(String::from)),
            words,
            path: source.path.clone(),
            format: "opencode".into(),
            ..Kept::default()
        })
    })?;
    Ok(rows.flatten().filter(|kept| kept.messages != Some(0)).collect())
}

/// `opencode run` keeps its prompt with the quotes it was typed in.
fn unquoted(text: &str) -> String {
    serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_string())
}

fn tell(teller: &mut Teller, message: &Value, part: &Value) {
    let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
    teller.moment(part.pointer("/time/start").or_else(|| message.pointer("/time/created")));
    let person = message.get("role").and_then(Value::as_str) == Some("user");
    if let Some(model) = message.get("modelID").and_then(Value::as_str) {
        teller.about.model = Some(model.into());
    }
    match text("type") {
        // What the program adds for the model is no words of a person's.
        "text" if part.get("synthetic") == Some(&Value::Bool(true)) => {}
        "text" if person => teller.prompt(unquoted(text("text"))),
        "text" => teller.said(text("text")),
        "reasoning" => teller.thought(text("text")),
        "tool" => {
            let state = part.get("state").unwrap_or(&Value::Null);
            teller.tool(text("callID"), text("tool"), state.get("input").unwrap_or(&Value::Null));
            match state.get("status").and_then(Value::as_str) {
                Some("completed") => {
                    let output = text_in(state.get("output").unwrap_or(&Value::Null));
                    teller.result(text("callID"), output, ToolStatus::Ok);
                }
                Some("error") => {
                    let error = text_in(state.get("error").unwrap_or(&Value::Null));
                    teller.result(text("callID"), error, ToolStatus::Failed);
                }
                _ => {}
            }
        }
        "compaction" => teller.notice("Conversation compacted"),
        "file" => teller.notice(format!("[{}]", text("filename"))),
        _ => {}
    }
}

/// What it kept before it had a database.
pub(crate) struct OpenCodeFiles;

impl Format for OpenCodeFiles {
    fn name(&self) -> &'static str {
        "opencode-files"
    }

    fn files(&self, places: &Places) -> Vec<Source> {
        let projects = places.opencode().into_iter().flat_map(|dir| entries(&dir.join("storage/session")).1);
        let files = projects.flat_map(|project| entries(&project).0);
        files.filter(|path| has_extension(path, "json")).filter_map(|path| source(path, "opencode")).collect()
    }

    fn summaries(&self, source: &Source) -> Vec<Kept> {
        let Some(session) = json(&source.path) else { return Vec::new() };
        let text = |name: &str| session.get(name).and_then(Value::as_str).map(String::from);
        if text("parentID").is_some() {
            return Vec::new();
        }
        let at = |name: &str| session.pointer(name).and_then(moment);
        let kept = Kept {
            agent: "opencode".into(),
            id: text("id").unwrap_or_else(|| stem(&source.path)),
            title: one_line(&text("title").unwrap_or_default()),
            dir: text("directory"),
            started_at: at("/time/created"),
            updated_at: at("/time/updated").unwrap_or_else(|| source.stamp.at()),
            path: source.path.clone(),
            format: self.name().into(),
            ..Kept::default()
        };
        vec![kept]
    }

    fn items(&self, kept: &Kept, _: Option<u64>, _: usize) -> std::io::Result<(Vec<HistoryItem>, bool)> {
        let storage = kept.path.ancestors().nth(3).unwrap_or(Path::new("")).to_path_buf();
        let mut teller = Teller::default();
        let mut index = 0;
        for message in sorted(&storage.join("message").join(safe(&kept.id))) {
            let Some(said) = json(&message) else { continue };
            for part in sorted(&storage.join("part").join(safe(&stem(&message)))) {
                teller.place(index);
                index += 1;
                match json(&part) {
                    Some(part) => tell(&mut teller, &said, &part),
                    None => teller.raw(&whole(&part).unwrap_or_default()),
                }
                if index as usize >= PARTS {
                    return teller::told_whole(teller);
                }
            }
        }
        teller::told_whole(teller)
    }
}

/// An id is a name in a folder and leads nowhere else.
fn safe(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
}

/// Their names grow with time.
fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut files = entries(folder).0;
    files.sort();
    files
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&whole(path).ok()?).ok()
}
