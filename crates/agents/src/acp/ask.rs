//! What an agent asks for, as an approval; and a verdict, as the agent reads it.

use super::form::Form;
use super::known::Known;
use super::tool::Tool;
use crate::json::{items, pretty, text};
use crate::preview::{replace_diff, seal, write_diff};
use crate::{FoldContext, request};
use offdesk_protocol::{Answer, ApprovalId, ApprovalKind, ApprovalRequest, FileDiff, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::Path;

/// A request the agent waits on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    /// The agent's own id of the request: a number or a text.
    pub request: Value,
    pub tool: Tool,
    pub options: Vec<Choice>,
    /// What was said before.
    pub why: String,
    /// What is to be filled in, where it asks by a form.
    #[serde(default)]
    pub form: Option<Form>,
}

/// An answer the agent offers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Choice {
    id: String,
    kind: String,
}

pub(super) fn choices(params: &Value) -> Vec<Choice> {
    items(params, "options")
        .map(|option| Choice { id: text(option, "optionId").into(), kind: text(option, "kind").into() })
        .collect()
}

impl Asked {
    pub fn is_question(&self) -> bool {
        self.form.is_some() || items(&self.tool.input, "questions").next().is_some()
    }

    /// It is not about a tool of the agent's own.
    pub fn is_form_of_a_server(&self) -> bool {
        self.form.is_some() && self.tool.approval.is_none()
    }

    /// The result when nobody answers.
    pub fn cancelled(&self) -> Value {
        if self.form.is_some() { json!({ "action": "cancel" }) } else { cancelled() }
    }

    /// The agent's "once". Its "always" is never taken: our rules are the ones a person can see and revoke.
    fn choice(&self, kind: &str) -> Option<&str> {
        self.options.iter().find(|option| option.kind == kind).map(|option| option.id.as_str())
    }

    /// The approval, with changes shown against the files as they are now.
    pub fn shown(&self, known: &Known, context: &FoldContext, id: ApprovalId) -> ApprovalRequest {
        let tool = &self.tool;
        let mut request = ApprovalRequest {
            tool: tool.called().into(),
            title: format!("Use {}", tool.called()),
            text: everything(tool),
            input: tool.shown_input(),
            reason: request::some(&self.why),
            sub_agent: tool.sub_agent.clone(),
            ..request::blank(context, id)
        };
        if let Some(form) = &self.form {
            form.show(&tool.input, &mut request);
            return seal(request);
        }
        if self.is_question() {
            let questions = items(&tool.input, "questions");
            request::asks(
                &mut request,
                questions.map(|asked| request::question(asked, "multiSelect")).collect(),
            );
        } else {
            match tool.kind.as_str() {
                "execute" => command(context, &mut request, tool),
                "switch_mode" => plan(&mut request, tool),
                _ => edit(known, context, &mut request, tool),
            }
        }
        if !request.questions.is_empty() || self.choice("allow_once").is_some() {
            return seal(request);
        }
        request.title = format!("{} (can only be denied: the agent offers no “once”)", request.title);
        seal(request)
    }

    /// The result of the request.
    pub fn verdict(&self, verdict: &Verdict) -> Value {
        if let Some(form) = &self.form {
            return form.answer(&self.tool.input, verdict);
        }
        let chosen = match verdict {
            Verdict::Allow | Verdict::Answer { .. } => self.choice("allow_once"),
            // Something else than what was asked cannot be allowed here.
            Verdict::AllowEdited { input } if *input == self.tool.shown_input() => self.choice("allow_once"),
            Verdict::Deny { stop: true, .. } => None,
            Verdict::AllowEdited { .. } | Verdict::Deny { .. } => self.choice("reject_once"),
        };
        let mut result = match chosen {
            Some(option) => json!({ "outcome": { "outcome": "selected", "optionId": option } }),
            None => cancelled(),
        };
        if let Verdict::Answer { answers } = verdict {
            result["answers"] = self.answers(answers).into();
        }
        result
    }

