//! What other agents call the tools the scripts name, as Gemini CLI, Qwen Code and opencode do.

use crate::script::Block;
use serde_json::{Value, json};

/// The script's word, and the agent's words for it.
const NAMES: [(&str, &[&str]); 8] = [
    ("Bash", &["run_shell_command", "bash", "run"]),
    ("Read", &["read_file", "read"]),
    ("Write", &["write_file", "write"]),
    ("Edit", &["replace", "edit"]),
    ("AskUserQuestion", &["ask_user_question", "question", "ask"]),
    ("ExitPlanMode", &["exit_plan_mode"]),
    ("ToolSearch", &["tool_search"]),
    ("Agent", &["agent", "task"]),
];

/// The script's word for an agent's tool.
pub(crate) fn ours(theirs: &str) -> &str {
    NAMES.iter().find(|(_, names)| names.contains(&theirs)).map_or(theirs, |(ours, _)| ours)
}

/// The blocks with the agent's words, of those it offers, and with paths below `dir` in full where it insists on them.
pub(crate) fn theirs(blocks: Vec<Block>, offered: &[String], dir: Option<&str>) -> Vec<Block> {
    // opencode's tools; it alone calls one of them so.
    let in_camel_case = offered.iter().any(|offer| offer == "bash");
    let each = |block| match block {
        Block::Tool { name, input } => {
            let names = NAMES.iter().find(|(ours, _)| *ours == name).map(|(_, names)| *names);
            let found = names.into_iter().flatten().find(|name| offered.iter().any(|offer| offer == *name));
            let theirs = found.map_or(name.clone(), ToString::to_string);
            let input = arguments(&name, input, dir);
            Block::Tool { input: if in_camel_case { renamed(input) } else { input }, name: theirs }
        }
        other => other,
    };
    blocks.into_iter().map(each).collect()
}

fn arguments(name: &str, mut input: Value, dir: Option<&str>) -> Value {
    match name {
        "Bash" if input.get("is_background").is_none() => input["is_background"] = json!(false),
        "Edit" => input["instruction"] = json!("Replace the text."),
        _ => {}
    }
    let path = input.get("file_path").and_then(Value::as_str).unwrap_or_default();
    if let (Some(dir), Some(below)) = (dir, path.strip_prefix("./")) {
        input["file_path"] = json!(format!("{}/{below}", dir.trim_end_matches('/')));
    }
    input
}

/// The arguments under opencode's names.
fn renamed(input: Value) -> Value {
    const KEYS: [(&str, &str); 4] = [
        ("file_path", "filePath"),
        ("old_string", "oldString"),
        ("new_string", "newString"),
        ("multiSelect", "multiple"),
    ];
    let key = |key: String| {
        KEYS.iter().find(|(ours, _)| *ours == key).map_or(key, |(_, theirs)| theirs.to_string())
    };
    match input {
        Value::Object(map) => map
            .into_iter()
            .filter(|(name, _)| !matches!(name.as_str(), "instruction" | "is_background"))
            .map(|(name, value)| match value.as_str() {
                Some("general-purpose") => (key(name), json!("general")),
                _ => (key(name), renamed(value)),
            })
            .collect(),
        Value::Array(list) => list.into_iter().map(renamed).collect(),
        other => other,
    }
}

/// The agent's workspace, from what it says of it in its own words.
pub(crate) fn dir_in(text: &str) -> Option<&str> {
    const BEFORE: [&str; 3] = [
        "**Workspace Directories:**\n  - ",
        "I'm currently working in the directory: ",
        "Current working directory: ",
    ];
    let after = BEFORE.iter().find_map(|before| text.split(before).nth(1))?;
    let line = after.lines().next()?.trim().trim_matches('`');
    line.starts_with('/').then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_has_the_agents_own_name_and_path() {
        let block = Block::Tool { name: "Edit".into(), input: json!({"file_path": "./a.txt"}) };
        let dir = dir_in("x\nI'm currently working in the directory: /work/space\ny");
        assert_eq!(dir, Some("/work/space"));
        let Block::Tool { name, input } = theirs(vec![block], &["edit".to_string()], dir).remove(0) else {
            panic!("it stays a tool");
        };
        assert_eq!((name.as_str(), ours(&name)), ("edit", "Edit"));
        assert_eq!(input["file_path"], "/work/space/a.txt");
    }
}
