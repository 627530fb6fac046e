//! Cells of programs in a terminal that tell nothing of what they do: a shell, any command line.

use super::agents::{Agent, Ask, Contract};
use super::in_terminal::window;
use super::proved::Record;
use crate::story::*;
use offdesk_protocol::*;

/// What no such program can: it draws a screen, and nothing of what it does comes before it is done.
const TELLS_NOTHING: [(&str, &str); 11] = [
    ("approve", "it runs what is typed at once: a program in a terminal has no request that could wait"),
    ("edit", "it changes files without telling: a terminal has no structured edit"),
    ("two", "it has no requests, so there are no two of them"),
    ("editInput", "it has no request that could be changed; what is typed is what runs"),
    ("denyWords", "it has no request that could be denied"),
    ("denyStop", "it has no request that could be denied; it is interrupted or stopped"),
    ("rule", "it has no requests that a rule could decide"),
    ("question", "its questions are on its screen, and answered by keys"),
    ("plan", "it has no plans"),
    ("subAgents", "what it starts are processes of its own, and ends with it"),
    ("elicitation", "it has no servers of the person's"),
];

/// A prompt is a line, typed once; what it prints is seen while it runs; and nothing of it waits for anybody.
pub async fn begins_and_runs_what_is_typed(desk: &mut Contract, record: &mut Record) {
    let run = desk.say("touch begun.txt").await;
    eventually("it ran", async || desk.desk.workspace.join("begun.txt").exists()).await;
    record.proved("start");

    let mut window = window(desk, run);
    desk.say("echo seen-$((40+2)); while [ ! -e go ]; do sleep 0.05; done; echo once >> over.txt").await;
    window.shows("seen-42").await;
    assert_eq!(desk.desk.file("over.txt"), "", "it still runs");
    std::fs::write(desk.desk.workspace.join("go"), "").unwrap();
    eventually("it is over", async || desk.desk.file("over.txt") == "once\n").await;
    window.leaves().await;
    record.proved("stream");

    let all = desk.desk.client().approvals(Some(run), true).await.unwrap();
    assert_eq!(all, [], "it ran all of this, and asked for none of it");
    for (cell, why) in TELLS_NOTHING {
        record.refused(cell, why);
    }
}

/// Files cannot go with what is typed, and whoever tries is told so before anything is.
pub async fn takes_no_files(desk: &mut Contract, record: &mut Record) {
    let picture = desk.desk.home.path().join("shot.png");
    std::fs::write(&picture, crate::controls::PNG).unwrap();
    let run = desk.start(&Ask::Command("touch before.txt")).await;
    let line = desk.agent.prompt(&Ask::Command("touch with-a-file.txt"));
    let told = desk.desk.refused(1, &["send", &run.to_string(), &line, "--file", picture.to_str().unwrap()]);
    record.refused("images", &told.message);
    desk.start(&Ask::Command("touch after.txt")).await;
    eventually("it goes on", async || desk.desk.workspace.join("after.txt").exists()).await;
    assert!(!desk.desk.workspace.join("with-a-file.txt").exists());
}

/// Words sent while a program runs are that program's.
pub async fn hears_words_while_it_runs(desk: &mut Contract, record: &mut Record) {
    let run = desk.say("touch reads.txt; read words; echo \"heard $words\" >> heard.txt").await;
    eventually("it runs", async || desk.desk.workspace.join("reads.txt").exists()).await;
    desk.desk.json(&["send", &run.to_string(), "these words"]);
    eventually("it has them", async || desk.desk.file("heard.txt") == "heard these words\n").await;
    record.proved("steer");
}

/// What runs is cut, the shell stays and works on.
pub async fn is_interrupted(desk: &mut Contract, record: &mut Record) {
    let run = desk.say("touch sleeps.txt; sleep 600; touch slept.txt").await;
    eventually("it runs", async || desk.desk.workspace.join("sleeps.txt").exists()).await;
    let pid = desk.desk.client().run(run).await.unwrap().pid;
    desk.desk.json(&["interrupt", &run.to_string()]);
    desk.say("touch works-on.txt").await;
    eventually("it works on", async || desk.desk.workspace.join("works-on.txt").exists()).await;
    assert!(!desk.desk.workspace.join("slept.txt").exists());
    assert_eq!(desk.desk.client().run(run).await.unwrap().pid, pid);
    record.proved("interrupt");
}

