//! Models, modes, slash commands, the queue, files, usage and limits, with the real agents.

use crate::acp::{Agent, CLAUDE_ACP, COPILOT, GEMINI, GOOSE, QWEN, desk_with as desk_with_acp};
use crate::claude::desk_with_claude;
use crate::codex::desk_with_codex;
use crate::story::*;
use offdesk_protocol::*;

/// A picture of one point.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00,
    0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50, 0x0f, 0x00, 0x03,
    0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42,
    0x60, 0x82,
];

fn said(events: &[Envelope], words: &str) -> bool {
    events.iter().any(
        |e| matches!(&e.event, Event::MessageAdded { text, role: Role::Agent, .. } if text.contains(words)),
    )
}

async fn until_said(desk: &Desk, run: RunId, words: &str) {
    eventually(words, async || said(&desk.events(run).await, words)).await;
    desk.until_state(run, RunState::Idle).await;
}

fn confirmed_by_the_agent(events: &[Envelope]) -> Vec<String> {
    let word = |e: &Envelope| match &e.event {
        Event::AgentModelChanged { model, control: Some(_) } => Some(model.clone()),
        Event::AgentModeChanged { mode, control: Some(_) } => Some(mode.clone()),
        _ => None,
    };
    events.iter().filter_map(word).collect()
}

#[tokio::test]
async fn claude_takes_another_model_and_mode_and_says_so_and_commands_and_pictures_reach_it() {
    let (mut desk, _model) = desk_with_claude().await;
    let picture = desk.home.path().join("shot.png");
    std::fs::write(&picture, PNG).unwrap();
    let picture = picture.to_str().unwrap();
    let dir = desk.workspace.to_str().unwrap().to_string();
    let started = [
        "run", "--agent", "claude", "--dir", &dir, "--mode", "plan", "--file", picture, "--detach",
        "[[seen]]",
    ];
    let run: RunId = desk.json(&started)["id"].as_str().unwrap().parse().unwrap();
    until_said(&desk, run, "1 images").await;
    let view = desk.client().run(run).await.unwrap();
    assert_eq!(view.controls.mode.as_deref(), Some("plan"), "it was started in it");
    let first = view.model.unwrap();

    let offers = desk.client().offers(run).await.unwrap();
    assert!(offers.models.iter().any(|model| model.id == "sonnet"), "{offers:#?}");
    assert_eq!(offers.modes.iter().map(|mode| mode.id.as_str()).collect::<Vec<_>>(), ["default", "plan"]);
    assert!(offers.modes_left_out.iter().any(|mode| mode.id == "bypassPermissions"));
    let names: Vec<&str> = offers.slash.iter().map(|command| command.name.as_str()).collect();
    assert!(names.contains(&"compact") && !names.contains(&"doctor"), "{names:?}");

    let id = run.to_string();
    desk.json(&["model", &id, "sonnet"]);
    desk.json(&["mode", &id, "default"]);
    let changed = |view: &RunView| {
        view.model.as_ref() != Some(&first) && view.controls.mode.as_deref() == Some("default")
    };
    let view = desk.until(run, "both are confirmed", changed).await;
    assert_eq!((view.controls.model_asked, view.controls.mode_asked), (None, None));
    assert_eq!(confirmed_by_the_agent(&desk.events(run).await).len(), 2);
    desk.json(&["send", &id, "[[seen]]"]);
    until_said(&desk, run, "model claude-sonnet").await;
    let asked = desk.json(&["send", &id, "[[bash cmd='touch asked.txt']]"]);
    assert_eq!(asked["id"], id);
    let approval = desk.asked(run).await;
    desk.decide(&approval, Verdict::Deny { say: None, stop: true }).await;
    desk.until_state(run, RunState::Idle).await;

    // A mode in which it would act by itself is not to be had, by whatever name.
    for mode in ["bypassPermissions", "acceptEdits", "auto"] {
        assert_eq!(desk.refused(4, &["mode", &id, mode]).code, ErrorCode::NotAllowed);
    }
    let option = desk.client().choose_mode(run, "--dangerously-skip-permissions").await.unwrap_err();
    assert!(option.to_string().contains("no name of a model or a mode"), "{option}");
    let bypassing = ["run", "--agent", "claude", "--dir", &dir, "--mode", "bypassPermissions", "x"];
    assert_eq!(desk.refused(4, &bypassing).code, ErrorCode::NotAllowed);

    desk.json(&["send", &id, "/cost"]);
    until_said(&desk, run, "cost").await;

    // What was chosen holds for the next attempt, also when the gateway was killed in between.
    desk.json(&["stop", &id]);
    desk.until_state(run, RunState::Stopped).await;
    desk.kill_gateway();
    desk.start();
    desk.json(&["resume", &id, "[[seen]]"]);
    let again = |view: &RunView| view.attempt == 2 && view.state == RunState::Idle;
    let view = desk.until(run, "the next attempt", again).await;
    assert!(view.model.as_deref().is_some_and(|model| model.contains("sonnet")), "{view:#?}");
    desk.close().await;
}

