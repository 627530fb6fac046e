//! What a request says: the last words of a person, and how many tool results came since.

use serde_json::Value;

/// Beginnings of what agents write into a conversation themselves.
const AGENT_MADE: [&str; 15] = [
    "<system-reminder>",
    "[Request interrupted",
    "<local-command",
    "<command-name>",
    "Caveat:",
    "<environment_context>",
    "# AGENTS.md instructions",
    "<turn_aborted>",
    "<skill",
    "Tool loaded.",
    "<session_context>",
    "This is the Gemini CLI",
    "This is the Qwen Code",
    "System: Please continue",
    "<subagent_notification",
];

pub(crate) struct Conversation<'a> {
    /// The person's last words.
    pub prompt: String,
    /// Rounds of tool results since then.
    pub step: usize,
    /// Those results: ok, and the text.
    pub results: Vec<(bool, String)>,
    /// Names of the tools the agent offers.
    pub tools: Vec<&'a str>,
    /// The file that the agent keeps the plan in, in its plan mode.
    pub plan_file: Option<String>,
    /// The model that was asked, and how many images it was shown with the last words.
    pub seen: String,
}

fn blocks(message: &Value) -> Vec<&Value> {
    match message.get("content") {
        Some(Value::Array(blocks)) => blocks.iter().collect(),
        _ => Vec::new(),
    }
}

fn kind(block: &Value) -> &str {
    block.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// A text without what the agent put around it.
pub(crate) fn person_wrote(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !AGENT_MADE.iter().any(|start| text.starts_with(start))).then_some(text)
}

/// How Claude Code begins what it passes on of a person's words during a turn.
const DURING: &str = "The user sent a new message while you were working:";

fn said_during(message: &Value) -> Option<String> {
    let mut texts = blocks(message).into_iter().filter_map(|block| block.get("text").and_then(Value::as_str));
    let said = texts.find_map(|text| text.strip_prefix(DURING))?;
    Some(said.split("\n\nThis is how Claude Code").next().unwrap_or(said).trim().into())
}

fn words(message: &Value) -> Option<String> {
    match message.get("role").and_then(Value::as_str) {
        Some("user") => {}
        Some("system") => return said_during(message),
        _ => return None,
    }
    let texts: Vec<&str> = match message.get("content") {
        Some(Value::String(text)) => vec![text.as_str()],
        _ => blocks(message)
            .into_iter()
            .filter_map(|block| block.get("text").and_then(Value::as_str))
            .collect(),
    };
    let wrote: Vec<&str> = texts.into_iter().filter_map(person_wrote).collect();
    (!wrote.is_empty()).then(|| wrote.join("\n"))
}

fn result_text(block: &Value) -> String {
    match block.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part.get("text").and_then(Value::as_str))
            .collect::<Vec<_>>()
            .join(" "),
        _ => String::new(),
    }
}

/// Rounds in which the agent only looked for tools do not count: the model asked for them because it had to.
fn only_searched(message: &Value) -> bool {
    let uses: Vec<&Value> = blocks(message).into_iter().filter(|block| kind(block) == "tool_use").collect();
    !uses.is_empty() && uses.iter().all(|tool| tool.get("name").and_then(Value::as_str) == Some("ToolSearch"))
}

/// The path of the plan's file, which Claude Code tells in words of its own.
fn plan_file(request: &str) -> Option<String> {
    let (before, after) = request.split_once("/plans/")?;
    let edge = |c: char| c.is_whitespace() || matches!(c, '"' | '`' | '\'' | '(' | ')' | '\\');
    let folder = before.rsplit(edge).next()?;
    let name = after.split(edge).next()?;
    let name = &name[..name.find(".md")? + ".md".len()];
    folder.starts_with('/').then(|| format!("{folder}/plans/{name}"))
}

impl<'a> Conversation<'a> {
    pub(crate) fn read(request: &'a Value) -> Self {
        let empty = Vec::new();
        let messages = request.get("messages").and_then(Value::as_array).unwrap_or(&empty);
        let last =
            messages.iter().enumerate().rev().find_map(|(index, message)| Some((index, words(message)?)));
        let (start, prompt) = last.unwrap_or((0, String::new()));
        let (mut step, mut results) = (0, Vec::new());
        let mut searching = false;
        for message in messages.iter().skip(start + 1) {
            if message.get("role").and_then(Value::as_str) == Some("assistant") {
                searching = only_searched(message);
                continue;
            }
            let found: Vec<&Value> =
                blocks(message).into_iter().filter(|b| kind(b) == "tool_result").collect();
            if found.is_empty() || searching {
                continue;
            }
            step += 1;
            results.extend(found.into_iter().map(|block| {
                (!block.get("is_error").and_then(Value::as_bool).unwrap_or(false), result_text(block))
            }));
        }
        let tools = request.get("tools").and_then(Value::as_array).into_iter().flatten();
        let tools = tools.filter_map(|tool| tool.get("name").and_then(Value::as_str)).collect();
        let plan_file = plan_file(&request.to_string());
        Self { prompt, step, results, tools, plan_file, seen: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_during_a_turn_are_a_persons() {
        let said = format!("{DURING}\n[[hello]]\n\nThis is how Claude Code surfaces messages.");
        let request = json!({"messages": [
            {"role": "user", "content": "[[bash]]"},
            {"role": "assistant", "content": [{"type": "tool_use", "name": "Bash"}]},
            {"role": "user", "content": [{"type": "tool_result", "content": "1"}]},
            {"role": "system", "content": [{"type": "text", "text": said}]},
            {"role": "system", "content": [{"type": "text", "text": "[[crash]]"}]}
        ]});
        assert_eq!(Conversation::read(&request).prompt, "[[hello]]");
    }

    #[test]
    fn steps_are_counted_from_the_last_words_of_a_person() {
        let request = json!({"tools": [{"name": "Bash"}], "messages": [
            {"role": "user", "content": "[[bash]] old"},
            {"role": "assistant", "content": [{"type": "tool_use", "name": "Bash"}]},
            {"role": "user", "content": [{"type": "tool_result", "content": "1"}]},
            {"role": "user", "content": [{"type": "text", "text": "<system-reminder>[[crash]]</system-reminder>"},
                                          {"type": "text", "text": "[[multi]] new"}]},
            {"role": "assistant", "content": [{"type": "tool_use", "name": "ToolSearch"}]},
            {"role": "user", "content": [{"type": "tool_result", "content": "found"}]},
            {"role": "assistant", "content": [{"type": "tool_use", "name": "Bash"}]},
            {"role": "user", "content": [{"type": "tool_result", "content": "no", "is_error": true}]}
        ]});
        let conversation = Conversation::read(&request);
        assert_eq!(conversation.prompt, "[[multi]] new");
        assert_eq!((conversation.step, conversation.results), (1, vec![(false, "no".to_string())]));
        assert_eq!(conversation.tools, ["Bash"]);
    }
}
