use super::*;
use crate::keeper::{GatewayState, Standing};
use crate::mirror::Mirror;
use crate::tray::Glyph;
use jiff::Timestamp;
use proptest::prelude::*;

fn at() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn gateway(state: Standing) -> GatewayState {
    GatewayState {
        state,
        ours: true,
        sentence: "The gateway cannot start.".into(),
        fix: None,
        retry_at: None,
        version: None,
        pid: None,
        log: Vec::new(),
    }
}

fn run(label: &str, state: RunState) -> RunView {
    RunView {
        id: RunId::new(),
        agent: "demo".into(),
        dir: "/home/ada/project".into(),
        label: label.into(),
        state,
        needs: None,
        attempt: 1,
        attempt_id: None,
        pid: Some(7),
        queue: None,
        waiting: 0,
        line: "working".into(),
        model: None,
        local_model: None,
        terminal: false,
        controls: Default::default(),
        command: None,
        detected: None,
        usage: Usage::default(),
        archived: false,
        workspace: None,
        seq: 1,
        created_at: at(),
        updated_at: at(),
    }
}

fn approval(run: RunId, text: &str) -> Approval {
    let request = ApprovalRequest {
        id: ApprovalId::new(),
        run,
        attempt: AttemptId::new(),
        kind: ApprovalKind::Command,
        tool: "run".into(),
        title: "Run a command".into(),
        text: text.into(),
        diffs: Vec::new(),
        input: serde_json::Value::Null,
        reason: None,
        questions: Vec::new(),
        sub_agent: None,
        web_page: None,
        hash: format!("hash of {text}"),
    };
    Approval {
        request,
        state: ApprovalState::Requested,
        resolution: None,
        decided_by: None,
        decision: None,
        outcome: None,
        requested_at: at(),
        resolved_at: None,
        delivered_at: None,
        finished_at: None,
        touches: None,
    }
}

fn health(ok: bool) -> Health {
    Health {
        ok,
        sentence: "All well on this machine: no run at work, nothing waits for you.".into(),
        reached: if ok { "All well on this machine".into() } else { String::new() },
        hops: Vec::new(),
        warnings: Vec::new(),
        storage: None,
    }
}

fn mirror(texts: &[&str]) -> Mirror {
    let mut mirror = Mirror { connected: true, ..Mirror::default() };
    for text in texts {
        let run = run("fix the tests", RunState::Waiting);
        let one = approval(run.id, text);
        mirror.approvals.insert(one.request.id, one);
        mirror.runs.insert(run.id, run);
    }
    mirror.answered(health(true), at());
    mirror
}

fn entries(mirror: &Mirror, standing: Standing) -> Vec<Entry> {
    let gateway = gateway(standing);
    Menu::new().entries(&Now { at: at(), gateway: &gateway, mirror }, None)
}

fn glyph(mirror: &Mirror, standing: Standing, at: Timestamp) -> Glyph {
    let gateway = gateway(standing);
    Now { at, gateway: &gateway, mirror }.glyph()
}

fn all(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().flat_map(|entry| std::iter::once(entry).chain(entry.children.iter())).collect()
}

fn allows(entries: &[Entry]) -> Vec<&Entry> {
    all(entries).into_iter().filter(|entry| matches!(entry.action, Some(Action::Allow { .. }))).collect()
}

#[test]
fn a_short_command_is_shown_whole_and_can_be_allowed_at_once() {
    let mirror = mirror(&["cargo test"]);
    let entries = entries(&mirror, Standing::Running);
    assert_eq!(allows(&entries).len(), 1);
    assert!(all(&entries).iter().any(|entry| entry.text == "cargo test" && entry.action.is_none()));
    let Some(Action::Allow { hash, .. }) = &allows(&entries)[0].action else { unreachable!() };
    assert_eq!(hash, "hash of cargo test");
}

#[test]
fn what_is_not_shown_whole_is_never_allowed_from_the_menu() {
    let long = "x".repeat(57);
    for text in [
        long.as_str(),
        "two\nlines",
        "tab\there",
        "rm \u{202e}txt",
        "naïve",
        " lead",
        "wide  gap",
        "",
        "trail ",
    ] {
        let entries = entries(&mirror(&[text]), Standing::Running);
        assert!(allows(&entries).is_empty(), "{text:?}");
        assert!(all(&entries).iter().any(|entry| entry.text.starts_with("Read it all")), "{text:?}");
        assert!(all(&entries).iter().any(|entry| matches!(entry.action, Some(Action::Deny { .. }))));
    }
}

