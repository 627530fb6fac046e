//! rev, which speaks Ollama's API: it plans, has its plan reviewed, and then does each task of it, with words of its own
//! around what a person wrote.

use crate::directive::Directive;
use serde_json::{Value, json};

/// Of all agents only this one calls its shell so.
pub(crate) const SHELL: &str = "run_cmd";
/// What ends a task.
pub(crate) const OVER: &str = "\nTASK_COMPLETE";

/// What it is answered where it does not work on a task: a plan of the one task that a person wrote, and a yes to it.
pub(crate) fn beside_the_task(messages: &[Value]) -> Option<String> {
    let text = |message: &Value| message.get("content").and_then(Value::as_str).map(str::to_owned);
    let role = text(messages.first()?)?;
    if role.contains("expert code review agent") {
        return Some(json!({ "decision": "approved", "confidence_score": 1.0 }).to_string());
    }
    if !role.contains("creating execution plans") {
        return None;
    }
    let asked = messages.iter().rev().filter_map(text).find_map(|text| {
        let (_, after) = text.split_once("User request:\n")?;
        Some(after.split("\n\nTOKEN BUDGET").next().unwrap_or(after).to_string())
    })?;
    // rev prints a task's description again and again.
    let more = Directive::last_in(&asked).map_or(0, |directive| directive.number("pad", 0));
    let description = format!("{asked} {}", "more ".repeat(more / 5));
    Some(
        json!([{ "description": description.trim_end(), "action_type": "general", "complexity": "low" }])
            .to_string(),
    )
}

/// Its word for the script's tool, and the arguments under its names.
pub(crate) fn call(name: &str, input: &Value) -> Option<(&'static str, Value)> {
    let at = |key: &str| input.get(key).cloned().unwrap_or_default();
    Some(match name {
        "Bash" => (SHELL, json!({ "cmd": at("command") })),
        "Read" => ("read_file", json!({ "path": at("file_path") })),
        "Write" => ("write_file", json!({ "path": at("file_path"), "content": at("content") })),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_the_one_task_a_person_wrote() {
        let messages = [
            json!({ "role": "system", "content": "You are analyzing tasks and creating execution plans." }),
            json!({ "role": "user", "content": "User request:\n[[bash cmd='x']]\n\nTOKEN BUDGET: tight" }),
        ];
        let plan: Value = serde_json::from_str(&beside_the_task(&messages).unwrap()).unwrap();
        assert_eq!(plan[0]["description"], "[[bash cmd='x']]");
        assert_eq!(beside_the_task(&[json!({ "role": "system", "content": "You execute tasks." })]), None);
    }
}
