//! What is appended is there, in order, once.

use crate::story::*;
use offdesk_protocol::*;
use offdesk_store::{Append, FoldPosition, NewEvent, StoreError};

#[test]
fn a_cursor_gets_exactly_what_came_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, _) = open(config(dir.path()));
    let first = run_saying(&store, &["one", "two"]);
    let second = run_saying(&store, &["three"]);

    assert_eq!(store.head(), 5);
    assert_eq!(seqs(&store, None, 0), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(&store, None, 3), [4, 5]);
    assert_eq!(seqs(&store, Some(first), 1), [2, 3]);
    assert_eq!(seqs(&store, Some(second), 0), [4, 5]);
    let before = store.read(|r| r.events_before(first, 3, 1)).unwrap();
    assert_eq!(before.iter().map(|e| e.seq).collect::<Vec<_>>(), [2], "the last one before the third");
    let envelope: Envelope = serde_json::from_str(&before[0].json).unwrap();
    assert!(matches!(envelope.event, Event::MessageAdded { text, .. } if text == "one"));
}

#[test]
fn numbers_go_on_after_a_restart_and_the_log_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (store, closer, _) = open(config(dir.path()));
    run_saying(&store, &["one"]);
    let log = store.log_id();
    closer.close();

    let (store, _closer, _) = open(config(dir.path()));
    assert_eq!((store.log_id(), store.head()), (log, 2));
    run_saying(&store, &["two"]);
    assert_eq!(seqs(&store, None, 0), [1, 2, 3, 4]);
}

#[test]
fn a_copy_that_is_put_back_is_another_log() {
    let dir = tempfile::tempdir().unwrap();
    let (store, closer, _) = open(config(dir.path()));
    run_saying(&store, &["one"]);
    let log = store.log_id();
    closer.close();
    let kept = std::fs::read(dir.path().join("offdesk.db")).unwrap();

    let (store, closer, _) = open(config(dir.path()));
    run_saying(&store, &["said after the copy was made"]);
    closer.close();
    drop(store);
    for name in ["offdesk.db-wal", "offdesk.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join(name));
    }
    std::fs::write(dir.path().join("offdesk.db"), kept).unwrap();

    let (store, _closer, _) = open(config(dir.path()));
    assert_ne!(store.log_id(), log, "a phone's cursor at event 4 must not be taken for the new event 4");
    assert_eq!(store.head(), 2);
}

#[test]
fn a_copy_of_the_whole_folder_is_another_log() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, closer, _) = open(config(dir.path()));
    run_saying(&store, &["one"]);
    let log = store.log_id();
    closer.close();
    drop(store);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), elsewhere.path().join(entry.file_name())).unwrap();
    }
    if std::fs::metadata(dir.path().join("offdesk.db")).unwrap().created().is_err() {
        return; // This file system can't tell a copy by its age.
    }

    let (copy, _closer, _) = open(config(elsewhere.path()));
    assert_ne!(copy.log_id(), log);
    assert_eq!(copy.head(), 2);
    let (original, _closer, _) = open(config(dir.path()));
    assert_eq!(original.log_id(), log);
}

#[test]
fn what_was_read_at_one_place_is_a_fact_once() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, published) = open(config(dir.path()));
    let run = run_saying(&store, &[]);
    let attempt = AttemptId::new();
    let read = |offset, ordinal| NewEvent {
        event: said(&format!("{offset}.{ordinal}")),
        origin: Some(Origin { attempt, offset, ordinal }),
    };
    let fold = |offset| Some(FoldPosition { attempt, offset, state: format!("{{\"at\":{offset}}}") });

    let first = store
        .append_blocking(Append { run, events: vec![read(0, 0), read(0, 1), read(40, 0)], fold: fold(90) })
        .unwrap();
    assert_eq!(first.events.len(), 3);
    // The gateway died before it knew, and reads from the start again, a little further.
    let again = store
        .append_blocking(Append {
            run,
            events: vec![read(0, 0), read(0, 1), read(40, 0), read(90, 0)],
            fold: fold(120),
        })
        .unwrap();
    assert_eq!(again.events.len(), 1, "only what is new");
    assert_eq!(seqs(&store, Some(run), 0).len(), 5);
    assert_eq!(store.read(|r| r.fold_position(attempt)).unwrap(), fold(120));
    assert_eq!(published.lock().unwrap().iter().map(|c| c.events.len()).sum::<usize>(), 5);
}

#[test]
fn many_at_once_are_published_in_the_order_of_the_log_and_before_they_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, published) = open(config(dir.path()));
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let (store, published) = (store.clone(), published.clone());
            std::thread::spawn(move || {
                let run = run_saying(&store, &[]);
                for turn in 0..50 {
                    let appended = append(&store, run, vec![said(&format!("{thread}/{turn}"))]).unwrap();
                    let seq = appended.events[0].envelope.seq;
                    let seen = published.lock().unwrap();
                    let told = seen.iter().flat_map(|c| &c.events).any(|event| event.envelope.seq == seq);
                    assert!(told, "an event was acknowledged before it was published");
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let order: Vec<u64> =
        published.lock().unwrap().iter().flat_map(|c| &c.events).map(|e| e.envelope.seq).collect();
    assert_eq!(order, (1..=8 * 51).collect::<Vec<u64>>());
}

#[test]
fn an_event_of_a_run_that_never_was_is_refused_and_its_neighbours_stand() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, _) = open(config(dir.path()));
    let nowhere = RunId::new();
    let refused = append(&store, nowhere, vec![said("hello?")]);
    assert!(matches!(refused, Err(StoreError::UnknownRun(run)) if run == nowhere));
    let run = run_saying(&store, &["here"]);
    let kindless = append(&store, run, vec![said("this must not stay alone"), Event::Unknown]);
    assert!(matches!(kindless, Err(StoreError::Garbled(_))));
    assert_eq!(seqs(&store, None, 0), [1, 2]);
}

#[test]
fn what_is_published_is_word_for_word_what_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, published) = open(config(dir.path()));
    run_saying(&store, &["“quoted” \\ \u{202e}backwards\n", "🚲"]);
    let read = store.read(|r| r.events_after(None, 0, 10)).unwrap();
    let seen = published.lock().unwrap();
    let told: Vec<_> = seen.iter().flat_map(|commit| &commit.events).collect();
    assert_eq!(told.len(), read.len());
    for (told, read) in told.iter().zip(&read) {
        assert_eq!(told.json, read.json);
        assert_eq!(serde_json::from_str::<Envelope>(&read.json).unwrap(), told.envelope);
    }
}

#[test]
fn more_runs_than_are_remembered_go_on_where_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _closer, _) = open(config(dir.path()));
    let runs: Vec<_> = (0..600).map(|number| run_saying(&store, &[&format!("run {number}")])).collect();
    for (number, run) in runs.into_iter().enumerate().step_by(100) {
        let appended = append(&store, run, vec![Event::TurnStarted { turn: TurnId::new() }]).unwrap();
        assert_eq!(appended.run.line, format!("run {number}"));
    }
}
