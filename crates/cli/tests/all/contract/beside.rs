//! More cells: pictures, sub-agents, and servers that ask.

use super::agents::{Agent, Ask, Contract};
use super::cells::{first_words, resting};
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
    desk.desk.json(&["send", &run.to_string(), &prompt, "--file", picture.to_str().unwrap()]);
    desk.rests(run, 2).await;
    let said = desk.last_words(run).await;
    match said.contains("1 images") {
        true => record.proved("images"),
        false => record.refused("images", without_home(&desk.desk, &said).as_str()),
    }
    desk.end(run).await;
}

/// A sub-agent's command waits like any other, its card says who asks, and what it did is shown below it.
pub async fn has_sub_agents(desk: &mut Contract, record: &mut Record) {
    let run = match desk.agent {
        // Codex offers them by itself to a model it does not know; to its own after a search only.
        Agent::Codex => start_with_model(desk, "scripted-1", &Ask::SubAgent("touch sub.txt")),
        _ => desk.start(&Ask::SubAgent("touch sub.txt")).await,
    };
    let view = desk.desk.until(run, "a request, or an answer", resting).await;
    if view.state != RunState::Waiting {
        desk.rests(run, 1).await;
        record.refused("subAgents", first_words(&desk.last_words(run).await));
        return desk.end(run).await;
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
    desk.desk.decide(&asked, Verdict::Allow).await;
    desk.rests(run, 1).await;
    assert!(desk.desk.workspace.join("sub.txt").exists());
    let Some(by) = asked.request.sub_agent else {
        record.refused("subAgents", "its sub-agents ask, and it does not say that they do");
        return desk.end(run).await;
    };
    let below = |event: &Envelope| matches!(&event.event, Event::ToolStarted { parent, .. } if *parent == Some(by.tool));
    assert!(desk.desk.events(run).await.iter().any(below), "what it did is below it");
    record.proved("subAgents");
    desk.end(run).await;
}

fn start_with_model(desk: &Contract, model: &str, ask: &Ask<'_>) -> RunId {
    let (dir, prompt) = (desk.desk.workspace.display().to_string(), desk.agent.prompt(ask));
    let words = ["run", "--agent", desk.agent.kind(), "--model", model, "--dir", &dir, "--detach", &prompt];
    desk.desk.json(&words)["id"].as_str().unwrap().parse().unwrap()
}

/// What a server of the person's asks is a question with its fields; or the server hears that nobody can be asked.
pub async fn passes_on_what_a_server_asks(desk: &mut Contract, record: &mut Record) {
    desk.agent.knows_server(&desk.desk);
    let run = desk.start(&Ask::Form).await;
    let view = desk.desk.until(run, "a request, or an answer", resting).await;
    if view.needs == Some(Needs::Approval) {
        desk.desk.decide(&desk.desk.asked(run).await, Verdict::Allow).await;
        let over = |view: &RunView| view.needs == Some(Needs::Question) || view.state == RunState::Idle;
        desk.desk.until(run, "the server asks, or its tool ends", over).await;
    }
    let open = desk.desk.client().approvals(Some(run), false).await.unwrap();
    let Some(asked) = open.into_iter().find(|asked| asked.request.kind == ApprovalKind::Question) else {
        desk.rests(run, 1).await;
        record.refused("elicitation", first_words(&desk.last_words(run).await));
        return desk.end(run).await;
    };
    assert_eq!((asked.request.tool.as_str(), asked.request.questions.len()), ("forms", 6));
    desk.desk.decide(&asked, Verdict::Deny { say: None, stop: false }).await;
    desk.rests(run, 1).await;
    assert!(desk.last_words(run).await.contains("decline"), "{}", desk.last_words(run).await);
    record.proved("elicitation");
    desk.end(run).await;
}

/// What is called otherwise each time: the desk's folder, and the one a prompt's files are in.
fn without_home(desk: &Desk, said: &str) -> String {
    let data = desk.data.to_str().unwrap();
    match said.split_once(data).and_then(|(before, rest)| Some((before, rest.split_once("shot.png")?.1))) {
        Some((before, after)) => format!("{before}…/shot.png{after}"),
        None => said.into(),
    }
}
