//! Conversations that agents kept by themselves, and doing runs again.

use crate::claude::{Model, claude_env};
use crate::outside::Edge;
use crate::pairing::paired;
use crate::phone::ask;
use crate::story::*;
use offdesk_client::HistoryWish;
use offdesk_protocol::*;
use serde_json::json;
use std::process::{Child, Command, Stdio};

/// Claude Code in the person's own terminal, with the same model behind it.
fn own_claude(desk: &Desk, model: &Model, args: &[&str]) -> Child {
    let mut command = Command::new(claude());
    for name in ["IS_SANDBOX", "CLAUDECODE", "OFFDESK_DATA", "OFFDESK_RUN"] {
        command.env_remove(name);
    }
    command.envs(claude_env(model)).env("HOME", desk.home.path()).current_dir(&desk.workspace);
    command.arg("-p").args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn says(desk: &Desk, model: &Model, args: &[&str]) {
    assert!(own_claude(desk, model, args).wait().unwrap().success(), "{args:?}");
}

fn started(desk: &Desk, words: &str, entry: &HistoryEntry) -> StartRun {
    StartRun {
        prompt: Some(words.into()),
        continues: Some(Continues { agent_session: entry.id.clone() }),
        ..StartRun::of(&entry.agent, desk.workspace.to_str().unwrap())
    }
}

async fn listed(desk: &Desk) -> Vec<HistoryEntry> {
    desk.client().history(&HistoryWish::default()).await.unwrap().entries
}

fn sessions(events: &[Envelope]) -> Vec<String> {
    let mut found: Vec<String> = events
        .iter()
        .filter_map(|e| match &e.event {
            Event::AgentIdentified { agent_session, .. } => agent_session.clone(),
            _ => None,
        })
        .collect();
    found.dedup();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_in_a_terminal_is_continued_by_phone_and_stays_one_conversation() {
    let (edge, model) = (Edge::new(), Model::start().await);
    let mut env = claude_env(&model);
    env.extend([("SCRIPTED_CLOUDFLARED", String::new()), ("NO_PROXY", "127.0.0.1".into())]);
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let desk = edge.desk_without_tunnel(&env, &["--tunnel", "quick"]);
    says(&desk, &model, &["Count the apples. [[bash cmd='touch apples.txt']]", "--allowedTools", "Bash"]);
    says(&desk, &model, &["--continue", "And the pears?"]);

    let phone = paired(&edge, &desk).await.connect().await.unwrap();
    let (status, list) = ask(&phone, "GET", "/api/v1/history?q=apples&agent=claude", None).await.unwrap();
    let list: HistoryList = serde_json::from_value(list).unwrap();
    let [entry] = list.entries.as_slice() else { panic!("{status} {list:#?}") };
    assert_eq!(entry.title, "Count the apples. [[bash cmd='touch apples.txt']]");
    assert_eq!(entry.dir.as_deref(), desk.workspace.to_str());
    assert_eq!((entry.messages, entry.live, entry.run), (Some(5), None, None));
    assert!(entry.can_continue, "{:?}", entry.why_not);
    assert!(desk.json(&["history", "ls", "no such words"])["entries"].as_array().unwrap().is_empty());

    let path = format!("/api/v1/history/claude/{}", entry.id);
    let (_, page) = ask(&phone, "GET", &path, None).await.unwrap();
    let page: HistoryPage = serde_json::from_value(page).unwrap();
    let tool = page.items.iter().find_map(|item| match &item.what {
        HistoryWhat::Tool { title, status, .. } => Some((title.clone(), *status)),
        _ => None,
    });
    assert_eq!(tool, Some(("touch apples.txt".into(), Some(ToolStatus::Ok))));
    let shown = desk.cli(&["history", "show", "claude", &entry.id]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("> And the pears?"));

    // Pressed twice on two phones: one run goes on with it, and the other is told which.
    let (first, second) =
        (started(&desk, "[[hello text='Five pears.']]", entry), started(&desk, "Me too", entry));
    let (a, b) = tokio::join!(
        ask(&phone, "POST", "/api/v1/runs", Some(json!(first))),
        ask(&phone, "POST", "/api/v1/runs", Some(json!(second))),
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    let mut codes = [a.0, b.0];
    codes.sort_unstable();
    assert_eq!(codes, [200, 409], "{a:?} {b:?}");
    let run = if a.0 == 200 { first.id } else { second.id };
    desk.until_state(run, RunState::Idle).await;
    assert_eq!(sessions(&desk.events(run).await), [entry.id.as_str()], "the same conversation");
    let all = listed(&desk).await;
    let [own] = all.as_slice() else { panic!("one conversation is one entry: {all:#?}") };
    assert_eq!((own.run, own.messages, own.live), (Some(run), Some(7), None));
    let refused = desk.refused(1, &["history", "continue", "claude", &entry.id, "Once more"]);
    assert_eq!(refused.code, ErrorCode::WrongState);
    assert!(refused.message.contains("It is the run"), "{refused:?}");
    drop(phone);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_is_open_elsewhere_is_marked_and_refused_until_it_is_stopped() {
    let model = Model::start().await;
    let env = claude_env(&model);
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let desk = Desk::with(&env, &[]);
    says(&desk, &model, &["Count the apples."]);
    let id = listed(&desk).await.remove(0).id;

    // Gone on with in a terminal: its process names the conversation.
    let long = "[[bash cmd='tail -f /dev/null']]";
    let mut terminal = own_claude(&desk, &model, &["--resume", &id, long, "--allowedTools", "Bash"]);
    let open =
        async || listed(&desk).await[0].live == Some(HistoryLive { pid: terminal.id(), certain: true });
    eventually("it is seen to be open", open).await;
    let refused = desk.refused(1, &["history", "continue", "claude", &id, "Me too"]);
    assert!(refused.message.contains("open in process"), "{refused:?}");
    assert!(desk.client().runs(true).await.unwrap().is_empty());

    // Another process is never ended, whoever asks.
    let pid = std::process::id().to_string();
    let refused = desk.refused(1, &["history", "stop", "claude", &id, "--pid", &pid]);
    assert_eq!(refused.code, ErrorCode::WrongState);
    let pid = terminal.id().to_string();
    assert_eq!(desk.cli(&["history", "stop", "claude", &id]).status.code(), Some(2), "nobody said which");
    let stopping = desk.client();
    let stopped =
        tokio::spawn(async move { stopping.stop_history("claude", &id, pid.parse().unwrap()).await });
    tokio::task::spawn_blocking(move || terminal.wait().unwrap()).await.unwrap();
    let entry = stopped.await.unwrap().unwrap();
    assert_eq!((entry.live, entry.can_continue), (None, true), "{entry:?}");

    // One that was begun in the same folder names nothing: that it is open is likely, and said so.
    let mut terminal = own_claude(&desk, &model, &[long, "--allowedTools", "Bash"]);
    let likely = async || {
        let all = listed(&desk).await;
        all.len() == 2
            && all[0].live == Some(HistoryLive { pid: terminal.id(), certain: false })
            && all[1].live.is_none()
    };
    eventually("it may be open", likely).await;
    terminal.kill().unwrap();
    terminal.wait().unwrap();
    let view = desk.json(&["history", "continue", "claude", &entry.id, "[[hello]]", "--label", "Apples"]);
    assert_eq!((view["state"].as_str(), view["label"].as_str()), (Some("idle"), Some("Apples")));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_keeps_to_the_roots_and_is_not_for_agents() {
    let model = Model::start().await;
    let env = claude_env(&model);
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let desk = Desk::with(&env, &[]);
    says(&desk, &model, &["Count the apples."]);
    let project =
        std::fs::read_dir(desk.home.path().join(".claude/projects")).unwrap().next().unwrap().unwrap();
    let file = std::fs::read_dir(project.path())
        .unwrap()
        .flatten()
        .find(|entry| entry.path().extension().is_some_and(|e| e == "jsonl"));
    let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
    let elsewhere = desk.home.path().join(".claude/projects/elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let workspace = desk.workspace.to_str().unwrap();
    let outside = text.replace(workspace, "/somewhere/else").replace("\"uuid\":\"", "\"uuid\":\"x");
    std::fs::write(elsewhere.join("11111111-2222-4333-8444-555555555555.jsonl"), outside).unwrap();
    let secret =
        text.replace("Count the apples.", "The key is sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789");
    let secret = secret.replace("\"uuid\":\"", "\"uuid\":\"y");
    std::fs::write(project.path().join("22222222-2222-4333-8444-555555555555.jsonl"), secret).unwrap();

    let all = listed(&desk).await;
    assert_eq!(all.len(), 2, "what is outside the roots is not shown: {all:#?}");
    let whole = desk.json(&["history", "show", "claude", "22222222-2222-4333-8444-555555555555"]).to_string();
    assert!(whole.contains("The key is") && !whole.contains("abcdefghij"), "secrets are masked: {whole}");
    desk.refused(1, &["history", "show", "claude", "11111111-2222-4333-8444-555555555555"]);
    desk.refused(1, &["history", "show", "claude", "../../secret"]);

    let run = desk
        .start_run(
            "demo",
            &format!("run: {} --data {} history --json", offdesk().display(), desk.data.display()),
        )
        .await;
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    let told = format!("{:?}", desk.events(run).await);
    assert!(told.contains("notAllowed") && !told.contains("Count the apples"), "{told}");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_restarted_with_its_first_prompt_in_a_new_conversation_and_cloned() {
    let model = Model::start().await;
    let env = claude_env(&model);
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let desk = Desk::with(&env, &[]);
    let run = desk.start_run("claude", "[[hello text='The first answer.']]").await;
    desk.until_state(run, RunState::Idle).await;
    desk.json(&["send", &run.to_string(), "[[hello text='The second answer.']]"]);
    desk.until(run, "the second answer", |v| v.state == RunState::Idle && v.line.contains("second")).await;

    // It lives, so it is stopped first; what was said stays.
    let view = desk.json(&["restart", &run.to_string()]);
    assert_eq!(view["id"], json!(run));
    desk.until(run, "the first answer again", |v| {
        v.attempt == 2 && v.state == RunState::Idle && v.line.contains("first")
    })
    .await;
    let events = desk.events(run).await;
    let two = sessions(&events);
    assert!(two.len() == 2 && two[0] != two[1], "a conversation that knows nothing: {two:?}");
    let prompts: Vec<&str> = events
        .iter()
        .filter_map(|e| match &e.event {
            Event::PromptSent { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!((prompts.len(), prompts[0]), (3, prompts[2]));

    let clone =
        desk.json(&["clone", &run.to_string(), "[[hello text='Another thing.']]", "--label", "Clone"]);
    let id: RunId = clone["id"].as_str().unwrap().parse().unwrap();
    let view = desk.until_state(id, RunState::Idle).await;
    assert_eq!(
        (view.agent.as_str(), view.dir.as_str(), view.label.as_str()),
        ("claude", desk.workspace.to_str().unwrap(), "Clone")
    );
    assert!(view.line.contains("Another thing."));
    let same = desk.json(&["clone", &run.to_string()]);
    let id: RunId = same["id"].as_str().unwrap().parse().unwrap();
    desk.until(id, "the same again", |v| v.state == RunState::Idle && v.line.contains("The first answer."))
        .await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_never_claimed_twice() {
    let desk = Desk::new();
    let run = desk.start_run("demo", "say: hello").await;
    desk.until_state(run, RunState::Idle).await;
    desk.json(&["stop", &run.to_string()]);
    desk.until_state(run, RunState::Stopped).await;

    // Another gateway does not get the data folder.
    let second = desk.cli(&["serve", "--listen", "127.0.0.1:0", "--json"]);
    assert_eq!(second.status.code(), Some(1), "{}", String::from_utf8_lossy(&second.stderr));
    // Resumed and restarted by many at once: one of them does it.
    let clients = (0..8).map(|index| (index, desk.client()));
    let asked: Vec<_> = clients
        .map(|(index, client)| {
            tokio::spawn(async move {
                match index % 2 {
                    0 => client.resume(run, &ResumeRun::default()).await.is_ok(),
                    _ => client.restart(run, RestartRun { prompt: PromptId::new() }).await.is_ok(),
                }
            })
        })
        .collect();
    for asked in asked {
        // A restart may come when the next attempt lives already: then it is stopped, and begun anew in its turn.
        let _ = asked.await.unwrap();
    }
    desk.until(run, "at rest", |v| v.state == RunState::Idle).await;
    let events = desk.events(run).await;
    let (mut alive, mut numbers) = (0, Vec::new());
    for event in &events {
        match &event.event {
            Event::RunStarting { number, .. } => {
                alive += 1;
                numbers.push(*number);
            }
            Event::RunExited { .. } => alive -= 1,
            _ => {}
        }
        assert!((0..=1).contains(&alive), "two attempts at once: {events:#?}");
    }
    assert_eq!(numbers, (1..=u32::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());

    desk.json(&["stop", &run.to_string()]);
    desk.until_state(run, RunState::Stopped).await;
    let many: Vec<_> = (0..8)
        .map(|_| desk.client())
        .map(|client| tokio::spawn(async move { client.resume(run, &ResumeRun::default()).await.is_ok() }))
        .collect();
    let mut taken = 0;
    for asked in many {
        taken += usize::from(asked.await.unwrap());
    }
    assert_eq!(taken, 1, "one resumes it");
    let view = desk.until_state(run, RunState::Idle).await;
    assert_eq!(view.attempt as usize, numbers.len() + 1);
    desk.close().await;
}
