//! Prints what works with which agent, as `fixtures/proved` has it from running the real programs. `cargo x agents` shows
//! it, and puts it into `docs/agents.md`.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Cells as the contract suite names them, and as people do.
const CELLS: [(&str, &str); 21] = [
    ("start", "begins with a prompt"),
    ("stream", "what it says is seen while it is said"),
    ("approve", "a command waits, is shown whole, and runs once"),
    ("edit", "an edit waits, with its whole diff"),
    ("two", "two requests of one turn, each with its own decision"),
    ("editInput", "allow with a changed command"),
    ("denyWords", "deny, and the model reads why"),
    ("denyStop", "deny and stop"),
    ("rule", "a rule decides the next one; revoked, it asks again"),
    ("question", "questions to you"),
    ("plan", "plans to approve"),
    ("images", "pictures as pictures"),
    ("subAgents", "sub-agents: a card says which one asks, what they do is below it"),
    ("elicitation", "a server of yours asks you: a form, a page"),
    ("steer", "words during a turn reach that turn"),
    ("interrupt", "interrupt, the process stays"),
    ("flood", "megabytes of output"),
    ("stop", "stop, with all it started"),
    ("crash", "killed: told, and its requests withdrawn"),
    ("inTerminal", "what its own screen asks is answered from afar, or by keys: who is first counts"),
    ("resume", "goes on in its own conversation, or says that it cannot"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/proved");
    let mut agents: BTreeMap<String, Value> = BTreeMap::new();
    for file in std::fs::read_dir(folder)? {
        let kept: Value = serde_json::from_str(&std::fs::read_to_string(file?.path())?)?;
        agents.insert(kept["agent"].as_str().unwrap_or_default().into(), kept);
    }
    let names = agents.keys().map(|kind| format!(" `{kind}` |")).collect::<String>();
    println!("| |{names}\n|---|{}", "---|".repeat(agents.len()));
    let versions = agents.values().map(|kept| format!(" {} |", kept["version"].as_str().unwrap_or_default()));
    println!("| proved with |{}", versions.collect::<String>());
    for (cell, words) in CELLS {
        let marks = agents.values().map(|kept| match kept["cells"][cell].as_str() {
            Some("proved") => " yes |",
            Some("refused") => " no |",
            _ => " not tried |",
        });
        println!("| {words} |{}", marks.collect::<String>());
    }
    Ok(())
}
