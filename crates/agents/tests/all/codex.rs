//! What is particular to Codex: what is written to it, and when.

use crate::recorded::{Files, context, recordings};
use offdesk_agents::{Codex, Derived, Driver, Environment, Fold, FoldContext, Prompt, Start, Workspace};
use offdesk_protocol::*;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// A fold with a place in its output.
struct Reading {
    fold: Box<dyn Fold>,
    offset: u64,
}

impl Reading {
    fn of(context: FoldContext) -> Self {
        Self { fold: Codex.fold(context, None).unwrap(), offset: 0 }
    }

    fn hears(&mut self, message: Value) -> Vec<Event> {
        let line = message.to_string();
        let derived = self.fold.line(self.offset, line.as_bytes());
        self.offset += line.len() as u64 + 1;
        let facts = derived.into_iter().filter_map(|item| match item {
            Derived::Fact(event) => Some(*event),
            Derived::Delta { .. } => None,
        });
        facts.collect()
    }

    /// As far as a thread that asks.
    fn begun() -> Self {
        let mut reading = Self::of(context());
        reading.hears(json!({"id": "initialize", "result": {"userAgent": "offdesk/0.169.0"}}));
        reading.hears(json!({"id": "config", "result": {"config": {}}}));
        reading.hears(json!({"id": "thread", "result": {"thread": {"id": "T"}, "model": "m",
            "approvalPolicy": "untrusted", "approvalsReviewer": "user"}}));
        reading
    }

    fn due(&self, id: &str) -> Option<Value> {
        let found = self.fold.due().into_iter().find(|encoded| encoded.id == id)?;
        serde_json::from_slice(&found.bytes).ok()
    }

    fn prompt(&self, text: &str) -> Option<Value> {
        let encoded = self.fold.prompt(PromptId(Uuid::from_u128(7)), &Prompt::words(text))?;
        serde_json::from_slice(&encoded.bytes).ok()
    }

    fn asks(&mut self, id: u64, method: &str, mut params: Value) -> ApprovalRequest {
        params["threadId"] = "T".into();
        match self.hears(json!({"id": id, "method": method, "params": params})).remove(0) {
            Event::ApprovalRequested { approval } | Event::QuestionAsked { approval } => approval,
            other => panic!("{other:?}"),
        }
    }

    fn answers(&self, approval: &ApprovalRequest, verdict: &Verdict) -> Vec<Value> {
        let bytes = self.fold.decide(approval.id, verdict).unwrap();
        bytes
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).unwrap())
            .collect()
    }
}

fn command(text: &str) -> Value {
    json!({"kind": "command", "turnId": "U", "itemId": "i", "command": text, "cwd": "/workspace"})
}

fn deny(say: Option<&str>, stop: bool) -> Verdict {
    Verdict::Deny { say: say.map(String::from), stop }
}

#[test]
fn nothing_is_said_before_there_is_a_thread_that_asks() {
    let mut reading = Reading::of(context());
    assert_eq!((reading.fold.due().len(), reading.prompt("hi")), (1, None));
    reading.hears(json!({"id": "initialize", "result": {"userAgent": "offdesk/0.169.0 (Debian)"}}));
    assert!(reading.due("config").is_some() && reading.due("thread").is_none());
    let servers = json!({"mail": {"command": "x", "tools": {"send": {"approval_mode": "approve"}}}});
    reading.hears(json!({"id": "config", "result": {"config": {"mcp_servers": servers}}}));
    let thread = reading.due("thread").unwrap();
    assert_eq!(thread["method"], "thread/start");
    let params = &thread["params"];
    assert_eq!(
        (&params["approvalPolicy"], &params["approvalsReviewer"]),
        (&json!("untrusted"), &json!("user"))
    );
    assert_eq!(params["sandbox"], "read-only", "another would have Codex trust the repository");
    let mail = &params["config"]["mcp_servers"]["mail"];
    assert_eq!(mail["default_tools_approval_mode"], "prompt");
    assert_eq!(mail["tools"]["send"]["approval_mode"], "prompt");
    assert_eq!(reading.prompt("hi"), None);
    reading.hears(json!({"id": "thread", "result": {"thread": {"id": "T"}, "approvalPolicy": "untrusted"}}));
    let prompt = reading.prompt("hi").unwrap();
    assert_eq!((&prompt["method"], &prompt["params"]["threadId"]), (&json!("turn/start"), &json!("T")));
    assert_eq!(prompt["params"]["approvalPolicy"], "untrusted");
}

