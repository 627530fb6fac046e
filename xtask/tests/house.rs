//! The house stays as it is drawn: who may know whom, generated files, sizes, names, links.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn cargo(args: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo).args(args).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// All a crate is built from, by name, without what only its tests use.
fn known_by() -> BTreeMap<String, BTreeSet<String>> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--locked"])).unwrap();
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap()))
        .collect();
    let mut direct: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let normal = node["deps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dep| dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null()));
        direct.insert(node["id"].as_str().unwrap(), normal.map(|dep| dep["pkg"].as_str().unwrap()).collect());
    }
    let members = metadata["workspace_members"].as_array().unwrap();
    members
        .iter()
        .map(|member| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![member.as_str().unwrap()]);
            while let Some(id) = open.pop() {
                for next in direct.get(id).into_iter().flatten() {
                    if seen.insert(names[next].to_string()) {
                        open.push(next);
                    }
                }
            }
            (names[member.as_str().unwrap()].to_string(), seen)
        })
        .collect()
}

#[test]
fn arrows_point_one_way() {
    let known = known_by();
    for (who, whom, why) in [
        ("offdesk-protocol", "tokio", "the words are pure"),
        ("offdesk-protocol", "rusqlite", "the words are pure"),
        ("offdesk-store", "offdesk-agents", "siblings meet in the gateway"),
        ("offdesk-store", "offdesk-supervisor", "siblings meet in the gateway"),
        ("offdesk-store", "offdesk-runner", "siblings meet in the gateway"),
        ("offdesk-history", "offdesk-store", "siblings meet in the gateway"),
        ("offdesk-history", "offdesk-agents", "what agents keep is read without driving them"),
        ("offdesk-history", "tokio", "reading blocks, and whoever reads knows it"),
        ("offdesk-runner", "rusqlite", "databases of others are opened in one place"),
        ("offdesk-agents", "offdesk-store", "siblings meet in the gateway"),
        ("offdesk-agents", "offdesk-supervisor", "a driver starts nothing"),
        ("offdesk-agents", "tokio", "reading is a fold, without a runtime"),
        ("offdesk-supervisor", "offdesk-agents", "a supervisor does not know what its agent says"),
        ("offdesk-supervisor", "offdesk-store", "siblings meet in the gateway"),
        ("offdesk-ollama", "offdesk-store", "it is a program of its own, and a client of Ollama"),
        ("offdesk-ollama", "offdesk-supervisor", "an agent does not know who owns it"),
        ("offdesk-runner", "offdesk-ollama", "nothing below the gateway knows HTTP"),
        ("offdesk-link", "offdesk-store", "siblings meet in the gateway"),
        ("offdesk-link", "offdesk-tunnel", "siblings meet in the gateway"),
        ("offdesk-link", "offdesk-supervisor", "siblings meet in the gateway"),
        ("offdesk-link", "axum", "a link does not care what carries it"),
        ("offdesk-notify", "offdesk-store", "siblings meet in the gateway"),
        ("offdesk-notify", "offdesk-link", "siblings meet in the gateway"),
        ("offdesk-notify", "offdesk-runner", "siblings meet in the gateway"),
        ("offdesk-notify", "axum", "it asks others, and answers nobody"),
        ("offdesk-client", "offdesk-notify", "a client knows the API alone"),
        ("offdesk-gateway", "openssl", "one library for TLS"),
        ("offdesk-tunnel", "offdesk-store", "siblings meet in the gateway"),
        ("offdesk-tunnel", "offdesk-link", "siblings meet in the gateway"),
        ("offdesk-tunnel", "offdesk-supervisor", "what runs its program is given to it"),
        ("offdesk-store", "offdesk-link", "siblings meet in the gateway"),
        ("offdesk-store", "offdesk-tunnel", "siblings meet in the gateway"),
        ("offdesk-agents", "offdesk-link", "siblings meet in the gateway"),
        ("offdesk-scripted-edge", "offdesk-protocol", "the edge is somebody else's"),
        ("offdesk-touches", "tokio", "reading a command is pure"),
        ("offdesk-client", "tree-sitter", "commands are read in the gateway alone"),
        ("offdesk-supervisor", "tree-sitter", "commands are read in the gateway alone"),
        ("offdesk-runner", "offdesk-store", "a runner's spool is files"),
        ("offdesk-runner", "axum", "nothing below the gateway knows HTTP"),
        ("offdesk-client", "offdesk-gateway", "a client knows the API alone"),
        ("offdesk-client", "offdesk-store", "a client knows the API alone"),
        ("offdesk-gateway", "offdesk-client", "the gateway is nobody's client"),
        ("offdesk-gateway", "tauri", "the gateway runs headless"),
        ("offdesk-gateway", "gtk", "the gateway runs headless"),
        ("offdesk-gateway", "wry", "the gateway runs headless"),
        ("offdesk", "tauri", "the command line runs headless"),
        ("offdesk-tray", "offdesk-gateway", "the tray is a client"),
        ("offdesk-tray", "offdesk-store", "the tray is a client"),
        ("offdesk-tray", "offdesk-runner", "the tray is a client"),
        ("offdesk-tray", "offdesk-link", "the tray is at the machine, and has the socket"),
        ("offdesk-scripted-model", "offdesk-protocol", "the model's service is somebody else's"),
    ] {
        let knows = known.get(who).unwrap_or_else(|| panic!("there is no crate {who}"));
        assert!(!knows.contains(whom), "{who} must not depend on {whom}: {why}");
    }
    assert!(known["xtask"].is_empty(), "xtask builds in seconds anywhere: {:?}", known["xtask"]);
}

