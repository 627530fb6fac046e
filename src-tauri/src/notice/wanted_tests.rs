use super::*;
use jiff::SignedDuration;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn run(state: RunState) -> RunView {
    let json = serde_json::json!({
        "id": RunId::new(), "agent": "demo", "dir": "/p", "label": "fix the tests", "state": state, "needs": null,
        "attempt": 1, "attemptId": null, "pid": 7, "queue": null, "waiting": 0, "line": "12 tests pass", "model": null,
        "terminal": false, "usage": {"inputTokens": 0, "outputTokens": 0, "cachedTokens": 0, "costUsd": null},
        "archived": false, "seq": 1, "createdAt": at(0), "updatedAt": at(0),
    });
    serde_json::from_value(json).unwrap()
}

fn ask(mirror: &mut Mirror, run: RunId) -> ApprovalId {
    let json = serde_json::json!({
        "id": ApprovalId::new(), "run": run, "attempt": AttemptId::new(), "kind": "command", "tool": "run",
        "title": "Run a command", "text": "curl -H 'token: hunter2' x", "hash": "h", "state": "requested",
        "resolution": null, "decidedBy": null, "decision": null, "outcome": null, "requestedAt": at(0),
        "resolvedAt": null, "deliveredAt": null, "finishedAt": null,
    });
    let approval: Approval = serde_json::from_value(json).unwrap();
    let id = approval.request.id;
    mirror.approvals.insert(id, approval);
    id
}

fn desk() -> (Mirror, RunId) {
    let run = run(RunState::Working);
    let id = run.id;
    let mut mirror = Mirror { connected: true, ..Mirror::default() };
    mirror.runs.insert(id, run);
    (mirror, id)
}

fn nobody(_: Place) -> bool {
    false
}

#[test]
fn one_for_each_thing_and_gone_when_it_is_answered_elsewhere() {
    let (mut mirror, run) = desk();
    let mut seen = Seen::default();
    let id = ask(&mut mirror, run);
    let (show, _) = seen.look(&mirror, &Notify::default(), at(0), nobody);
    assert_eq!(show.len(), 1);
    assert_eq!(show[0].1.place, Place::Run(run));
    let (again, close) = seen.look(&mirror, &Notify::default(), at(1), nobody);
    assert_eq!((again, close), (vec![], vec![]));
    mirror.approvals.clear();
    let (show, close) = seen.look(&mirror, &Notify::default(), at(2), nobody);
    assert_eq!((show, close), (vec![], vec![Key::Approval(id)]));
}

#[test]
fn it_says_that_something_is_asked_and_not_what() {
    let (mut mirror, run) = desk();
    ask(&mut mirror, run);
    let (show, _) = Seen::default().look(&mirror, &Notify::default(), at(0), nobody);
    let notice = &show[0].1;
    assert!(!format!("{} {}", notice.title, notice.body).contains("hunter2"));
}

#[test]
fn who_looks_at_it_is_not_called() {
    let (mut mirror, run) = desk();
    ask(&mut mirror, run);
    let (show, _) =
        Seen::default().look(&mirror, &Notify::default(), at(0), |place| place == Place::Run(run));
    assert_eq!(show, vec![]);
}

#[test]
fn many_at_once_are_told_as_one() {
    let (mut mirror, run) = desk();
    for _ in 0..5 {
        ask(&mut mirror, run);
    }
    let (show, _) = Seen::default().look(&mirror, &Notify::default(), at(0), nobody);
    assert_eq!(show.len(), 1);
    assert_eq!(show[0].0, Key::Several);
    assert!(show[0].1.title.starts_with('5'));
}

#[test]
fn the_end_of_work_is_news_only_for_who_saw_it_begin() {
    let (mut mirror, run) = desk();
    let mut seen = Seen::default();
    assert_eq!(seen.look(&mirror, &Notify::default(), at(0), nobody).0, vec![]);
    mirror.runs.get_mut(&run).unwrap().state = RunState::Idle;
    let (show, _) = seen.look(&mirror, &Notify::default(), at(1), nobody);
    assert_eq!(show[0].0, Key::Run(run));
    assert!(show[0].1.title.ends_with("is done"));
    // A gateway that is found again tells what it told before.
    let (mut fresh, _) = (Seen::default(), ());
    assert_eq!(fresh.look(&mirror, &Notify::default(), at(2), nobody).0, vec![]);
}

fn health(ok: bool, sentence: &str) -> Health {
    Health {
        ok,
        sentence: sentence.into(),
        reached: String::new(),
        hops: vec![],
        warnings: vec![],
        storage: None,
    }
}

#[test]
fn a_short_failure_of_the_way_in_is_no_news_and_a_long_one_is_told_once() {
    let (mut mirror, _) = desk();
    let mut seen = Seen::default();
    let mut told = Vec::new();
    for second in 0..30 {
        mirror.answered(health(false, "Not well."), at(second));
        let (show, _) = seen.look(&mirror, &Notify::default(), at(second), nobody);
        told.extend(show.into_iter().map(|(key, _)| (key, second)));
    }
    assert_eq!(told, vec![(Key::Reach, TROUBLE.as_secs())]);
    mirror.answered(health(true, "Well."), at(30));
    let (show, close) = seen.look(&mirror, &Notify::default(), at(30), nobody);
    assert_eq!(close, vec![Key::Reach]);
    assert_eq!(show.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), vec![Key::ReachedAgain]);
    assert!(SignedDuration::from_secs(30) > TROUBLE);
}

#[test]
fn what_is_switched_off_is_not_said() {
    let (mut mirror, run) = desk();
    ask(&mut mirror, run);
    let silent = Notify { needs_you: false, finished: false, reach: false };
    let (show, _) = Seen::default().look(&mirror, &silent, at(0), nobody);
    assert_eq!(show, vec![]);
}

#[test]
fn a_terminal_that_seems_to_ask_calls_once_for_each_question() {
    let (mut mirror, id) = desk();
    let asks = |name: &str| {
        let json =
            serde_json::json!({"id": name, "kind": "confirm", "text": "token hunter2? [y/N]", "choices": []});
        Some(serde_json::from_value::<DetectedPrompt>(json).unwrap())
    };
    let mut seen = Seen::default();
    mirror.runs.get_mut(&id).unwrap().detected = asks("a:1");
    let (show, _) = seen.look(&mirror, &Notify::default(), at(0), nobody);
    assert_eq!(show.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [Key::Asks(id)]);
    assert!(!show[0].1.body.contains("hunter2"));
    assert_eq!(seen.look(&mirror, &Notify::default(), at(1), nobody), (vec![], vec![]));
    mirror.runs.get_mut(&id).unwrap().detected = asks("a:2");
    assert_eq!(seen.look(&mirror, &Notify::default(), at(2), nobody).0.len(), 1, "another question");
    mirror.runs.get_mut(&id).unwrap().detected = None;
    assert_eq!(seen.look(&mirror, &Notify::default(), at(3), nobody), (vec![], vec![Key::Asks(id)]));
}
