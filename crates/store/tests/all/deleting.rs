//! A run is deleted for good.

use crate::story::*;
use offdesk_protocol::*;
use offdesk_store::Store;

fn attachment(id: UploadId) -> Attachment {
    let (name, media_type) = ("shot.png".into(), "image/png".into());
    Attachment { id, name, size: 3, media_type, sha256: String::new() }
}

fn prompt(file: UploadId) -> Event {
    Event::PromptSent {
        prompt: PromptId::new(),
        text: "look at the zebra".into(),
        by: ada(),
        when: When::Now,
        attachments: vec![attachment(file)],
    }
}

fn used(tokens: u64) -> Event {
    let usage = Usage { input_tokens: tokens, output_tokens: tokens, cached_tokens: 0, cost_usd: Some(0.5) };
    Event::UsageReported { usage }
}

fn written(store: &Store) -> u64 {
    let slots = store.read(|reader| reader.usage(Timestamp::UNIX_EPOCH)).unwrap();
    slots.iter().map(|slot| slot.usage.output_tokens).sum()
}

#[tokio::test]
async fn what_was_deleted_is_gone_and_the_rest_is_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (store, closer, published) = open(config(dir.path()));
    let (attempt, file) = (AttemptId::new(), UploadId::new());
    let both = [RunId::new(), RunId::new()];
    let (gone, kept) = (both[0], both[1]);
    for run in both {
        let events = vec![created(), prompt(file), said("the zebra is striped"), used(100), used(150)];
        store.append(offdesk_store::Append { run, events: fresh(events), fold: None }).await.unwrap();
    }
    let starting = vec![Event::RunStarting { attempt, number: 1 }];
    store.append(offdesk_store::Append { run: gone, events: fresh(starting), fold: None }).await.unwrap();
    assert!(store.delete_run(gone, ada()).await.is_err(), "it is at work");
    let exit = Exit::Exited { code: 0, detail: None };
    let exited = vec![Event::RunExited { attempt, exit }];
    store.append(offdesk_store::Append { run: gone, events: fresh(exited), fold: None }).await.unwrap();
    let before = store.head();

    store.delete_run(gone, ada()).await.unwrap();
    assert!(store.delete_run(gone, ada()).await.is_err(), "it is gone");
    let left = store.read(|reader| reader.events_after(Some(gone), 0, 100)).unwrap();
    assert_eq!(left.len(), 1, "the one that says so");
    assert!(left[0].json.contains("run.deleted") && left[0].seq == before + 1);
    assert_eq!(published.lock().unwrap().last().unwrap().deleted, [gone]);
    assert!(store.read(|reader| reader.run(gone)).unwrap().is_none());
    let hits = store.read(|reader| reader.search("zebra", None, 10)).unwrap();
    assert!(!hits.is_empty() && hits.iter().all(|hit| hit.run == kept));
    let belongings = store.read(|reader| reader.belongings()).unwrap();
    assert_eq!(belongings, [(file.to_string(), kept)], "the other run still needs the file");
    assert_eq!(written(&store), 300, "what was used stays used");

    // Its number is not given out again, also not by the next gateway; and nothing can be said in it.
    let refused = store
        .append(offdesk_store::Append { run: gone, events: fresh(vec![said("late")]), fold: None })
        .await;
    assert!(refused.is_err());
    store.compact().await.unwrap();
    drop(store);
    tokio::task::spawn_blocking(move || closer.close()).await.unwrap();
    for name in ["offdesk.db", "offdesk.db-wal"] {
        let bytes = std::fs::read(dir.path().join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&attempt.to_string()), "{name} still names the attempt");
    }
    let (store, closer, _) = open(config(dir.path()));
    assert_eq!(store.head(), before + 1);
    tokio::task::spawn_blocking(move || {
        store.rebuild().unwrap();
        assert_eq!(written(&store), 300, "also when everything is derived anew");
        assert_eq!(store.read(|reader| reader.runs(true)).unwrap().len(), 1);
        drop(store);
        closer.close();
    })
    .await
    .unwrap();
}

#[test]
fn a_log_from_before_learns_what_belongs_to_its_runs() {
    let dir = tempfile::tempdir().unwrap();
    let (store, closer, _) = open(config(dir.path()));
    let (attempt, file) = (AttemptId::new(), UploadId::new());
    let run = run_saying(&store, &["run.starting is only a word here"]);
    append(&store, run, vec![Event::RunStarting { attempt, number: 1 }, prompt(file)]).unwrap();
    let known = store.read(|reader| reader.belongings()).unwrap();
    assert_eq!(known.len(), 2);
    drop(store);
    closer.close();
    let connection = rusqlite::Connection::open(dir.path().join("offdesk.db")).unwrap();
    connection
        .execute_batch(
            "DROP TABLE belongings; DROP TABLE usage_of_deleted; DROP TABLE notifications; \
             DROP TABLE subscriptions; DROP TABLE notify; PRAGMA user_version = 4;",
        )
        .unwrap();
    drop(connection);
    let (store, closer, _) = open(config(dir.path()));
    assert_eq!(store.read(|reader| reader.belongings()).unwrap(), known);
    drop(store);
    closer.close();
}
