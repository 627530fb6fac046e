//! Servers of the person's that ask: a form becomes questions, a page is shown and never opened, and each answer is what
//! the server hears.

use crate::claude::{Model, desk_with_claude};
use crate::codex::desk_with_codex;
use crate::story::*;
use offdesk_protocol::*;
use std::path::Path;

const CODE: &str = include_str!("asking-server.cjs");
const FORM: &str = include_str!("asking-form.json");

/// An agent that knows the server, and what it calls the server's tools.
struct Asking {
    desk: Desk,
    _model: Model,
    kind: &'static str,
    prefix: &'static str,
}

/// Puts the server into the home folder: program and arguments to start it by.
pub fn server(home: &Path) -> Vec<String> {
    let (code, form) = (home.join("server.cjs"), home.join("form.json"));
    std::fs::write(&code, CODE).unwrap();
    std::fs::write(&form, FORM).unwrap();
    [Path::new("node"), &code, &form].map(|word| word.display().to_string()).to_vec()
}

/// With a model of its own Codex would offer servers' tools only after a search for them.
pub fn add_to_codex(home: &Path, words: &[String]) {
    let config = home.join(".codex/config.toml");
    let known = std::fs::read_to_string(&config).unwrap().replace("gpt-5.5", "scripted-1");
    let server = format!("[mcp_servers.forms]\ncommand = {:?}\nargs = {:?}\n", words[0], &words[1..]);
    std::fs::write(&config, known + &server).unwrap();
}

impl Asking {
    async fn claude() -> Self {
        let (desk, model) = desk_with_claude().await;
        let words = server(desk.home.path());
        let settings =
            serde_json::json!({"mcpServers": {"forms": {"command": words[0], "args": words[1..]}}});
        std::fs::write(desk.home.path().join(".claude.json"), settings.to_string()).unwrap();
        Self { desk, _model: model, kind: "claude", prefix: "mcp__forms__" }
    }

    async fn codex() -> Self {
        let (desk, model) = desk_with_codex("").await;
        let words = server(desk.home.path());
        add_to_codex(desk.home.path(), &words);
        Self { desk, _model: model, kind: "codex", prefix: "" }
    }

