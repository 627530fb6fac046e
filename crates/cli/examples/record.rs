//! Keeps what a real agent said as a fixture: `cargo run --example record -- OUTPUT NAME WORKSPACE`.
//!
//! OUTPUT is the `output` file of an attempt that was run against the scripted model; NAME the fixture's; WORKSPACE the folder it
//! worked in, which becomes `/workspace`. Long lists and texts are cut, so that fixtures stay small and say nothing of the machine.

use serde_json::Value;
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

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [output, name, workspace] = args.as_slice() else {
        anyhow::bail!("usage: record OUTPUT NAME WORKSPACE")
    };
    let text = std::fs::read_to_string(output)?.replace(workspace.as_str(), "/workspace");
    let mut kept = String::new();
    for line in text.lines() {
        let mut message: Value = serde_json::from_str(line)?;
        // The answer to `initialize` describes the account and every command; nothing of it is read.
        if message["type"] != "control_response" {
            trim(&mut message);
            kept.push_str(&format!("{message}\n"));
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transcripts/claude");
    std::fs::write(folder.join(format!("{name}.jsonl")), kept)?;
    Ok(())
}
