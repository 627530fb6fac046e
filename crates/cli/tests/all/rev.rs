//! *rev* in its terminal. The real one needs a model for whole minutes of planning; here a loop that reads lines as it
//! does, and that drops what was typed before its mark, stands in for it.

use crate::story::*;
use offdesk_protocol::*;

const LOOP: &str = r#"#!/bin/sh
# from rev.main import main
echo "starting, $1"
sleep 0.3
while :; do
  # What came too early is dropped, as by a program that sets up its terminal.
  stty -icanon min 0 time 0; cat >/dev/null; stty icanon
  printf '\nrev> '
  read -r line || exit 0
  echo "task: $line" >> tasks.txt
  sleep 0.5
done
"#;

#[tokio::test]
async fn a_prompt_is_typed_when_rev_shows_that_it_may_be() {
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
    // While it works nothing is typed; a gateway that dies meanwhile types it no second time.
    desk.json(&["send", &run.to_string(), "then the docs"]);
    desk.kill_gateway();
    desk.start();
    eventually("the second is typed", async || {
        desk.file("tasks.txt") == "task: fix the tests\ntask: then the docs\n"
    })
    .await;
    let delivered = |e: &&Envelope| matches!(e.event, Event::PromptDelivered { .. });
    eventually("both have receipts", async || desk.events(run).await.iter().filter(delivered).count() == 2)
        .await;
    desk.json(&["interrupt", &run.to_string()]);
    desk.until(run, "over", |view| view.state.is_over()).await;
    desk.close().await;
}
