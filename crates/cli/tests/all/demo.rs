//! A first try without any account.

use crate::story::*;
use offdesk_protocol::*;

#[tokio::test]
async fn a_command_runs_when_and_only_when_it_is_allowed() {
    let desk = Desk::new();
    let run = desk.start_run("demo", "say: hello\nrun: echo hi > made.txt\nrun: echo no > denied.txt").await;
    let first = desk.asked(run).await;
    assert_eq!(first.request.text, "echo hi > made.txt");
    assert_eq!(desk.file("made.txt"), "", "nothing runs before it is allowed");
    assert_eq!(desk.decide(&first, Verdict::Allow).await.resolution, Some(Resolution::Allowed));

    desk.until(run, "the second question", |view| view.line.contains("denied.txt")).await;
    let second = desk.asked(run).await;
    assert_eq!(desk.file("made.txt"), "hi\n");
    desk.decide(&second, Verdict::Deny { say: Some("not now".into()), stop: false }).await;
    desk.until_state(run, RunState::Idle).await;
    assert_eq!(desk.file("denied.txt"), "");

    let events = desk.events(run).await;
    let told = events.iter().any(|e| matches!(&e.event, Event::ToolFinished { status: ToolStatus::Denied, output, .. } if output == "not now"));
    assert!(told, "the agent read the words");
    let record = desk.client().approval(first.request.id).await.unwrap();
    assert_eq!((record.state, record.outcome), (ApprovalState::Finished, Some(Outcome::Ok)));
    assert!(record.delivered_at.is_some() && record.finished_at.is_some());
    desk.close().await;
}