#[test]
fn a_conversation_that_is_resumed_is_named_and_asks_as_well() {
    let mut reading = Reading::of(FoldContext { agent_session: Some("old".into()), ..context() });
    reading.hears(json!({"id": "initialize", "result": {}}));
    reading.hears(json!({"id": "config", "result": {"config": {}}}));
    let thread = reading.due("thread").unwrap();
    assert_eq!((&thread["method"], &thread["params"]["threadId"]), (&json!("thread/resume"), &json!("old")));
    assert_eq!(thread["params"]["approvalPolicy"], "untrusted");
    reading.hears(json!({"id": "thread", "error": {"code": -32600, "message": "no rollout found"}}));
    let prompt = reading.prompt("secret words").unwrap();
    assert!(!prompt.to_string().contains("secret words"), "it is said to nobody");
    let told = reading.hears(json!({"id": prompt["id"], "result": {}}));
    assert!(matches!(&told[1], Event::TurnFinished { status: TurnStatus::Failed, error: Some(error), .. }
        if error.contains("no rollout found")));
}

#[test]
fn an_agent_that_does_not_take_the_asking_mode_is_told_nothing() {
    for (policy, reviewer) in [("never", "user"), ("on-request", "user"), ("untrusted", "auto_review")] {
        let mut reading = Reading::of(context());
        reading.hears(json!({"id": "initialize", "result": {}}));
        reading.hears(json!({"id": "config", "result": {}}));
        let told = reading.hears(json!({"id": "thread", "result": {"thread": {"id": "T"},
            "approvalPolicy": policy, "approvalsReviewer": reviewer}}));
        assert!(matches!(told.last(), Some(Event::NoticeRaised { level: NoticeLevel::Error, .. })));
        assert!(!reading.prompt("do it").unwrap().to_string().contains("do it"));
    }
}

#[test]
fn drivers_say_what_they_were_made_for() {
    for (kind, said, old) in [
        ("codex", "codex-cli 0.168.9", true),
        ("codex", "codex-cli 0.45.0-alpha.1", true),
        ("codex", "codex-cli 0.169.0", false),
        ("codex", "?", false),
        ("claude", "2.1.329 (Claude Code)", false),
        ("claude", "1.0.128 (Claude Code)", true),
        ("gemini", "0.61.0", false),
        ("qwen", "0.23.9", true),
    ] {
        let oldest = offdesk_agents::driver(kind).unwrap().oldest().unwrap();
        assert_eq!(offdesk_agents::is_older(said, oldest.version), old, "{kind} {said}");
    }
}

/// A repository with an AGENTS.md that may be a link.
struct Words(bool);

impl Workspace for Words {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        path.ends_with("AGENTS.md").then(|| b"Be kind.".to_vec())
    }

    fn exists(&self, path: &Path) -> bool {
        Files.exists(path)
    }

    fn is_link(&self, _: &Path) -> bool {
        self.0
    }
}

#[test]
fn the_repositorys_words_are_passed_on_and_what_they_link_to_is_not() {
    for is_link in [false, true] {
        let mut reading = Reading::of(FoldContext { workspace: Arc::new(Words(is_link)), ..context() });
        reading.hears(json!({"id": "initialize", "result": {}}));
        reading.hears(json!({"id": "config", "result": {}}));
        let words = reading.due("thread").unwrap()["params"]["developerInstructions"].clone();
        assert_eq!(words.as_str().is_some_and(|words| words.ends_with("Be kind.")), !is_link);
    }
}

#[test]
fn commands_are_shown_whole() {
    let mut reading = Reading::begun();
    let mut shown = |params: Value| {
        let asked = reading.asks(0, "item/commandExecution/requestApproval", params);
        reading.hears(json!({"method": "serverRequest/resolved", "params": {"requestId": 0}}));
        (asked.title, asked.text)
    };
    let plain = |text: &str| ("Run a command".to_string(), text.to_string());
    assert_eq!(shown(command("/bin/bash -lc 'touch a && touch b'")), plain("touch a && touch b"));
    assert_eq!(shown(command("/bin/bash -lc ls")), plain("ls"));
    for odd in ["/bin/bash -lc ls # rm -rf ~", "/bin/bash -lc ls x", "python3 -c 'x'", "/bin/bash -lc 'it"] {
        assert_eq!(shown(command(odd)), plain(odd), "nothing is left out");
    }
    let mut elsewhere = command("/bin/bash -lc ls");
    elsewhere["cwd"] = "/etc".into();
    elsewhere["networkApprovalContext"] = json!({"host": "example.org", "protocol": "https"});
    assert_eq!(shown(elsewhere).0, "Run a command (reaches example.org by https, in /etc)");
    let mut typing = command("yes\n");
    typing["kind"] = "writeStdin".into();
    assert_eq!(shown(typing), ("Type into a running command".into(), "yes\n".into()));
}

