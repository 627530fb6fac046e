//! Cells of an agent in a terminal whose loop reads a line, works on it by itself, and then reads the next.

use super::agents::{Ask, Contract};
use super::in_terminal::window;
use super::proved::Record;
use super::shells;
use crate::story::*;
use offdesk_protocol::*;

/// In the mode that rev begins with, its commands fail: it sets their alarms outside of Python's main thread.
const MODE: &str = "/mode simple";
const ASKS: &str = "Continue with this operation?";

/// What it cannot: it works by itself, and its screen is all it says.
const ALONE: [(&str, &str); 11] = [
    (
        "approve",
        "it runs commands by itself: what it asks about, which is little, is on its screen, and answered by keys",
    ),
    ("edit", "it changes files by itself: a terminal has no structured edit"),
    ("two", "it has no requests, so there are no two of them"),
    ("editInput", "it has no request that could be changed"),
    ("denyWords", "it has no request that could be denied"),
    ("denyStop", "it has no request that could be denied; it is stopped"),
    ("rule", "it has no requests that a rule could decide"),
    ("question", "its questions are on its screen, and answered by keys"),
    ("plan", "it reviews its plans by itself"),
    ("subAgents", "they are steps of its own, and it does not say what they do"),
    ("elicitation", "it knows servers by name only, and starts none"),
];

/// Has it do this, in a mode in which it can.
async fn works(desk: &mut Contract, ask: &Ask<'_>) -> RunId {
    if desk.lives().is_none() {
        desk.say(MODE).await;
    }
    desk.start(ask).await
}

/// A prompt is a line, typed when it reads; what it does is seen while it does it; and nothing of it waits for anybody.
pub async fn begins_and_works_on_its_own(desk: &mut Contract, record: &mut Record) {
    let run = desk.say("[[write path=begun.txt content=begun]]").await;
    eventually("it wrote", async || desk.desk.file("begun.txt") == "begun").await;
    record.proved("start");

    let mut window = window(desk, run);
    desk.say(MODE).await;
    let slowly =
        Ask::Command("touch runs.txt; while [ ! -e go ]; do sleep 0.05; done; echo once >> over.txt");
    desk.start(&slowly).await;
    eventually("its command runs", async || desk.desk.workspace.join("runs.txt").exists()).await;
    window.shows("Running command: git version").await;
    assert_eq!(desk.desk.file("over.txt"), "", "it still runs");
    std::fs::write(desk.desk.workspace.join("go"), "").unwrap();
    eventually("it is over", async || desk.desk.file("over.txt") == "once\n").await;
    window.leaves().await;
    record.proved("stream");

    let all = desk.desk.client().approvals(Some(run), true).await.unwrap();
    assert_eq!(all, [], "it did all of this, and asked for none of it");
    for (cell, why) in ALONE {
        record.refused(cell, why);
    }
}

/// What is typed while it works is lost in it; so words wait, and each is read once.
pub async fn reads_words_when_it_is_done(desk: &mut Contract, record: &mut Record) {
    let run = works(desk, &Ask::Command("touch busy.txt; while [ ! -e on ]; do sleep 0.05; done")).await;
    eventually("it works", async || desk.desk.workspace.join("busy.txt").exists()).await;
    desk.send(run, &Ask::Command("echo one >> heard.txt"));
    desk.send(run, &Ask::Command("echo two >> heard.txt"));
    let before = receipts(desk, run).await;
    assert_eq!(desk.desk.file("heard.txt"), "");
    // Nor does a gateway that dies meanwhile have them typed twice.
    desk.desk.kill_gateway();
    desk.desk.revive();
    std::fs::write(desk.desk.workspace.join("on"), "").unwrap();
    eventually("it heard both", async || desk.desk.file("heard.txt") == "one\ntwo\n").await;
    eventually("both have receipts", async || receipts(desk, run).await == before + 2).await;
    record.refused("steer", "what is typed while it works is lost in it; words wait until it reads again");
}

async fn receipts(desk: &Contract, run: RunId) -> usize {
    let reached = |e: &&Envelope| matches!(e.event, Event::PromptDelivered { .. });
    desk.desk.events(run).await.iter().filter(reached).count()
}