#[tokio::test]
async fn an_edit_shows_its_diff_and_is_refused_when_the_file_changed_meanwhile() {
    let desk = Desk::new();
    std::fs::write(desk.workspace.join("notes.md"), "one\n").unwrap();
    let run = desk.start_run("demo", "edit: notes.md").await;
    let shown = desk.asked(run).await;
    assert_eq!(shown.request.kind, ApprovalKind::Edit);
    assert!(shown.request.diffs[0].unified.contains("+Edited by the Offdesk demo agent."), "{shown:#?}");
    assert!(shown.request.diffs[0].unified.contains(" one"));

    std::fs::write(desk.workspace.join("notes.md"), "somebody else was here\n").unwrap();
    let hash = shown.request.hash.clone();
    let decision = Decision::new(hash, Verdict::Allow);
    let refused = desk.client().decide(shown.request.id, &decision).await.unwrap_err();
    assert!(refused.to_string().contains("not what is asked any more"), "{refused}");
    assert_eq!(desk.file("notes.md"), "somebody else was here\n");

    let again = desk.asked(run).await;
    assert_eq!(again.request.id, shown.request.id);
    assert!(again.request.diffs[0].unified.contains("-somebody else was here"), "{again:#?}");
    desk.decide(&again, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    assert!(desk.file("notes.md").contains("Edited by the Offdesk demo agent."));
    desk.close().await;
}

#[tokio::test]
async fn a_question_is_answered_and_an_edited_command_is_what_runs() {
    let desk = Desk::new();
    let run = desk.start_run("demo", "ask: Which colour?\nrun: echo red > colour.txt").await;
    let question = desk.asked(run).await;
    assert_eq!(desk.client().run(run).await.unwrap().needs, Some(Needs::Question));
    let id = question.request.id.to_string();
    desk.json(&["answer", &id, "blue"]);

    desk.until(run, "the command", |view| view.needs == Some(Needs::Approval)).await;
    let command = desk.asked(run).await;
    let input = serde_json::json!({"command": "echo blue > colour.txt"});
    desk.decide(&command, Verdict::AllowEdited { input }).await;
    desk.until_state(run, RunState::Idle).await;
    assert_eq!(desk.file("colour.txt"), "blue\n");
    desk.close().await;
}

#[tokio::test]
async fn the_first_decision_wins_and_the_second_sees_who_decided() {
    let desk = Desk::new();
    let run = desk.start_run("demo", "run: echo x >> count.txt").await;
    let asked = desk.asked(run).await;
    let id = asked.request.id.to_string();
    desk.json(&["approve", &id, "--hash", &asked.request.hash]);
    let refused = desk.refused(1, &["deny", &id]);
    assert_eq!(refused.code, ErrorCode::AlreadyResolved);
    assert!(refused.message.contains("allowed by the command line"), "{}", refused.message);
    desk.until_state(run, RunState::Idle).await;
    let refused = desk.refused(1, &["deny", &id]);
    assert_eq!(refused.code, ErrorCode::AlreadyResolved, "also when the run has gone on");
    assert_eq!(desk.file("count.txt"), "x\n");
    desk.close().await;
}

#[tokio::test]
async fn an_interrupt_takes_back_what_is_asked_and_the_agent_stays() {
    let desk = Desk::new();
    let run = desk.start_run("demo", "run: echo x > made.txt").await;
    let asked = desk.asked(run).await;
    let pid = desk.client().run(run).await.unwrap().pid;
    desk.json(&["interrupt", &run.to_string()]);
    let view = desk.until_state(run, RunState::Idle).await;
    assert_eq!(view.pid, pid);
    let record = desk.client().approval(asked.request.id).await.unwrap();
    assert_eq!(record.state, ApprovalState::Withdrawn);
    assert_eq!(desk.refused(1, &["approve", &asked.request.id.to_string()]).code, ErrorCode::AlreadyResolved);

    desk.json(&["send", &run.to_string(), "say: still here"]);
    desk.until(run, "the answer", |view| view.line == "still here" && view.state == RunState::Idle).await;
    desk.close().await;
}

#[tokio::test]
async fn a_crash_is_told_and_the_run_goes_on_with_the_next_attempt() {
    let desk = Desk::new();
    let run = desk.start_run("demo", "say: a\ncrash").await;
    let view = desk.until_state(run, RunState::Failed).await;
    assert!(view.line.contains("crashed"), "{}", view.line);
    desk.json(&["resume", &run.to_string(), "say: back again"]);
    let view = desk.until(run, "the next attempt", |v| v.state == RunState::Idle && v.attempt == 2).await;
    assert_eq!(view.line, "back again");
    desk.json(&["stop", &run.to_string()]);
    desk.until_state(run, RunState::Stopped).await;
    desk.json(&["archive", &run.to_string()]);
    assert_eq!(desk.json(&["ls"]), serde_json::json!([]));
    desk.close().await;
}

#[tokio::test]
async fn runs_wait_for_a_place_in_the_order_they_came() {
    let desk = Desk::with(&[], &["--max-working", "1"]);
    let first = desk.start_run("demo", "ask: wait?").await;
    desk.asked(first).await;
    let second = desk.start_run("demo", "say: two").await;
    let third = desk.start_run("demo", "say: three").await;
    assert_eq!(desk.client().run(second).await.unwrap().queue, Some(1));
    assert_eq!(desk.client().run(third).await.unwrap().queue, Some(2));
    desk.json(&["stop", &second.to_string()]);
    desk.until(third, "next in line", |view| view.queue == Some(1)).await;
    assert_eq!(desk.client().run(second).await.unwrap().state, RunState::Stopped);
    desk.json(&["stop", &first.to_string()]);
    desk.until_state(third, RunState::Idle).await;
    desk.close().await;
}

#[tokio::test]
async fn a_run_whose_time_is_over_ends() {
    let desk = Desk::new();
    let dir = desk.workspace.to_str().unwrap();
    let args = ["run", "--detach", "--agent", "demo", "--dir", dir, "--time-limit", "1", "sleep: 600"];
    let run: RunView = serde_json::from_value(desk.json(&args)).unwrap();
    desk.until_state(run.id, RunState::TimedOut).await;
    desk.close().await;
}

#[tokio::test]
async fn secrets_are_masked_in_what_is_served_and_shown_in_what_will_run() {
    let desk = Desk::new();
    let secret = format!("ghp_{}", "a1B2".repeat(9));
    let run = desk.start_run("demo", &format!("run: echo token {secret}")).await;
    let asked = desk.asked(run).await;
    assert!(asked.request.text.contains(&secret), "the card shows exactly what will run");
    assert!(!desk.client().run(run).await.unwrap().line.contains(&secret), "a list does not");
    desk.decide(&asked, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    for envelope in desk.events(run).await {
        if let Event::ToolFinished { .. } | Event::ToolStarted { .. } = envelope.event {
            assert!(!serde_json::to_string(&envelope).unwrap().contains(&secret), "{envelope:?}");
        }
    }
    let output = desk.client().output(run, None, 0).await.unwrap();
    assert!(!String::from_utf8_lossy(&output.bytes).contains(&secret));
    assert_eq!(output.bytes.len() as u64, output.length, "masking changes no offset");
    desk.close().await;
}
