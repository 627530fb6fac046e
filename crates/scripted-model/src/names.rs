//! What other agents call the tools the scripts name, as Gemini CLI, Qwen Code, opencode, Copilot and Goose do.

use crate::script::Block;
use serde_json::{Map, Value, json};

/// The script's word, and the agent's words for it.
const NAMES: [(&str, &[&str]); 8] = [
    ("Bash", &["run_shell_command", "bash", "run", "shell", "run_cmd"]),
    ("Read", &["read_file", "read", "view"]),
    ("Write", &["write_file", "write", "create"]),
    ("Edit", &["replace", "edit"]),
    ("AskUserQuestion", &["ask_user_question", "question", "ask"]),
    ("ExitPlanMode", &["exit_plan_mode"]),
    ("ToolSearch", &["tool_search"]),
    ("Agent", &["agent", "task", "delegate"]),
];

/// What an agent calls a tool's arguments, where it is not what the script does.
type Keys = &'static [(&'static str, &'static str)];

/// By a tool that only this one offers: Copilot's, Goose's, opencode's.
const KEYS: [(&str, Keys); 3] = [
    (
        "view",
        &[
            ("file_path", "path"),
            ("old_string", "old_str"),
            ("new_string", "new_str"),
            ("content", "file_text"),
            ("subagent_type", "agent_type"),
        ],
    ),
    (
        "shell",
        &[
            ("file_path", "path"),
            ("old_string", "before"),
            ("new_string", "after"),
            ("prompt", "instructions"),
        ],
    ),
    (
        "bash",
        &[
            ("file_path", "filePath"),
            ("old_string", "oldString"),
            ("new_string", "newString"),
            ("multiSelect", "multiple"),
        ],
    ),
];

/// The tools the script knows, of those that are offered. Goose reads files by its shell.
pub(crate) fn known(offered: &[String]) -> impl Iterator<Item = &str> {
    let reads = offered.iter().any(|offer| offer == "shell").then_some("Read");
    offered.iter().map(|name| ours(name)).chain(reads)
}

/// The script's word for an agent's tool.
pub(crate) fn ours(theirs: &str) -> &str {
    NAMES.iter().find(|(_, names)| names.contains(&theirs)).map_or(theirs, |(ours, _)| ours)
}

/// The blocks with the agent's words, of those it offers, and with paths below `dir` in full where it insists on them.
pub(crate) fn theirs(blocks: Vec<Block>, offered: &[String], dir: Option<&str>) -> Vec<Block> {
    let offers = |name: &str| offered.iter().any(|offer| offer == name);
    let keys = KEYS.iter().find(|(tool, _)| offers(tool));
    let each = |block| match block {
        // Goose reads a file by a command.
        Block::Tool { name, input } if name == "Read" && offers("shell") => {
            let path = input.get("file_path").and_then(Value::as_str).unwrap_or_default();
            Block::Tool { name: "shell".into(), input: json!({ "command": format!("cat {path}") }) }
        }
        Block::Tool { name, input } => {
            let names = NAMES.iter().find(|(ours, _)| *ours == name).map(|(_, names)| *names);
            let found = names.into_iter().flatten().find(|name| offers(name));
            let theirs = found.map_or(name.clone(), ToString::to_string);
            let input = arguments(&name, input, dir);
            Block::Tool { input: keys.map_or(input.clone(), |keys| renamed(input, keys)), name: theirs }
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

/// The arguments under the agent's names.
fn renamed(input: Value, dialect: &(&str, Keys)) -> Value {
    let (tool, keys) = dialect;
    let key = |key: String| {
        keys.iter().find(|(ours, _)| *ours == key).map_or(key, |(_, theirs)| theirs.to_string())
    };
    match input {
        Value::Object(map) => {
            let mut named: Map<String, Value> = map
                .into_iter()
                .filter(|(name, _)| !matches!(name.as_str(), "instruction" | "is_background"))
                .map(|(name, value)| match value.as_str() {
                    Some("general-purpose") if *tool == "bash" => (key(name), json!("general")),
                    _ => (key(name), renamed(value, dialect)),
                })
                .collect();
            // Copilot wants a name for a sub-agent.
            if named.contains_key("agent_type") {
                named.insert("name".into(), json!("scripted"));
            }
            named.into()
        }
        Value::Array(list) => list.into_iter().map(|one| renamed(one, dialect)).collect(),
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