/// What it holds for destructive it asks about on its screen: answered by a tap or by keys.
pub async fn is_answered_from_either_side(desk: &mut Contract, record: &mut Record) {
    let asks = |word: &str| format!("rm -f none.txt; echo {word} >> answers.txt");
    let run = works(desk, &Ask::Command(&asks("afar"))).await;
    let seen = |view: &RunView| view.needs == Some(Needs::Prompt);
    let asked = desk.desk.until(run, "it asks", seen).await.detected.unwrap();
    assert_eq!(asked.kind, DetectedKind::Confirm);
    assert!(asked.text.contains(ASKS), "{asked:?}");
    let client = desk.desk.client();
    let tap =
        |id: &str, keys: &str| TypeKeys { id: id.into(), keys: keys.into(), prompt: Some(asked.id.clone()) };
    client.type_keys(run, &tap("tap", &asked.choices[0].keys)).await.unwrap();
    client.type_keys(run, &tap("another phone", "n\r")).await.unwrap_err();
    answered(desk, run, "afar\n").await;

    let mut window = window(desk, run);
    desk.start(&Ask::Command(&asks("here"))).await;
    let anew = |view: &RunView| view.detected.as_ref().is_some_and(|now| now.id != asked.id);
    let asked = desk.desk.until(run, "it asks again", anew).await.detected.unwrap();
    window.types("y\r");
    answered(desk, run, "afar\nhere\n").await;
    desk.desk.until(run, "nothing is asked", |view| view.needs.is_none()).await;
    let late = TypeKeys { id: "late".into(), keys: "n\r".into(), prompt: Some(asked.id) };
    client.type_keys(run, &late).await.unwrap_err();
    window.leaves().await;
    record.proved("inTerminal");
}

/// rev has a second reader beside its question, which listens for Escape and may take the answer. Whoever sees that
/// nothing comes of it answers again.
async fn answered(desk: &Contract, run: RunId, answers: &str) {
    let client = desk.desk.client();
    let mut again = 0;
    while tokio::time::timeout(
        std::time::Duration::from_secs(4),
        eventually("it goes on", async || desk.desk.file("answers.txt") == answers),
    )
    .await
    .is_err()
    {
        again += 1;
        assert!(again < 5, "it takes no answer");
        let keys = TypeKeys { id: format!("again {answers}{again}"), keys: "y\r".into(), prompt: None };
        client.type_keys(run, &keys).await.unwrap();
    }
}

/// Megabytes on its screen: what is kept of them are bytes, and no events.
pub async fn floods(desk: &mut Contract, record: &mut Record) {
    let run = works(desk, &Ask::Say("flooded' pad=400000 more='")).await;
    desk.start(&Ask::Command("touch dry.txt")).await;
    eventually("it goes on", async || desk.desk.workspace.join("dry.txt").exists()).await;
    let written = desk.output(run, |_| {}).await;
    assert!(written > 1024 * 1024, "{written} bytes of output");
    let shown: usize = desk.desk.events(run).await.iter().map(|e| serde_json::to_vec(e).unwrap().len()).sum();
    assert!(shown < 64 * 1024, "{shown} bytes of events");
    record.proved("flood");
}

/// Killed, it is told; what comes after it is a new one, in the mode that it begins with.
pub async fn crashes_and_begins_anew(desk: &mut Contract, record: &mut Record) {
    let run = works(desk, &Ask::Command("touch known.txt")).await;
    eventually("it works", async || desk.desk.workspace.join("known.txt").exists()).await;
    let pid = desk.desk.client().run(run).await.unwrap().pid.unwrap();
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(killed.success());
    desk.desk.until_state(run, RunState::Failed).await;
    record.proved("crash");

    desk.desk.json(&["resume", &run.to_string()]);
    let back = |view: &RunView| view.attempt == 2 && view.state == RunState::Idle;
    desk.desk.until(run, "the next attempt", back).await;
    let mut window = window(desk, run);
    desk.say("/mode").await;
    window.shows("→ advanced").await;
    window.leaves().await;
    record.refused("resume", "a new one begins, which knows nothing of the one before");
    desk.say(MODE).await;
}

/// There is no way to cut its task short and keep it; whoever asks for that is told so. Its own Ctrl-C ends it.
pub async fn is_not_interrupted_and_ends(desk: &mut Contract, record: &mut Record) {
    let run = works(desk, &Ask::Command("touch sleeps.txt; sleep 600; touch slept.txt")).await;
    eventually("it runs", async || desk.desk.workspace.join("sleeps.txt").exists()).await;
    let told = desk.desk.refused(1, &["interrupt", &run.to_string()]);
    record.refused("interrupt", &told.message);
    let view = desk.desk.client().run(run).await.unwrap();
    assert!(!view.state.is_over(), "it works on: {view:#?}");

    let keys = TypeKeys { id: "ctrl-c".into(), keys: "\x03".into(), prompt: None };
    desk.desk.client().type_keys(run, &keys).await.unwrap();
    desk.desk.until(run, "its end", |view| view.state.is_over()).await;
    eventually("nothing of it is left", async || desk.desk.processes().is_empty()).await;
    assert!(!desk.desk.workspace.join("slept.txt").exists());
    desk.is_over();
}

pub async fn is_stopped_with_all_it_started(desk: &mut Contract, record: &mut Record) {
    desk.say(MODE).await;
    shells::is_stopped_with_all_it_started(desk, record).await;
}