    /// Has the agent use this tool of the server's, allows that, and waits until the server asks.
    async fn uses(&self, tool: &str, run: Option<RunId>) -> (RunId, Approval) {
        let prompt = format!(r#"[[tool {{"name":"{}{tool}","input":{{}}}}]]"#, self.prefix);
        let run = match run {
            Some(run) => {
                self.desk.json(&["send", &run.to_string(), &prompt]);
                run
            }
            None => self.desk.start_run(self.kind, &prompt).await,
        };
        let use_it = self.desk.asked(run).await;
        assert_eq!(use_it.request.kind, ApprovalKind::Tool, "{use_it:#?}");
        self.desk.decide(&use_it, Verdict::Allow).await;
        self.desk.until(run, "the server asks", |view| view.needs == Some(Needs::Question)).await;
        (run, self.desk.asked(run).await)
    }

    /// What the server says it was told.
    async fn told(&self, run: RunId) -> serde_json::Value {
        self.desk.until_state(run, RunState::Idle).await;
        let said = self.desk.events(run).await.into_iter().rev().find_map(|e| match e.event {
            Event::ToolFinished { output, .. } => Some(output.split_once("told ")?.1.to_string()),
            _ => None,
        });
        let said = said.expect("the tool ended with what it was told");
        serde_json::Deserializer::from_str(&said).into_iter().next().unwrap().unwrap()
    }
}

async fn has_a_form_filled_in(mut asking: Asking) {
    let (run, asked) = asking.uses("form", None).await;
    let request = &asked.request;
    assert_eq!((request.title.as_str(), request.text.as_str()), ("forms asks you", "Where shall it go?"));
    // Codex tells the fields by their names; Claude Code in the order in which the server asks.
    let fields = ["Name: Who gets it (name)", "copies", "price", "As a gift (gift)", "size", "day"];
    let place = |asked: &str| request.questions.iter().position(|question| question.text == asked).unwrap();
    assert_eq!(request.questions.len(), fields.len());
    assert!(asking.kind != "claude" || fields.iter().enumerate().all(|(at, asked)| place(asked) == at));
    let left_out = fields.map(|asked| request.questions[place(asked)].optional);
    assert_eq!(left_out, [false, false, true, false, false, true]);
    assert_eq!(request.questions[place("size")].options[1].description.as_deref(), Some("Medium"));
    let in_order = |said: [&'static str; 6]| {
        let mut answers = [""; 6];
        fields.iter().zip(said).for_each(|(asked, said)| answers[place(asked)] = said);
        answers
    };

    // What the form does not take is refused before the server sees it, and it waits on, also over a killed gateway.
    let id = request.id.to_string();
    let wrong = [
        ["A", "2", "", "yes", "m", ""],
        ["Ann", "10", "", "yes", "m", ""],
        ["Ann", "2.5", "", "yes", "m", ""],
        ["Ann", "2", "much", "yes", "m", ""],
        ["Ann", "2", "", "perhaps", "m", ""],
        ["Ann", "2", "", "yes", "xl", ""],
        ["Ann", "2", "", "yes", "m", "tomorrow"],
        ["Ann", "", "", "yes", "m", ""],
    ];
    for answers in wrong {
        asking.desk.refused(1, &[&["answer", id.as_str()], in_order(answers).as_slice()].concat());
    }
    asking.desk.kill_gateway();
    asking.desk.start();
    assert_eq!(asking.desk.asked(run).await, asked);
    let answers = in_order(["Ann", "2", "", "yes", "m", "2026-11-24"]);
    asking.desk.json(&[&["answer", id.as_str()], answers.as_slice()].concat());
    let told = asking.told(run).await;
    let form =
        serde_json::json!({"name": "Ann", "copies": 2, "gift": true, "size": "m", "day": "2026-11-24"});
    assert_eq!((&told["action"], &told["content"]), (&"accept".into(), &form));
    let kept = asking.desk.client().approval(request.id).await.unwrap();
    assert_eq!((kept.state, kept.outcome), (ApprovalState::Finished, Some(Outcome::Ok)));

    let (_, asked) = asking.uses("form", Some(run)).await;
    asking.desk.decide(&asked, Verdict::Deny { say: None, stop: false }).await;
    assert_eq!(asking.told(run).await["action"], "decline");

    let (_, asked) = asking.uses("form", Some(run)).await;
    asking.desk.decide(&asked, Verdict::Deny { say: None, stop: true }).await;
    asking.desk.until_state(run, RunState::Idle).await;
    let last = asking.desk.events(run).await.into_iter().rev().find_map(|e| match e.event {
        Event::TurnFinished { status, .. } => Some(status),
        _ => None,
    });
    assert_eq!(last, Some(TurnStatus::Interrupted));
    asking.desk.close().await;
}

async fn has_a_page_opened(asking: Asking) {
    let (run, asked) = asking.uses("page", None).await;
    let request = &asked.request;
    assert_eq!(request.title, "forms wants you to open a page at evil.example:8443");
    let page = request.web_page.as_ref().unwrap();
    assert_eq!(page.host, "evil.example:8443", "not the name before the @");
    assert!(request.text.contains(&page.url) && page.url.contains("state=1"), "{}", request.text);
    let printed = asking.desk.cli(&["approvals"]);
    assert!(String::from_utf8_lossy(&printed.stdout).contains("leads to evil.example:8443"));
    asking.desk.json(&["answer", &request.id.to_string()]);
    assert_eq!(asking.told(run).await["action"], "accept");

    let (_, asked) = asking.uses("page", Some(run)).await;
    asking.desk.decide(&asked, Verdict::Deny { say: None, stop: false }).await;
    assert_eq!(asking.told(run).await["action"], "decline");
    asking.desk.close().await;
}

#[tokio::test]
async fn claude_has_a_servers_form_filled_in() {
    has_a_form_filled_in(Asking::claude().await).await;
}

#[tokio::test]
async fn claude_shows_a_servers_page_and_opens_nothing() {
    has_a_page_opened(Asking::claude().await).await;
}

#[tokio::test]
async fn codex_has_a_servers_form_filled_in() {
    has_a_form_filled_in(Asking::codex().await).await;
}

#[tokio::test]
async fn codex_shows_a_servers_page_and_opens_nothing() {
    has_a_page_opened(Asking::codex().await).await;
}
