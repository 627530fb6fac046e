//! What opencode asks for, as an approval; and a verdict, as requests of its server.

use super::{say, tool};
use crate::json::{items, line_of, pretty, text};
use crate::preview::{hex_hash, seal};
use crate::{FoldContext, request};
use offdesk_protocol::{ApprovalId, ApprovalKind, ApprovalRequest, FileDiff, SubAgent, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;

/// What the model reads of a denial without words. A denial that says nothing would be another kind to opencode.
const DENIED: &str = "The person did not allow this.";

/// A request opencode waits on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    /// opencode's id of the request.
    pub native: String,
    /// The conversation that asks: the run's own or a sub-agent's.
    pub session: String,
    pub question: bool,
    /// As it was asked.
    pub properties: Value,
    /// What its tool is given.
    pub input: Value,
    /// The last words before it.
    pub why: String,
    /// Files it would change, as they were when it was asked: opencode writes what it made of those.
    pub bases: Vec<(String, Option<String>)>,
    /// The sub-agent that asks.
    #[serde(default)]
    pub sub_agent: Option<SubAgent>,
    /// Our answer is on its way.
    pub sent: bool,
    /// It is denied by ending the turn.
    pub stopped: bool,
}

impl Asked {
    pub(super) fn call(&self) -> &str {
        self.properties.get("tool").map(|tool| text(tool, "callID")).unwrap_or_default()
    }

    /// What it would change, where it is an edit.
    pub(super) fn changes(&self) -> Vec<(String, String)> {
        match text(&self.properties, "permission") {
            "edit" => tool::changes(self.metadata()),
            _ => Vec::new(),
        }
    }

    fn metadata(&self) -> &Value {
        self.properties.get("metadata").unwrap_or(&Value::Null)
    }

    /// Remembers the files it would change as they are.
    pub(super) fn remember_files(&mut self, context: &FoldContext) {
        let now = |(path, _): (String, String)| {
            let hash = hash_of(context, &path);
            (path, hash)
        };
        self.bases = self.changes().into_iter().map(now).collect();
    }

    /// As it is shown, with what it would change as it is now.
    pub(super) fn show(&self, context: &FoldContext, id: ApprovalId) -> ApprovalRequest {
        let mut request = ApprovalRequest {
            tool: text(&self.properties, "permission").into(),
            input: json!({"permission": self.properties.get("permission"), "patterns": self.properties.get("patterns"),
                "metadata": self.metadata(), "input": self.input}),
            reason: request::some(&self.why),
            sub_agent: self.sub_agent.clone(),
            ..request::blank(context, id)
        };
        if self.question {
            self.show_question(&mut request);
        } else {
            self.show_permission(context, &mut request);
        }
        seal(request)
    }

    fn show_question(&self, request: &mut ApprovalRequest) {
        request.tool = "question".into();
        request.input = self.properties.get("questions").cloned().unwrap_or_default();
        let questions = items(&self.properties, "questions");
        request::asks(request, questions.map(|asked| request::question(asked, "multiple")).collect());
    }

    fn show_permission(&self, context: &FoldContext, request: &mut ApprovalRequest) {
        let patterns: Vec<&str> = items(&self.properties, "patterns").filter_map(Value::as_str).collect();
        let dir = context.dir.as_path();
        match text(&self.properties, "permission") {
            "bash" => self.show_command(dir, request),
            "edit" => self.show_edit(context, request),
            "external_directory" => {
                request.title = "Reach outside the workspace".into();
                let what = match text(&self.input, "command") {
                    "" if self.input.is_null() => String::new(),
                    "" => pretty(&self.input),
                    command => command.to_string(),
                };
                request.text = [patterns.join("\n"), what].join("\n\n").trim().into();
            }
            "doom_loop" => {
                request.title = "Do the same once more, after doing it several times".into();
                request.text = pretty(self.metadata());
            }
            "webfetch" => {
                request.title = "Fetch from the network".into();
                request.text = match text(self.metadata(), "url") {
                    "" => patterns.join("\n"),
                    url => url.into(),
                };
            }
            name => {
                request.title = format!("Use {name}");
                let given = if self.input.is_null() { self.metadata() } else { &self.input };
                let only_all = patterns.iter().all(|pattern| *pattern == "*");
                request.text = match (only_all, pretty(given)) {
                    (true, given) => given,
                    (false, given) => format!("{}\n\n{given}", patterns.join("\n")),
                };
            }
        }
    }

