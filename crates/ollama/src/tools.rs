//! The tools a model has: what it is told of them, and what it may say.

use serde_json::{Value, json};

/// A tool use the model asked for, read and found to make sense.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    List { path: String },
    Read { path: String, from: usize, lines: Option<usize> },
    Search { pattern: String, path: String },
    Write { path: String, content: String },
    Edit { path: String, old: String, new: String, all: bool },
    Run { command: String },
    Ask { question: String, options: Vec<String>, multi: bool },
}

fn text(input: &Value, key: &str) -> Result<String, String> {
    match input.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        // Small models like to say a list of arguments where a line is wanted.
        Some(other) => Err(format!("Error: “{key}” must be text, and was {other}.")),
        None => Err(format!("Error: “{key}” is missing.")),
    }
}

fn place(input: &Value) -> Result<String, String> {
    match input.get("path") {
        None | Some(Value::Null) => Ok(".".into()),
        Some(_) => text(input, "path").map(|path| if path.is_empty() { ".".into() } else { path }),
    }
}

/// A number, also where a model said it as text.
fn number(input: &Value, key: &str) -> Option<usize> {
    let value = input.get(key)?;
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()).map(|number| number as usize)
}

fn flag(input: &Value, key: &str) -> bool {
    matches!(input.get(key), Some(Value::Bool(true)))
        || input.get(key).and_then(Value::as_str) == Some("true")
}

impl Call {
    /// What the model said, or why it makes no sense, for the model to read.
    pub(crate) fn read(name: &str, input: &Value) -> Result<Self, String> {
        Ok(match name {
            "list" => Call::List { path: place(input)? },
            "read" => Call::Read {
                path: text(input, "path")?,
                from: number(input, "from").unwrap_or(1).max(1),
                lines: number(input, "lines"),
            },
            "search" => Call::Search { pattern: text(input, "pattern")?, path: place(input)? },
            "write" => Call::Write { path: text(input, "path")?, content: text(input, "content")? },
            "edit" => Call::Edit {
                path: text(input, "path")?,
                old: text(input, "old")?,
                new: text(input, "new")?,
                all: flag(input, "all"),
            },
            "run" => {
                let command = text(input, "command")?;
                if command.trim().is_empty() {
                    return Err("Error: the command is empty.".into());
                }
                Call::Run { command }
            }
            "ask" => Call::Ask {
                question: text(input, "question")?,
                options: input
                    .get("options")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(|option| option.as_str().map(String::from))
                    .collect(),
                multi: flag(input, "multi"),
            },
            other => {
                return Err(format!(
                    "Error: there is no tool “{other}”. There are: list, read, search, write, edit, run, ask."
                ));
            }
        })
    }
}

/// The name and input of a tool use, in any of the shapes models say it.
pub(crate) fn said(call: &Value) -> (String, Value) {
    let function = call.get("function").unwrap_or(call);
    let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
    let input = match function.get("arguments") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(input) => input.clone(),
        None => Value::Null,
    };
    (name.into(), input)
}

fn tool(name: &str, description: &str, required: &[&str], properties: Value) -> Value {
    json!({ "type": "function", "function": { "name": name, "description": description, "parameters": {
        "type": "object", "properties": properties, "required": required } } })
}

/// What the model is told of its tools.
pub(crate) fn offered() -> Value {
    let string = |description: &str| json!({ "type": "string", "description": description });
    let number = |description: &str| json!({ "type": "integer", "description": description });
    let flag = |description: &str| json!({ "type": "boolean", "description": description });
    let path = string("A path below the workspace.");
    json!([
        tool("list", "List a folder.", &[], json!({ "path": path })),
        tool(
            "read",
            "Read a text file.",
            &["path"],
            json!({ "path": path, "from": number("First line; 1 by default."), "lines": number("How many lines.") })
        ),
        tool(
            "search",
            "Find the lines that match a regular expression in the files of a folder.",
            &["pattern"],
            json!({ "pattern": string("A regular expression."), "path": path })
        ),
        tool(
            "write",
            "Make a file, or give it wholly new content. The person is shown the change and asked.",
            &["path", "content"],
            json!({ "path": path, "content": string("All of the file's content.") })
        ),
        tool(
            "edit",
            "Replace a text in a file. The person is shown the change and asked.",
            &["path", "old", "new"],
            json!({ "path": path, "old": string("The text that is there, exactly, and long enough to be there once."),
                "new": string("The text to put there."), "all": flag("Replace it wherever it is.") })
        ),
        tool(
            "run",
            "Run a shell command in the workspace. The person is shown it and asked.",
            &["command"],
            json!({ "command": string("The command.") })
        ),
        tool(
            "ask",
            "Ask the person a question, when you cannot go on without knowing.",
            &["question"],
            json!({ "question": string("The question."), "options": { "type": "array", "items": { "type": "string" },
                "description": "What can be chosen." }, "multi": flag("Several can be chosen.") })
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_models_say_is_read_or_told_what_is_wrong_with_it() {
        let read = |name: &str, input: Value| Call::read(name, &input);
        assert_eq!(read("list", json!({})), Ok(Call::List { path: ".".into() }));
        assert_eq!(
            read("read", json!({ "path": "a", "from": "3", "lines": 2 })),
            Ok(Call::Read { path: "a".into(), from: 3, lines: Some(2) })
        );
        assert_eq!(
            read("edit", json!({ "path": "a", "old": "x", "new": "y", "all": "true" })),
            Ok(Call::Edit { path: "a".into(), old: "x".into(), new: "y".into(), all: true })
        );
        for (name, input, why) in [
            ("run", json!({ "command": ["ls"] }), "must be text"),
            ("run", json!({ "command": "  " }), "empty"),
            ("write", json!({ "path": "a" }), "“content” is missing"),
            ("read", Value::Null, "“path” is missing"),
            ("delete", json!({}), "no tool “delete”"),
        ] {
            let told = read(name, input).unwrap_err();
            assert!(told.starts_with("Error") && told.contains(why), "{told}");
        }
    }

    #[test]
    fn a_call_is_found_in_every_shape() {
        let input = json!({ "command": "ls" });
        for call in [
            json!({ "function": { "name": "run", "arguments": input } }),
            json!({ "id": "1", "function": { "name": "run", "arguments": "{\"command\":\"ls\"}" } }),
            json!({ "name": "run", "arguments": input }),
        ] {
            assert_eq!(said(&call), ("run".to_string(), input.clone()));
        }
        let offered = offered();
        for tool in offered.as_array().unwrap() {
            let name = tool["function"]["name"].as_str().unwrap();
            let told = Call::read(name, &json!({})).err().unwrap_or_default();
            assert!(!told.contains("no tool"), "{name} is offered and unknown");
        }
    }
}