#[test]
fn decisions_are_codexs_own_and_words_follow_a_refusal() {
    let mut reading = Reading::begun();
    let asked = reading.asks(0, "item/commandExecution/requestApproval", command("ls"));
    assert_eq!(
        reading.answers(&asked, &Verdict::Allow),
        [json!({"id": 0, "result": {"decision": "accept"}})]
    );
    let refused = |decision: &str| json!({"id": 0, "result": {"decision": decision}});
    assert_eq!(reading.answers(&asked, &deny(None, false)), [refused("decline")]);
    assert_eq!(reading.answers(&asked, &deny(Some("x"), true)), [refused("cancel")]);
    let with_words = reading.answers(&asked, &deny(Some("try b"), false));
    assert_eq!(with_words[0], refused("decline"));
    assert_eq!(with_words[1]["params"]["input"][0]["text"], "I did not allow that. try b");
    // What was not shown is never allowed.
    let edited = Verdict::AllowEdited { input: json!({"command": "rm x"}) };
    assert_eq!(reading.answers(&asked, &edited), [refused("decline")]);
    reading.hears(json!({"method": "serverRequest/resolved", "params": {"requestId": 0}}));
    assert_eq!(reading.fold.decide(asked.id, &Verdict::Allow), None, "it is not asked any more");
}

#[test]
fn edits_are_shown_against_the_files_as_they_are() {
    let mut reading = Reading::begun();
    let changes = json!([
        {"path": "/workspace/hello.txt", "kind": {"type": "update"}, "diff": "@@ -1,2 +1,2 @@\n hello\n-world\n+there\n"},
        {"path": "/workspace/new.txt", "kind": {"type": "add"}, "diff": "one\n"},
        {"path": "/workspace/gone.txt", "kind": {"type": "delete"}, "diff": "old\n"},
        {"path": "/workspace/a.txt", "kind": {"type": "update", "move_path": "/etc/b.txt"}, "diff": ""}]);
    let item = json!({"type": "fileChange", "id": "i", "changes": changes, "status": "inProgress"});
    reading.hears(json!({"method": "item/started", "params": {"threadId": "T", "item": item}}));
    let asked =
        reading.asks(0, "item/fileChange/requestApproval", json!({"itemId": "i", "grantRoot": "/etc"}));
    assert_eq!((asked.kind, asked.title.as_str()), (ApprovalKind::Edit, "Change 4 files"));
    assert!(
        asked.text.contains("/workspace/a.txt → /etc/b.txt") && asked.text.contains("anything under /etc")
    );
    assert!(asked.diffs[0].base_hash.is_some() && asked.diffs[0].unified.contains("+there"));
    assert!(asked.diffs[1].created && asked.diffs[1].unified.contains("+one"));
    assert!(asked.diffs[2].unified.contains("-old"));
}

#[test]
fn questions_and_forms_are_answered_by_codexs_own_names() {
    let mut reading = Reading::begun();
    let question = json!({"id": "q", "header": "Key", "question": "Which?", "isSecret": true, "options": [{"label": "A"}]});
    let asked = reading.asks(0, "item/tool/requestUserInput", json!({"questions": [question]}));
    assert!(asked.reason.as_deref().unwrap().contains("secret"));
    let answers = |question: &str, said: &str| Verdict::Answer {
        answers: vec![Answer { question: question.into(), answers: vec![said.into()] }],
    };
    let given = reading.answers(&asked, &answers("Which?", "A"));
    assert_eq!(given, [json!({"id": 0, "result": {"answers": {"q": {"answers": ["A"]}}}})]);

    let schema = json!({"type": "object", "properties": {"count": {"type": "integer", "title": "How many"}}});
    let form = json!({"serverName": "mail", "mode": "form", "message": "Fill in", "requestedSchema": schema});
    let asked = reading.asks(1, "mcpServer/elicitation/request", form);
    assert_eq!((asked.kind, asked.questions[0].text.as_str()), (ApprovalKind::Question, "How many (count)"));
    let given = reading.answers(&asked, &answers("How many (count)", "3"));
    assert_eq!(given[0]["result"], json!({"action": "accept", "content": {"count": 3}, "_meta": null}));
    let declined = json!({"action": "decline", "content": null, "_meta": null});
    assert_eq!(reading.answers(&asked, &deny(None, false))[0]["result"], declined);
}

#[test]
fn what_has_no_answer_here_is_refused_once_and_never_waits() {
    let mut reading = Reading::begun();
    for _ in 0..3 {
        let told = reading.hears(json!({"id": 5, "method": "item/tool/call", "params": {"threadId": "T"}}));
        assert!(told.len() <= 1);
    }
    let refusals =
        reading.fold.due().into_iter().filter(|encoded| encoded.id.starts_with("refusal:")).count();
    assert_eq!(refusals, 1);
    assert_eq!(reading.due("refusal:5").unwrap()["error"]["code"], -32601);
    assert_eq!(reading.hears(json!({"method": "something/new", "params": {"threadId": "T"}})), []);
    for id in 100..1000 {
        reading.hears(json!({"id": id, "method": "attestation/generate", "params": {}}));
    }
    assert!(reading.fold.due().len() < 100, "a flood is not kept");
}

