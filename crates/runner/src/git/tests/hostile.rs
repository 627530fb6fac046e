//! Repositories that try to have programs of theirs run, or to be shown as what they are not.

use super::*;

/// A repository that names a program wherever git lets it; the program leaves a mark.
fn trapped() -> (Home, PathBuf) {
    let home = Home::new();
    let mark = home.home.path().join("ran");
    let trap = home.home.path().join("trap");
    std::fs::write(
        &trap,
        format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat 2>/dev/null\nexit 0\n", mark.display()),
    )
    .unwrap();
    Command::new("chmod").arg("+x").arg(&trap).status().unwrap();
    write(&home.repository, ".gitattributes", "* filter=evil diff=evil merge=evil\n");
    home.git(&home.repository, &["add", "."]);
    home.git(&home.repository, &["commit", "-qm", "Attributes"]);
    let hooks = home.repository.join(".git/hooks");
    for hook in super::super::commit::HOOKS.iter().chain(&[
        "post-checkout",
        "post-merge",
        "post-commit",
        "pre-merge-commit",
    ]) {
        std::fs::copy(&trap, hooks.join(hook)).unwrap();
    }
    let program = trap.to_str().unwrap();
    let included = home.home.path().join("included");
    std::fs::write(&included, format!("[core]\n\tfsmonitor = {program}\n[diff]\n\texternal = {program}\n"))
        .unwrap();
    let included = included.to_str().unwrap().to_string();
    for (key, value) in [
        ("include.path", included.as_str()),
        ("core.pager", program),
        ("core.editor", program),
        ("core.askPass", program),
        ("core.sshCommand", program),
        ("credential.helper", program),
        ("filter.evil.clean", program),
        ("filter.evil.smudge", program),
        ("filter.evil.process", program),
        ("filter.evil.required", "true"),
        ("diff.evil.command", program),
        ("diff.evil.textconv", program),
        ("merge.evil.driver", program),
        ("commit.gpgSign", "true"),
        ("gpg.program", program),
        ("log.showSignature", "true"),
        ("core.alternateRefsCommand", program),
        ("alias.status", &format!("!{program}")),
    ] {
        home.git(&home.repository, &["config", key, value]);
    }
    // The person's own commands ran the traps just now.
    let _ = std::fs::remove_file(&mark);
    (home, mark)
}

#[test]
fn nothing_a_repository_names_is_run() {
    let (home, mark) = trapped();
    let quiet = |what: &str| assert!(!mark.exists(), "{what}: {}", std::fs::read_to_string(&mark).unwrap());
    let mut at = home.in_worktree();
    quiet("preparing");
    write(&at.dir, "a", "changed\n");
    write(&at.dir, "new", "new\n");
    at.snapshots.first = Some(home.workspaces.keep(&at).unwrap());
    write(&at.dir, "a", "changed again\n");
    let turn = home.workspaces.record(&at, at.snapshots.first.as_deref().unwrap()).unwrap();
    assert_eq!(turn.files[0].path, "a");
    quiet("a turn");
    let changes = home.workspaces.changes(&at, None).unwrap();
    let diff = home.workspaces.diff(&at, "a", None).unwrap();
    assert!(diff.unified.contains("+changed again"), "{diff:?}");
    assert!(
        changes.programs.list.iter().any(|one| one.contains("hook pre-commit")),
        "{:?}",
        changes.programs
    );
    assert!(changes.programs.list.iter().any(|one| one.starts_with("filter evil")));
    quiet("looking");
    let thrown = home.workspaces.discard(&at, &DiscardChanges { all: true, ..Default::default() }).unwrap();
    let wish = RestoreSnapshot { snapshot: thrown.snapshot, paths: Vec::new() };
    home.workspaces.restore(&at, &wish).unwrap();
    assert_eq!(std::fs::read_to_string(at.dir.join("a")).unwrap(), "changed again\n");
    quiet("discarding");
    let wish = CommitChanges { message: "x".into(), ..Default::default() };
    let refused = home.workspaces.commit(&at, &wish).unwrap_err();
    assert!(refused.message.contains("would start programs"), "{refused:?}");
    let stale = CommitChanges { programs: Some("other".into()), ..wish };
    assert_eq!(home.workspaces.commit(&at, &stale).unwrap_err().code, ErrorCode::ApprovalChanged);
    home.workspaces.merge(&at, &MergeBack::default()).unwrap_err();
    let request = OpenPullRequest { title: "x".into(), ..Default::default() };
    home.git(&home.repository, &["remote", "add", "origin", "ssh://nowhere.invalid/x"]);
    let _ = std::fs::remove_file(&mark);
    let refused = home.workspaces.pull_request(&at, &request).unwrap_err();
    assert!(refused.message.contains("core.sshcommand"), "{refused:?}");
    home.workspaces.remove(&at, &RemoveWorktree { save: true, ignored: true }).unwrap();
    quiet("removing");
}

