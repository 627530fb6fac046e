//! A person lets agents work in git repositories, and decides what becomes of it.

use crate::story::*;
use offdesk_protocol::*;
use std::path::Path;
use std::process::Command;

/// The person's own git, in their own home.
pub fn git(desk: &Desk, dir: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.env("HOME", desk.home.path()).env_remove("GIT_DIR").current_dir(dir).args(args);
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().into()
}

/// A repository on `main` with a remote; one file is not committed, one is ignored.
pub fn repository(desk: &Desk) {
    let dir = &desk.workspace;
    let config = "[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n";
    std::fs::write(desk.home.path().join(".gitconfig"), config).unwrap();
    git(desk, dir, &["init", "-q"]);
    std::fs::write(dir.join("notes.md"), "one\n").unwrap();
    std::fs::write(dir.join(".gitignore"), ".env\n").unwrap();
    git(desk, dir, &["add", "."]);
    git(desk, dir, &["commit", "-qm", "First"]);
    let remote = desk.home.path().join("remote.git");
    git(desk, dir, &["init", "-q", "--bare", remote.to_str().unwrap()]);
    git(desk, dir, &["remote", "add", "origin", remote.to_str().unwrap()]);
    git(desk, dir, &["push", "-q", "origin", "main"]);
    std::fs::write(dir.join("draft.txt"), "mine\n").unwrap();
    std::fs::write(dir.join(".env"), "KEY=1\n").unwrap();
}

/// Allows everything the run asks until it rests, and waits for what it changed to be known.
pub async fn let_it_work(desk: &Desk, run: RunId) -> RunView {
    loop {
        let view =
            desk.until(run, "asks or rests", |v| matches!(v.state, RunState::Waiting | RunState::Idle)).await;
        if view.state == RunState::Idle {
            break;
        }
        for approval in desk.client().approvals(Some(run), false).await.unwrap() {
            desk.decide(&approval, Verdict::Allow).await;
        }
    }
    let turns =
        async |kind: fn(&Event) -> bool| desk.events(run).await.iter().filter(|e| kind(&e.event)).count();
    eventually("what the turn changed is known", async || {
        turns(|e| matches!(e, Event::ChangesRecorded { .. })).await
            == turns(|e| matches!(e, Event::TurnFinished { .. })).await
    })
    .await;
    desk.client().run(run).await.unwrap()
}

pub fn start(desk: &Desk, words: &[&str]) -> RunId {
    let dir = desk.workspace.to_str().unwrap().to_string();
    let view = desk.json(&[&["run", "--agent", "demo", "--dir", &dir, "--detach"], words].concat());
    view["id"].as_str().unwrap().parse().unwrap()
}