#[test]
fn a_sub_agents_turns_and_words_are_not_the_runs_and_its_requests_are() {
    let mut reading = Reading::begun();
    let other = |method: &str, params: Value| {
        let mut params = params;
        params["threadId"] = "S".into();
        json!({"method": method, "params": params})
    };
    assert_eq!(reading.hears(other("turn/started", json!({"turn": {"id": "U"}}))), []);
    let item = json!({"type": "agentMessage", "id": "m", "text": "inner"});
    assert_eq!(reading.hears(other("item/completed", json!({"item": item}))), []);
    let mut request = other("item/commandExecution/requestApproval", command("ls"));
    request["id"] = 3.into();
    assert!(matches!(&reading.hears(request)[..], [Event::ApprovalRequested { .. }]));
    assert_eq!(reading.hears(other("turn/completed", json!({"turn": {"status": "completed"}}))), []);
}

#[test]
fn a_plan_is_told_when_it_changes() {
    let mut reading = Reading::begun();
    let mut tells = |status: &str| {
        let plan = json!([{"step": "One", "status": "completed"}, {"step": "Two", "status": status}]);
        let params = json!({"threadId": "T", "turnId": "U", "explanation": null, "plan": plan});
        reading.hears(json!({"method": "turn/plan/updated", "params": params}))
    };
    let told = tells("pending");
    assert!(matches!(&told[..], [Event::NoticeRaised { code, text, .. }]
        if code == "plan" && text == "The plan:\ndone: One\nto do: Two"));
    assert_eq!(tells("pending"), []);
    assert_eq!(tells("inProgress").len(), 1);
}

#[test]
fn a_command_that_was_cut_short_is_over_whatever_is_told_of_it_later() {
    let mut reading = Reading::begun();
    let item = |status: &str| json!({"threadId": "T", "item": {"type": "commandExecution", "id": "i", "command": "ls", "status": status}});
    reading.hears(json!({"method": "turn/started", "params": {"threadId": "T", "turn": {"id": "U"}}}));
    reading.hears(json!({"method": "item/started", "params": item("inProgress")}));
    let asked = reading.asks(0, "item/commandExecution/requestApproval", command("ls"));
    reading.hears(json!({"method": "serverRequest/resolved", "params": {"requestId": 0}}));
    let turn = json!({"threadId": "T", "turn": {"id": "U", "status": "interrupted"}});
    let told = reading.hears(json!({"method": "turn/completed", "params": turn}));
    let finished = Event::ApprovalFinished { approval: asked.id, outcome: Outcome::Unknown };
    assert!(told.contains(&finished), "{told:?}");
    assert_eq!(reading.hears(json!({"method": "item/completed", "params": item("failed")})), []);
}

#[test]
fn what_ran_unasked_is_told() {
    let mut reading = Reading::begun();
    let mut ends = |id: &str, status: &str| {
        let item =
            json!({"type": "commandExecution", "id": id, "command": "ls", "status": status, "exitCode": 0});
        let told =
            reading.hears(json!({"method": "item/completed", "params": {"threadId": "T", "item": item}}));
        told.iter().filter(|e| matches!(e, Event::NoticeRaised { code, .. } if code == "ranUnasked")).count()
    };
    assert_eq!((ends("a", "completed"), ends("b", "declined")), (1, 0));
    assert_eq!(ends("a", "completed"), 0, "told once");
}

#[test]
fn it_starts_where_no_repository_lends_it_settings() {
    let start = Start {
        program: "/bin/codex".into(),
        dir: "/work \"x\"".into(),
        local_model: None,
        agent_session: None,
        model: None,
        mode: None,
        attachments: "/attachments".into(),
        args: Vec::new(),
        typed: false,
        files: "/data/agents/codex".into(),
    };
    let launch = Codex.launch(&start, &Environment::default());
    assert_eq!(launch.args[0], "app-server");
    assert!(launch.args.contains(&"project_root_markers=[]".into()));
    assert!(
        launch.args.contains(&r#"projects={"/work \"x\""={trust_level="untrusted"}}"#.into()),
        "{:?}",
        launch.args
    );
}

#[test]
fn an_interrupt_withdraws_what_was_asked() {
    let path =
        recordings("codex").into_iter().find(|path| path.ends_with("interrupt-approval.jsonl")).unwrap();
    let (mut reading, mut withdrawn) = (Reading::of(context()), 0);
    for line in std::fs::read_to_string(path).unwrap().lines() {
        for event in reading.hears(serde_json::from_str(line).unwrap()) {
            withdrawn += usize::from(matches!(
                event,
                Event::ApprovalResolved { resolution: Resolution::Withdrawn, .. }
            ));
        }
    }
    assert_eq!(withdrawn, 1);
}
