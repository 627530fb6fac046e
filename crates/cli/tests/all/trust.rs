//! An agent's own terminal asks whether the folder is trusted: the phone is told all that is asked, nothing answers by
//! itself, and what a person presses there counts.

use crate::claude::Model;
use crate::codex::desk_with_codex;
use crate::story::*;
use crate::takeover::{Window, desk_for_claude, knows_claude, the_run};
use offdesk_protocol::*;
use std::time::Duration;

/// Waits until the screen asks for trust. What it says names the folder and the choices.
async fn asked_for_trust(desk: &Desk, run: RunId) -> DetectedPrompt {
    let trust =
        |view: &RunView| view.detected.as_ref().is_some_and(|asked| asked.kind == DetectedKind::Trust);
    let view = desk.until(run, "it asks for trust", trust).await;
    assert_eq!(view.needs, Some(Needs::Prompt));
    let asked = view.detected.unwrap();
    assert!(asked.text.contains(desk.workspace.to_str().unwrap()), "the folder is named: {asked:#?}");
    assert!(asked.choices.len() >= 2, "{asked:#?}");
    asked
}

/// Presses the choice with these words on the phone.
async fn presses(desk: &Desk, run: RunId, asked: &DetectedPrompt, words: &str) {
    let choice = asked.choices.iter().find(|choice| choice.label.contains(words)).unwrap();
    let keys = TypeKeys { id: words.into(), keys: choice.keys.clone(), prompt: Some(asked.id.clone()) };
    desk.client().type_keys(run, &keys).await.unwrap();
}

#[tokio::test]
async fn claude_in_its_terminal_asks_for_trust_and_goes_on_when_a_person_says_so() {
    let (desk, model) = desk_for_claude().await;
    let env = knows_claude(&desk, &model, false);
    let window = Window::open(&desk, &env, &["claude"]);
    let run = the_run(&desk).await;
    let asked = asked_for_trust(&desk, run.id).await;
    assert!(
        asked.text.contains("Claude Code'll be able to read, edit, and execute files here"),
        "{asked:#?}"
    );
    // Nothing of ours answers: it still asks when nobody did for a while.
    tokio::time::timeout(Duration::from_secs(3), window.shows("manual mode")).await.unwrap_err();
    assert_eq!(desk.client().run(run.id).await.unwrap().detected, Some(asked.clone()));
    presses(&desk, run.id, &asked, "Yes").await;
    window.shows("manual mode").await;
    desk.until(run.id, "it asks no more", |view| view.detected.is_none()).await;
    desk.close().await;
}

/// Codex's terminal does not ask on a server that is shared; then it must not trust the folder by itself either.
#[tokio::test]
async fn codex_in_its_terminal_asks_for_no_trust_and_takes_none() {
    let (desk, _model) = desk_with_codex("").await;
    let config = desk.home.path().join(".codex/config.toml");
    let text = std::fs::read_to_string(&config).unwrap().replace("gpt-5.5", "scripted-1");
    std::fs::write(&config, &text).unwrap();
    let program = codex().display().to_string();
    let env = [("OFFDESK_CODEX", program.as_str()), ("SCRIPTED_API_KEY", "sk-scripted-0123456789")];
    let env = env.map(|(name, value)| (name.to_string(), value.to_string()));
    let shared = Window::open(&desk, &env, &["codex"]);
    shared.shows("Ask Codex to do anything").await;
    let run = the_run(&desk).await;
    assert_eq!((run.agent.as_str(), run.detected), ("codex-terminal", None));
    desk.json(&["stop", &run.id.to_string()]);
    desk.until(run.id, "it ends", |view| view.state.is_over()).await;

    // It notes other things of its own there.
    let config = std::fs::read_to_string(&config).unwrap();
    assert!(
        config.starts_with(text.trim_end()) && !config.contains("trust"),
        "nothing was trusted: {config}"
    );
    desk.close().await;
}

/// The same in a terminal of which nothing is known but its screen.
#[tokio::test]
async fn any_terminal_tells_a_question_for_trust() {
    let model = Model::start().await;
    let desk = Desk::new();
    let env = knows_claude(&desk, &model, false);
    let program = claude().display().to_string();
    let window = Window::open(&desk, &env, &["with", "--", &program]);
    let run = the_run(&desk).await;
    assert_eq!(run.agent, "terminal");
    let asked = asked_for_trust(&desk, run.id).await;
    window.shows("Yes, I trust this folder").await;
    presses(&desk, run.id, &asked, "No").await;
    desk.until(run.id, "it leaves", |view| view.state.is_over()).await;
    desk.close().await;
}
