//! A person runs an agent's own terminal at the desk; the phone sees it, is asked, and takes over.

use crate::claude::{Model, claude_env};
use crate::codex::desk_with_codex;
use crate::story::*;
use offdesk_client::{Live, LiveMessage};
use offdesk_protocol::*;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A terminal in which the person types `offdesk …`.
pub struct Window {
    screen: Arc<Mutex<vt100::Parser>>,
    _master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
}

impl Window {
    pub fn open(desk: &Desk, env: &[(String, String)], typed: &[&str]) -> Self {
        let size = PtySize { rows: 40, cols: 110, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(offdesk());
        for name in ["IS_SANDBOX", "CLAUDECODE", "OFFDESK_URL", "OFFDESK_ATTEMPT", "OFFDESK_RUN"] {
            command.env_remove(name);
        }
        command.env("HOME", desk.home.path());
        command.env("OFFDESK_DATA", &desk.data);
        command.env("SHELL", "/bin/sh");
        env.iter().for_each(|(name, value)| command.env(name, value));
        command.args(typed);
        command.cwd(&desk.workspace);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(
            size.rows.try_into().unwrap(),
            size.cols.try_into().unwrap(),
            0,
        )));
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                shown.lock().unwrap().process(&buffer[..count]);
            }
        });
        Self { screen, _master: pair.master, keys, child }
    }

    fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    pub async fn until(&self, what: &str, so: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so(&self.text()) {
            assert!(Instant::now() < deadline, "never: {what}; the window shows:\n{}", self.text());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn shows(&self, words: &str) {
        self.until(&format!("“{words}”"), |text| text.contains(words)).await;
    }

    pub async fn shows_no_more(&self, words: &str) {
        self.until(&format!("no “{words}”"), |text| !text.contains(words)).await;
    }

    pub fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// As a person: the words, and when they are there, Enter.
    async fn says(&mut self, words: &str) {
        self.types(words);
        self.shows(words).await;
        self.types("\r");
    }

    /// As a person: presses the key until the dialog has it. It drops what comes before it listens.
    pub async fn answers(&mut self, key: &str, dialog: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.text().contains(dialog) {
            assert!(Instant::now() < deadline, "never answered; the window shows:\n{}", self.text());
            self.types(key);
            let soon = Instant::now() + Duration::from_secs(2);
            while self.text().contains(dialog) && Instant::now() < soon {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Lets the program run on, and goes.
    pub async fn leaves(&mut self) {
        self.types("\x1dd");
        assert_eq!(self.exit_code().await, 0);
    }

    async fn exit_code(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "it does not end; the window shows:\n{}", self.text());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The one run that lives, once its agent does.
pub async fn the_run(desk: &Desk) -> RunView {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let runs = desk.client().runs(true).await.unwrap();
        match runs.iter().find(|run| run.pid.is_some()) {
            Some(run) => return run.clone(),
            None => assert!(Instant::now() < deadline, "no run began: {runs:#?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A person who has used Claude Code before: nothing is left to be set up, but for trust in this folder.
pub fn knows_claude(desk: &Desk, model: &Model, trusts: bool) -> Vec<(String, String)> {
    let mut env: Vec<(String, String)> =
        claude_env(model).into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    let key = env.iter().find(|(name, _)| name == "ANTHROPIC_API_KEY").unwrap().1.clone();
    let folder = desk.home.path().join(".claude");
    std::fs::create_dir(&folder).unwrap();
    let seed = serde_json::json!({
        "hasCompletedOnboarding": true, "theme": "dark",
        "customApiKeyResponses": {"approved": [key[key.len() - 20..]], "rejected": []},
        "projects": {desk.workspace.to_str().unwrap(): {"hasTrustDialogAccepted": trusts}},
    });
    std::fs::write(folder.join(".claude.json"), seed.to_string()).unwrap();
    env.push(("CLAUDE_CONFIG_DIR".into(), folder.display().to_string()));
    env
}

/// A desk at which Claude Code was started by `offdesk claude`.
async fn claude_at(desk: &Desk, model: &Model, typed: &[&str]) -> (Window, RunView) {
    let env = knows_claude(desk, model, true);
    let window = Window::open(desk, &env, &[&["claude"], typed].concat());
    window.shows("manual mode").await;
    (window, the_run(desk).await)
}

pub async fn desk_for_claude() -> (Desk, Model) {
    let model = Model::start().await;
    let program = claude().display().to_string();
    (Desk::with(&[("OFFDESK_CLAUDE", &program)], &[]), model)
}

const DIALOG: &str = "Do you want to proceed?";

#[tokio::test]
async fn the_phone_allows_what_claude_asks_in_its_terminal_and_the_dialog_closes() {
    let (mut desk, model) = desk_for_claude().await;
    let (mut window, run) = claude_at(&desk, &model, &[]).await;
    assert_eq!((run.agent.as_str(), run.terminal), ("claude-terminal", true));
    window.says("[[bash cmd='echo once >> made.txt']]").await;
    window.shows(DIALOG).await;
    let asked = desk.asked(run.id).await;
    assert_eq!(
        (asked.request.kind, asked.request.text.as_str()),
        (ApprovalKind::Command, "echo once >> made.txt")
    );

    // The gateway is killed while the hook waits: the next one has the same card, decided once.
    desk.kill_gateway();
    desk.start();
    assert_eq!(desk.asked(run.id).await, asked);
    assert_eq!(desk.file("made.txt"), "");
    desk.decide(&asked, Verdict::Allow).await;
    window.shows_no_more(DIALOG).await;
    eventually("the command ran", async || desk.file("made.txt") == "once\n").await;
    let view = desk.until_state(run.id, RunState::Idle).await;
    assert_eq!((view.pid, desk.file("made.txt")), (run.pid, "once\n".into()), "the same process, once");
    let finished = async || {
        let record = desk.client().approval(asked.request.id).await.unwrap();
        (record.state, record.outcome) == (ApprovalState::Finished, Some(Outcome::Ok))
    };
    eventually("the approval has ended well", finished).await;
    let events = desk.events(run.id).await;
    let ran = |e: &&Envelope| matches!(&e.event, Event::ToolFinished { status: ToolStatus::Ok, .. });
    assert_eq!(events.iter().filter(ran).count(), 1, "{events:#?}");
    assert!(events.iter().any(|e| matches!(&e.event, Event::MessageAdded { role: Role::Agent, .. })));

    // What is sent from elsewhere is typed into the same terminal, and is one prompt.
    desk.json(&["send", &run.id.to_string(), "[[hello]] from afar"]);
    window.shows("from afar").await;
    desk.until(run.id, "its turn is over", |view| {
        view.state == RunState::Idle && view.seq > record_seq(&events)
    })
    .await;
    eventually("one prompt with its turn", async || {
        let events = desk.events(run.id).await;
        let said = events
            .iter()
            .filter(|e| matches!(&e.event, Event::PromptSent { text, .. } if text.contains("from afar")));
        let turns = events.iter().filter(|e| matches!(&e.event, Event::TurnFinished { .. }));
        said.count() == 1 && turns.count() == 2
    })
    .await;
    desk.close().await;
}

fn record_seq(events: &[Envelope]) -> u64 {
    events.last().map_or(0, |event| event.seq)
}

#[tokio::test]
async fn what_is_answered_in_the_terminal_is_no_card_any_more_and_a_denial_reaches_claude() {
    let (desk, model) = desk_for_claude().await;
    let (mut window, run) = claude_at(&desk, &model, &[]).await;
    window.says("[[bash cmd='echo here > made.txt']]").await;
    window.shows(DIALOG).await;
    let asked = desk.asked(run.id).await;
    window.answers("1", DIALOG).await;
    eventually("the command ran", async || desk.file("made.txt") == "here\n").await;
    desk.until_state(run.id, RunState::Idle).await;
    let record = desk.client().approval(asked.request.id).await.unwrap();
    assert_eq!(record.state, ApprovalState::Withdrawn);
    assert!(
        matches!(&record.decided_by, Some(Actor::Person { name, .. }) if name == "the terminal"),
        "{record:#?}"
    );
    let late = Decision {
        id: DecisionId::new(),
        hash: asked.request.hash.clone(),
        verdict: Verdict::Allow,
        rule: None,
    };
    assert!(desk.client().decide(asked.request.id, &late).await.is_err(), "somebody was first");

    window.says("[[bash cmd='touch denied.txt']]").await;
    let asked = desk.asked(run.id).await;
    desk.decide(&asked, Verdict::Deny { say: Some("use the other tool".into()), stop: false }).await;
    window.shows_no_more(DIALOG).await;
    let view = desk.until_state(run.id, RunState::Idle).await;
    assert!(view.line.contains("use the other tool"), "Claude read the words: {}", view.line);
    assert!(!desk.workspace.join("denied.txt").exists());

    // Escape says no and ends the turn, of which no hook tells; the card goes all the same.
    window.says("[[bash cmd='touch escaped.txt']]").await;
    window.shows(DIALOG).await;
    let asked = desk.asked(run.id).await;
    window.answers("\x1b", DIALOG).await;
    let view = desk.until_state(run.id, RunState::Idle).await;
    assert_eq!(view.pid, run.pid);
    let record = desk.client().approval(asked.request.id).await.unwrap();
    assert_eq!(record.state, ApprovalState::Withdrawn);
    assert!(!desk.workspace.join("escaped.txt").exists());
    desk.close().await;
}

#[tokio::test]
async fn codex_in_its_terminal_is_answered_from_either_side_over_one_thread() {
    let (mut desk, _model) = desk_with_codex("").await;
    let config = desk.home.path().join(".codex/config.toml");
    // To a known model it would praise a newer one first.
    let mut text = std::fs::read_to_string(&config).unwrap().replace("gpt-5.5", "scripted-1");
    text.push_str(&format!(
        "[projects.{:?}]\ntrust_level = \"trusted\"\n",
        desk.workspace.display().to_string()
    ));
    std::fs::write(&config, text).unwrap();
    let env = vec![
        ("OFFDESK_CODEX".to_string(), codex().display().to_string()),
        ("SCRIPTED_API_KEY".to_string(), "sk-scripted-0123456789".to_string()),
    ];
    let mut window = Window::open(&desk, &env, &["codex"]);
    window.shows("OpenAI Codex").await;
    let run = the_run(&desk).await;
    assert_eq!(run.agent, "codex-terminal");
    const DIALOG: &str = "Would you like to run";
    window.says("[[escalate cmd='echo once >> made.txt']]").await;
    window.shows(DIALOG).await;
    let asked = desk.asked(run.id).await;
    assert_eq!(
        (asked.request.kind, asked.request.text.as_str()),
        (ApprovalKind::Command, "echo once >> made.txt")
    );
    desk.kill_gateway();
    window.shows("The gateway went away").await;
    desk.start();
    assert_eq!(desk.asked(run.id).await, asked);
    window.shows(DIALOG).await;
    window.shows_no_more("The gateway went away").await;
    desk.decide(&asked, Verdict::Allow).await;
    window.shows_no_more(DIALOG).await;
    eventually("the command ran", async || desk.file("made.txt") == "once\n").await;
    let view = desk.until_state(run.id, RunState::Idle).await;
    assert_eq!((view.pid, desk.file("made.txt")), (run.pid, "once\n".into()), "the same process, once");
    let finished = async || {
        let record = desk.client().approval(asked.request.id).await.unwrap();
        (record.state, record.outcome) == (ApprovalState::Finished, Some(Outcome::Ok))
    };
    eventually("the approval has ended well", finished).await;

    window.says("[[escalate cmd='echo here > desk.txt']]").await;
    window.shows(DIALOG).await;
    let asked = desk.asked(run.id).await;
    window.answers("y", DIALOG).await;
    eventually("the command ran", async || desk.file("desk.txt") == "here\n").await;
    desk.until_state(run.id, RunState::Idle).await;
    let record = desk.client().approval(asked.request.id).await.unwrap();
    assert_eq!(record.state, ApprovalState::Withdrawn);
    assert!(
        matches!(&record.decided_by, Some(Actor::Person { name, .. }) if name == "the terminal"),
        "{record:#?}"
    );

    // What is sent from elsewhere goes on the thread and is seen there; what was typed there is told, each once.
    desk.json(&["send", &run.id.to_string(), "[[hello text=heard]] from afar"]);
    window.shows("from afar").await;
    let heard = |e: &Envelope| matches!(&e.event, Event::MessageAdded { text, .. } if text == "heard");
    eventually("it is answered", async || desk.events(run.id).await.iter().any(heard)).await;
    desk.until_state(run.id, RunState::Idle).await;
    let events = desk.events(run.id).await;
    let said: Vec<(&str, &str)> = events
        .iter()
        .filter_map(|e| match &e.event {
            Event::PromptSent { text, by: Actor::Person { name, .. }, .. } => {
                Some((text.as_str(), name.as_str()))
            }
            _ => None,
        })
        .collect();
    let there = "the terminal";
    assert_eq!(
        said,
        [
            ("[[escalate cmd='echo once >> made.txt']]", there),
            ("[[escalate cmd='echo here > desk.txt']]", there),
            ("[[hello text=heard]] from afar", "the command line"),
        ]
    );
    desk.close().await;
}

#[tokio::test]
async fn any_program_runs_as_ever_and_ends_with_its_code() {
    let desk = Desk::new();
    let env = vec![("ONLY_HERE".to_string(), "mint".to_string())];
    let script = "stty size; echo $ONLY_HERE-$((40+2)); read line; echo got:$line; exit 7";
    let mut window = Window::open(&desk, &env, &["with", "--", "sh", "-c", script]);
    window.shows("40 110").await;
    window.shows("mint-42").await;
    let run = the_run(&desk).await;
    let events = serde_json::to_string(&desk.events(run.id).await).unwrap();
    assert!(!events.contains("mint"), "the terminal's environment is in no log");
    window.types("hello\r");
    assert_eq!(window.exit_code().await, 7);
    assert!(window.text().contains("got:hello"));
    desk.close().await;
}

async fn keyboard(live: &mut Live, wanted: impl Fn(&Keyboard) -> bool) -> Keyboard {
    let reading = async {
        loop {
            match live.next().await.unwrap() {
                Some(LiveMessage::Message(message)) => match *message {
                    ToViewer::Keyboard { keyboard, .. } if wanted(&keyboard) => return keyboard,
                    _ => {}
                },
                Some(_) => {}
                None => panic!("the connection ended"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("nobody said who has the keyboard")
}

async fn refused(live: &mut Live, id: &str) -> Problem {
    let reading = async {
        loop {
            if let Some(LiveMessage::Message(message)) = live.next().await.unwrap()
                && let ToViewer::Error { problem, about } = *message
                && about.as_deref() == Some(id)
            {
                return problem;
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("it was not refused")
}

#[tokio::test]
async fn the_keyboard_is_taken_back_and_forth_over_one_process_and_left_running() {
    let mut desk = Desk::new();
    let mut window = Window::open(&desk, &[], &["with", "sh"]);
    let run = the_run(&desk).await;
    window.types("echo desk-$((1+1))\r");
    window.shows("desk-2").await;

    let mut phone = desk.client().live(None).await.unwrap();
    phone.send(&FromViewer::Resize { run: run.id, cols: 48, rows: 20 }).await.unwrap();
    let from = OutputStart::Screen;
    phone.send(&FromViewer::Watch { channel: 1, run: run.id, attempt: None, from }).await.unwrap();
    let seen = keyboard(&mut phone, |_| true).await;
    assert_eq!((seen.yours, seen.holder.is_some()), (false, true));
    assert_eq!(seen.size, Some(TerminalSize { cols: 110, rows: 40 }), "looking changes no size");
    let typed = |id: &str, text: &str| FromViewer::Input { run: run.id, id: id.into(), text: text.into() };
    phone.send(&typed("1", "echo phone\r")).await.unwrap();
    assert!(refused(&mut phone, "1").await.message.contains("keyboard"));

    phone.send(&FromViewer::TakeKeyboard { run: run.id }).await.unwrap();
    let seen = keyboard(&mut phone, |keyboard| keyboard.yours).await;
    assert!(seen.holder.is_some());
    phone.send(&typed("2", "stty size; echo phone-$((2+2))\r")).await.unwrap();
    window.shows("phone-4").await;
    window.shows("20 48").await;
    window.types("echo lost\r");
    window.shows("has the keyboard. Ctrl+] then k").await;

    window.types("\x1dk");
    keyboard(&mut phone, |keyboard| !keyboard.yours && keyboard.holder.is_some()).await;
    window.types("stty size; echo back-$((3+3))\r");
    window.shows("back-6").await;
    window.shows("40 110").await;
    assert!(!window.text().contains("lost"));

    // The gateway goes and comes; the window finds it again by itself.
    desk.kill_gateway();
    window.shows("The gateway went away").await;
    desk.start();
    window.shows("back-6").await;
    window.shows_no_more("The gateway went away").await;
    window.types("echo again-$((4+4))\r");
    window.shows("again-8").await;
    window.types("\x1dd");
    assert_eq!(window.exit_code().await, 0);
    assert_eq!(desk.until_state(run.id, RunState::Idle).await.pid, run.pid);
    desk.close().await;
}

#[tokio::test]
async fn without_a_gateway_the_program_runs_by_itself() {
    let mut desk = Desk::new();
    desk.kill_gateway();
    let mut window = Window::open(&desk, &[], &["with", "--", "sh", "-c", "echo still-$((5+5)); exit 5"]);
    assert_eq!(window.exit_code().await, 5);
    window.shows("No gateway runs").await;
    window.shows("still-10").await;
    desk.start();
    desk.close().await;
}

#[tokio::test]
async fn a_shim_is_shown_before_it_is_written_and_leaves_no_trace() {
    let desk = Desk::new();
    let rc = desk.home.path().join(".bashrc");
    let before = "alias claude='/old/claude'\nexport A=1";
    std::fs::write(&rc, before).unwrap();
    let shim = |words: &[&str]| {
        let output = desk.cli(&[&["shim"], words, &["--shell", "bash"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let shown = shim(&["install", "claude", "codex"]);
    assert!(shown.contains("function claude {") && shown.contains("Nothing was changed"), "{shown}");
    assert_eq!(std::fs::read_to_string(&rc).unwrap(), before, "nobody said yes");
    shim(&["install", "claude", "codex", "--yes"]);
    let text = std::fs::read_to_string(&rc).unwrap();
    for name in ["claude", "codex"] {
        assert!(text.contains(&format!("function {name} {{")), "{text}");
    }
    assert!(loads(&rc).contains("offdesk"), "bash knows the function");
    shim(&["remove", "codex", "claude", "--yes"]);
    assert_eq!(std::fs::read_to_string(&rc).unwrap(), before, "byte for byte");
    desk.close().await;
}

/// What an interactive bash that reads this file takes `claude` for.
fn loads(rc: &Path) -> String {
    let output = std::process::Command::new("bash")
        .args(["--rcfile", &rc.display().to_string(), "-i", "-c", "type claude"])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}
