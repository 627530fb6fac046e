//! Agents of the person's own, programs they chose, and any command line, answered from afar.

use crate::claude::Model;
use crate::phone::{self, ask, road};
use crate::story::*;
use offdesk_protocol::*;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn qwen() -> String {
    std::env::var("OFFDESK_QWEN")
        .expect("OFFDESK_QWEN names the pinned agent; run the tests by `cargo x test`")
}

/// A program that says this.
fn script(desk: &Desk, name: &str, text: &str) -> PathBuf {
    let path = desk.home.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn agent(desk: &Desk, kind: &str) -> Option<serde_json::Value> {
    let agents = desk.json(&["agents"]);
    agents.as_array().unwrap().iter().find(|agent| agent["kind"] == kind).cloned()
}

#[tokio::test]
async fn an_agent_of_ones_own_works_like_any_other_and_its_runs_stay_readable() {
    let model = Model::start().await;
    let mut desk = Desk::new();
    let (url, key) = (format!("OPENAI_BASE_URL={}/v1", model.url), "OPENAI_API_KEY=a-very-private-key");
    let qwen = qwen();
    let add = ["agents", "add", "mine", "--name", "My own Qwen", "--icon", "🦉", "--env", &url, "--env", key];
    let more = ["--env", "OPENAI_MODEL=qwen3-coder", "--", &qwen, "--acp", "--approval-mode", "default"];
    // `--json` goes before the agent's own words.
    let added = desk.cli(&[&["agents", "--json"], &add[1..], &more].concat());
    let said = String::from_utf8_lossy(&added.stdout).into_owned();
    assert!(added.status.success(), "{said}{}", String::from_utf8_lossy(&added.stderr));
    assert!(said.contains("OPENAI_API_KEY") && !said.contains("a-very-private-key"), "{said}");
    let listed = serde_json::to_string(&desk.json(&["agents"])).unwrap()
        + &serde_json::to_string(&desk.client().own_agents().await.unwrap()).unwrap();
    assert!(!listed.contains("a-very-private-key"), "a secret is never given out again");

    let known = agent(&desk, "mine").unwrap();
    assert_eq!((&known["own"], &known["found"], &known["icon"]), (&json!(true), &json!(true), &json!("🦉")));
    let tested = desk.json(&["agents", "test", "mine"]);
    assert_eq!((tested["ok"].as_bool(), tested["version"].is_string()), (Some(true), true), "{tested}");
    // Changing one word of it leaves the secret as it is.
    desk.json(&["agents", "change", "mine", "--name", "Mine"]);

    let run = desk.start_run("mine", "Please [[bash cmd='echo mine >> made.txt']]").await;
    let asked = desk.asked(run).await;
    assert_eq!(asked.request.text, "echo mine >> made.txt");
    assert_eq!(desk.file("made.txt"), "");
    let warned = |e: &Envelope| matches!(&e.event, Event::NoticeRaised { code, .. } if code == "unproven");
    assert!(desk.events(run).await.iter().any(warned), "each run says that it was not proved");
    let refused = desk.refused(1, &["agents", "remove", "mine"]);
    assert_eq!(refused.code, ErrorCode::WrongState, "{refused}");

    desk.kill_gateway();
    desk.start();
    assert_eq!(desk.asked(run).await, asked);
    desk.decide(&asked, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    assert_eq!(desk.file("made.txt"), "mine\n");

    desk.json(&["stop", &run.to_string()]);
    desk.until_state(run, RunState::Stopped).await;
    let events = desk.events(run).await.len();
    desk.json(&["agents", "remove", "mine"]);
    assert!(agent(&desk, "mine").is_none());
    assert_eq!(desk.json(&["show", &run.to_string()])["agent"], "mine");
    assert_eq!(desk.events(run).await.len(), events);
    for tried in [&["resume", &run.to_string()][..], &["send", &run.to_string(), "go on"]] {
        let refused = desk.refused(1, tried);
        assert!(refused.message.contains("not there any more") && refused.hint.is_some(), "{refused}");
    }
    desk.close().await;
}

#[tokio::test]
async fn only_somebody_at_the_machine_says_which_programs_are_agents() {
    let desk = Desk::with(&[], &["--lan", "127.0.0.1:0"]);
    let offer = desk.json(&["pair", "--for", "phone", "--role", "admin"]);
    let url = offer["loginUrl"].as_str().unwrap();
    let at = url.strip_prefix("https://").unwrap().split('/').next().unwrap();
    let road = road(at.parse().unwrap(), &desk.data.join("lan-cert.pem"));
    let coming = phone::pair(&road, url).await;
    desk.json(&["devices", "approve", &coming.phone.device.to_string()]);
    assert_eq!(coming.consent().await, Consent::Approved);
    let connection = coming.phone.connect().await.unwrap_or_else(|_| panic!("the phone is let in"));
    let evil = json!({ "kind": "evil", "name": "Evil", "how": "terminal", "program": "sh" });
    for (method, path, body) in [
        ("POST", "/api/v1/agents/own", json!({ "agent": evil })),
        ("POST", "/api/v1/agents/test", evil.clone()),
        ("POST", "/api/v1/agents/own/remove", json!({ "kind": "evil" })),
        ("POST", "/api/v1/agents/program", json!({ "kind": "claude", "program": "/bin/sh" })),
        ("POST", "/api/v1/agents/look", json!({})),
        ("GET", "/api/v1/agents/own", json!(null)),
    ] {
        let (status, answer) =
            ask(&connection, method, path, Some(body).filter(|body| !body.is_null())).await.unwrap();
        assert_eq!((status, &answer["code"]), (403, &json!("notAllowed")), "{path}: {answer}");
    }
    let (status, agents) = ask(&connection, "GET", "/api/v1/agents", None).await.unwrap();
    assert!(status == 200 && agents.as_array().unwrap().len() > 3, "it may see which there are: {agents}");
    assert!(agent(&desk, "evil").is_none());
    desk.close().await;
}

#[tokio::test]
async fn a_command_line_runs_as_it_is_written_and_its_question_is_answered_once() {
    let mut desk = Desk::new();
    script(
        &desk,
        "workspace/ask.sh",
        "printf '%s\\n' \"$@\" > args.txt\nprintf 'Deploy to production? [y/N] '\n\
         read answer\necho \"said $answer\" >> answers.txt\nprintf 'Password: '\nstty -echo\nread secret\nstty echo\n\
         echo\necho done\nsleep 1000",
    );
    let dir = desk.workspace.to_str().unwrap().to_string();
    let words = ["--", "./ask.sh", "two words", "$(touch made)", "; touch made"];
    let view = desk
        .cli(&[&["run", "--agent", "terminal", "--dir", &dir, "--detach", "--json"][..], &words].concat());
    let view: RunView = serde_json::from_slice(&view.stdout).unwrap();
    let run = view.id;
    assert_eq!(view.command.as_ref().unwrap(), &words[1..]);

    let asks = desk.until(run, "it asks", |view| view.needs == Some(Needs::Prompt)).await;
    assert_eq!(asks.line, "Deploy to production? [y/N]");
    assert_eq!(desk.file("args.txt"), "two words\n$(touch made)\n; touch made\n");
    assert!(!desk.workspace.join("made").exists(), "no shell read them");
    let asked = asks.detected.clone().unwrap();
    assert_eq!(asked.kind, DetectedKind::Confirm);

    // Still so when the next gateway comes, without being told twice.
    desk.kill_gateway();
    desk.start();
    let again = desk
        .until(run, "it still asks", |view| view.needs == Some(Needs::Prompt) && view.pid.is_some())
        .await;
    assert_eq!(again.detected.as_ref(), Some(&asked));

    let keys = |id: &str, keys: &str, prompt: &str| TypeKeys {
        id: id.into(),
        keys: keys.into(),
        prompt: Some(prompt.into()),
    };
    let yes = keys("1", &asked.choices[0].keys, &asked.id);
    desk.client().type_keys(run, &keys("0", "n\r", "something else")).await.unwrap_err();
    desk.client().type_keys(run, &yes).await.unwrap();
    // It did not hear that they were typed, and says them again.
    desk.client().type_keys(run, &yes).await.unwrap();
    // A second phone saw the same question.
    let late = desk.client().type_keys(run, &keys("2", "n\r", &asked.id)).await.unwrap_err();
    assert!(late.to_string().contains("any more"), "{late}");
    let secret = desk
        .until(run, "it asks for a password", |view| {
            view.detected.as_ref().is_some_and(|asked| asked.kind == DetectedKind::Password)
        })
        .await;
    assert_eq!(desk.file("answers.txt"), "said y\n");
    let asked = secret.detected.unwrap();
    desk.client().type_keys(run, &keys("3", "hunter2-and-more\r", &asked.id)).await.unwrap();
    desk.until(run, "it goes on", |view| view.needs.is_none()).await;
    let events = serde_json::to_string(&desk.events(run).await).unwrap();
    assert!(!events.contains("hunter2"), "what is typed is in no event");
    let detected = |e: &&Envelope| matches!(e.event, Event::PromptDetected { .. });
    assert_eq!(desk.events(run).await.iter().filter(detected).count(), 2);
    desk.close().await;
    assert!(!kept(desk_data(&dir), b"hunter2-and-more"), "and in no file");
}

/// The data folder beside this workspace.
fn desk_data(workspace: &str) -> PathBuf {
    Path::new(workspace).parent().unwrap().join("data")
}

/// Whether any file below holds these bytes.
fn kept(folder: PathBuf, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        match path.is_dir() {
            true => kept(path, bytes),
            false => {
                let content = std::fs::read(&path).unwrap_or_default();
                content.windows(bytes.len()).any(|piece| piece == bytes)
            }
        }
    })
}

