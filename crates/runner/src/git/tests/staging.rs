//! Staging by a person, and what it must never lose.

use super::*;

fn stage(home: &Home, at: &At, paths: &[&str], staged: bool) -> Vec<String> {
    let paths = paths.iter().map(ToString::to_string).collect();
    home.workspaces.stage(at, &StageChanges { paths, staged }).unwrap().paths
}

fn stages(home: &Home, at: &At) -> Vec<(String, FileStage)> {
    let changes = home.workspaces.changes(at, None).unwrap();
    changes.files.into_iter().map(|file| (file.path, file.staged)).collect()
}

fn commit_staged(home: &Home, at: &At) -> Result<Committed, Problem> {
    let wish = CommitChanges { message: "Staged".into(), staged: true, ..Default::default() };
    home.workspaces.commit(at, &wish)
}

#[test]
fn only_what_is_staged_is_committed_and_the_rest_stays() {
    let home = Home::new();
    let mut at = home.in_place();
    at.snapshots.first = Some(home.workspaces.keep(&at).unwrap());
    assert_eq!(commit_staged(&home, &at).unwrap_err().code, ErrorCode::WrongState, "nothing is staged");
    write(&home.repository, "a", "changed\n");
    write(&home.repository, "new *.txt", "new\n");
    std::fs::remove_file(home.repository.join("b.txt")).unwrap();
    assert!(stage(&home, &at, &["nowhere"], true).is_empty());
    assert_eq!(
        stage(&home, &at, &["new *.txt", "b.txt"], true),
        ["b.txt", "new *.txt"],
        "names are no patterns"
    );
    let expected = [("a", FileStage::None), ("b.txt", FileStage::All), ("new *.txt", FileStage::All)];
    assert_eq!(stages(&home, &at), expected.map(|(name, stage)| (name.to_string(), stage)));
    commit_staged(&home, &at).unwrap();
    let committed = home.git(&home.repository, &["show", "--name-status", "--format=", "HEAD"]);
    assert_eq!(committed, "D\tb.txt\nA\tnew *.txt");
    assert_eq!(home.git(&home.repository, &["status", "--short"]), " M a");
    assert_eq!(std::fs::read_to_string(home.repository.join("a")).unwrap(), "changed\n");
}

#[test]
fn what_only_the_index_had_is_kept_when_it_is_taken_out() {
    let home = Home::new();
    let mut at = home.in_place();
    at.snapshots.first = Some(home.workspaces.keep(&at).unwrap());
    write(&home.repository, "a", "staged by the person\n");
    home.git(&home.repository, &["add", "a"]);
    write(&home.repository, "a", "and changed again\n");
    assert_eq!(stages(&home, &at), [("a".to_string(), FileStage::Part)]);
    assert_eq!(stage(&home, &at, &["a"], false), ["a"]);
    assert_eq!(stages(&home, &at), [("a".to_string(), FileStage::None)]);
    assert_eq!(std::fs::read_to_string(home.repository.join("a")).unwrap(), "and changed again\n");
    let kept = home.workspaces.changes(&at, None).unwrap().kept;
    let last = kept.iter().find(|kept| kept.why == "stage").unwrap();
    let index = home.git(&home.repository, &["show", &format!("{}^2:0/a", last.commit)]);
    assert_eq!(index, "staged by the person");
}

#[test]
fn staging_works_before_the_first_commit_and_not_amid_a_merge() {
    let home = Home::new();
    let fresh = home.home.path().join("fresh");
    std::fs::create_dir(&fresh).unwrap();
    let fresh = dunce::canonicalize(fresh).unwrap();
    home.git(&fresh, &["init", "-q"]);
    write(&fresh, "first", "1\n");
    let workspace = home.workspaces.in_place(&fresh).unwrap().unwrap();
    let at = At { run: home.run, dir: fresh.clone(), workspace, snapshots: Snapshots::default() };
    assert_eq!(stage(&home, &at, &["first"], true), ["first"]);
    assert_eq!(stage(&home, &at, &["first"], false), ["first"]);
    assert_eq!(home.git(&fresh, &["status", "--short"]), "?? first");
    stage(&home, &at, &["first"], true);
    commit_staged(&home, &at).unwrap();
    write(&fresh, ".git/MERGE_HEAD", &format!("{}\n", home.git(&fresh, &["rev-parse", "HEAD"])));
    write(&fresh, "first", "2\n");
    let refused = home.workspaces.stage(&at, &StageChanges { paths: vec!["first".into()], staged: true });
    assert_eq!(refused.unwrap_err().code, ErrorCode::WrongState);
}
