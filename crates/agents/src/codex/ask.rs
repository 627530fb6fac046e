//! What Codex asks for, as an approval; and a verdict, as Codex reads it.

use super::{item, say};
use crate::elicitation::Elicitation;
use crate::json::{items, line_of, pretty, text};
use crate::preview::seal;
use crate::{FoldContext, Prompt, request};
use offdesk_protocol::{Answer, ApprovalId, ApprovalKind, ApprovalRequest, SubAgent, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A request Codex waits on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    /// Codex's id of the request.
    pub request: Value,
    pub method: Method,
    pub params: Value,
    /// What an edit would change, from its item.
    pub changes: Vec<Value>,
    /// The last words before it.
    pub why: String,
    /// Who asks, where it is a sub-agent.
    #[serde(default)]
    pub sub_agent: Option<SubAgent>,
}

/// What is asked, by Codex's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Method {
    Command,
    Edit,
    Question,
    /// A server of the person's: a tool of it, or a form.
    Server,
    Permissions,
}

impl Method {
    /// Nothing: we have no answer to that.
    pub(super) fn of(method: &str, params: &Value) -> Option<Self> {
        match (method, text(params, "mode")) {
            ("item/commandExecution/requestApproval", _) => Some(Method::Command),
            ("item/fileChange/requestApproval", _) => Some(Method::Edit),
            ("item/tool/requestUserInput", _) => Some(Method::Question),
            ("mcpServer/elicitation/request", "form" | "url") => Some(Method::Server),
            ("item/permissions/requestApproval", _) => Some(Method::Permissions),
            _ => None,
        }
    }
}

impl Asked {
    /// The server's tool that waits, where it is one.
    pub(super) fn server_tool(&self) -> Option<String> {
        let meta =
            self.params.get("_meta").filter(|meta| text(meta, "codex_approval_kind") == "mcp_tool_call")?;
        (self.method == Method::Server)
            .then(|| item::server_tool(text(&self.params, "serverName"), text(meta, "tool_name")))
    }

    /// What a server asks the person itself.
    fn elicitation(&self) -> Option<Elicitation> {
        let (params, of) = (&self.params, |key| text(&self.params, key));
        let schema = params.get("requestedSchema").unwrap_or(&Value::Null);
        (self.method == Method::Server && self.server_tool().is_none())
            .then(|| Elicitation::of(of("serverName"), of("mode"), of("url"), of("message"), schema))?
    }

    pub(super) fn is_question(&self) -> bool {
        self.method == Method::Question || self.elicitation().is_some()
    }

    /// The item that tells how it went on; nothing: Codex tells only that it was answered.
    pub(super) fn item(&self) -> Option<&str> {
        let own = text(&self.params, "approvalId").is_empty();
        let item = text(&self.params, "itemId");
        (matches!(self.method, Method::Command | Method::Edit) && own && !item.is_empty()).then_some(item)
    }

    /// As it is shown, with changes against the files as they are now.
    pub(super) fn show(&self, context: &FoldContext, id: ApprovalId) -> ApprovalRequest {
        let params = &self.params;
        let reasons = [self.why.trim(), text(params, "reason").trim()];
        let reasons: Vec<&str> = reasons.into_iter().filter(|words| !words.is_empty()).collect();
        let mut request = ApprovalRequest {
            reason: (!reasons.is_empty()).then(|| reasons.join("\n")),
            sub_agent: self.sub_agent.clone(),
            ..request::blank(context, id)
        };
        match self.method {
            Method::Command => command(context, &mut request, params),
            Method::Edit => edit(context, &mut request, &self.changes, params),
            Method::Question => question(&mut request, params),
            Method::Server => self.server(&mut request),
            Method::Permissions => {
                request.tool = "permissions".into();
                request.title = "Have more rights for this turn".into();
                request.input = params.get("permissions").cloned().unwrap_or_default();
                request.text = pretty(&request.input);
            }
        }
        seal(request)
    }

    fn server(&self, request: &mut ApprovalRequest) {
        let meta = self.params.get("_meta").unwrap_or(&Value::Null);
        if let Some(tool) = self.server_tool() {
            request.title = format!("Use {tool}");
            request.input = meta.get("tool_params").cloned().unwrap_or_default();
            request.text = pretty(&request.input);
            request.tool = tool;
        } else if let Some(elicitation) = self.elicitation() {
            elicitation.show(request);
        }
    }
}

fn command(context: &FoldContext, request: &mut ApprovalRequest, params: &Value) {
    // All that changes what would happen is part of what is shown.
    const SHAPING: [&str; 5] = ["command", "cwd", "kind", "additionalPermissions", "networkApprovalContext"];
    let shaping = SHAPING.iter().filter_map(|key| {
        let value = params.get(*key).filter(|value| !value.is_null())?;
        Some((key.to_string(), value.clone()))
    });
    request.input = Value::Object(shaping.collect::<Map<_, _>>());
    request.kind = ApprovalKind::Command;
    request.tool = "shell".into();
    let mut notes = Vec::new();
    if let Some(network) = params.get("networkApprovalContext").filter(|context| context.is_object()) {
        notes.push(format!("reaches {} by {}", text(network, "host"), text(network, "protocol")));
    }
    if params.get("additionalPermissions").is_some_and(Value::is_object) {
        notes.push(format!("with {}", request.input["additionalPermissions"]));
    }
    let cwd = text(params, "cwd");
    if !cwd.is_empty() && context.dir.as_os_str() != cwd {
        notes.push(format!("in {}", item::inside(cwd, &context.dir)));
    }
    let what = match text(params, "kind") {
        "writeStdin" => "Type into a running command",
        _ => "Run a command",
    };
    request.title = if notes.is_empty() { what.into() } else { format!("{what} ({})", notes.join(", ")) };
    request.text = match (text(params, "command"), text(params, "kind")) {
        ("", _) => pretty(params),
        (whole, "command" | "") => item::command(whole),
        (whole, _) => whole.into(),
    };
}

