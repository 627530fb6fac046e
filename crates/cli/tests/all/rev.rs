//! *rev* in its terminal: what the contract does not show. A repository that would act through it, with the real program;
//! and words that are lost on their way to it, with a loop that loses them each time.

use crate::claude::Model;
use crate::story::*;
use offdesk_protocol::*;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The `rev` under test.
pub fn rev() -> PathBuf {
    std::env::var_os("OFFDESK_REV").expect("OFFDESK_REV; run the tests by `cargo x test`").into()
}

/// Whether the real one is here. Where it could not be installed, `cargo x test` says that it was not tried.
pub fn is_here() -> bool {
    match std::env::var("OFFDESK_REV_ABSENT") {
        Ok(why) => {
            eprintln!("not tried with the real rev: {why}");
            false
        }
        Err(_) => true,
    }
}

/// What it says of itself. Offdesk never asks: it would read the cache of whatever folder it is asked in.
pub fn version() -> String {
    let folder = tempfile::tempdir().unwrap();
    let said = Command::new(rev()).arg("--version").current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    said.lines().find_map(|line| line.trim().strip_prefix("Version:")).unwrap().trim().into()
}

/// Somebody who has set up rev for their own terminal.
pub async fn desk_with_rev() -> (Desk, Model) {
    let model = Model::start().await;
    let rev = rev();
    let env = [
        ("OFFDESK_REV", rev.to_str().unwrap()),
        ("OLLAMA_BASE_URL", &model.url),
        ("OLLAMA_MODEL", "scripted:8b"),
    ];
    (Desk::with(&env, &[]), model)
}

/// A pickle that makes a file, as a stranger's repository could have one.
const PICKLE: &str = "cos\nsystem\n(S'touch evil.txt'\ntR.";

fn hostile(dir: &Path) {
    std::fs::create_dir(dir.join(".rev_cache")).unwrap();
    std::fs::write(dir.join(".rev_cache/llm_cache.pkl"), PICKLE).unwrap();
}

#[tokio::test]
async fn rev_is_not_started_where_a_repository_would_act_through_it() {
    if !is_here() {
        return;
    }
    let elsewhere = tempfile::tempdir().unwrap();
    hostile(elsewhere.path());
    Command::new(rev()).arg("--version").current_dir(elsewhere.path()).output().unwrap();
    assert!(elsewhere.path().join("evil.txt").exists(), "else there is nothing to be kept from");

    let (desk, model) = desk_with_rev().await;
    hostile(&desk.workspace);
    let run = desk.start_run("rev", "[[write path=made.txt content=made]]").await;
    let said = desk.until_state(run, RunState::Failed).await.line;
    assert!(said.contains("would run what is in .rev_cache"), "{said}");
    assert!(!desk.workspace.join("evil.txt").exists() && !desk.workspace.join("made.txt").exists());

    std::fs::remove_dir_all(desk.workspace.join(".rev_cache")).unwrap();
    let settings = desk.workspace.join(".rev_settings.json");
    std::fs::write(&settings, r#"{"base_url":"http://127.0.0.1:9"}"#).unwrap();
    desk.json(&["resume", &run.to_string()]);
    let again = |view: &RunView| view.attempt == 2 && view.state == RunState::Failed;
    let said = desk.until(run, "the second attempt", again).await.line;
    assert!(said.contains("names another place for the model, \"http://127.0.0.1:9\""), "{said}");

    // What the person saved in rev is no stranger's.
    std::fs::write(&settings, format!(r#"{{"base_url":"{}","model":"scripted:8b"}}"#, model.url)).unwrap();
    desk.json(&["resume", &run.to_string(), "[[write path=made.txt content=made]]"]);
    eventually("it works", async || desk.file("made.txt") == "made").await;
    desk.json(&["stop", &run.to_string()]);
    desk.close().await;
}

/// At its mark another reader takes what comes first.
const LOOP: &str = r#"#!/bin/sh
# from rev.main import main
while :; do
  printf '\nrev> '
  stty -icanon -echo min 1 time 0; dd bs=4096 count=1 >/dev/null 2>&1; stty icanon echo
  read -r line || exit 0
  echo "task: $line" >> tasks.txt
done
"#;

#[tokio::test]
async fn words_that_something_else_would_take_are_typed_when_rev_reads() {
    use std::os::unix::fs::PermissionsExt;
    let tools = tempfile::tempdir().unwrap();
    let program = tools.path().join("rev");
    std::fs::write(&program, LOOP).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut desk = Desk::with(&[("OFFDESK_REV", program.to_str().unwrap())], &[]);
    let agents = desk.json(&["agents"]);
    let rev = agents.as_array().unwrap().iter().find(|agent| agent["kind"] == "rev").unwrap();
    assert!(rev["warning"].as_str().unwrap().contains("without asking"), "a person is told first");

    let run = desk.start_run("rev", "fix the tests").await;
    eventually("the first is typed", async || desk.file("tasks.txt") == "task: fix the tests\n").await;
    // A gateway that dies meanwhile types it no second time.
    desk.json(&["send", &run.to_string(), "then the\u{1b} docs"]);
    desk.kill_gateway();
    desk.start();
    eventually("the second is typed", async || {
        desk.file("tasks.txt") == "task: fix the tests\ntask: then the docs\n"
    })
    .await;
    let delivered = |e: &&Envelope| matches!(e.event, Event::PromptDelivered { .. });
    eventually("both have receipts", async || desk.events(run).await.iter().filter(delivered).count() == 2)
        .await;
    desk.json(&["stop", &run.to_string()]);
    desk.until(run, "over", |view| view.state.is_over()).await;
    desk.close().await;
}
