//! A tool call, as its messages tell it piece by piece.

use crate::json::{items, text};
use crate::preview::unified;
use offdesk_protocol::{ApprovalId, FileDiff, SubAgent, ToolId, ToolKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest title that is kept of a tool; what a person decides on is never shortened.
const LONGEST_TITLE: usize = 300;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tool {
    pub id: ToolId,
    pub approval: Option<ApprovalId>,
    /// The person was told that it began.
    pub started: bool,
    pub kind: String,
    pub name: String,
    pub title: String,
    pub input: Value,
    pub content: Vec<Value>,
    /// Whose it is, where it is a sub-agent's.
    #[serde(default)]
    pub sub_agent: Option<SubAgent>,
    output: Value,
    status: String,
}

impl Tool {
    pub fn new(id: ToolId) -> Self {
        Self {
            id,
            approval: None,
            started: false,
            kind: String::new(),
            name: String::new(),
            title: String::new(),
            input: Value::Null,
            content: Vec::new(),
            sub_agent: None,
            output: Value::Null,
            status: String::new(),
        }
    }

    /// Takes in what a message says; what it leaves out or leaves empty stays. `tools` has the kinds of those that the
    /// agent gives none.
    pub fn learn(&mut self, call: &Value, tools: &[(&str, &str)]) {
        for (mine, key) in
            [(&mut self.kind, "kind"), (&mut self.title, "title"), (&mut self.status, "status")]
        {
            let said = text(call, key);
            if !said.is_empty() {
                *mine = said.into();
            }
        }
        let name = name(call);
        if !name.is_empty() {
            self.name = name.into();
        }
        if let Some((_, kind)) = tools.iter().find(|(name, _)| *name == self.name) {
            self.kind = kind.to_string();
        }
        let empty = |value: &Value| value.is_null() || value.as_object().is_some_and(|map| map.is_empty());
        for (mine, key) in [(&mut self.input, "rawInput"), (&mut self.output, "rawOutput")] {
            if let Some(said) = call.get(key).filter(|said| !empty(said)) {
                *mine = said.clone();
            }
        }
        let content: Vec<Value> = items(call, "content").cloned().collect();
        if !content.is_empty() {
            self.content = content;
        } else if self.ended().is_some() {
            // What it said it was for is not what it gave.
            self.content.retain(|item| text(item, "type") == "diff");
        }
    }

    /// The person's server it is of, by the name the agent gives such tools.
    pub fn server(&self) -> Option<&str> {
        self.name.strip_prefix("mcp__")?.split_once("__").map(|(server, _)| server)
    }

    /// It does something now, rather than being prepared.
    pub fn is_under_way(&self) -> bool {
        matches!(self.status.as_str(), "in_progress" | "completed" | "failed")
    }

    /// How it ended, if it did: well or not.
    pub fn ended(&self) -> Option<bool> {
        match self.status.as_str() {
            "completed" => Some(true),
            "failed" => Some(false),
            _ => None,
        }
    }

    /// The agent's name for it, or what kind it is of.
    pub fn called(&self) -> &str {
        [&self.name, &self.kind].into_iter().find(|name| !name.is_empty()).map_or("tool", String::as_str)
    }

    pub fn tool_kind(&self) -> ToolKind {
        match self.kind.as_str() {
            "execute" => ToolKind::Command,
            "edit" | "delete" | "move" => ToolKind::Edit,
            "read" => ToolKind::Read,
            "search" => ToolKind::Search,
            "fetch" => ToolKind::Fetch,
            "switch_mode" => ToolKind::Plan,
            "think" if self.input.get("questions").is_some() => ToolKind::Question,
            _ => ToolKind::Other,
        }
    }

    /// One line for a person.
    pub fn line(&self) -> String {
        let line = self.title.lines().next().unwrap_or_default();
        if line.is_empty() { self.called().into() } else { line.chars().take(LONGEST_TITLE).collect() }
    }

    /// What it does, in a line: a command as it is, or the title.
    pub fn shown_line(&self) -> String {
        match text(&self.input, "command").lines().next() {
            Some(command) => command.chars().take(LONGEST_TITLE).collect(),
            None => self.line(),
        }
    }

    /// The input, or what stands for it where the agent gives none.
    pub fn shown_input(&self) -> Value {
        if self.input.is_null() { json!({ "title": self.title }) } else { self.input.clone() }
    }

    /// The words in its content.
    pub fn words(&self) -> String {
        let texts = self.content.iter().filter_map(|item| item.get("content"));
        texts.map(|content| text(content, "text")).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// What it gave.
    pub fn gave(&self) -> String {
        let words = self.words();
        match &self.output {
            _ if !words.is_empty() => words,
            Value::String(said) => said.clone(),
            said => ["output", "text", "message"]
                .iter()
                .map(|key| text(said, key))
                .find(|said| !said.is_empty())
                .unwrap_or_default()
                .into(),
        }
    }

    /// The files it shows changes of: path, old text if there was one, new text.
    pub fn changes(&self) -> impl Iterator<Item = (&str, Option<&str>, &str)> {
        let shown = self.content.iter().filter(|item| text(item, "type") == "diff").map(|diff| {
            (text(diff, "path"), diff.get("oldText").and_then(Value::as_str), text(diff, "newText"))
        });
        let shown: Vec<_> = shown.collect();
        let told = if shown.is_empty() { self.told_change() } else { None };
        shown.into_iter().chain(told)
    }

    /// The change that its input tells, where it shows none: Goose's words for a whole file, and for a part of one.
    fn told_change(&self) -> Option<(&str, Option<&str>, &str)> {
        let input = self.input.as_object().filter(|_| self.kind == "edit")?;
        let words = |key: &str| input.get(key).and_then(Value::as_str);
        let path = words("path")?;
        match (
            input.len(),
            path.strip_prefix("./").unwrap_or(path),
            words("content"),
            words("before"),
            words("after"),
        ) {
            (2, path, Some(content), None, None) => Some((path, None, content)),
            (3, path, None, Some(before), Some(after)) => Some((path, Some(before), after)),
            _ => None,
        }
    }

    /// What it changed, once it did.
    pub fn diffs(&self) -> Vec<FileDiff> {
        self.changes()
            .map(|(path, old, new)| FileDiff {
                path: path.into(),
                unified: unified(old.unwrap_or_default(), new),
                base_hash: None,
                created: old.is_none_or(str::is_empty),
            })
            .collect()
    }
}

/// The agent's name for a tool; each has a place of its own for it.
fn name(call: &Value) -> &str {
    const PLACES: [&str; 4] =
        ["/_meta/toolName", "/_meta/claudeCode/toolName", "/_meta/goose/toolCall/toolName", "/name"];
    PLACES.iter().find_map(|place| call.pointer(place)?.as_str()).unwrap_or_default()
}

/// The tool in which the sub-agent works whose call this is, by the agent's own name of it.
pub(super) fn parent(call: &Value) -> Option<&str> {
    call.pointer("/_meta/claudeCode/parentToolUseId")?.as_str()
}
