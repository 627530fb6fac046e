//! Whatever dies, nothing is lost and nothing runs twice.

use crate::story::*;
use offdesk_protocol::*;
use std::process::Command;

fn kill_9(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn a_killed_gateway_finds_the_agent_and_its_question_again() {
    let mut desk = Desk::new();
    let run = desk.start_run("demo", "run: echo x >> count.txt").await;
    let asked = desk.asked(run).await;
    let pid = desk.client().run(run).await.unwrap().pid;
    desk.kill_gateway();
    desk.start();

    let view = desk.until_state(run, RunState::Waiting).await;
    assert_eq!(view.pid, pid, "the agent kept its process");
    let again = desk.asked(run).await;
    assert_eq!(again, asked, "the question is the same, word for word");

    let hash = again.request.hash.clone();
    let decision = Decision::new(hash, Verdict::Allow);
    for _ in 0..3 {
        desk.client().decide(again.request.id, &decision).await.unwrap();
        desk.kill_gateway();
        desk.start();
    }
    desk.until_state(run, RunState::Idle).await;
    assert_eq!(desk.file("count.txt"), "x\n");
    assert_eq!(desk.client().run(run).await.unwrap().pid, pid);
    desk.close().await;
}

#[tokio::test]
async fn what_an_agent_says_while_no_gateway_lives_is_there_afterwards() {
    let mut desk = Desk::new();
    let run = desk.start_run("demo", "sleep: 0.5\nsay: said to nobody\nrun: echo x > made.txt").await;
    // It has the prompt: one that is still on its way waits for the next gateway.
    let begun = async || desk.events(run).await.iter().any(|e| matches!(e.event, Event::TurnStarted { .. }));
    eventually("the turn begins", begun).await;
    desk.kill_gateway();
    let output = desk.data.join("attempts");
    let asked = async || {
        let attempt = std::fs::read_dir(&output).unwrap().next().unwrap().unwrap().path();
        std::fs::read_to_string(attempt.join("output")).unwrap_or_default().contains("\"asked\"")
    };
    eventually("the agent asks", asked).await;
    desk.start();
    let approval = desk.asked(run).await;
    let said = desk.events(run).await;
    assert!(
        said.iter().any(|e| matches!(&e.event, Event::MessageAdded { text, .. } if text == "said to nobody"))
    );
    desk.decide(&approval, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    desk.close().await;
}

#[tokio::test]
async fn a_dead_supervisor_takes_its_agent_along_and_the_run_is_lost_and_resumable() {
    let desk = Desk::new();
    let run = desk.start_run("demo", "run: echo x > made.txt").await;
    let asked = desk.asked(run).await;
    let agent = desk.client().run(run).await.unwrap().pid.unwrap();
    let status = std::fs::read_to_string(format!("/proc/{agent}/status")).unwrap();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap().trim();
    kill_9(parent.parse().unwrap());

    desk.until_state(run, RunState::Lost).await;
    let gone = async || {
        !std::path::Path::new(&format!("/proc/{agent}/cmdline")).exists()
            || std::fs::read(format!("/proc/{agent}/cmdline")).unwrap_or_default().is_empty()
    };
    eventually("the agent is gone", gone).await;
    let record = desk.client().approval(asked.request.id).await.unwrap();
    assert_eq!((record.state, record.decided_by), (ApprovalState::Withdrawn, Some(Actor::Gateway)));

    desk.json(&["resume", &run.to_string(), "run: echo y > again.txt"]);
    desk.until(run, "the next attempt asks", |v| v.attempt == 2 && v.state == RunState::Waiting).await;
    let again = desk.asked(run).await;
    assert_ne!(again.request.id, asked.request.id, "no decision crosses attempts");
    desk.close().await;
}

#[tokio::test]
async fn a_supervisor_that_dies_while_no_gateway_lives_is_noticed() {
    let mut desk = Desk::new();
    let run = desk.start_run("demo", "run: echo x > made.txt").await;
    let asked = desk.asked(run).await;
    let decision = Decision::new(asked.request.hash.clone(), Verdict::Allow);
    desk.kill_gateway();
    for pid in desk.processes() {
        let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
    }
    desk.start();
    desk.until_state(run, RunState::Lost).await;
    let refused = desk.client().decide(asked.request.id, &decision).await.unwrap_err();
    assert!(refused.to_string().contains("taken back"), "{refused}");
    assert_eq!(desk.file("made.txt"), "");
    desk.close().await;
}

#[tokio::test]
async fn an_orderly_stop_leaves_runs_alone_unless_told_otherwise() {
    let mut desk = Desk::with(&[], &["--stop-runs"]);
    let run = desk.start_run("demo", "ask: still there?").await;
    desk.asked(run).await;
    desk.stop_gateway();
    assert_eq!(desk.processes(), Vec::<u32>::new());

    let mut desk = Desk::new();
    let run = desk.start_run("demo", "ask: still there?").await;
    let pid = desk.until_state(run, RunState::Waiting).await.pid;
    desk.stop_gateway();
    assert!(!desk.processes().is_empty());
    desk.start();
    assert_eq!(desk.until_state(run, RunState::Waiting).await.pid, pid);
    desk.close().await;
}

#[tokio::test]
async fn a_page_keeps_its_key_and_a_second_gateway_is_refused() {
    let mut desk = Desk::new();
    let code = desk.login_url.split_once("#c=").unwrap().1.to_string();
    let page = |token: Option<String>| {
        offdesk_client::Client::new(offdesk_client::Place::Url { url: desk.url.clone(), token }).unwrap()
    };
    let login = Login { code: code.clone(), name: Some("Ada's phone".into()) };
    let key = page(None).login(&login).await.unwrap().token;
    assert!(page(None).login(&login).await.is_err(), "a code works once");
    assert!(page(None).runs(false).await.is_err(), "nothing without a key");
    assert!(page(Some("guess".into())).runs(false).await.is_err());
    page(Some(key.clone())).runs(false).await.unwrap();

    let second = desk.refused(1, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(second.message.contains(&desk.gateway_pid().to_string()), "{}", second.message);
    assert!(second.message.contains(&desk.url), "{}", second.message);

    desk.kill_gateway();
    desk.start();
    let client =
        offdesk_client::Client::new(offdesk_client::Place::Url { url: desk.url.clone(), token: Some(key) });
    client.unwrap().runs(false).await.unwrap();
    desk.close().await;
}
