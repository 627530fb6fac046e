//! Keeps what a real agent said as a fixture: `cargo run --example record -- AGENT OUTPUT NAME WORKSPACE`.
//!
//! AGENT is its kind; OUTPUT the `output` file of an attempt that was run against the scripted model; NAME the fixture's;
//! WORKSPACE the folder it worked in, which becomes `/workspace`. Long lists and texts are cut, so that fixtures stay small and say nothing of the machine.

use serde_json::{Value, json};
use std::path::Path;

const LONGEST_LIST: usize = 4;
const LONGEST_TEXT: usize = 1500;

fn trim(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > LONGEST_TEXT => {
            let cut = text.floor_char_boundary(LONGEST_TEXT);
            text.truncate(cut);
        }
        Value::Array(items) => {
            items.truncate(LONGEST_LIST);
            items.iter_mut().for_each(trim);
        }
        Value::Object(fields) => fields.values_mut().for_each(trim),
        _ => {}
    }
}

/// Whether the message is kept, without what describes the machine, the account and their settings.
fn says_nothing_of_the_machine(agent: &str, message: &mut Value) -> bool {
    const OF_THE_MACHINE: [&str; 3] =
        ["remoteControl/status/changed", "account/rateLimits/updated", "thread/started"];
    if agent != "codex" {
        // How one logs in names the program's place; nothing of it is read.
        if let Some(greeting) = message["result"].as_object_mut() {
            greeting.remove("authMethods");
        }
        // The answer to `initialize` describes the account and every command; nothing of it is read.
        return message["type"] != "control_response";
    }
    let result = message["result"].clone();
    match message["id"].as_str() {
        Some("initialize") => {
            let program = result["userAgent"].as_str().and_then(|agent| agent.split(' ').next());
            message["result"] = json!({ "userAgent": program });
        }
        Some("config") => {
            message["result"] = json!({ "config": { "mcp_servers": result["config"]["mcp_servers"] } });
        }
        Some("thread") if result.is_object() => {
            let mut kept = json!({ "thread": { "id": result["thread"]["id"] } });
            for key in ["model", "approvalPolicy", "approvalsReviewer", "sandbox"] {
                kept[key] = result[key].clone();
            }
            message["result"] = kept;
        }
        _ => return !OF_THE_MACHINE.iter().any(|method| message["method"] == *method),
    }
    true
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [agent, output, name, workspace] = args.as_slice() else {
        anyhow::bail!("usage: record AGENT OUTPUT NAME WORKSPACE")
    };
    let text = std::fs::read_to_string(output)?.replace(workspace.as_str(), "/workspace");
    let mut kept = String::new();
    for line in text.lines() {
        let mut message: Value = serde_json::from_str(line)?;
        if says_nothing_of_the_machine(agent, &mut message) {
            trim(&mut message);
            kept.push_str(&format!("{message}\n"));
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transcripts").join(agent);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("{name}.jsonl")), kept)?;
    Ok(())
}
