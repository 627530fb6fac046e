//! More cells: pictures, sub-agents, and servers that ask.

use super::agents::{Agent, Ask, Contract};
use super::cells::first_words;
use super::in_terminal::window;
use super::proved::Record;
use crate::controls::PNG;
use crate::story::*;
use offdesk_protocol::*;

/// Whether the model is shown a picture that goes with a prompt, or only where it is.
pub async fn sees_pictures(desk: &mut Contract, record: &mut Record) {
    let picture = desk.desk.home.path().join("shot.png");
    std::fs::write(&picture, PNG).unwrap();
    let run = desk.start(&Ask::Say("before the picture")).await;
    desk.rests(run, 1).await;
    let prompt = desk.agent.prompt(&Ask::Seen);
    let sent =
        desk.desk.cli(&["send", &run.to_string(), &prompt, "--file", picture.to_str().unwrap(), "--json"]);
    if !sent.status.success() {
        let told: Problem = serde_json::from_slice(&sent.stderr).unwrap();
        record.refused("images", &told.message);
        return;
    }
    desk.rests(run, 2).await;
    let said = desk.last_words(run).await;
    match said.contains("1 images") {
        true => record.proved("images"),
        false => record.refused("images", without_home(&desk.desk, &said).as_str()),
    }
}

pub async fn has_sub_agents(desk: &mut Contract, record: &mut Record) {
    // Codex offers them at once to a model it does not know; to its own after a search only.
    let config = desk.desk.home.path().join(".codex/config.toml");
    let own = std::fs::read_to_string(&config).ok().filter(|_| desk.agent.is_codex());
    if let Some(own) = &own {
        std::fs::write(&config, own.replace("gpt-5.5", "scripted-1")).unwrap();
        desk.begins_anew().await;
    }
    sub_agent_asks(desk, record).await;
    if let Some(own) = own {
        std::fs::write(&config, own).unwrap();
    }
}

/// A sub-agent's command waits like any other, its card says who asks, and what it did is shown below it.
async fn sub_agent_asks(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::SubAgent("touch sub.txt")).await;
    let view = match desk.agent {
        // Its sub-agents work behind the turn.
        Agent::ClaudeTerminal => desk.desk.until_state(run, RunState::Waiting).await,
        _ => desk.rests_or_waits(run).await,
    };
    if view.state != RunState::Waiting {
        desk.rests(run, 1).await;
        record.refused("subAgents", first_words(&desk.last_words(run).await));
        return;
    }
    let mut asked = desk.desk.asked(run).await;
    if asked.request.text != "touch sub.txt" {
        // Some ask before they start one.
        desk.desk.decide(&asked, Verdict::Allow).await;
        let command = async || {
            let open = desk.desk.client().approvals(Some(run), false).await.unwrap();
            open.iter().any(|next| next.request.text == "touch sub.txt")
        };
        eventually("the sub-agent asks", command).await;
        asked = desk.desk.asked(run).await;
    }
    assert!(!desk.desk.workspace.join("sub.txt").exists());
    // Behind the turn it asks; what comes of it is a turn of its own.
    let turns = if desk.agent == Agent::ClaudeTerminal { 2 } else { 1 };
    eventually("the turn before it is over", async || desk.turns(run).await.len() >= turns - 1).await;
    desk.desk.decide(&asked, Verdict::Allow).await;
    desk.rests(run, turns).await;
    eventually("it ran", async || desk.desk.workspace.join("sub.txt").exists()).await;
    let Some(by) = asked.request.sub_agent else {
        record.refused("subAgents", "its sub-agents ask, and it does not say that they do");
        return;
    };
    let below = |event: &Envelope| matches!(&event.event, Event::ToolStarted { parent, .. } if *parent == Some(by.tool));
    assert!(desk.events(run).await.iter().any(below), "what it did is below it");
    record.proved("subAgents");
}

/// What a server of the person's asks is a question with its fields; or the server hears that nobody can be asked.
pub async fn passes_on_what_a_server_asks(desk: &mut Contract, record: &mut Record) {
    desk.meets_the_server().await;
    let run = desk.start(&Ask::Form).await;
    let view = desk.rests_or_waits(run).await;
    if view.needs == Some(Needs::Approval) {
        desk.desk.decide(&desk.desk.asked(run).await, Verdict::Allow).await;
        if desk.agent == Agent::ClaudeTerminal {
            return has_a_form_on_its_screen(desk, record, run).await;
        }
        let over = |view: &RunView| view.needs == Some(Needs::Question) || view.state == RunState::Idle;
        desk.desk.until(run, "the server asks, or its tool ends", over).await;
    }
    let open = desk.desk.client().approvals(Some(run), false).await.unwrap();
    let Some(asked) = open.into_iter().find(|asked| asked.request.kind == ApprovalKind::Question) else {
        desk.rests(run, 1).await;
        record.refused("elicitation", first_words(&desk.last_words(run).await));
        return;
    };
    assert_eq!((asked.request.tool.as_str(), asked.request.questions.len()), ("forms", 6));
    desk.desk.decide(&asked, Verdict::Deny { say: None, stop: false }).await;
    desk.rests(run, 1).await;
    assert!(desk.last_words(run).await.contains("decline"), "{}", desk.last_words(run).await);
    record.proved("elicitation");
}

/// No hook of Claude's asks with it while its own form is open; keys answer that, from wherever they come.
async fn has_a_form_on_its_screen(desk: &mut Contract, record: &mut Record, run: RunId) {
    let mut window = window(desk, run);
    window.shows("requests your input").await;
    let escape = TypeKeys { id: "cancel".into(), keys: "\x1b".into(), prompt: None };
    desk.desk.client().type_keys(run, &escape).await.unwrap();
    desk.rests(run, 1).await;
    assert!(desk.last_words(run).await.contains("cancel"), "{}", desk.last_words(run).await);
    window.leaves().await;
    record.refused("elicitation", "its form is on its screen, and is answered there by keys");
}

/// What is called otherwise each time: the desk's folder, and the one a prompt's files are in.
fn without_home(desk: &Desk, said: &str) -> String {
    let data = desk.data.to_str().unwrap();
    match said.split_once(data).and_then(|(before, rest)| Some((before, rest.split_once("shot.png")?.1))) {
        Some((before, after)) => format!("{before}…/shot.png{after}"),
        None => said.into(),
    }
}