#[test]
fn the_typescript_twins_are_current() {
    let made = cargo(&["run", "-q", "-p", "offdesk-protocol", "--features", "ts", "--example", "types"]);
    let kept = std::fs::read_to_string(root().join("packages/client/src/types.gen.ts")).unwrap();
    assert!(made == kept, "the protocol's types changed; run `cargo x types`");
}

#[test]
fn what_is_written_of_agents_is_what_was_proved() {
    let made = cargo(&["run", "-q", "-p", "offdesk-agents", "--example", "proved"]);
    let kept = std::fs::read_to_string(root().join("docs/agents.md")).unwrap();
    assert!(kept.contains(made.trim_end()), "what was proved changed; run `cargo x agents --write`");
    for kind in ["claude", "codex", "demo", "gemini", "qwen"] {
        assert!(made.contains(&format!("`{kind}`")), "nothing is kept of {kind}");
    }
}

/// Files that git knows, or would.
fn files() -> Vec<PathBuf> {
    let args = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(args).current_dir(root()).output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    listed.lines().map(|line| root().join(line)).filter(|path| path.exists()).collect()
}

#[test]
fn files_are_small_and_named_for_what_they_are() {
    for path in files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let kind = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !matches!(kind, "rs" | "ts" | "svelte" | "mjs") || name.contains(".gen.") {
            continue;
        }
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 800, "{} has {lines} lines; 800 are the most", path.display());
        for part in path.strip_prefix(root()).unwrap().components() {
            let part = part.as_os_str().to_string_lossy().into_owned();
            let stem = part.split('.').next().unwrap_or_default();
            let vague = ["common", "utils", "util", "core", "manager", "helpers", "misc", "shared"];
            assert!(!vague.contains(&stem), "{} says nothing of what it is", path.display());
        }
    }
}

#[test]
fn every_crate_says_what_it_is() {
    for path in files() {
        let text = path.to_string_lossy();
        if text.ends_with("src/lib.rs") || text.ends_with("src/main.rs") {
            let content = std::fs::read_to_string(&path).unwrap();
            assert!(content.starts_with("//!"), "{} has no words about itself", path.display());
        }
    }
}

#[test]
fn links_in_documents_lead_somewhere() {
    let documents =
        files().into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            assert!(document.parent().unwrap().join(path).exists(), "{}: {link}", document.display());
        }
    }
}