#[tokio::test]
async fn codex_takes_another_model_and_a_picture() {
    let (desk, _model) = desk_with_codex("").await;
    let run = desk.start_run("codex", "[[seen]]").await;
    until_said(&desk, run, "0 images").await;
    let offers = desk.client().offers(run).await.unwrap();
    assert!(!offers.models.is_empty());
    let other = offers.models.iter().find(|model| model.id != "gpt-5.5").unwrap();
    let (id, wanted) = (run.to_string(), other.id.clone());
    desk.json(&["model", &id, &wanted]);
    desk.until(run, "it is confirmed", |view| view.model.as_ref() == Some(&wanted)).await;
    desk.json(&["model", &id, "gpt-5.5"]);
    desk.until(run, "it is confirmed", |view| view.model.as_deref() == Some("gpt-5.5")).await;
    assert_eq!(confirmed_by_the_agent(&desk.events(run).await), [wanted, "gpt-5.5".into()]);

    let picture = desk.home.path().join("shot.png");
    std::fs::write(&picture, PNG).unwrap();
    desk.json(&["send", &id, "[[seen]]", "--file", picture.to_str().unwrap()]);
    until_said(&desk, run, "model gpt-5.5, 1 images").await;
    assert_eq!(desk.refused(1, &["mode", &id, "plan"]).code, ErrorCode::Unsupported);
    desk.close().await;
}

#[tokio::test]
async fn gemini_takes_another_model_and_mode() {
    takes_another_mode(GEMINI).await;
}

#[tokio::test]
async fn qwen_takes_another_mode() {
    takes_another_mode(QWEN).await;
}

/// Between the mode in which it asks and another harmless one; the one in which it would act is refused.
async fn goes_between_modes(agent: Agent, asks: &str, other: &str, acts: &str) {
    let (desk, _model) = desk_with_acp(agent).await;
    let run = desk.start_run(agent.kind, "[[seen]]").await;
    until_said(&desk, run, "Seen: model").await;
    let offers = desk.client().offers(run).await.unwrap();
    let modes: Vec<&str> = offers.modes.iter().map(|mode| mode.id.as_str()).collect();
    assert!(modes.contains(&asks) && modes.contains(&other) && modes.len() == 2, "{modes:?}");
    let left_out: Vec<&str> = offers.modes_left_out.iter().map(|mode| mode.id.as_str()).collect();
    assert!(left_out.contains(&acts), "{left_out:?}");
    let id = run.to_string();
    let view = desk.client().run(run).await.unwrap();
    assert_eq!(view.controls.mode.as_deref(), Some(asks));
    for mode in [other, asks] {
        desk.json(&["mode", &id, mode]);
        desk.until(run, "it is confirmed", |view| view.controls.mode.as_deref() == Some(mode)).await;
    }
    assert_eq!(confirmed_by_the_agent(&desk.events(run).await), [other, asks]);
    assert_eq!(desk.refused(4, &["mode", &id, acts]).code, ErrorCode::NotAllowed);
    desk.close().await;
}

#[tokio::test]
async fn copilot_takes_another_mode() {
    let mode = |name: &str| format!("https://agentclientprotocol.com/protocol/session-modes#{name}");
    goes_between_modes(COPILOT, &mode("agent"), &mode("plan"), &mode("autopilot")).await;
}

