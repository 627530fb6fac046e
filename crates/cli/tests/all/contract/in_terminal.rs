//! Cells about terminals: what an agent's own screen shows, and who may answer it.

use super::agents::{Ask, Contract};
use super::proved::Record;
use crate::takeover::Window;
use offdesk_protocol::*;

/// A person at the machine who looks at the run's terminal, and may type.
pub fn window(desk: &Contract, run: RunId) -> Window {
    Window::open(&desk.desk, &[], &["attach", &run.to_string()])
}

/// Started by a prompt; the screen shows what it says while it says it, and the story has it whole.
pub async fn begins_and_shows_what_it_says(desk: &mut Contract, record: &mut Record) {
    let run = desk.say("[[long n=300 delay=0.05]]").await;
    desk.desk.until(run, "its process", |view| view.pid.is_some()).await;
    let mut window = window(desk, run);
    window.shows("word20 ").await;
    assert_eq!(desk.turns(run).await, [], "it is seen before its turn is over");
    desk.rests(run, 1).await;
    let said = desk.last_words(run).await;
    assert!(said.starts_with("word1 ") && said.trim_end().ends_with("word300"), "{said}");
    window.leaves().await;
    record.proved("start");
    record.proved("stream");
}

/// What the screen asks is answered from afar, and its dialog closes; or by keys, and its card goes. Who is first counts.
pub async fn is_answered_from_either_side(desk: &mut Contract, record: &mut Record) {
    let (dialog, yes) = desk.agent.dialog();
    let run = desk.start(&Ask::Command("echo afar >> afar.txt")).await;
    let asked = desk.desk.asked(run).await;
    let mut window = window(desk, run);
    window.shows(dialog).await;
    desk.desk.decide(&asked, Verdict::Allow).await;
    window.shows_no_more(dialog).await;
    desk.rests(run, 1).await;
    assert_eq!(desk.desk.file("afar.txt"), "afar\n");

    desk.send(run, &Ask::Command("echo here >> here.txt"));
    let asked = desk.desk.asked(run).await;
    window.shows(dialog).await;
    assert_eq!(desk.desk.file("here.txt"), "");
    window.answers(yes, dialog).await;
    desk.rests(run, 2).await;
    assert_eq!(desk.desk.file("here.txt"), "here\n");
    let kept = desk.record(&asked).await;
    assert_eq!(kept.state, ApprovalState::Withdrawn);
    let there = |by: &Option<Actor>| matches!(by, Some(Actor::Person { name, .. }) if name == "the terminal");
    assert!(there(&kept.decided_by), "{kept:#?}");
    let late = Decision::new(&asked.request.hash, Verdict::Deny { say: None, stop: false });
    assert!(desk.desk.client().decide(asked.request.id, &late).await.is_err(), "somebody was first");
    window.leaves().await;
    record.proved("inTerminal");
}

/// An agent that is led by its protocol has no screen; whoever types is told so.
pub async fn has_no_terminal(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::Command("touch typed.txt")).await;
    let asked = desk.desk.asked(run).await;
    let keys = TypeKeys { id: "yes".into(), keys: "y\r".into(), prompt: None };
    let told = desk.desk.client().type_keys(run, &keys).await.unwrap_err();
    assert_eq!(desk.desk.asked(run).await, asked, "keys decide nothing here");
    record.refused("inTerminal", &told.to_string());
    desk.desk.decide(&asked, Verdict::Allow).await;
    desk.rests(run, 1).await;
}