    /// Answers by the question's place, as Qwen Code reads them.
    fn answers(&self, answers: &[Answer]) -> Map<String, Value> {
        items(&self.tool.input, "questions")
            .enumerate()
            .filter_map(|(place, question)| {
                let words = text(question, "question");
                let answer = answers.iter().find(|answer| answer.question == words)?;
                Some((place.to_string(), json!(answer.answers.join(", "))))
            })
            .collect()
    }
}

/// The result that takes no side.
pub(super) fn cancelled() -> Value {
    json!({ "outcome": { "outcome": "cancelled" } })
}

/// All that is known of a call, for those that are no command and no change.
fn everything(tool: &Tool) -> String {
    let input = match &tool.input {
        Value::Null => String::new(),
        input => pretty(input),
    };
    let parts = [tool.title.clone(), input, tool.words()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn command(context: &FoldContext, request: &mut ApprovalRequest, tool: &Tool) {
    request.kind = ApprovalKind::Command;
    request.title = "Run a command".into();
    let line = match tool.input.get("command") {
        Some(Value::String(line)) => line.clone(),
        Some(words @ Value::Array(_)) => words.to_string(),
        // Gemini gives no input: its title is the command, whole, and its words say where it runs.
        _ => tool.title.clone(),
    };
    request.text = line;
    // Options change what the command may do, so they are part of what is shown.
    let options: Vec<String> = tool
        .input
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, value)| {
            let says_nothing = match key.as_str() {
                "command" | "description" => true,
                // The same again, taken apart.
                "commands" => **value == json!([request.text]),
                "cwd" => **value == json!(context.dir.display().to_string()),
                _ => value.is_null() || **value == json!(false),
            };
            !says_nothing
        })
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    if !options.is_empty() {
        request.title = format!("Run a command ({})", options.join(", "));
    }
    let parts =
        [tool.words(), text(&tool.input, "description").into(), request.reason.take().unwrap_or_default()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.trim().is_empty()).collect();
    request.reason = (!parts.is_empty()).then(|| parts.join("\n"));
}

fn plan(request: &mut ApprovalRequest, tool: &Tool) {
    request.kind = ApprovalKind::Plan;
    request.title = "Go on with this plan".into();
    let said = [text(&tool.input, "plan").to_string(), tool.words(), tool.title.clone()];
    request.text = said.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
}

fn edit(known: &Known, context: &FoldContext, request: &mut ApprovalRequest, tool: &Tool) {
    let diffs: Vec<FileDiff> =
        tool.changes().map(|(path, old, new)| change(known, context, path, old, new)).collect();
    let Some(first) = diffs.first() else {
        if matches!(tool.kind.as_str(), "edit" | "delete" | "move") {
            request.kind = ApprovalKind::Edit;
            request.title = tool.line();
        }
        return;
    };
    request.kind = ApprovalKind::Edit;
    let name = Path::new(&first.path).strip_prefix(&context.dir).unwrap_or(Path::new(&first.path));
    let verb = if first.created { "Create" } else { "Change" };
    request.title = match diffs.len() {
        1 => format!("{verb} {}", name.display()),
        more => format!("Change {more} files"),
    };
    // Diffs say all of an edit, except where they would be empty: then the words do.
    if diffs.iter().all(|diff| !diff.unified.is_empty()) {
        request.text = diffs.iter().map(|diff| diff.path.as_str()).collect::<Vec<_>>().join("\n");
        request.diffs = diffs;
    }
}

fn change(known: &Known, context: &FoldContext, shown: &str, old: Option<&str>, new: &str) -> FileDiff {
    let path = context.dir.join(shown);
    let workspace = context.workspace.as_ref();
    match old.filter(|old| !old.is_empty()) {
        Some(old) if !known.whole_diffs => {
            replace_diff(workspace, &path, shown, &[(old.into(), new.into(), false)])
        }
        _ => write_diff(workspace, &path, shown, new),
    }
}
