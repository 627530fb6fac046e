//! Reading: runs, approvals, words, keys.

use crate::story::*;
use offdesk_protocol::*;
use offdesk_store::Store;
use rusqlite::Connection;

fn asked(store: &Store, run: RunId, command: &str) -> ApprovalRequest {
    let request = ApprovalRequest {
        id: ApprovalId::new(),
        run,
        attempt: AttemptId::new(),
        kind: ApprovalKind::Command,
        tool: "Bash".into(),
        title: "Run a command".into(),
        text: command.into(),
        diffs: Vec::new(),
        input: serde_json::json!({ "command": command }),
        reason: None,
        questions: Vec::new(),
        sub_agent: None,
        web_page: None,
        hash: "abc".into(),
    };
    append(store, run, vec![Event::ApprovalRequested { approval: request.clone() }]).unwrap();
    request
}

#[test]
fn an_approval_is_open_until_it_is_resolved_and_keeps_its_receipts() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, published) = open(config(dir.path()));
    let run = run_saying(&store, &[]);
    let (first, second) = (asked(&store, run, "make"), asked(&store, run, "make install"));
    let open = |only| store.read(|r| r.approvals(Some(run), only)).unwrap();
    assert_eq!(open(true).iter().map(|a| a.request.id).collect::<Vec<_>>(), [first.id, second.id]);

    let decision = Decision::new("abc", Verdict::Allow);
    let resolved = Event::ApprovalResolved {
        approval: first.id,
        resolution: Resolution::Allowed,
        decision: Some(decision.clone()),
        by: ada(),
    };
    let finished = Event::ApprovalFinished { approval: first.id, outcome: Outcome::Ok };
    append(&store, run, vec![resolved, Event::ApprovalDelivered { approval: first.id }, finished]).unwrap();

    assert_eq!(open(true).iter().map(|a| a.request.id).collect::<Vec<_>>(), [second.id]);
    let record = store.read(|r| r.approval(first.id)).unwrap().unwrap();
    assert_eq!((record.state, record.outcome), (ApprovalState::Finished, Some(Outcome::Ok)));
    assert_eq!((record.decision, record.decided_by), (Some(decision), Some(ada())));
    let last = published.lock().unwrap().last().unwrap().approvals.clone();
    assert_eq!(last.len(), 1, "three events of one approval are one change");
}

#[test]
fn words_are_found_and_search_operators_are_only_words() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, _) = open(config(dir.path()));
    let first = run_saying(&store, &["the flaky test waits for a café", "nothing here"]);
    let second = run_saying(&store, &["another flaky thing"]);
    let find = |words: &str, run| store.read(|r| r.search(words, run, 10)).unwrap();

    let hits = find("flaky", None);
    assert_eq!(hits.iter().map(|hit| hit.run).collect::<Vec<_>>(), [second, first], "newest first");
    assert!(hits[0].snippet.contains("⟦flaky⟧"));
    assert_eq!(find("flak", Some(first)).len(), 1, "the beginning of a word will do");
    assert_eq!(find("cafe", None).len(), 1, "accents do not matter");
    assert_eq!(find("flaky thing", None).len(), 1, "all words must be there");
    for hostile in [
        "\"",
        "flaky\"",
        "NEAR(flaky",
        "text:",
        "*",
        "(",
        "-",
        "flaky OR",
        "a AND",
        "^",
        "; DROP TABLE events",
        "\0",
        "flaky\0\"x",
        "\"\"",
        "²",
    ] {
        store.read(|r| r.search(hostile, None, 10)).unwrap_or_else(|error| panic!("{hostile:?}: {error}"));
    }
    find(&"flaky ".repeat(10_000), None);
    assert_eq!(find("", None), []);
}

#[test]
fn kinds_of_a_newer_version_stay_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (store, closer, _) = open(config(dir.path()));
    let run = run_saying(&store, &[]);
    closer.close();
    let body = r#"{"type":"hologram.shown","depth":3,"nested":{"a":[1,2]}}"#;
    let connection = Connection::open(dir.path().join("offdesk.db")).unwrap();
    connection
        .execute("INSERT INTO events SELECT 2, at, host, run, ?1 FROM events WHERE seq = 1", [body])
        .unwrap();
    drop(connection);

    let (store, _closer, _) = open(config(dir.path()));
    store.rebuild().unwrap();
    let events = store.read(|r| r.events_after(Some(run), 1, 10)).unwrap();
    assert!(events[0].json.contains(body), "{}", events[0].json);
    let envelope: Envelope = serde_json::from_str(&events[0].json).unwrap();
    assert_eq!(envelope.event, Event::Unknown);
}

#[test]
fn folders_used_lately_come_newest_first_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, _) = open(config(dir.path()));
    for folder in ["/a", "/b", "/a", "/c"] {
        let Event::RunCreated { agent, label, time_limit, terminal, local_model, command, by, .. } =
            created()
        else {
            unreachable!()
        };
        let event = Event::RunCreated {
            agent,
            label,
            time_limit,
            terminal,
            local_model,
            command,
            by,
            dir: folder.into(),
            approval_limit: None,
        };
        append(&store, RunId::new(), vec![event]).unwrap();
    }
    assert_eq!(store.read(|r| r.recent_dirs(2)).unwrap(), ["/c", "/a"]);
}

#[tokio::test]
async fn a_key_is_known_by_its_hash_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, _) = open(config(dir.path()));
    store.add_key([7; 32], "Ada's phone".into(), DeviceRole::Admin).await.unwrap();
    assert_eq!(store.key([7; 32]).await.unwrap().map(|key| key.name).as_deref(), Some("Ada's phone"));
    assert_eq!(store.key([8; 32]).await.unwrap(), None);
}

#[tokio::test]
async fn a_keys_last_use_is_noted_once_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, _) = open(config(dir.path()));
    store.add_key([7; 32], "Ada's phone".into(), DeviceRole::Admin).await.unwrap();
    let db = Connection::open(dir.path().join("offdesk.db")).unwrap();
    let used = || db.query_row("SELECT used_at FROM keys", [], |row| row.get::<_, i64>(0)).unwrap();
    let set = |at: i64| db.execute("UPDATE keys SET used_at = ?1", [at]).unwrap();
    let now = Timestamp::now().as_microsecond();

    set(now - 30_000_000);
    store.key([7; 32]).await.unwrap();
    assert_eq!(used(), now - 30_000_000, "half a minute ago is recent enough");
    set(now - 90_000_000);
    store.key([7; 32]).await.unwrap();
    assert!(used() >= now);
}

#[test]
fn readers_beside_the_writer_each_see_one_moment() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, _) = open(config(dir.path()));
    let run = run_saying(&store, &[]);
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let store = store.clone();
            std::thread::spawn(move || {
                let mut last = 0;
                while last < 201 {
                    let (head, events, run) = store
                        .read(|r| Ok((r.head()?, r.events_after(None, 0, usize::MAX)?, r.run(run)?)))
                        .unwrap();
                    assert!(head >= last, "the log never shrinks");
                    let seqs: Vec<u64> = events.iter().map(|event| event.seq).collect();
                    assert_eq!(seqs, (1..=head).collect::<Vec<u64>>());
                    assert_eq!(run.unwrap().seq, head, "a run and its events are of the same moment");
                    last = head;
                }
            })
        })
        .collect();
    for turn in 0..200 {
        append(&store, run, vec![said(&format!("{turn}"))]).unwrap();
    }
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}
