//! How what is asked is shown.

use crate::recorded::context;
use offdesk_agents::{Claude, Derived, Driver};
use offdesk_protocol::*;
use serde_json::{Value, json};

fn asks(tool: &str, input: Value) -> ApprovalRequest {
    let line = json!({"type": "control_request", "request_id": "r", "request": {
        "subtype": "can_use_tool", "tool_name": tool, "input": input, "tool_use_id": "t"}})
    .to_string();
    let mut fold = Claude.fold(context(), None).unwrap();
    match fold.line(0, line.as_bytes()).remove(0) {
        Derived::Fact(event) => match *event {
            Event::ApprovalRequested { approval } | Event::QuestionAsked { approval } => approval,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_command_is_shown_whole_and_with_the_options_that_change_it() {
    let plain = asks("Bash", json!({"command": "a && b", "description": "d"}));
    assert_eq!(
        (plain.kind, plain.text.as_str(), plain.title.as_str()),
        (ApprovalKind::Command, "a && b", "Run a command")
    );
    assert_eq!(plain.reason.as_deref(), None, "the description is the request's own, where it has one");
    let odd = asks("Bash", json!({"command": "a", "run_in_background": true}));
    assert_eq!(odd.title, "Run a command (run_in_background: true)");
    assert_ne!(asks("Bash", json!({"command": "a"})).hash, odd.hash);
}

#[test]
fn an_edit_is_shown_against_the_file_as_it_is() {
    let edit = asks(
        "Edit",
        json!({"file_path": "/workspace/hello.txt", "old_string": "world", "new_string": "there"}),
    );
    assert_eq!(edit.title, "Change hello.txt");
    assert!(edit.diffs[0].unified.contains(" hello\n-world\n+there\n"), "{}", edit.diffs[0].unified);
    assert!(edit.diffs[0].base_hash.is_some() && !edit.diffs[0].created);

    let new = asks("Write", json!({"file_path": "/workspace/new.txt", "content": "one\n"}));
    assert_eq!((new.title.as_str(), new.diffs[0].created), ("Create new.txt", true));
    assert!(new.diffs[0].unified.contains("+one"));

    let nothing = asks(
        "Edit",
        json!({"file_path": "/workspace/hello.txt", "old_string": "not there", "new_string": "x"}),
    );
    assert!(nothing.diffs[0].unified.contains("-not there"), "what the agent wants is shown all the same");
    let same = asks("Write", json!({"file_path": "/workspace/hello.txt", "content": "hello\nworld\n"}));
    assert!(same.diffs.is_empty() && same.text.contains("content"), "an empty diff would show nothing");
}

#[test]
fn tools_questions_and_plans_are_what_they_are() {
    let tool = asks("mcp__mail__send", json!({"to": "ada"}));
    assert_eq!((tool.kind, tool.title.as_str()), (ApprovalKind::Tool, "Use mcp__mail__send"));
    assert!(tool.text.contains("\"to\": \"ada\""));
    let plan = asks("ExitPlanMode", json!({"plan": "# First"}));
    assert_eq!((plan.kind, plan.text.as_str()), (ApprovalKind::Plan, "# First"));
    let question = asks(
        "AskUserQuestion",
        json!({"questions": [{"question": "Which?", "multiSelect": true,
        "options": [{"label": "A"}, {"label": "B", "description": "b"}]}]}),
    );
    assert_eq!(question.kind, ApprovalKind::Question);
    assert!(question.questions[0].multi && question.questions[0].options.len() == 2);
}