#[tokio::test]
async fn a_program_is_chosen_looked_at_and_too_old_is_said() {
    let desk = Desk::with(&[("OFFDESK_CLAUDE", "/nowhere/claude")], &[]);
    assert_eq!(agent(&desk, "claude").unwrap()["found"], false);
    let mute = script(&desk, "mute", "true");
    let old = script(
        &desk,
        "bin/claude",
        "if [ \"$1\" = --version ]; then echo '1.0.9 (Claude Code)'; fi; cat > /dev/null",
    );
    for wrong in ["/nowhere/claude", mute.to_str().unwrap(), desk.workspace.to_str().unwrap()] {
        let refused = desk.refused(1, &["agents", "choose", "claude", wrong]);
        assert!(refused.message.contains("Nothing was changed") && refused.hint.is_some(), "{refused}");
    }
    let refused = desk.refused(1, &["agents", "choose", "demo", old.to_str().unwrap()]);
    assert_eq!(refused.code, ErrorCode::BadRequest);

    desk.json(&["agents", "choose", "claude", old.to_str().unwrap()]);
    let known = agent(&desk, "claude").unwrap();
    assert_eq!((&known["chosen"], &known["program"]), (&json!(true), &json!(old.to_str().unwrap())));
    assert_eq!(known["problem"]["code"], "agentTooOld");
    let shown = String::from_utf8(desk.cli(&["agents"]).stdout).unwrap();
    assert!(shown.contains("(chosen by you)") && shown.contains("This is Claude Code 1.0.9"), "{shown}");
    let run = desk.start_run("claude", "hello").await;
    let said = |e: &Envelope| matches!(&e.event, Event::NoticeRaised { code, text, .. } if code == "agentTooOld" && text.contains("Update it"));
    eventually("the run says so", async || desk.events(run).await.iter().any(said)).await;
    let started = |e: &Envelope| matches!(&e.event, Event::RunStarted { program, .. } if program == old.to_str().unwrap());
    assert!(desk.events(run).await.iter().any(started), "it is the one that was chosen");
    desk.json(&["stop", &run.to_string()]);

    std::fs::remove_file(&old).unwrap();
    assert_eq!(agent(&desk, "claude").unwrap()["problem"]["code"], "chosenMissing");
    let dir = desk.workspace.to_str().unwrap();
    let refused = desk.refused(1, &["run", "--agent", "claude", "--dir", dir, "hello"]);
    assert!(refused.message.contains("where you chose it"), "{refused}");
    desk.json(&["agents", "choose", "claude"]);
    assert_eq!(agent(&desk, "claude").unwrap()["chosen"], false);
    desk.close().await;
}
