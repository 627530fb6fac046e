//! What is particular to Codex in its own terminal: what is said on its thread, and how it is started. The messages are as
//! Codex 0.169.0 says them, shortened.

use crate::recorded::context;
use offdesk_agents::{
    CodexTerminal, Derived, Driver, Environment, Fold, Prompt, Start, codex_asking_settings,
};
use offdesk_protocol::*;
use serde_json::{Value, json};
use uuid::Uuid;

/// The lines of an attempt's asides, as they are read.
struct Reading {
    fold: Box<dyn Fold>,
    offset: u64,
}

impl Reading {
    fn new() -> Self {
        Self { fold: CodexTerminal.fold(context(), None).unwrap(), offset: 0 }
    }

    fn reads(&mut self, line: Value) -> Vec<Event> {
        // As a gateway would that was started between any two lines.
        let saved = self.fold.save();
        self.fold = CodexTerminal.fold(context(), Some(&saved)).unwrap();
        let line = line.to_string();
        let derived = self.fold.line(self.offset, line.as_bytes());
        self.offset += line.len() as u64 + 1;
        let facts = derived.into_iter().filter_map(|item| match item {
            Derived::Fact(event) => Some(*event),
            Derived::Delta { .. } => None,
        });
        facts.collect()
    }

    fn hears(&mut self, body: Value) -> Vec<Event> {
        self.reads(json!({"kind": "said", "aside": "told", "waits": false, "body": body}))
    }

    fn listens(&mut self, aside: &str) {
        let body = json!({"method": "offdesk/listens", "params": {}});
        self.reads(json!({"kind": "said", "aside": aside, "waits": true, "body": body}));
    }

    fn thread(&mut self, begun: bool) -> Vec<Event> {
        let params = json!({"threadId": "T", "model": "m", "begun": begun, "asks": false});
        self.hears(json!({"method": "offdesk/thread", "params": params}))
    }

    fn prompt(&self) -> Option<Value> {
        let encoded = self.fold.prompt(PromptId(Uuid::from_u128(7)), &Prompt::words("go on"))?;
        serde_json::from_slice(&encoded.bytes).ok()
    }
}

#[test]
fn words_go_on_the_thread_once_somebody_listens_and_change_nothing_of_how_it_asks() {
    let mut reading = Reading::new();
    assert!(reading.thread(false).is_empty(), "nobody could go on with it yet");
    assert_eq!((reading.prompt(), reading.fold.beside()), (None, None));
    reading.listens("first");
    assert_eq!(reading.fold.beside().as_deref(), Some("first"));
    let said = reading.prompt().unwrap();
    assert_eq!((&said["method"], &said["params"]["threadId"]), (&json!("turn/start"), &json!("T")));
    for key in ["approvalPolicy", "sandboxPolicy", "approvalsReviewer"] {
        assert!(said["params"].get(key).is_none(), "{key} is the person's: {said}");
    }
    reading.reads(json!({"kind": "answered", "aside": "first", "id": "prompt:7"}));
    assert_eq!((reading.prompt(), reading.fold.beside()), (None, None), "one thing at a time");
    assert_eq!(reading.fold.interrupt("n").unwrap().bytes, [0x1b], "Escape, as at the keyboard");
    reading.listens("second");
    let told = reading.thread(true);
    assert!(
        matches!(&told[..], [Event::AgentIdentified { agent_session: Some(thread), .. }] if thread == "T")
    );
    assert!(reading.thread(true).is_empty(), "told once");
    let turn = json!({"id": "N", "status": "inProgress"});
    reading.hears(json!({"method": "turn/started", "params": {"threadId": "T", "turn": turn}}));
    let cut: Value = serde_json::from_slice(&reading.fold.interrupt("n").unwrap().bytes).unwrap();
    assert_eq!((&cut["method"], &cut["params"]["turnId"]), (&json!("turn/interrupt"), &json!("N")));
    reading.reads(json!({"kind": "left", "aside": "second"}));
    assert_eq!(reading.fold.beside(), None, "who listened is gone");
}

#[test]
fn words_with_a_denial_change_nothing_of_how_it_asks() {
    let mut reading = Reading::new();
    reading.thread(true);
    let params =
        json!({"kind": "command", "threadId": "T", "turnId": "N", "itemId": "I", "command": "touch x"});
    let body = json!({"method": "item/commandExecution/requestApproval", "id": 0, "params": params});
    let asked = reading.reads(json!({"kind": "said", "aside": "asks", "waits": true, "body": body}));
    let Some(Event::ApprovalRequested { approval }) = asked.last() else { panic!("{asked:?}") };
    assert_eq!(reading.fold.aside(approval.id).as_deref(), Some("asks"));
    let deny = Verdict::Deny { say: Some("use the other tool".into()), stop: false };
    let answer = String::from_utf8(reading.fold.decide(approval.id, &deny).unwrap()).unwrap();
    assert!(answer.contains("decline") && answer.contains("use the other tool"), "{answer}");
    assert!(!answer.contains("Policy"), "{answer}");
}

#[test]
fn what_is_typed_in_the_terminal_is_told_and_what_was_sent_is_not_told_again() {
    let mut reading = Reading::new();
    reading.thread(true);
    let mut said = |client: &str| {
        let content = json!([{"type": "text", "text": "go on", "text_elements": []}]);
        let item = json!({"type": "userMessage", "id": client, "clientId": client, "content": content});
        let params = json!({"threadId": "T", "turnId": "N", "item": item});
        reading.hears(json!({"method": "item/completed", "params": params}))
    };
    let typed = said("58053de4-f9c1-4ac4-97f4-091c880ee0f5");
    let there = |by: &Actor| matches!(by, Actor::Person { name, .. } if name == "the terminal");
    assert!(
        matches!(&typed[0], Event::PromptSent { text, by, .. } if text == "go on" && there(by)),
        "{typed:?}"
    );
    assert!(matches!(&typed[1], Event::PromptDelivered { .. }), "{typed:?}");
    assert!(said("prompt:7").is_empty() && said("words:8").is_empty());
}

#[test]
fn started_from_elsewhere_it_asks_for_everything_and_typed_at_the_desk_it_is_as_ever() {
    let start = |typed: bool| Start {
        program: "/bin/codex".into(),
        dir: "/work".into(),
        local_model: None,
        agent_session: Some("T".into()),
        model: None,
        mode: None,
        attachments: "/attachments".into(),
        args: vec!["--search".into()],
        typed,
        files: "/data/agents/codex-terminal".into(),
    };
    let args = |typed: bool| CodexTerminal.launch(&start(typed), &Environment::default()).args;
    if cfg!(unix) {
        assert_eq!(args(true), ["codex-terminal", "/bin/codex", "--", "resume", "T"]);
        let asks = args(false);
        assert_eq!(asks[2], "--asks");
        assert!(asks.contains(&r#"projects={"/work"={trust_level="untrusted"}}"#.into()), "{asks:?}");
        assert!(asks.ends_with(&["--".into(), "resume".into(), "T".into()]), "{asks:?}");
    }
    let config = json!({"mcp_servers": {"it's \"x\"": {"tools": {"peek": {"approval_mode": "approve"}}}}});
    let server = r#""tools"={"peek"={"approval_mode"="prompt"}}"#;
    let settings =
        format!(r#"mcp_servers={{"it's \"x\""={{"default_tools_approval_mode"="prompt",{server}}}}}"#);
    assert_eq!(codex_asking_settings(&config), ["-c".to_string(), settings]);
    assert!(codex_asking_settings(&json!({})).is_empty());
}
