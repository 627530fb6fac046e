//! What the model says and does, by directive and step.

use crate::conversation::Conversation;
use crate::directive::Directive;
use crate::names::ours;
use serde_json::{Value, json};
use std::time::Duration;

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    /// Words; given in pieces of `chunk` characters, `pause` apart.
    Text { text: String, chunk: usize, pause: Duration },
    /// Thoughts.
    Think(String),
    /// A tool to be used.
    Tool { name: String, input: Value },
    /// Nothing for this long.
    Wait(Duration),
    /// The connection is cut here.
    Cut,
}

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Blocks(Vec<Block>),
    /// This HTTP status.
    Error(u16),
    /// This HTTP status the first `times` times, then as if nothing had been.
    Flaky {
        times: usize,
        status: u16,
    },
    /// The account's limit is reached; it resets after so many seconds.
    Limit {
        secs: u64,
    },
}

fn says(text: impl Into<String>) -> Block {
    Block::Text { text: text.into(), chunk: 24, pause: Duration::ZERO }
}

fn tool(name: &str, input: Value) -> Block {
    Block::Tool { name: name.into(), input }
}

fn shell(command: &str) -> Block {
    tool("Bash", json!({ "command": command, "description": "Scripted command" }))
}

/// A request without tools is not the conversation: titles, summaries.
pub(crate) fn answer(conversation: &Conversation<'_>) -> Answer {
    if conversation.tools.is_empty() {
        return Answer::Blocks(vec![says("Scripted side answer")]);
    }
    let Some(directive) = Directive::last_in(&conversation.prompt) else {
        return Answer::Blocks(vec![says(format!(
            "Hello from the scripted model. You said: {}",
            conversation.prompt
        ))]);
    };
    if let Some(status) = directive.name.strip_prefix("error-").and_then(|status| status.parse().ok()) {
        return Answer::Error(status);
    }
    if directive.name == "limit" {
        // An agent may put what is said after it behind the words that met the limit.
        let met = conversation.prompt.trim_end().ends_with("]]");
        let words = format!("The limit is over. You said: {}", conversation.prompt);
        return if met {
            Answer::Limit { secs: directive.number("secs", 5) }
        } else {
            Answer::Blocks(vec![says(words)])
        };
    }
    if directive.name == "flaky" && conversation.step == 0 {
        return Answer::Flaky { times: directive.number("n", 1), status: directive.number("status", 429) };
    }
    let blocks = step(&directive, conversation).unwrap_or_else(|| vec![summary(&directive, conversation)]);
    Answer::Blocks(with_search(blocks, conversation))
}

