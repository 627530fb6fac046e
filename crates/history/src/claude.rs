//! Claude Code: `projects/FOLDER/ID.jsonl`, a record a line, seen of 2.1.329.
//!
//! Sub-agents write to files of their own (`agent-*.jsonl`, or in a folder of the conversation's name) or, in older
//! versions, mark their records as `isSidechain`; both are left out. `--resume` goes on in the same file; older
//! versions, and `--fork-session`, copy it into a new one (see `chain`).

use crate::format::{Format, Kept, Source, entries, has_extension, source, stem};
use crate::places::Places;
use crate::teller::{self, Teller, text_in};
use offdesk_protocol::{HistoryItem, ToolStatus};
use serde_json::Value;

pub(crate) struct Claude;

impl Format for Claude {
    fn name(&self) -> &'static str {
        "claude"
    }

    fn files(&self, places: &Places) -> Vec<Source> {
        let folders = places.claude().into_iter().flat_map(|dir| entries(&dir.join("projects")).1);
        let files = folders.flat_map(|folder| entries(&folder).0);
        files
            .filter(|path| has_extension(path, "jsonl") && !stem(path).starts_with("agent-"))
            .filter_map(|path| source(path, "claude"))
            .collect()
    }

    fn summaries(&self, source: &Source) -> Vec<Kept> {
        let kept = teller::summary(self.name(), source, line);
        // The file's name is what `--resume` takes; a copy's records still name what they were copied from.
        kept.map(|kept| Kept { id: stem(&source.path), ..kept }).into_iter().collect()
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
    ["sessionId", "uuid", "leafUuid"].iter().any(|name| record.get(*name).is_some())
}

fn tell_line(teller: &mut Teller, record: &Value) {
    let text = |name: &str| record.get(name).and_then(Value::as_str);
    let kind = text("type").unwrap_or_default();
    match kind {
        "ai-title" | "summary" if teller.about.title.is_none() => {
            teller.about.title = text("aiTitle").or_else(|| text("summary")).map(String::from);
            return;
        }
        "custom-title" => {
            teller.about.title = text("customTitle").or_else(|| text("title")).map(String::from);
            return;
        }
        _ => {}
    }
    if record.get("isSidechain") == Some(&Value::Bool(true)) {
        return;
    }
    if matches!(kind, "user" | "assistant" | "system" | "attachment") {
        teller.moment(record.get("timestamp"));
        if let Some(id) = text("uuid") {
            if teller.about.first.is_none() {
                teller.about.first = Some(id.into());
                teller.about.follows =
                    text("logicalParentUuid").or_else(|| text("parentUuid")).map(String::from);
            }
            teller.about.last = Some(id.into());
            if teller.again(id) {
                return;
            }
        }
        if let (None, Some(dir)) = (&teller.about.dir, text("cwd")) {
            teller.about.dir = Some(dir.into());
        }
    }
    let content = record.pointer("/message/content").unwrap_or(&Value::Null);
    match kind {
        "user" if record.get("isMeta") == Some(&Value::Bool(true)) => {}
        "user" if record.get("isCompactSummary") == Some(&Value::Bool(true)) => {
            teller.notice(text_in(content))
        }
        "user" => user(teller, content),
        "assistant" => {
            let model = record.pointer("/message/model").and_then(Value::as_str);
            if let Some(model) = model.filter(|model| !model.starts_with('<')) {
                teller.about.model = Some(model.into());
            }
            assistant(teller, content);
        }
        "system" if text("subtype") == Some("compact_boundary") => {
            teller.notice(text("content").unwrap_or("Conversation compacted"));
        }
        _ => {}
    }
}

fn user(teller: &mut Teller, content: &Value) {
    let Value::Array(blocks) = content else { return prompt(teller, &text_in(content)) };
    for block in blocks {
        match block.get("type").and_then(Value::as_str) {
            Some("tool_result") => {
                let call = block.get("tool_use_id").and_then(Value::as_str).unwrap_or_default();
                let failed = block.get("is_error") == Some(&Value::Bool(true));
                let status = if failed { ToolStatus::Failed } else { ToolStatus::Ok };
                teller.result(call, text_in(block.get("content").unwrap_or(&Value::Null)), status);
            }
            Some("text") => prompt(teller, &text_in(block)),
            Some(other) => teller.notice(format!("[{other}]")),
            None => {}
        }
    }
}

/// A person's words, or what the program writes as if they were.
fn prompt(teller: &mut Teller, text: &str) {
    let between = |tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        rest.split_once(&format!("</{tag}>")).map(|(inner, _)| inner.trim())
    };
    if let Some(command) = between("command-name") {
        let words = between("command-args").unwrap_or_default();
        return teller.prompt(format!("{command} {words}").trim());
    }
    if let Some(said) = between("local-command-stdout").or_else(|| between("local-command-stderr")) {
        return teller.notice(said);
    }
    let ours = ["<local-command-caveat>", "<system-reminder>", "Caveat: The messages below were generated"];
    if !ours.iter().any(|start| text.trim_start().starts_with(start)) {
        teller.prompt(text);
    }
}

fn assistant(teller: &mut Teller, content: &Value) {
    let Value::Array(blocks) = content else { return teller.said(text_in(content)) };
    for block in blocks {
        let text = |name: &str| block.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("type") {
            "text" => teller.said(text("text")),
            "thinking" => teller.thought(text("thinking")),
            "tool_use" | "server_tool_use" => {
                teller.tool(text("id"), text("name"), block.get("input").unwrap_or(&Value::Null));
            }
            _ => {}
        }
    }
}
