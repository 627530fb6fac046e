//! What is particular to agents that speak ACP.

use crate::recorded::context;
use offdesk_agents::{Derived, Driver, Fold, FoldContext, Prompt, Workspace, driver};
use offdesk_protocol::*;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

fn agent(kind: &str) -> Box<dyn Driver> {
    driver(kind).unwrap()
}

fn says(fold: &mut dyn Fold, message: Value) -> Vec<Derived> {
    fold.line(0, message.to_string().as_bytes())
}

fn owed(fold: &dyn Fold) -> Value {
    serde_json::from_slice(&fold.due().last().unwrap().bytes).unwrap()
}

fn prompt(fold: &dyn Fold) -> Option<Value> {
    let encoded = fold.prompt(PromptId(Uuid::from_u128(3)), &Prompt::words("Hello"))?;
    Some(serde_json::from_slice(&encoded.bytes).unwrap())
}

fn greeted(fold: &mut dyn Fold) {
    assert_eq!(owed(fold)["method"], "initialize");
    says(
        fold,
        json!({"id": "initialize", "result": {"protocolVersion": 1, "agentCapabilities": {"loadSession": true}}}),
    );
}

/// An agent that was greeted and may be prompted.
fn ready() -> Box<dyn Fold> {
    let mut fold = agent("gemini").fold(context(), None).unwrap();
    greeted(&mut *fold);
    let modes = json!({"availableModes": [{"id": "yolo"}, {"id": "default"}], "currentModeId": "yolo"});
    says(&mut *fold, json!({"id": "open", "result": {"sessionId": "s", "modes": modes}}));
    says(&mut *fold, json!({"id": "mode", "result": {}}));
    fold
}

fn asked(fold: &mut dyn Fold, call: Value, options: Value) -> ApprovalRequest {
    let params = json!({"sessionId": "s", "toolCall": call, "options": options});
    let derived = says(fold, json!({"id": 0, "method": "session/request_permission", "params": params}));
    let asks = derived.into_iter().find_map(|item| match item {
        Derived::Fact(event) => match *event {
            Event::ApprovalRequested { approval } => Some(approval),
            _ => None,
        },
        Derived::Delta { .. } => None,
    });
    asks.unwrap()
}

#[test]
fn nothing_is_said_before_the_agent_was_told_to_ask() {
    let mut fold = agent("gemini").fold(context(), None).unwrap();
    assert_eq!(prompt(&*fold), None);
    greeted(&mut *fold);
    assert_eq!((prompt(&*fold), owed(&*fold)["method"].as_str()), (None, Some("session/new")));
    let modes = json!({"availableModes": [{"id": "yolo"}, {"id": "default"}], "currentModeId": "default"});
    says(&mut *fold, json!({"id": "open", "result": {"sessionId": "s", "modes": modes}}));
    assert_eq!((prompt(&*fold), &owed(&*fold)["params"]["modeId"]), (None, &json!("default")));
    says(&mut *fold, json!({"id": "mode", "result": {}}));
    assert_eq!(prompt(&*fold).unwrap()["params"]["sessionId"], "s");
    assert!(!fold.is_over());
}

#[test]
fn an_agent_that_cannot_be_told_to_ask_gets_no_prompt_and_is_ended() {
    for answers in [
        json!([{"id": "open", "result": {"sessionId": "s", "modes": {"availableModes": [{"id": "yolo"}]}}}]),
        json!([{"id": "open", "error": {"code": -32000, "message": "Authentication required"}}]),
        json!([{"id": "open", "result": {"sessionId": "s", "modes": {"availableModes": [{"id": "default"}]}}},
               {"id": "mode", "error": {"code": 1, "message": "no"}}]),
    ] {
        let mut fold = agent("qwen").fold(context(), None).unwrap();
        greeted(&mut *fold);
        let derived: Vec<_> =
            answers.as_array().unwrap().iter().flat_map(|answer| says(&mut *fold, answer.clone())).collect();
        assert!(fold.is_over() && prompt(&*fold).is_none(), "{answers}");
        let error = |item: &Derived| {
            matches!(item, Derived::Fact(event)
                if matches!(**event, Event::NoticeRaised { level: NoticeLevel::Error, .. }))
        };
        assert!(derived.iter().any(error), "{answers}");
    }
}

#[test]
fn only_once_is_ever_chosen() {
    let options = json!([{"optionId": "a", "kind": "allow_always"}, {"optionId": "b", "kind": "allow_once"},
        {"optionId": "c", "kind": "reject_always"}, {"optionId": "d", "kind": "reject_once"}]);
    let mut fold = ready();
    let call = json!({"toolCallId": "t", "kind": "execute", "title": "a && b"});
    let request = asked(&mut *fold, call.clone(), options);
    assert_eq!((request.kind, request.text.as_str()), (ApprovalKind::Command, "a && b"));
    let chosen = |fold: &dyn Fold, verdict: Verdict| -> Vec<Value> {
        let bytes = fold.decide(request.id, &verdict).unwrap();
        bytes.split_inclusive(|b| *b == b'\n').map(|line| serde_json::from_slice(line).unwrap()).collect()
    };
    let option = |said: &Value| said["result"]["outcome"]["optionId"].clone();
    assert_eq!(option(&chosen(&*fold, Verdict::Allow)[0]), "b");
    assert_eq!(option(&chosen(&*fold, Verdict::Deny { say: None, stop: false })[0]), "d");
    assert_eq!(option(&chosen(&*fold, Verdict::AllowEdited { input: json!({"command": "other"}) })[0]), "d");
    let stopped = chosen(&*fold, Verdict::Deny { say: None, stop: true });
    assert_eq!(stopped[0]["method"], "session/cancel");
    assert_eq!(stopped[1]["result"]["outcome"]["outcome"], "cancelled");

    let always = asked(&mut *fold, call, json!([{"optionId": "a", "kind": "allow_always"}]));
    assert!(always.title.contains("only be denied"), "{}", always.title);
    let said: Value = serde_json::from_slice(&fold.decide(always.id, &Verdict::Allow).unwrap()).unwrap();
    assert_eq!(said["result"]["outcome"]["outcome"], "cancelled");
}