#[test]
fn a_merge_with_a_driver_of_the_repositorys_own_is_a_conflict_and_runs_nothing() {
    let (home, mark) = trapped();
    let at = home.in_worktree();
    for (dir, content) in [(&home.repository, "main\n"), (&at.dir, "run\n")] {
        write(dir, "a", content);
        let args = [
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "filter.evil.process=",
            "-c",
            "filter.evil.clean=",
            "-c",
            "filter.evil.smudge=",
            "-c",
            "filter.evil.required=false",
            "-c",
            "commit.gpgSign=false",
            "-c",
            "core.fsmonitor=false",
            "commit",
            "-qam",
            content,
        ];
        home.git(dir, &args);
    }
    let clean = home.git(&at.dir, &["log", "-1", "--format=%s"]);
    assert_eq!(clean, "run");
    let _ = std::fs::remove_file(&mark);
    let before = home.git(&home.repository, &["rev-parse", "main"]);
    let _ = std::fs::remove_file(&mark);
    let refused = home.workspaces.merge(&at, &MergeBack::default()).unwrap_err();
    assert!(refused.message.contains("in conflict") && refused.message.contains('a'), "{refused:?}");
    assert!(!mark.exists(), "{}", std::fs::read_to_string(&mark).unwrap());
    assert_eq!(home.git(&home.repository, &["rev-parse", "main"]), before);
    assert_eq!(std::fs::read_to_string(home.repository.join("a")).unwrap(), "main\n");
}

#[test]
fn settings_cannot_move_the_checkout_elsewhere() {
    let home = Home::new();
    let other = home.home.path().join("other");
    std::fs::create_dir(&other).unwrap();
    write(&other, "secret", "x");
    home.git(&home.repository, &["config", "core.worktree", other.to_str().unwrap()]);
    let refused = home.workspaces.in_place(&home.repository).map(|found| found.is_some());
    assert!(!matches!(refused, Ok(true)), "{refused:?}");
}

#[cfg(unix)]
#[test]
fn a_link_in_the_way_is_not_written_through() {
    let home = Home::new();
    let at = home.in_worktree();
    let outside = home.home.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    write(&outside, "x", "not yours\n");
    std::fs::remove_dir_all(at.dir.join("d")).unwrap();
    std::os::unix::fs::symlink(&outside, at.dir.join("d")).unwrap();
    let changes = home.workspaces.changes(&at, None).unwrap();
    assert!(
        changes.files.iter().any(|file| file.path == "d" && file.status == FileStatus::Added),
        "{changes:?}"
    );
    home.workspaces.discard(&at, &DiscardChanges { all: true, ..Default::default() }).unwrap();
    assert_eq!(std::fs::read_to_string(outside.join("x")).unwrap(), "not yours\n");
    assert_eq!(std::fs::read_to_string(at.dir.join("d/x")).unwrap(), "x\n");
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_pipes_and_whole_repositories_are_handled_and_said() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let at = home.in_worktree();
    let odd = std::ffi::OsStr::from_bytes(b"bad\xffname");
    std::fs::write(at.dir.join(odd), "odd\n").unwrap();
    write(&at.dir, "\u{202e}gpj.exe", "turned\n");
    write(&at.dir, "two\nlines", "x\n");
    std::fs::write(at.dir.join("picture.png"), b"\x89PNG\0\0").unwrap();
    Command::new("mkfifo").arg(at.dir.join("pipe")).status().unwrap();
    home.git(&at.dir, &["init", "-q", "nested"]);
    write(&at.dir, "nested/file", "x\n");
    let changes = home.workspaces.changes(&at, None).unwrap();
    let names: Vec<&str> = changes.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(names, ["bad\\xffname", "picture.png", "two\nlines", "\u{202e}gpj.exe"]);
    assert_eq!(changes.files[1].added, None);
    let left: Vec<&str> = changes.left_out.iter().map(|left| left.path.as_str()).collect();
    assert_eq!(left, ["nested/"], "{:?}", changes.left_out);
    assert!(home.workspaces.diff(&at, "bad\\xffname", None).unwrap().unified.contains("+odd"));
    assert!(home.workspaces.diff(&at, "picture.png", None).unwrap().binary);
    let refused = home.workspaces.remove(&at, &RemoveWorktree { save: true, ignored: true }).unwrap_err();
    assert!(refused.message.contains("nested/"), "{refused:?}");
    home.workspaces.discard(&at, &DiscardChanges { paths: vec!["bad\\xffname".into()], all: false }).unwrap();
    assert!(!at.dir.join(odd).exists());
}

