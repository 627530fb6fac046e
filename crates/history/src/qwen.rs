//! Qwen Code: `projects/FOLDER/chats/ID.jsonl`, seen of 0.24.4. Its older files are Gemini's (see `gemini`).

use crate::format::{Format, Kept, Source, entries, has_extension, source, stem};
use crate::gemini;
use crate::places::Places;
use crate::teller::{self, Teller};
use offdesk_protocol::HistoryItem;
use serde_json::Value;

pub(crate) struct Qwen;

impl Format for Qwen {
    fn name(&self) -> &'static str {
        "qwen"
    }

    fn files(&self, places: &Places) -> Vec<Source> {
        let folders = places.qwen().into_iter().flat_map(|dir| entries(&dir.join("projects")).1);
        let files = folders.flat_map(|folder| entries(&folder.join("chats")).0);
        files.filter(|path| has_extension(path, "jsonl")).filter_map(|path| source(path, "qwen")).collect()
    }

    fn summaries(&self, source: &Source) -> Vec<Kept> {
        let kept = teller::summary(self.name(), source, line);
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
    record.get("uuid").is_some()
}

fn tell_line(teller: &mut Teller, record: &Value) {
    let text = |name: &str| record.get(name).and_then(Value::as_str);
    if record.get("isSidechain") == Some(&Value::Bool(true)) {
        return;
    }
    teller.moment(record.get("timestamp"));
    if let (None, Some(dir)) = (&teller.about.dir, text("cwd")) {
        teller.about.dir = Some(dir.into());
    }
    if text("uuid").is_some_and(|id| teller.again(id)) {
        return;
    }
    let message = record.get("message").unwrap_or(&Value::Null);
    match text("type") {
        Some("user") => gemini::parts(teller, message.get("parts").unwrap_or(&Value::Null), true),
        Some("assistant") => {
            teller.about.model = text("model").map(String::from).or(teller.about.model.take());
            gemini::parts(teller, message.get("parts").unwrap_or(&Value::Null), false);
        }
        Some("tool_result") => gemini::parts(teller, message.get("parts").unwrap_or(&Value::Null), false),
        Some("system") => match text("subtype") {
            Some("custom_title") => {
                let title = record
                    .pointer("/systemPayload/customTitle")
                    .or_else(|| record.pointer("/systemPayload/title"));
                teller.about.title = title.and_then(Value::as_str).map(String::from);
            }
            Some("chat_compression") => teller.notice("Conversation compacted"),
            _ => {}
        },
        _ => {}
    }
}
