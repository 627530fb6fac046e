//! Cline, Roo Code and Kilo Code: extensions of editors that keep `tasks/ID/ui_messages.json`, what their panel showed;
//! what they say of a task is in `taskHistory.json` (Cline) or `history_item.json` beside it (Roo, Kilo). Written down
//! from their sources; not seen of the programs themselves.

use crate::format::{Format, Kept, Source, Stamp, entries};
use crate::lines::whole;
use crate::places::Places;
use crate::teller::{self, Teller, moment, one_line};
use offdesk_protocol::{HistoryItem, ToolStatus};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The extension's folder, and what we call the agent.
const EXTENSIONS: [(&str, &str); 4] = [
    ("saoudrizwan.claude-dev", "cline"),
    ("rooveterinaryinc.roo-cline", "roo"),
    ("rooveterinaryinc.roo-code-nightly", "roo"),
    ("kilocode.kilo-code", "kilo"),
];
const MESSAGES: &str = "ui_messages.json";

pub(crate) struct Editors;

impl Format for Editors {
    fn name(&self) -> &'static str {
        "editors"
    }

    fn files(&self, places: &Places) -> Vec<Source> {
        let mut found = Vec::new();
        let mut look = |storage: PathBuf, agent: &'static str, place: &str| {
            for task in entries(&storage.join("tasks")).1 {
                let path = task.join(MESSAGES);
                if let Some(stamp) = Stamp::of(&path) {
                    found.push(Source { path, stamp, agent, place: Some(place.into()) });
                }
            }
        };
        for (place, storage) in places.editors() {
            for (extension, agent) in EXTENSIONS {
                look(storage.join(extension), agent, &place);
            }
        }
        if let Some(storage) = places.cline() {
            look(storage, "cline", "Cline");
        }
        found
    }

    fn summaries(&self, source: &Source) -> Vec<Kept> {
        let Some(task) = source.path.parent() else { return Vec::new() };
        let id = task.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Ok(mut teller) = messages(&source.path) else { return Vec::new() };
        teller.about.id = Some(id.clone());
        let kept = teller.kept(self.name(), source, true);
        kept.map(|kept| told_besides(kept, task, &id)).into_iter().collect()
    }

    fn items(&self, kept: &Kept, _: Option<u64>, _: usize) -> std::io::Result<(Vec<HistoryItem>, bool)> {
        teller::told_whole(messages(&kept.path)?)
    }
}

/// What the extension's own list says of a task.
fn told_besides(mut kept: Kept, task: &Path, id: &str) -> Kept {
    let read = |path: &Path| whole(path).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let own = read(&task.join("history_item.json"));
    let listed = || {
        let all = read(&task.parent()?.parent()?.join("state").join("taskHistory.json"))?;
        all.as_array()?.iter().find(|item| item.get("id").and_then(Value::as_str) == Some(id)).cloned()
    };
    let Some(item) = own.or_else(listed) else { return kept };
    let text = |names: &[&str]| {
        names.iter().find_map(|name| item.get(*name).and_then(Value::as_str)).map(String::from)
    };
    kept.dir = text(&["workspace", "cwdOnTaskInitialization", "shadowGitConfigWorkTree"]).or(kept.dir);
    kept.model = text(&["modelId", "apiConfigName"]).or(kept.model);
    if let Some(task) = text(&["task"]) {
        kept.title = one_line(&task);
    }
    kept
}

fn messages(path: &Path) -> std::io::Result<Teller> {
    let value: Value = serde_json::from_slice(&whole(path)?)?;
    let mut teller = Teller::default();
    for (index, message) in value.as_array().into_iter().flatten().enumerate() {
        teller.place(index as u64);
        tell(&mut teller, message, index);
    }
    Ok(teller)
}

fn tell(teller: &mut Teller, message: &Value, index: usize) {
    let field = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
    teller.moment(message.get("ts").filter(|ts| moment(ts).is_some()));
    if message.get("partial") == Some(&Value::Bool(true)) {
        return;
    }
    let text = field("text");
    let kind = if field("type") == "ask" { field("ask") } else { field("say") };
    let call = index.to_string();
    match kind {
        "task" | "user_feedback" | "user_feedback_diff" => teller.prompt(text),
        // The first message of a task has had several names.
        "text" if index == 0 => teller.prompt(text),
        "text" | "completion_result" | "plan_mode_respond" => teller.said(words(text, "response")),
        "followup" => teller.said(words(text, "question")),
        "reasoning" => teller.thought(text),
        "command" => teller.tool(&call, "command", &serde_json::json!({ "command": text })),
        "command_output" => teller.notice(text),
        "tool" => {
            let input: Value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
            let name = input.get("tool").and_then(Value::as_str).unwrap_or("tool").to_string();
            teller.tool(&call, &name, &input);
            if field("type") == "say" {
                let content = input.get("content").and_then(Value::as_str).unwrap_or_default();
                teller.result(&call, content.into(), ToolStatus::Ok);
            }
        }
        "use_mcp_server" | "browser_action" | "browser_action_launch" => {
            teller.tool(&call, kind, &serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)));
        }
        "error" | "diff_error" | "api_req_failed" | "condense_context" | "clineignore_error" => {
            teller.notice(text)
        }
        _ => {}
    }
}

/// The words themselves, where they are in an object with options.
fn words(text: &str, name: &str) -> String {
    let object: Option<Value> = serde_json::from_str(text).ok();
    let inner = object.as_ref().and_then(|object| object.get(name)).and_then(Value::as_str);
    inner.unwrap_or(text).to_string()
}
