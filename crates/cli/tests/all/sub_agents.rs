//! Sub-agents of the real Claude Code: what they do is shown below them, and what they ask says so.

use crate::claude::desk_with_claude;
use crate::codex::desk_with_codex;
use crate::story::*;
use offdesk_protocol::*;

/// Waits until this command is asked for.
async fn asked_for(desk: &Desk, run: RunId, command: &str) -> Approval {
    let open = async || desk.client().approvals(Some(run), false).await.unwrap();
    let wanted = |approvals: Vec<Approval>| approvals.into_iter().find(|asked| asked.request.text == command);
    eventually(command, async || wanted(open().await).is_some()).await;
    wanted(open().await).unwrap()
}

#[tokio::test]
async fn a_card_says_which_sub_agent_asks_and_the_story_shows_what_it_did_below_it() {
    let (mut desk, _model) = desk_with_claude().await;
    let run = desk.start_run("claude", "[[subagent n=2 cmd='touch sub-{i}.txt']]").await;
    let first = asked_for(&desk, run, "touch sub-0.txt").await;
    let second = asked_for(&desk, run, "touch sub-1.txt").await;
    let (one, two) = (first.request.sub_agent.clone().unwrap(), second.request.sub_agent.clone().unwrap());
    assert_eq!((one.name.as_str(), two.name.as_str()), ("Scripted task 0", "Scripted task 1"));
    assert_ne!(one.tool, two.tool);
    let printed = desk.cli(&["approvals"]);
    assert!(String::from_utf8_lossy(&printed.stdout).contains("a sub-agent: Scripted task 1"));

    // Who asks is told anew by the next gateway, and each decision reaches the one it is about.
    desk.kill_gateway();
    desk.start();
    desk.decide(&first, Verdict::Allow).await;
    let say = Some("leave that alone".to_string());
    desk.decide(&second, Verdict::Deny { say, stop: false }).await;
    desk.until_state(run, RunState::Idle).await;
    let exists = |name: &str| desk.workspace.join(name).exists();
    assert_eq!((exists("sub-0.txt"), exists("sub-1.txt")), (true, false));

    let events: Vec<Event> = desk.events(run).await.into_iter().map(|e| e.event).collect();
    let below = |of: ToolId| {
        let told = events.iter().filter_map(move |event| match event {
            Event::ToolStarted { title, parent, .. } if *parent == Some(of) => Some(title.clone()),
            Event::MessageAdded { text, parent, .. } if *parent == Some(of) => Some(text.clone()),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(below(one.tool)[..2], ["I will run a command.", "Bash: touch sub-0.txt"]);
    assert!(below(one.tool)[2].contains("1. ok"), "{:?}", below(one.tool));
    assert!(below(two.tool)[2].contains("leave that alone"), "{:?}", below(two.tool));
    let started = |of: ToolId| {
        events.iter().any(|event| matches!(event, Event::ToolStarted { tool, kind: ToolKind::Agent, parent: None, .. } if *tool == of))
    };
    assert!(started(one.tool) && started(two.tool));
    desk.close().await;
}

/// It works on when the turn is over, and so do its requests.
#[tokio::test]
async fn a_sub_agent_in_the_background_asks_as_well() {
    let (desk, _model) = desk_with_claude().await;
    let run = desk.start_run("claude", "[[subagent cmd='touch behind.txt' background=true]]").await;
    let asked = asked_for(&desk, run, "touch behind.txt").await;
    assert_eq!(asked.request.sub_agent.as_ref().map(|by| by.name.as_str()), Some("Scripted task 0"));
    desk.decide(&asked, Verdict::Allow).await;
    eventually("it ran", async || desk.workspace.join("behind.txt").exists()).await;
    let done = async || {
        let record = desk.client().approval(asked.request.id).await.unwrap();
        (record.state, record.outcome) == (ApprovalState::Finished, Some(Outcome::Ok))
    };
    eventually("its end is told", done).await;
    desk.until_state(run, RunState::Idle).await;
    desk.close().await;
}

/// Codex's are threads of their own: each asks by itself, is shown below the tool that began it, and an interrupt reaches
/// it as well.
#[tokio::test]
async fn sub_agents_of_codex_ask_and_are_interrupted_with_the_run() {
    let (mut desk, _model) = desk_with_codex("").await;
    let dir = desk.workspace.display().to_string();
    let words = ["run", "--agent", "codex", "--model", "scripted-1", "--dir", &dir, "--detach"];
    let prompt = "[[subagent n=2 cmd='touch sub-{i}.txt']]";
    let run: RunId = desk.json(&[&words[..], &[prompt]].concat())["id"].as_str().unwrap().parse().unwrap();
    let first = asked_for(&desk, run, "touch sub-0.txt").await;
    let second = asked_for(&desk, run, "touch sub-1.txt").await;
    let (one, two) = (first.request.sub_agent.clone().unwrap(), second.request.sub_agent.clone().unwrap());
    assert_eq!(one.name, "[[bash cmd='touch sub-0.txt']]");
    assert_ne!(one.tool, two.tool);
    assert_eq!(first.request.reason.as_deref(), Some("I will run a command."));

    desk.kill_gateway();
    desk.start();
    desk.decide(&first, Verdict::Allow).await;
    eventually("it ran", async || desk.workspace.join("sub-0.txt").exists()).await;
    let events: Vec<Event> = desk.events(run).await.into_iter().map(|e| e.event).collect();
    let began = |event: &Event| matches!(event, Event::ToolStarted { tool, kind: ToolKind::Agent, parent: None, .. } if *tool == one.tool);
    let below = |event: &Event| matches!(event, Event::ToolStarted { parent, kind: ToolKind::Command, .. } if *parent == Some(one.tool));
    let said = |event: &Event| matches!(event, Event::MessageAdded { parent, text, .. } if *parent == Some(two.tool) && text == "I will run a command.");
    assert!(events.iter().any(began) && events.iter().any(below) && events.iter().any(said), "{events:#?}");

    desk.json(&["interrupt", &run.to_string()]);
    desk.until_state(run, RunState::Idle).await;
    let withdrawn = async || {
        let record = desk.client().approval(second.request.id).await.unwrap();
        record.state == ApprovalState::Withdrawn
    };
    eventually("what it asked is withdrawn", withdrawn).await;
    assert!(!desk.workspace.join("sub-1.txt").exists());
    let view = desk.client().run(run).await.unwrap();
    assert!(view.usage.input_tokens > 0, "{:?}", view.usage);
    desk.close().await;
}
