//! After a while, a person cleans up.

use crate::story::*;
use crate::workspaces::{git, let_it_work, repository, start};
use offdesk_protocol::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn items<'a>(clean: &'a Value, list: &str, kind: &str) -> Vec<&'a Value> {
    clean[list].as_array().unwrap().iter().filter(|item| item["kind"] == kind).collect()
}

/// Everything below a folder.
fn below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        found.push(entry.path());
        if entry.file_type().unwrap().is_dir() {
            found.extend(below(&entry.path()));
        }
    }
    found.sort();
    found
}

async fn put_away(desk: &Desk, run: RunId) {
    desk.client().stop(run).await.unwrap();
    desk.until(run, "over", |view| view.state.is_over()).await;
    desk.json(&["archive", &run.to_string()]);
}

#[tokio::test]
async fn what_is_done_is_cleaned_up_and_what_is_needed_stays() {
    let mut desk = Desk::new();
    repository(&desk);
    let note = desk.home.path().join("note.txt");
    std::fs::write(&note, "look here").unwrap();
    let file = note.to_str().unwrap();
    // One whose work is merged, one that left work behind, and one that is still open, with a file of its own.
    let merged = start(&desk, &["--worktree", "--file", file, "run: printf done > done.txt"]);
    let left = start(&desk, &["--worktree", "run: printf left > left.txt"]);
    let open = start(&desk, &["--file", file, "say: here I am"]);
    let worktree = PathBuf::from(let_it_work(&desk, merged).await.dir);
    let work = PathBuf::from(let_it_work(&desk, left).await.dir).join("left.txt");
    let_it_work(&desk, open).await;
    desk.json(&["commit", &merged.to_string(), "-m", "Done"]);
    desk.json(&["merge", &merged.to_string()]);
    put_away(&desk, merged).await;
    put_away(&desk, left).await;

    let kept = desk.json(&["storage"]);
    let uses: Vec<&str> =
        kept["uses"].as_array().unwrap().iter().map(|of| of["kind"].as_str().unwrap()).collect();
    for kind in ["log", "outputs", "uploads", "worktrees", "snapshots", "programs"] {
        assert!(uses.contains(&kind), "{kind}: {kept}");
    }
    let told = desk.cli(&["doctor"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("offdesk storage clean"), "{told:?}");

    // Nothing is old enough; then a look at what would go changes nothing.
    assert_eq!(desk.json(&["storage", "clean"])["goes"], serde_json::json!([]));
    let before = below(&desk.data.join("attempts"));
    let shown = desk.json(&["storage", "clean", "--older-than", "0"]);
    assert_eq!(items(&shown, "goes", "outputs").len(), 2, "{shown}");
    assert_eq!(items(&shown, "goes", "worktrees").len(), 1);
    assert_eq!(items(&shown, "goes", "worktrees")[0]["run"], merged.to_string());
    let stays = items(&shown, "stays", "worktrees");
    assert!(stays[0]["why"].as_str().unwrap().contains("left.txt"), "{stays:?}");
    assert!(
        items(&shown, "stays", "snapshots")
            .iter()
            .any(|item| item["why"].as_str().unwrap().contains("in no branch"))
    );
    assert_eq!(below(&desk.data.join("attempts")), before);
    assert!(worktree.exists());

    // Somebody puts another one away between the look and the yes.
    let stale = CleanStorage { plan: Some("of yesterday".into()), ..CleanStorage::default() };
    let refused = desk.client().clean_storage(&stale).await.unwrap_err().to_string();
    assert!(refused.contains("nothing was removed"), "{refused}");

    let done = desk.json(&["storage", "clean", "--older-than", "0", "--yes"]);
    assert_eq!(done["done"], true, "{done}");
    assert!(!worktree.exists(), "its work is in main");
    assert_eq!(desk.file("done.txt"), "done");
    assert_eq!(std::fs::read_to_string(&work).unwrap(), "left", "work that is nowhere else stays");
    let attempts = below(&desk.data.join("attempts"));
    let living = desk.client().run(open).await.unwrap().attempt_id.unwrap().to_string();
    assert!(attempts.iter().all(|path| path.display().to_string().contains(&living)) && !attempts.is_empty());
    let uploads = desk.data.join("attachments").join(open.to_string());
    assert_eq!(below(&uploads).len(), 1, "the open run still has its file");
    assert!(!desk.data.join("attachments").join(merged.to_string()).exists());
    assert!(desk.events(merged).await.len() > 5, "what was said and done is still known");
    let output = desk.client().output(merged, None, 0).await.unwrap_err().to_string();
    assert!(output.contains("not kept any more"), "{output}");
    // The open one goes on as if nothing had been.
    desk.client().prompt(open, &SendPrompt::now("say: still here")).await.unwrap();
    desk.until(open, "answers", |view| view.line == "still here" && view.state == RunState::Idle).await;

    desk.kill_gateway();
    desk.start();
    assert_eq!(desk.client().runs(true).await.unwrap().len(), 3);
    desk.close().await;
}

#[tokio::test]
async fn a_run_is_deleted_for_good_and_its_work_only_if_somebody_says_so() {
    let mut desk = Desk::new();
    repository(&desk);
    let run = start(&desk, &["--worktree", "run: printf secret-word > left.txt"]);
    let other = start(&desk, &["say: the other"]);
    let id = run.to_string();
    let_it_work(&desk, run).await;
    let_it_work(&desk, other).await;
    assert!(desk.refused(1, &["delete", &id, "--yes"]).message.contains("not deleted"), "it lives");
    desk.client().stop(run).await.unwrap();
    desk.until(run, "over", |view| view.state.is_over()).await;
    let refused = desk.refused(1, &["delete", &id, "--yes"]);
    assert!(refused.message.contains("left.txt"), "{refused:?}");
    let saved = desk.json(&["worktree", "rm", &id, "--save"])["saved"].as_str().unwrap().to_string();

    let shown = desk.json(&["delete", &id]);
    assert_eq!(shown["done"], false);
    assert_eq!(items(&shown, "stays", "snapshots").len(), 1, "{shown}");
    assert!(items(&desk.json(&["delete", &id, "--lose-work"]), "stays", "snapshots").is_empty());
    let mut live = desk.client().live(None).await.unwrap();
    let done = desk.json(&["delete", &id, "--yes"]);
    assert_eq!(done["done"], true);
    loop {
        let Some(offdesk_client::LiveMessage::Message(message)) = live.next().await.unwrap() else {
            continue;
        };
        let ToViewer::Events { events } = *message else { continue };
        if events.iter().any(|event| event.run == run && matches!(event.event, Event::RunDeleted { .. })) {
            break;
        }
    }
    assert!(desk.refused(1, &["show", &id]).message.contains("no run"));
    assert_eq!(git(&desk, &desk.workspace, &["show", &format!("{saved}:left.txt")]), "secret-word");
    assert!(desk.json(&["search", "secret"]).as_array().unwrap().is_empty());

    desk.kill_gateway();
    desk.start();
    let runs = desk.client().runs(true).await.unwrap();
    assert_eq!(runs.iter().map(|view| view.id).collect::<Vec<_>>(), [other]);
    assert!(desk.client().events(Some(run), 0, 10).await.is_err(), "nobody can ask for it any more");
    desk.close().await;
}