#[test]
fn the_hash_covers_the_command_where_it_runs_and_the_file() {
    let once = json!([{"optionId": "b", "kind": "allow_once"}]);
    let hash = |call: Value| asked(&mut *ready(), call, once.clone()).hash;
    let call = |command: &str, place: &str| {
        let words = json!([{"type": "content", "content": {"type": "text", "text": place}}]);
        json!({"toolCallId": "t", "kind": "execute", "title": command, "content": words})
    };
    assert_ne!(hash(call("ls", "here")), hash(call("ls ", "here")));
    assert_ne!(hash(call("ls", "here")), hash(call("ls", "there")));
    let diff =
        json!([{"type": "diff", "path": "/workspace/hello.txt", "oldText": "a lie\n", "newText": "x\n"}]);
    let edit =
        asked(&mut *ready(), json!({"toolCallId": "t", "kind": "edit", "content": diff}), once.clone());
    assert!(edit.diffs[0].unified.contains("-hello\n-world\n+x\n"), "against the file as it is: {edit:#?}");
}

#[test]
fn what_is_asked_of_us_is_declined_and_a_mode_that_acts_is_set_back() {
    let mut fold = ready();
    says(
        &mut *fold,
        json!({"id": 7, "method": "fs/write_text_file", "params": {"path": "/x", "content": "y"}}),
    );
    assert_eq!((&owed(&*fold)["id"], &owed(&*fold)["error"]["code"]), (&json!(7), &json!(-32601)));
    let mode = |id: &str| {
        json!({"method": "session/update", "params":
            {"update": {"sessionUpdate": "current_mode_update", "currentModeId": id}}})
    };
    let planning = Event::AgentModeChanged { mode: "plan".into(), control: None };
    assert_eq!(says(&mut *fold, mode("plan")), [Derived::from(planning)]);
    assert_eq!(says(&mut *fold, mode("yolo")).len(), 1);
    assert_eq!(
        (&owed(&*fold)["method"], &owed(&*fold)["params"]["modeId"]),
        (&json!("session/set_mode"), &json!("default"))
    );
}

#[test]
fn a_flood_of_words_is_several_messages_and_of_requests_is_bounded() {
    let mut fold = ready();
    let chunk = json!({"method": "session/update", "params": {"update":
        {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": "x".repeat(100_000)}}}});
    let messages = (0..20).flat_map(|_| says(&mut *fold, chunk.clone()));
    let whole = messages
        .filter(|item| matches!(item, Derived::Fact(event) if matches!(**event, Event::MessageAdded { .. })));
    assert!(whole.count() >= 5);
    for id in 0..2000 {
        says(&mut *fold, json!({"id": id, "method": "session/request_permission", "params": {}}));
        says(&mut *fold, json!({"id": id, "method": "x/y"}));
    }
    assert!(fold.due().len() < 300 && fold.save().len() < 4_000_000);
}

#[test]
fn launching_brings_the_settings_that_make_it_ask() {
    let start = offdesk_agents::Start {
        program: "/bin/qwen".into(),
        dir: "/workspace".into(),
        local_model: None,
        agent_session: None,
        model: None,
        mode: None,
        attachments: "/attachments".into(),
        args: Vec::new(),
        typed: false,
        files: "/data/agents/qwen".into(),
    };
    let launch = agent("qwen").launch(&start, &offdesk_agents::Environment::default());
    let variable = |name: &str| launch.env.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    assert_eq!(variable("QWEN_CODE_SYSTEM_SETTINGS_PATH"), Some("/data/agents/qwen/settings.json"));
    for (name, content) in &launch.files {
        assert!(serde_json::from_str::<Value>(content).is_ok(), "{name}");
    }
}

struct Notes;

impl Workspace for Notes {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        path.ends_with("GEMINI.md").then(|| b"Be kind.".to_vec())
    }

    fn exists(&self, path: &Path) -> bool {
        self.read(path).is_some()
    }

    fn is_link(&self, path: &Path) -> bool {
        path.starts_with("/linked")
    }
}

#[test]
fn a_repositorys_notes_are_passed_on_once_and_not_through_a_link() {
    let blocks = |dir: &str, prompts: usize| {
        let context = FoldContext { workspace: Arc::new(Notes), dir: dir.into(), ..context() };
        let mut fold = agent("gemini").fold(context, None).unwrap();
        greeted(&mut *fold);
        let modes = json!({"availableModes": [{"id": "default"}]});
        says(&mut *fold, json!({"id": "open", "result": {"sessionId": "s", "modes": modes}}));
        says(&mut *fold, json!({"id": "mode", "result": {}}));
        for _ in 1..prompts {
            says(&mut *fold, json!({"id": "prompt:1", "result": {"stopReason": "end_turn"}}));
        }
        let said = prompt(&*fold).unwrap();
        said["params"]["prompt"].as_array().unwrap().clone()
    };
    let first = blocks("/workspace", 1);
    assert!(
        first[0]["text"].as_str().unwrap().contains("Be kind.") && first[1]["text"] == "Hello",
        "{first:?}"
    );
    assert_eq!((blocks("/workspace", 2).len(), blocks("/linked", 1).len()), (1, 1));
}
