//! Full disks, sudden ends, files of other versions.

use crate::story::*;
use offdesk_protocol::*;
use offdesk_store::{Store, StoreError};
use rusqlite::Connection;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn a_full_disk_refuses_keeps_what_was_and_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let (store, closer, published) = open(config(dir.path()));
    let run = run_saying(&store, &["before"]);
    closer.close();
    let pages: u32 = Connection::open(dir.path().join("offdesk.db"))
        .unwrap()
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();

    let mut small = config(dir.path());
    small.max_pages = Some(pages + 2);
    let (store, closer, seen) = open(small);
    let big = "x".repeat(100_000);
    let refused = append(&store, run, vec![said(&big)]);
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    assert!(refused.unwrap_err().to_string().contains("full"));
    assert!(seen.lock().unwrap().is_empty(), "nobody hears of what was not kept");
    assert_eq!(seqs(&store, None, 0), [1, 2]);
    let appended = append(&store, run, vec![Event::RunLabelled { label: "small".into() }]).unwrap();
    assert_eq!(appended.events[0].envelope.seq, 3, "the number nobody saw is used");
    assert_eq!(appended.run.label, "small");
    assert_eq!(appended.run.line, "before", "the run is not what the refused event would have made it");
    closer.close();

    let (store, _closer, _) = open(config(dir.path()));
    append(&store, run, vec![said(&big)]).unwrap();
    assert_eq!(seqs(&store, None, 0), [1, 2, 3, 4]);
    drop(published);
}

#[test]
fn a_newer_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (_, closer, _) = open(config(dir.path()));
    closer.close();
    Connection::open(dir.path().join("offdesk.db"))
        .unwrap()
        .pragma_update(None, "user_version", 999)
        .unwrap();
    let refused = Store::open(config(dir.path()), |_| {}).map(|_| ()).unwrap_err();
    assert!(matches!(refused, StoreError::Newer), "{refused}");
}

#[test]
fn a_file_that_is_no_log_gives_a_clear_error() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("offdesk.db"), "not a database, whatever its name says".repeat(50))
        .unwrap();
    let refused = Store::open(config(dir.path()), |_| {}).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("cannot be used"), "{refused}");
}

/// The program that is killed in the next test: this test binary, told by a variable to append until then.
#[test]
fn appends_until_killed() {
    let Some(dir) = std::env::var_os("OFFDESK_TEST_APPEND_IN") else { return };
    let (store, _closer, _) = open(config(std::path::Path::new(&dir)));
    let run = run_saying(&store, &[]);
    loop {
        let appended = append(&store, run, vec![said("still here")]).unwrap();
        eprintln!("acknowledged {}", appended.events[0].envelope.seq);
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "failing::appends_until_killed", "--nocapture"])
        .env("OFFDESK_TEST_APPEND_IN", dir.path())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = 0;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        if let Some(seq) = line.unwrap().strip_prefix("acknowledged ") {
            acknowledged = seq.parse().unwrap();
        }
        if acknowledged >= 40 {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let (store, _closer, _) = open(config(dir.path()));
    assert!(acknowledged >= 40 && store.head() >= acknowledged);
    assert_eq!(seqs(&store, None, 0), (1..=store.head()).collect::<Vec<_>>());
    let head = store.head();
    let run = store.read(|r| r.runs(true)).unwrap().remove(0);
    assert_eq!(run.seq, head, "the run is as its last event left it");
}