fn paths(changes: &serde_json::Value) -> Vec<&str> {
    changes["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn work_in_a_worktree_is_seen_taken_back_committed_and_merged() {
    let desk = Desk::new();
    repository(&desk);
    let before = git(&desk, &desk.workspace, &["status", "--porcelain=v2", "--branch"]);
    let run = start(&desk, &["--worktree", "--copy", ".env", "edit: notes.md\nrun: printf new > made.txt"]);
    let view = let_it_work(&desk, run).await;
    let workspace = view.workspace.clone().unwrap();
    let dir = Path::new(&view.dir);
    assert!(workspace.worktree && dir.starts_with(desk.data.canonicalize().unwrap()), "{view:#?}");
    assert_eq!(workspace.branch.as_deref(), Some("offdesk/edit-notes-md"));
    assert_eq!(workspace.base.as_deref(), Some("main"));
    assert!(workspace.notes[0].contains("1 uncommitted file stays"), "{:?}", workspace.notes);
    assert_eq!(std::fs::read_to_string(dir.join(".env")).unwrap(), "KEY=1\n");
    assert!(!dir.join("draft.txt").exists());
    assert_eq!(git(&desk, &desk.workspace, &["status", "--porcelain=v2", "--branch"]), before);
    assert_eq!(desk.file("notes.md"), "one\n", "the person's own file is as it was");

    let id = run.to_string();
    let changes = desk.json(&["changes", &id]);
    assert_eq!(paths(&changes), ["made.txt", "notes.md"]);
    assert_eq!(paths(&desk.json(&["changes", &id, "--turn", "1"])), ["made.txt", "notes.md"]);
    let diff = desk.json(&["changes", &id, "notes.md"]);
    assert!(diff["unified"].as_str().unwrap().contains("+Edited by the Offdesk demo agent."), "{diff}");

    let thrown = desk.json(&["discard", &id, "made.txt"]);
    assert_eq!(thrown["paths"][0], "made.txt");
    assert!(!dir.join("made.txt").exists());
    assert_eq!(paths(&desk.json(&["changes", &id])), ["notes.md"]);
    desk.json(&["restore", &id]);
    assert_eq!(std::fs::read_to_string(dir.join("made.txt")).unwrap(), "new");
    desk.json(&["discard", &id, "--all"]);
    assert_eq!(std::fs::read_to_string(dir.join("notes.md")).unwrap(), "one\n");
    desk.json(&["restore", &id]);
    assert_eq!(paths(&desk.json(&["changes", &id])), ["made.txt", "notes.md"]);

    assert!(desk.refused(1, &["merge", &id]).message.contains("Not committed are"));
    let made = desk.json(&["commit", &id, "-m", "Say more"]);
    assert_eq!(made["branch"], "offdesk/edit-notes-md");
    assert_eq!(git(&desk, dir, &["log", "-1", "--format=%an %s"]), "Ada Say more");
    assert_eq!(git(&desk, dir, &["status", "--porcelain"]), "");

    // What the person has changed meanwhile is in the way, and stays.
    std::fs::write(desk.workspace.join("notes.md"), "mine, not committed\n").unwrap();
    let refused = desk.refused(1, &["merge", &id]);
    assert!(refused.message.contains("nothing was changed"), "{refused:?}");
    assert_eq!(desk.file("notes.md"), "mine, not committed\n");
    git(&desk, &desk.workspace, &["checkout", "-q", "notes.md"]);
    let merged = desk.json(&["merge", &id]);
    assert_eq!((&merged["into"], &merged["fastForward"]), (&"main".into(), &true.into()));
    assert_eq!(desk.file("made.txt"), "new");
    assert_eq!(desk.file("draft.txt"), "mine\n");

    assert!(desk.refused(1, &["worktree", "rm", &id]).message.contains("still lives"));
    desk.client().stop(run).await.unwrap();
    desk.until(run, "over", |view| view.state.is_over()).await;
    assert!(
        desk.refused(1, &["worktree", "rm", &id]).message.contains(".env"),
        "ignored files are not deleted unasked"
    );
    let removed = desk.json(&["worktree", "rm", &id, "--ignored"]);
    assert_eq!((&removed["saved"], &removed["branch"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert!(!dir.exists());
    assert_eq!(
        git(&desk, &desk.workspace, &["branch", "--format=%(refname:short)"]),
        "main",
        "all it had is in main"
    );
    assert_eq!(
        paths(&desk.json(&["changes", &id, "--turn", "1"])),
        ["made.txt", "notes.md"],
        "history stays readable"
    );
    assert!(desk.refused(1, &["changes", &id]).message.contains("was removed"));
    assert!(
        desk.refused(1, &["send", &id, "say: more"]).message.contains("worktree it worked in was removed")
    );
    desk.close().await;
}

#[tokio::test]
async fn a_pull_request_is_shown_first_and_then_opened_and_what_is_left_is_saved() {
    let tools = tempfile::tempdir().unwrap();
    let gh = tools.path().join("gh");
    let said = tools.path().join("said");
    let script =
        format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\necho https://git.example/pull/7\n", said.display());
    std::fs::write(&gh, script).unwrap();
    Command::new("chmod").arg("+x").arg(&gh).status().unwrap();
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap());
    let desk = Desk::with(&[("PATH", &path)], &[]);
    repository(&desk);
    let run = start(&desk, &["--worktree", "--branch", "topic", "run: printf done > done.txt"]);
    let view = let_it_work(&desk, run).await;
    let id = run.to_string();
    desk.json(&["commit", &id, "-m", "Done"]);

    let plan = desk.json(&["pr", &id, "--title", "It is $(done)"]);
    let push = ["git", "push", "--set-upstream", "--", "origin", "refs/heads/topic:refs/heads/topic"];
    assert_eq!(plan["commands"][0], serde_json::json!(push));
    assert!(
        git(&desk, &desk.workspace, &["ls-remote", "origin", "topic"]).is_empty(),
        "showing pushes nothing"
    );
    let opened = desk.json(&["pr", &id, "--title", "It is $(done)", "--yes"]);
    assert_eq!(opened["url"], "https://git.example/pull/7");
    let told = std::fs::read_to_string(&said).unwrap();
    assert_eq!(told, "pr\ncreate\n--head\ntopic\n--base\nmain\n--title\nIt is $(done)\n--body\n\n");
    let pushed = git(&desk, &desk.workspace, &["ls-remote", "origin", "topic"]);
    assert!(pushed.starts_with(&git(&desk, Path::new(&view.dir), &["rev-parse", "HEAD"])));

    std::fs::write(Path::new(&view.dir).join("late.txt"), "not committed\n").unwrap();
    desk.client().stop(run).await.unwrap();
    desk.until(run, "over", |view| view.state.is_over()).await;
    assert!(desk.refused(1, &["worktree", "rm", &id]).message.contains("late.txt"));
    let listed = desk.json(&["worktree", "ls"]);
    assert_eq!((&listed[0]["branch"], &listed[0]["run"]), (&"topic".into(), &id.as_str().into()));
    let removed = desk.json(&["worktree", "rm", &id, "--save"]);
    let saved = removed["saved"].as_str().unwrap();
    assert_eq!(git(&desk, &desk.workspace, &["show", &format!("{saved}:late.txt")]), "not committed");
    assert_eq!(removed["branch"], serde_json::Value::Null, "the remote has its commits");
    desk.close().await;
}

#[tokio::test]
async fn in_ones_own_checkout_only_what_the_run_did_is_taken_back_also_when_the_gateway_died_meanwhile() {
    let mut desk = Desk::new();
    repository(&desk);
    std::fs::write(desk.workspace.join("notes.md"), "mine, not committed\n").unwrap();
    let run = start(&desk, &["edit: notes.md\nrun: rm draft.txt"]);
    desk.asked(run).await;
    desk.kill_gateway();
    desk.start();
    let view = let_it_work(&desk, run).await;
    assert!(!view.workspace.unwrap().worktree);
    let id = run.to_string();
    let changes = desk.json(&["changes", &id]);
    assert_eq!(paths(&changes), ["draft.txt", "notes.md"]);
    let diff = desk.json(&["changes", &id, "notes.md"]);
    assert!(
        diff["unified"].as_str().unwrap().contains(" mine, not committed"),
        "from what was there: {diff}"
    );
    desk.json(&["discard", &id, "--all"]);
    assert_eq!(desk.file("notes.md"), "mine, not committed\n");
    assert_eq!(desk.file("draft.txt"), "mine\n");
    let refused = desk.refused(1, &["worktree", "rm", &id]);
    assert!(refused.message.contains("still lives"), "{refused:?}");

    // An agent may look at its changes, and not decide about them.
    let own =
        format!("{} --data {} discard {id} --all; echo code $?", offdesk().display(), desk.data.display());
    desk.client().prompt(run, &SendPrompt::now(format!("run: {own}"))).await.unwrap();
    let_it_work(&desk, run).await;
    let told = desk
        .events(run)
        .await
        .into_iter()
        .any(|e| matches!(e.event, Event::ToolFinished { output, .. } if output.contains("code 4")));
    assert!(told, "{:#?}", desk.events(run).await);

    // While it works, nothing is changed under its hands.
    desk.client().prompt(run, &SendPrompt::now("run: true")).await.unwrap();
    desk.asked(run).await;
    assert!(desk.refused(1, &["discard", &id, "--all"]).message.contains("while the agent works"));
    desk.close().await;
}

#[tokio::test]
async fn a_repositorys_programs_run_only_when_somebody_says_so() {
    let desk = Desk::new();
    repository(&desk);
    let hooks = desk.workspace.join(".git/hooks");
    let seen = desk.home.path().join("seen");
    for hook in ["pre-commit", "post-checkout", "post-index-change", "reference-transaction"] {
        std::fs::write(hooks.join(hook), format!("#!/bin/sh\necho {hook} >> '{}'\n", seen.display()))
            .unwrap();
        Command::new("chmod").arg("+x").arg(hooks.join(hook)).status().unwrap();
    }
    let run = start(&desk, &["--worktree", "run: printf x > x.txt"]);
    let_it_work(&desk, run).await;
    let id = run.to_string();
    assert_eq!(desk.json(&["changes", &id])["programs"]["list"].as_array().unwrap().len(), 3);
    let refused = desk.refused(1, &["commit", &id, "-m", "x"]);
    assert!(refused.message.contains("hook pre-commit"), "{refused:?}");
    assert!(!seen.exists(), "nothing ran unasked: {:?}", std::fs::read_to_string(&seen));
    desk.json(&["commit", &id, "-m", "x", "--no-hooks"]);
    assert!(!seen.exists(), "nor when it was left out");
    std::fs::write(Path::new(&desk.client().run(run).await.unwrap().dir).join("y.txt"), "y").unwrap();
    desk.json(&["commit", &id, "-m", "y", "--hooks"]);
    assert!(std::fs::read_to_string(&seen).unwrap().contains("pre-commit"));
    desk.close().await;
}

#[tokio::test]
async fn without_a_repository_it_says_what_to_do() {
    let desk = Desk::new();
    let dir = desk.workspace.to_str().unwrap();
    let refused = desk.refused(1, &["run", "--agent", "demo", "--dir", dir, "--worktree", "say: hi"]);
    assert!(refused.hint.unwrap().contains("git init"), "{}", refused.message);
    let run = start(&desk, &["say: hi"]);
    desk.until_state(run, RunState::Idle).await;
    let refused = desk.refused(1, &["changes", &run.to_string()]);
    assert!(refused.message.contains("does not work in a git repository"), "{refused:?}");
    desk.close().await;
}