#[test]
fn a_secret_in_a_diff_is_masked() {
    let home = Home::new();
    let at = home.in_worktree();
    // In two parts, so that whoever scans this source for secrets finds none.
    let secret = format!("{}{}", "ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    write(&at.dir, "a", &format!("token = {secret}\n"));
    let diff = home.workspaces.diff(&at, "a", None).unwrap();
    assert!(diff.unified.contains("+token = ") && !diff.unified.contains(&secret), "{}", diff.unified);
}

#[test]
fn a_large_diff_is_cut_and_says_so() {
    let home = Home::new();
    let at = home.in_worktree();
    let lines: String = (0..100_000).map(|number| format!("line {number}\n")).collect();
    write(&at.dir, "a", &lines);
    let diff = home.workspaces.diff(&at, "a", None).unwrap();
    assert!(diff.left_out > 0 && diff.unified.len() <= 512 * 1024 && diff.unified.ends_with('\n'));
    assert_eq!(diff.file.added, Some(100_000));
    std::fs::write(at.dir.join("big"), vec![b'x'; 9 * 1024 * 1024]).unwrap();
    assert!(home.workspaces.diff(&at, "big", None).unwrap().binary, "not compared line by line");
}

#[test]
fn branches_are_named_so_that_nothing_is_in_the_way() {
    let home = Home::new();
    let make = |words: &str, wish: NewWorktree| {
        home.workspaces.prepare(RunId::new(), &home.repository, &wish, words)
    };
    let branch = |made: Result<(PathBuf, Workspace), Problem>| made.unwrap().1.branch.unwrap();
    assert_eq!(branch(make("Fix it", NewWorktree::default())), "offdesk/fix-it");
    assert_eq!(branch(make("Fix it", NewWorktree::default())), "offdesk/fix-it-2");
    for bad in ["-rf", "a..b", "main", "x y", "HEAD"] {
        let wish = NewWorktree { branch: Some(bad.into()), ..Default::default() };
        assert!(make("x", wish).is_err(), "{bad}");
    }
    let wish = NewWorktree { base: Some("--output=/tmp/x".into()), ..Default::default() };
    assert_eq!(make("x", wish).unwrap_err().code, ErrorCode::BadRequest);
    // Preparing the same run again, after it was cut short, gives it a fresh place.
    let run = RunId::new();
    let first = home.workspaces.prepare(run, &home.repository, &NewWorktree::default(), "Again").unwrap();
    let again = home.workspaces.prepare(run, &home.repository, &NewWorktree::default(), "Again").unwrap();
    assert_eq!(first.0, again.0);
    // Unless there is something in it, which stays.
    write(&again.0, "precious", "x");
    let third = home.workspaces.prepare(run, &home.repository, &NewWorktree::default(), "Again").unwrap();
    assert_ne!(third.0, again.0);
    assert!(again.0.join("precious").exists());
}
