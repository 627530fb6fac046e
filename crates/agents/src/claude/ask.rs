//! What Claude asks for, as an approval; and a verdict, as Claude reads it.

use crate::json::{items, pretty, text};
use crate::preview::{replace_diff, seal, write_diff};
use crate::{FoldContext, request};
use offdesk_protocol::{Answer, ApprovalId, ApprovalKind, ApprovalRequest, FileDiff, SubAgent, Verdict};
use serde_json::{Value, json};
use std::path::Path;

/// What Claude is told when a person denies without words.
const DENIED: &str =
    "The person denied this. Do not try to reach the same in another way; go on without it or ask.";

/// The approval for a `can_use_tool` request, with the change shown against the files as they are now.
pub(super) fn request(
    context: &FoldContext,
    id: ApprovalId,
    tool: &str,
    input: &Value,
    (description, why): (&str, &str),
    sub_agent: Option<SubAgent>,
) -> ApprovalRequest {
    let mut request = ApprovalRequest {
        tool: tool.into(),
        title: format!("Use {tool}"),
        text: pretty(input),
        input: input.clone(),
        reason: reason(description, why),
        sub_agent,
        ..request::blank(context, id)
    };
    match tool {
        "Bash" | "PowerShell" => command(&mut request, input),
        "Write" | "Edit" | "MultiEdit" | "NotebookEdit" => edit(context, &mut request, tool, input),
        "AskUserQuestion" => {
            let questions =
                items(input, "questions").map(|asked| request::question(asked, "multiSelect")).collect();
            request::asks(&mut request, questions);
        }
        "ExitPlanMode" => {
            request.kind = ApprovalKind::Plan;
            request.title = "Go on with this plan".into();
            // Nobody should nod at an empty card: Claude Code takes the plan from a file, which may not be there.
            request.text = match text(input, "plan") {
                "" => "Claude Code does not say what the plan is.".into(),
                plan => plan.into(),
            };
        }
        _ => {}
    }
    seal(request)
}

fn reason(description: &str, why: &str) -> Option<String> {
    let parts: Vec<&str> = [why.trim(), description.trim()].into_iter().filter(|s| !s.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

fn command(request: &mut ApprovalRequest, input: &Value) {
    request.kind = ApprovalKind::Command;
    request.title = "Run a command".into();
    request.text = text(input, "command").into();
    // Options change what the command may do, so they are part of what is shown.
    let options: Vec<String> = input
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !matches!(key.as_str(), "command" | "description"))
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    if !options.is_empty() {
        request.title = format!("Run a command ({})", options.join(", "));
    }
}

fn edit(context: &FoldContext, request: &mut ApprovalRequest, tool: &str, input: &Value) {
    request.kind = ApprovalKind::Edit;
    let shown = match text(input, "file_path") {
        "" => text(input, "notebook_path"),
        path => path,
    };
    let path = context.dir.join(shown);
    let workspace = context.workspace.as_ref();
    let replace = |value: &Value| {
        (
            text(value, "old_string").to_string(),
            text(value, "new_string").to_string(),
            value.get("replace_all").and_then(Value::as_bool).unwrap_or(false),
        )
    };
    let diff = match tool {
        "Write" => Some(write_diff(workspace, &path, shown, text(input, "content"))),
        "Edit" => Some(replace_diff(workspace, &path, shown, &[replace(input)])),
        "MultiEdit" => {
            let edits: Vec<_> =
                input.get("edits").and_then(Value::as_array).into_iter().flatten().map(replace).collect();
            Some(replace_diff(workspace, &path, shown, &edits))
        }
        _ => None,
    };
    let created = diff.as_ref().is_some_and(|diff| diff.created);
    let name = Path::new(shown).strip_prefix(&context.dir).unwrap_or(Path::new(shown)).display().to_string();
    request.title = if created { format!("Create {name}") } else { format!("Change {name}") };
    // A diff says all of an edit, except where it would be empty or there is none: then the input does.
    if let Some(diff) = diff.filter(|diff: &FileDiff| !diff.unified.is_empty()) {
        request.text = shown.into();
        request.diffs = vec![diff];
    }
}

/// The `response` of a `can_use_tool` control request.
pub(super) fn verdict(input: &Value, verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Allow => json!({"behavior": "allow", "updatedInput": input}),
        Verdict::AllowEdited { input } => json!({"behavior": "allow", "updatedInput": input}),
        Verdict::Deny { say, stop } => {
            let words = say.as_deref().filter(|s| !s.trim().is_empty()).unwrap_or(DENIED);
            let mut response = json!({"behavior": "deny", "message": words});
            if *stop {
                response["interrupt"] = json!(true);
            }
            response
        }
        Verdict::Answer { answers } => {
            let mut updated = input.clone();
            updated["answers"] = answers
                .iter()
                .map(|Answer { question, answers }| (question.clone(), json!(answers.join(", "))))
                .collect::<serde_json::Map<_, _>>()
                .into();
            json!({"behavior": "allow", "updatedInput": updated})
        }
    }
}