fn edit(context: &FoldContext, request: &mut ApprovalRequest, changes: &[Value], params: &Value) {
    request.kind = ApprovalKind::Edit;
    request.tool = "apply_patch".into();
    request.title = item::edit_title(changes, &context.dir);
    request.input = json!({ "changes": changes });
    let mut lines: Vec<String> = changes
        .iter()
        .map(|change| match item::moved_to(change) {
            Some(to) => format!("{} → {to}", text(change, "path")),
            None => text(change, "path").into(),
        })
        .collect();
    if changes.is_empty() {
        lines.push("Codex does not say what it would change.".into());
    }
    let root = text(params, "grantRoot");
    if !root.is_empty() {
        lines.push(format!("and, from then on, anything under {root}"));
    }
    request.text = lines.join("\n");
    request.diffs = changes.iter().map(|change| item::diff_now(context, change)).collect();
}

fn question(request: &mut ApprovalRequest, params: &Value) {
    request.tool = "request_user_input".into();
    request::asks(request, items(params, "questions").map(|asked| request::question(asked, "")).collect());
    if items(params, "questions")
        .any(|question| question.get("isSecret").and_then(Value::as_bool) == Some(true))
    {
        let told = "Codex calls the answer a secret; Offdesk keeps answers in its log.";
        request.reason =
            Some(request.reason.iter().map(String::as_str).chain([told]).collect::<Vec<_>>().join("\n"));
    }
}

/// What is written for a verdict: the answer, and after it the person's words, which the answer has no place for.
pub(super) fn verdict(
    asked: &Asked,
    approval: ApprovalId,
    (thread, shared): (&str, bool),
    verdict: &Verdict,
) -> Vec<u8> {
    let answer = match verdict {
        verdict if asked.elicitation().is_some() => elicited(asked, verdict),
        Verdict::Allow => allowed(asked),
        // The gateway refuses this for an agent that cannot; it must never run what was not shown.
        Verdict::AllowEdited { .. } => denied(asked, false),
        Verdict::Deny { stop, .. } => denied(asked, *stop),
        Verdict::Answer { answers } => answered(asked, answers),
    };
    let mut bytes = line_of(&say::response(&asked.request, answer));
    match verdict {
        // Answering a form or a question does not end the turn; this does.
        Verdict::Deny { stop: true, .. } if !matches!(asked.method, Method::Command | Method::Edit) => {
            let turn = text(&asked.params, "turnId");
            bytes.extend(line_of(&say::interrupt(&format!("interrupt:{approval}"), thread, turn)));
        }
        Verdict::Deny { say: Some(words), stop: false } if !words.trim().is_empty() => {
            let words = format!("I did not allow that. {words}");
            let say = if shared { say::shared } else { say::prompt };
            bytes.extend(line_of(&say(&format!("words:{approval}"), thread, &Prompt::words(words))));
        }
        _ => {}
    }
    bytes
}

fn allowed(asked: &Asked) -> Value {
    match asked.method {
        Method::Command | Method::Edit => json!({"decision": "accept"}),
        Method::Question => json!({"answers": {}}),
        Method::Server => json!({"action": "accept", "content": {}, "_meta": null}),
        Method::Permissions => json!({"permissions": given(&asked.params), "scope": "turn"}),
    }
}

/// What is asked for without what is not.
fn given(params: &Value) -> Value {
    let asked = params.get("permissions").and_then(Value::as_object);
    let some = asked.into_iter().flatten().filter(|(_, value)| !value.is_null());
    Value::Object(some.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn denied(asked: &Asked, stop: bool) -> Value {
    match asked.method {
        Method::Command | Method::Edit => json!({"decision": if stop { "cancel" } else { "decline" }}),
        Method::Question => json!({"answers": {}}),
        Method::Server => {
            json!({"action": if stop { "cancel" } else { "decline" }, "content": null, "_meta": null})
        }
        Method::Permissions => json!({"permissions": {}, "scope": "turn"}),
    }
}

/// Codex wants all of an answer's keys.
fn elicited(asked: &Asked, verdict: &Verdict) -> Value {
    let mut answer = asked.elicitation().map(|elicitation| elicitation.answer(verdict)).unwrap_or_default();
    if answer.get("content").is_none() {
        answer["content"] = Value::Null;
    }
    answer["_meta"] = Value::Null;
    answer
}

fn answered(asked: &Asked, answers: &[Answer]) -> Value {
    let questions = asked.params.get("questions").and_then(Value::as_array);
    let given: Map<String, Value> = questions
        .into_iter()
        .flatten()
        .filter_map(|question| {
            let answer = answers.iter().find(|answer| answer.question == text(question, "question"))?;
            Some((text(question, "id").to_string(), json!({"answers": answer.answers})))
        })
        .collect();
    json!({ "answers": given })
}