/// What the screen seems to ask is answered by a tap or by keys; who comes second types nothing.
pub async fn is_answered_from_either_side(desk: &mut Contract, record: &mut Record) {
    let asks = "printf 'Deploy to production? [y/N] '; read answer; echo \"$answer\" >> answers.txt";
    let run = desk.say(asks).await;
    let seen = |view: &RunView| view.needs == Some(Needs::Prompt);
    let asked = desk.desk.until(run, "it asks", seen).await.detected.unwrap();
    assert_eq!(asked.kind, DetectedKind::Confirm);
    let client = desk.desk.client();
    let tap =
        |id: &str, keys: &str| TypeKeys { id: id.into(), keys: keys.into(), prompt: Some(asked.id.clone()) };
    let yes = tap("tap", &asked.choices[0].keys);
    client.type_keys(run, &yes).await.unwrap();
    client.type_keys(run, &yes).await.unwrap();
    eventually("it is answered", async || desk.desk.file("answers.txt") == "y\n").await;
    client.type_keys(run, &tap("another phone", "n\r")).await.unwrap_err();

    let mut window = window(desk, run);
    desk.say(asks).await;
    let anew = |view: &RunView| view.detected.as_ref().is_some_and(|now| now.id != asked.id);
    let asked = desk.desk.until(run, "it asks again", anew).await.detected.unwrap();
    window.types("n\r");
    eventually("it is answered here", async || desk.desk.file("answers.txt") == "y\nn\n").await;
    desk.desk.until(run, "nothing is asked", |view| view.needs.is_none()).await;
    let late = TypeKeys { id: "late".into(), keys: "y\r".into(), prompt: Some(asked.id) };
    client.type_keys(run, &late).await.unwrap_err();
    window.leaves().await;
    record.proved("inTerminal");
}

/// Megabytes of output: what is kept of them are bytes, and no events.
pub async fn floods(desk: &mut Contract, record: &mut Record) {
    let run = desk.say("seq 1 600000 | tee flood.txt; touch flooded.txt").await;
    eventually("all of it came", async || desk.desk.workspace.join("flooded.txt").exists()).await;
    let shown: usize = desk.events(run).await.iter().map(|e| serde_json::to_vec(e).unwrap().len()).sum();
    assert!(shown < 64 * 1024, "{shown} bytes of events");
    desk.say("touch dry.txt").await;
    eventually("it goes on", async || desk.desk.workspace.join("dry.txt").exists()).await;
    record.proved("flood");
}

/// Killed, it is told; what comes after it is a new shell.
pub async fn crashes_and_begins_anew(desk: &mut Contract, record: &mut Record) {
    let run = desk.say("KNOWN=yes; touch known.txt").await;
    eventually("it knows", async || desk.desk.workspace.join("known.txt").exists()).await;
    let pid = desk.desk.client().run(run).await.unwrap().pid.unwrap();
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(killed.success());
    desk.desk.until_state(run, RunState::Failed).await;
    record.proved("crash");

    desk.desk.json(&["resume", &run.to_string()]);
    let back = |view: &RunView| view.attempt == 2 && view.state == RunState::Idle;
    desk.desk.until(run, "the next attempt", back).await;
    desk.say("echo \"known: $KNOWN\" > anew.txt").await;
    eventually("it answers", async || desk.desk.file("anew.txt") == "known: \n").await;
    record.refused("resume", "a new one begins, which knows nothing of the one before");
}

pub async fn is_stopped_with_all_it_started(desk: &mut Contract, record: &mut Record) {
    let leaves = "setsid sleep 1000 & (setsid nohup sleep 1001 >/dev/null 2>&1 &); touch left.txt";
    let run = desk.start(&Ask::Command(leaves)).await;
    eventually("they run", async || desk.desk.workspace.join("left.txt").exists()).await;
    eventually("supervisor, program and two sleepers", async || desk.desk.processes().len() >= 4).await;
    desk.desk.json(&["stop", &run.to_string()]);
    desk.desk.until_state(run, RunState::Stopped).await;
    eventually("nothing of it is left", async || desk.desk.processes().is_empty()).await;
    record.proved("stop");
    desk.is_over();
}

/// The command line of a *terminal*, of which a shell stays when it is through.
pub fn command(agent: Agent, first: &str) -> Option<Vec<String>> {
    let line = format!("{first}; exec sh");
    (agent == Agent::Terminal).then(|| ["sh", "-c", &line].map(String::from).to_vec())
}