    fn show_command(&self, dir: &Path, request: &mut ApprovalRequest) {
        request.kind = ApprovalKind::Command;
        let command = match text(&self.input, "command") {
            "" => text(self.metadata(), "command"),
            command => command,
        };
        request.text = if command.is_empty() { pretty(&request.input) } else { command.into() };
        // All that changes what would happen is part of what is shown.
        let mut notes = Vec::new();
        for (key, value) in self.input.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("command" | "description", _) => {}
                ("workdir", Value::String(at)) => notes.push(format!("in {}", tool::inside(at, dir))),
                (key, value) => notes.push(format!("{key}: {value}")),
            }
        }
        let what = "Run a command";
        request.title = if notes.is_empty() { what.into() } else { format!("{what} ({})", notes.join(", ")) };
    }

    fn show_edit(&self, context: &FoldContext, request: &mut ApprovalRequest) {
        let dir = context.dir.as_path();
        request.kind = ApprovalKind::Edit;
        let changes = tool::changes(self.metadata());
        let mut changed = Vec::new();
        for (path, unified) in changes {
            let now = hash_of(context, &path);
            if self.bases.iter().any(|(known, base)| *known == path && *base != now) {
                changed.push(tool::inside(&path, dir));
            }
            request.diffs.push(FileDiff {
                created: now.is_none() && !context.workspace.exists(Path::new(&path)),
                path: tool::inside(&path, dir),
                unified,
                base_hash: now,
            });
        }
        request.diffs.retain(|diff| !diff.unified.is_empty());
        let paths: Vec<&str> = request.diffs.iter().map(|diff| diff.path.as_str()).collect();
        request.title = match (paths.as_slice(), request.diffs.first()) {
            ([path], Some(diff)) if diff.created => format!("Create {path}"),
            ([path], _) => format!("Change {path}"),
            _ => "Change files".into(),
        };
        request.text = if paths.is_empty() { pretty(&request.input) } else { paths.join("\n") };
        if !changed.is_empty() {
            let told = format!(
                "{} changed since this was asked. opencode writes the file as it knew it: if you allow this, that change \
                 is lost.",
                changed.join(", ")
            );
            request.reason =
                Some(request.reason.iter().cloned().chain([told]).collect::<Vec<_>>().join("\n"));
        }
    }
}

fn hash_of(context: &FoldContext, path: &str) -> Option<String> {
    context.workspace.read(&context.dir.join(path)).map(|bytes| hex_hash(&bytes))
}

/// The id of the request by which an approval is answered.
pub(super) fn reply_id(approval: ApprovalId) -> String {
    format!("reply:{approval}")
}

/// What is written for a verdict. Never opencode's "always".
pub(super) fn verdict(asked: &Asked, approval: ApprovalId, own: &str, verdict: &Verdict) -> Vec<u8> {
    let (what, native) =
        (if asked.question { "question" } else { "permission" }, say::segment(&asked.native));
    let reply = |how: &str, body: Option<Value>| {
        line_of(&say::request(&reply_id(approval), "POST", &format!("/{what}/{native}/{how}"), body))
    };
    let deny = |message: Option<&str>| match asked.question {
        true => reply("reject", None),
        false => match message {
            Some(message) => reply("reply", Some(json!({"reply": "reject", "message": message}))),
            None => reply("reply", Some(json!({"reply": "reject"}))),
        },
    };
    match verdict {
        Verdict::Allow if asked.question => reply("reply", Some(json!({"answers": answers(asked, &[])}))),
        Verdict::Allow => reply("reply", Some(json!({"reply": "once"}))),
        // The gateway refuses these where they do not fit; what was not shown must never run.
        Verdict::AllowEdited { .. } => deny(Some(DENIED)),
        Verdict::Answer { .. } if !asked.question => deny(Some(DENIED)),
        Verdict::Answer { answers: given } => reply("reply", Some(json!({"answers": answers(asked, given)}))),
        Verdict::Deny { stop: true, .. } => {
            // First the end: told of the denial alone, it would go on.
            let mut bytes = line_of(&say::abort(&format!("stop:{approval}"), own));
            bytes.extend(deny(None));
            bytes
        }
        Verdict::Deny { say: words, .. } => {
            let words = words.as_deref().map(str::trim).filter(|words| !words.is_empty());
            let mut bytes = deny(Some(words.unwrap_or(DENIED)));
            // A refused question has no place for words: they follow it.
            if let Some(words) = words.filter(|_| asked.question) {
                let words = say::words(&format!("I did not answer that. {words}"));
                bytes.extend(line_of(&say::prompt(&format!("words:{approval}"), own, vec![words])));
            }
            bytes
        }
    }
}

fn answers(asked: &Asked, given: &[offdesk_protocol::Answer]) -> Vec<Vec<String>> {
    let of = |question: &Value| {
        let found = given.iter().find(|answer| answer.question == text(question, "question"));
        found.map(|answer| answer.answers.clone()).unwrap_or_default()
    };
    items(&asked.properties, "questions").map(of).collect()
}