/// The blocks of this step; nothing when the script is over.
fn step(directive: &Directive, conversation: &Conversation<'_>) -> Option<Vec<Block>> {
    let path = || format!("./{}", directive.text("path", "hello.txt"));
    let first = conversation.step == 0;
    match (directive.name.as_str(), conversation.step) {
        ("seen", _) => Some(vec![says(conversation.seen.clone())]),
        ("hello", _) => Some(vec![Block::Text {
            text: directive.text("text", "Hello from the scripted model."),
            chunk: 24,
            pause: Duration::from_secs_f64(directive.number("pause", 0.0)),
        }]),
        ("bash", 0) => {
            Some(vec![says("I will run a command."), shell(&directive.text("cmd", "touch scripted.txt"))])
        }
        ("escalate", 0) => {
            let command = directive.text("cmd", "touch scripted.txt");
            let input =
                json!({"command": command, "description": "Scripted command", "escalate": "Scripted reason"});
            Some(vec![says("I will run a command."), tool("Bash", input)])
        }
        ("multi", n) if n < directive.number("n", 2) => {
            let command = directive.text("cmd", "echo {i}").replace("{i}", &n.to_string());
            Some(vec![shell(&command)])
        }
        ("parallel", 0) => {
            let command = directive.text("cmd", "touch parallel-{i}.txt");
            Some(
                (0..directive.number("n", 2))
                    .map(|i: usize| shell(&command.replace("{i}", &i.to_string())))
                    .collect(),
            )
        }
        ("write", 0) => Some(vec![
            says("I will write a file."),
            tool(
                "Write",
                json!({ "file_path": path(), "content": directive.text("content", "hello\nworld\n") }),
            ),
        ]),
        ("edit", 0) => {
            Some(vec![says("I will read the file first."), tool("Read", json!({ "file_path": path() }))])
        }
        ("edit", 1) => Some(vec![
            says("Now the edit."),
            tool(
                "Edit",
                json!({ "file_path": path(),
            "old_string": directive.text("old", "world"), "new_string": directive.text("new", "there") }),
            ),
        ]),
        ("question", 0) => Some(vec![
            says("I need to ask you something."),
            tool(
                "AskUserQuestion",
                json!({ "questions": [{
                "question": directive.text("question", "Which colour should the button be?"),
                "header": "Colour", "multiSelect": directive.number("multi", false),
                "options": [{ "label": "Red", "description": "A warm colour" },
                            { "label": "Blue", "description": "A cool colour" }] }] }),
            ),
        ]),
        // Where the agent keeps plans in a file, the plan is what that file says.
        ("plan", step) if directive.has("text") => {
            let plan = directive.text("text", "").replace("\\n", "\n");
            match (step, &conversation.plan_file) {
                (0, Some(file)) => Some(vec![tool("Write", json!({ "file_path": file, "content": plan }))]),
                (0, None) | (1, Some(_)) => Some(vec![tool("ExitPlanMode", json!({ "plan": plan }))]),
                _ => None,
            }
        }
        ("plan", 0) => Some(vec![
            says("Here is my plan."),
            tool("ExitPlanMode", json!({ "plan": "# Plan\n\n1. Touch a file\n2. Done" })),
        ]),
        // One sub-agent after the other would be asked for in rounds of their own; these work at once.
        ("subagent", 0) => {
            let task = |i: usize| {
                let command = directive.text("cmd", "touch sub-{i}.txt").replace("{i}", &i.to_string());
                let prompt = format!("[[bash cmd='{command}']]");
                tool(
                    "Agent",
                    json!({ "description": format!("Scripted task {i}"), "prompt": prompt,
                    "subagent_type": "general-purpose", "run_in_background": directive.number("background", false) }),
                )
            };
            Some((0..directive.number("n", 1)).map(task).collect())
        }
        // Codex's work on by themselves until somebody waits for them.
        ("subagent", 1) if conversation.tools.contains(&"AwaitAgents") => {
            let ids = conversation.results.iter().filter_map(|(_, text)| {
                let told: Value = serde_json::from_str(text).ok()?;
                Some(told.get("agent_id")?.as_str()?.to_string())
            });
            let ids: Vec<String> = ids.collect();
            Some(vec![tool("AwaitAgents", json!({ "targets": ids, "timeout_ms": 600_000 }))])
        }
        ("slowtool", 0) => Some(vec![shell(&format!("sleep {}", directive.number("secs", 30)))]),
        ("tool", 0) => {
            let call: Value = serde_json::from_str(&directive.rest).unwrap_or_default();
            // By the script's word or the agent's own.
            let name = ours(call.get("name").and_then(Value::as_str).unwrap_or("Bash")).to_string();
            Some(vec![Block::Tool { name, input: call.get("input").cloned().unwrap_or_else(|| json!({})) }])
        }
        ("think", _) => {
            Some(vec![Block::Think("Let me think about this step by step.".into()), says("I thought.")])
        }
        ("long", _) => {
            // So many words to a paragraph; nothing: all in one.
            let paragraph = directive.number("para", usize::MAX);
            let word =
                |n: usize| format!("word{n}{}", if n.is_multiple_of(paragraph) { "\n\n" } else { " " });
            let words: String = (1..=directive.number("n", 40)).map(word).collect();
            let pause = Duration::from_secs_f64(directive.number("delay", 0.02));
            Some(vec![Block::Text { text: words, chunk: 12, pause }])
        }
        ("slow", _) => {
            let ticks = (directive.number("secs", 60.0) * 4.0) as usize;
            Some(vec![Block::Text {
                text: "tick ".repeat(ticks),
                chunk: 5,
                pause: Duration::from_millis(250),
            }])
        }
        ("hang", _) => {
            Some(vec![Block::Wait(Duration::from_secs_f64(directive.number("secs", 60.0))), says("At last.")])
        }
        ("drop", _) if first => Some(vec![says("This will be cut "), Block::Cut]),
        _ => None,
    }
}

/// The last words: what the model saw of its tools, so that a test can look at it.
fn summary(directive: &Directive, conversation: &Conversation<'_>) -> Block {
    if conversation.results.is_empty() {
        return says(format!("Done ({}).", directive.name));
    }
    let seen: Vec<String> = conversation
        .results
        .iter()
        .enumerate()
        .map(|(index, (ok, text))| {
            let short: String = text.chars().take(400).collect();
            format!("{}. {}: {short}", index + 1, if *ok { "ok" } else { "ERROR" })
        })
        .collect();
    says(format!("Done ({}). Tool results:\n{}", directive.name, seen.join("\n")))
}

/// Agents keep some tools back until the model looks for them.
fn with_search(blocks: Vec<Block>, conversation: &Conversation<'_>) -> Vec<Block> {
    let missing: Vec<&str> = blocks
        .iter()
        .filter_map(|block| match block {
            Block::Tool { name, .. } if !conversation.tools.contains(&name.as_str()) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    match missing.first() {
        Some(name) if conversation.tools.contains(&"ToolSearch") => {
            vec![tool("ToolSearch", json!({ "query": format!("select:{name}"), "max_results": 3 }))]
        }
        Some(name) => {
            vec![says(format!("[scripted model] there is no tool {name} among: {:?}", conversation.tools))]
        }
        None => blocks,
    }
}