#[test]
fn an_edit_or_a_question_is_never_allowed_from_the_menu() {
    let mut mirror = mirror(&["notes.md"]);
    let one = mirror.approvals.values_mut().next().unwrap();
    one.request.kind = ApprovalKind::Edit;
    assert!(allows(&entries(&mirror, Standing::Running)).is_empty());
    let one = mirror.approvals.values_mut().next().unwrap();
    one.request.kind = ApprovalKind::Command;
    one.request.diffs.push(FileDiff {
        path: "a".into(),
        unified: "+x".into(),
        base_hash: None,
        created: true,
    });
    assert!(allows(&entries(&mirror, Standing::Running)).is_empty());
}

#[test]
fn the_shape_of_the_menu_never_changes() {
    fn form(entries: &[Entry]) -> Vec<(bool, usize)> {
        entries.iter().map(|entry| (entry.separator, entry.children.len())).collect()
    }
    let empty = form(&entries(&mirror(&[]), Standing::Running));
    let busy = form(&entries(&mirror(&["a", "b", "c", "d", "e", "f", "g", "h", "i"]), Standing::Running));
    let down = form(&entries(&Mirror::default(), Standing::Down));
    assert_eq!(empty, busy);
    assert_eq!(empty, down);
}

#[test]
fn more_than_there_is_room_for_is_counted() {
    let entries = entries(&mirror(&["a", "b", "c", "d", "e", "f", "g", "h"]), Standing::Running);
    assert!(entries.iter().any(|entry| entry.text == "2 more need you…" && !entry.hidden));
}

#[test]
fn a_hostile_label_spoofs_nothing() {
    let mut mirror = mirror(&["ls"]);
    mirror.runs.values_mut().for_each(|run| run.label = "ok\u{202e}\n\u{1b}[31mQuit".into());
    for entry in all(&entries(&mirror, Standing::Running)) {
        assert!(!entry.text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", entry.text);
    }
}

#[test]
fn the_glyph_says_the_worst_first() {
    let waits = mirror(&["ls"]);
    assert_eq!(glyph(&waits, Standing::Running, at()), Glyph::NeedsYou(1));
    assert_eq!(glyph(&waits, Standing::Down, at()), Glyph::Off);
    let mut unwell = waits.clone();
    unwell.answered(health(false), at());
    assert_eq!(glyph(&unwell, Standing::Running, at()), Glyph::Unreachable);
    let mut works = mirror(&[]);
    assert_eq!(glyph(&works, Standing::Running, at()), Glyph::Idle);
    let one = run("x", RunState::Working);
    works.runs.insert(one.id, one);
    assert_eq!(glyph(&works, Standing::Running, at()), Glyph::Working);
}

#[test]
fn an_answer_that_is_old_is_no_answer() {
    let mirror = mirror(&[]);
    let later = at().checked_add(std::time::Duration::from_secs(11)).unwrap();
    assert_eq!(glyph(&mirror, Standing::Running, later), Glyph::Off);
    let gateway = gateway(Standing::Running);
    let sentence = Now { at: later, gateway: &gateway, mirror: &mirror }.sentence();
    assert!(!sentence.contains("well"), "{sentence}");
}

#[test]
fn the_sentence_never_says_that_nothing_waits_above_a_line_that_asks() {
    let gateway = gateway(Standing::Running);
    let mut mirror = mirror(&["echo hi", "echo ho"]);
    let said = |mirror: &Mirror| Now { at: at(), gateway: &gateway, mirror }.sentence();
    assert_eq!(said(&mirror), "All well on this machine: 2 decisions wait for you.");
    mirror.approvals.pop_first();
    assert_eq!(said(&mirror), "All well on this machine: one decision waits for you.");
    mirror.approvals.clear();
    mirror.runs.clear();
    assert_eq!(said(&mirror), "All well on this machine: no run at work, nothing waits for you.");
    let one = run("x", RunState::Working);
    mirror.runs.insert(one.id, one);
    assert_eq!(said(&mirror), "All well on this machine: one run at work, nothing waits for you.");
}

proptest! {
    /// Whatever is asked: a line that allows stands beside a line with all of it, and carries its hash.
    #[test]
    fn nothing_is_allowed_unseen(text in ".{0,80}") {
        let entries = entries(&mirror(&[&text]), Standing::Running);
        for menu in &entries {
            for child in &menu.children {
                if let Some(Action::Allow { hash, .. }) = &child.action {
                    prop_assert_eq!(&menu.children[0].text, &text);
                    prop_assert_eq!(hash, &format!("hash of {text}"));
                }
            }
        }
    }
}