#[tokio::test]
async fn goose_takes_another_mode() {
    goes_between_modes(GOOSE, "approve", "chat", "auto").await;
}

#[tokio::test]
async fn claude_acp_takes_another_mode() {
    goes_between_modes(CLAUDE_ACP, "default", "plan", "acceptEdits").await;
}

async fn takes_another_mode(agent: Agent) {
    let (desk, _model) = desk_with_acp(agent).await;
    let run = desk.start_run(agent.kind, "[[seen]]").await;
    until_said(&desk, run, "Seen: model").await;
    let offers = desk.client().offers(run).await.unwrap();
    let modes: Vec<&str> = offers.modes.iter().map(|mode| mode.id.as_str()).collect();
    assert!(modes.contains(&"plan") && modes.contains(&"default") && modes.len() == 2, "{modes:?}");
    assert!(offers.modes_left_out.iter().any(|mode| mode.id == "yolo"));
    let id = run.to_string();
    let view = desk.client().run(run).await.unwrap();
    assert_eq!(view.controls.mode.as_deref(), Some("default"), "the one in which it asks");

    desk.json(&["mode", &id, "plan"]);
    desk.until(run, "plan is confirmed", |view| view.controls.mode.as_deref() == Some("plan")).await;
    desk.json(&["mode", &id, "default"]);
    desk.until(run, "default is confirmed", |view| view.controls.mode.as_deref() == Some("default")).await;
    assert_eq!(confirmed_by_the_agent(&desk.events(run).await), ["plan", "default"]);
    assert_eq!(desk.refused(4, &["mode", &id, "yolo"]).code, ErrorCode::NotAllowed);
    if agent.kind == "gemini" {
        desk.json(&["model", &id, "gemini-2.5-pro"]);
        desk.json(&["model", &id, "gemini-3.8-flash"]);
        let wanted = |view: &RunView| view.model.as_deref() == Some("gemini-3.8-flash");
        desk.until(run, "the model is confirmed", wanted).await;
    }
    desk.close().await;
}

#[tokio::test]
async fn what_waits_for_an_agent_can_be_changed_until_it_has_it() {
    let desk = Desk::new();
    let run = desk.start_run("demo", "sleep: 2").await;
    desk.until_state(run, RunState::Working).await;
    let id = run.to_string();
    let mut queued = Vec::new();
    for text in ["say: one", "say: two", "say: three"] {
        let view = desk.json(&["send", &id, text]);
        queued.push(view["queued"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_string());
    }
    desk.json(&["queue", &id, "--withdraw", &queued[0]]);
    desk.json(&["queue", &id, "--edit", &queued[1], "--text", "say: zwei"]);
    let left = desk.json(&["queue", &id, "--first", &queued[2]]);
    let lines: Vec<&str> =
        left.as_array().unwrap().iter().map(|prompt| prompt["line"].as_str().unwrap()).collect();
    assert_eq!(lines, ["say: three", "say: zwei"]);
    eventually("both are said", async || said(&desk.events(run).await, "zwei")).await;
    desk.until_state(run, RunState::Idle).await;
    let events = desk.events(run).await;
    let words: Vec<&str> = events
        .iter()
        .filter_map(|e| match &e.event {
            Event::MessageAdded { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert!(words.ends_with(&["three", "zwei"]), "{words:?}");
    assert!(!said(&events, "one") && !said(&events, "two"));
    let late = desk.refused(1, &["queue", &id, "--withdraw", &queued[1]]);
    assert_eq!(late.code, ErrorCode::WrongState);
    desk.close().await;
}

#[tokio::test]
async fn a_prompt_for_after_the_turn_waits_where_one_for_now_would_not() {
    let (desk, _model) = desk_with_claude().await;
    let run = desk.start_run("claude", "[[bash cmd='touch x.txt']]").await;
    let asked = desk.asked(run).await;
    let id = run.to_string();
    let view = desk.json(&["send", &id, "--after-turn", "[[hello text=afterwards]]"]);
    assert_eq!(view["queued"][0]["when"], "afterTurn");
    desk.json(&["send", &id, "while you are at it"]);
    let now = |view: &RunView| view.controls.queued.len() == 1;
    desk.until(run, "the one for now has gone out", now).await;
    desk.decide(&asked, Verdict::Allow).await;
    until_said(&desk, run, "afterwards").await;
    let order: Vec<bool> = desk
        .events(run)
        .await
        .iter()
        .filter_map(|e| match &e.event {
            Event::TurnFinished { .. } => Some(false),
            Event::MessageAdded { text, .. } if text.contains("afterwards") => Some(true),
            _ => None,
        })
        .collect();
    assert_eq!(order.first(), Some(&false), "the turn was over before: {order:?}");
    desk.close().await;
}

#[tokio::test]
async fn a_file_comes_in_pieces_over_a_broken_line_and_its_place_is_told() {
    let mut desk = Desk::new();
    let file = desk.home.path().join("notes \u{202e}.txt");
    std::fs::write(&file, "x".repeat(3 * 1024 * 1024)).unwrap();
    let whole = desk.client().upload(&file).await.unwrap();
    assert_eq!((whole.name.as_str(), whole.media_type.as_str()), ("notes _.txt", "text/plain"));
    desk.kill_gateway();
    desk.start();
    let start = StartRun {
        prompt: Some("say: look".into()),
        attachments: vec![whole.id],
        ..StartRun::of("demo", desk.workspace.to_str().unwrap())
    };
    let run = desk.client().start(&start).await.unwrap().id;
    eventually("it is said", async || said(&desk.events(run).await, "look")).await;
    let attached = desk.data.join("attachments").join(run.to_string());
    let found: Vec<_> = std::fs::read_dir(&attached).unwrap().flatten().map(|entry| entry.path()).collect();
    assert_eq!(std::fs::metadata(&found[0]).unwrap().len(), 3 * 1024 * 1024);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&attached).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let missing = StartRun { id: RunId::new(), attachments: vec![UploadId::new()], ..start };
    assert!(desk.client().start(&missing).await.unwrap_err().to_string().contains("no upload"));
    desk.close().await;
}

/// A limit stops the run; with a person's wish it goes on when the limit resets, once, whoever died meanwhile.
async fn goes_on_when_the_limit_resets(mut desk: Desk, agent: &str) {
    let run = desk.start_run(agent, "[[limit secs=8]]").await;
    let id = run.to_string();
    let view = desk
        .until(run, "the limit is told", |view| {
            view.state == RunState::Idle
                && view.controls.limit.as_ref().is_some_and(|limit| limit.resets_at.is_some())
        })
        .await;
    let limit = view.controls.limit.unwrap();
    assert_eq!((limit.state, view.controls.waits_until), (LimitState::Reached, None), "nobody wished it");
    desk.json(&["resume", &id, "--when-reset", "on"]);
    desk.kill_gateway();
    desk.start();
    let view = desk.client().run(run).await.unwrap();
    assert_eq!(view.controls.waits_until, limit.resets_at);
    until_said(&desk, run, "Continue.").await;
    let events = desk.events(run).await;
    let by_itself = |e: &&Envelope| matches!(&e.event, Event::PromptSent { by: Actor::Gateway, .. });
    assert_eq!(events.iter().filter(by_itself).count(), 1);
    let at = events.iter().find(by_itself).unwrap().at;
    assert!(at >= limit.resets_at.unwrap(), "not before it reset");
    let usage = desk.json(&["usage", "--days", "1"]);
    assert!(
        usage
            .as_array()
            .unwrap()
            .iter()
            .any(|day| day["agent"] == agent && day["usage"]["outputTokens"].as_u64() > Some(0)),
        "{usage:#}"
    );
    desk.close().await;
}

#[tokio::test]
async fn claude_goes_on_when_its_limit_resets() {
    let (desk, _model) = desk_with_claude().await;
    goes_on_when_the_limit_resets(desk, "claude").await;
}

#[tokio::test]
async fn codex_goes_on_when_its_limit_resets() {
    let (desk, _model) = desk_with_codex("").await;
    goes_on_when_the_limit_resets(desk, "codex").await;
}
