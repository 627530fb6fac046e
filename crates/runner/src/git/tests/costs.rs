//! How often git is started for what a prompt waits for: starting it is most of the time.

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// How often git was started for this, and how long it took.
fn calls<T>(home: &mut Home, what: &str, deed: impl FnOnce(&Workspaces) -> T) -> usize {
    const ENOUGH: usize = 1000;
    let fuse = Arc::new(AtomicUsize::new(ENOUGH));
    home.workspaces.fuse = Some(Arc::clone(&fuse));
    let began = Instant::now();
    deed(&home.workspaces);
    let started = ENOUGH - fuse.load(Ordering::SeqCst);
    // For the figures in docs/performance.md, with `--nocapture`.
    eprintln!("{what}: {started} calls, {:.0} ms", began.elapsed().as_secs_f64() * 1000.0);
    started
}

#[test]
fn a_prompt_starts_git_a_few_times_only() {
    let mut home = Home::new();
    for name in 0..1000 {
        write(&home.repository, &format!("many/{}/{name}.txt", name % 20), &format!("file {name}\n"));
    }
    home.git(&home.repository, &["add", "."]);
    home.git(&home.repository, &["commit", "-qm", "Many"]);
    let at = home.in_place();
    let keep = |workspaces: &Workspaces| workspaces.keep(&at).unwrap();
    let first = calls(&mut home, "first prompt", keep);
    let again = calls(&mut home, "next prompt, nothing changed", keep);
    write(&home.repository, "many/1/1.txt", "changed\n");
    let changed = calls(&mut home, "after a file changed", keep);
    let unchanged = calls(&mut home, "the same files again", keep);
    write(&home.repository, "many/1/1.txt", "changed by a turn\n");
    let base = home.git(&home.repository, &["rev-parse", "HEAD"]);
    let turn = calls(&mut home, "after a turn that changed a file", |workspaces| {
        workspaces.record(&at, &base).unwrap()
    });
    // Two at a time: where the checkout is and what its settings are; the files and the last snapshot.
    assert_eq!((first, again, changed, unchanged, turn), (10, 4, 9, 7, 10));
}

#[test]
fn what_is_remembered_of_an_index_is_never_taken_for_another_and_may_be_gone() {
    let mut home = Home::new();
    let at = home.in_place();
    let tree =
        |home: &Home, commit: &str| home.git(&home.repository, &["rev-parse", &format!("{commit}^{{tree}}")]);
    let first = home.workspaces.keep(&at).unwrap();
    assert_eq!(home.workspaces.keep(&at).unwrap(), first);
    let as_committed = tree(&home, &first);

    // Staged and taken back again, in the same second and of the same size.
    write(&home.repository, "a", "z\n");
    home.git(&home.repository, &["add", "a"]);
    let second = home.workspaces.keep(&at).unwrap();
    assert_ne!(tree(&home, &second), as_committed);
    write(&home.repository, "a", "a\n");
    home.git(&home.repository, &["add", "a"]);
    let third = home.workspaces.keep(&at).unwrap();
    assert_eq!(tree(&home, &third), as_committed);

    // Another run begins after git tidied everything away that nothing refers to.
    let refs = home.git(&home.repository, &["for-each-ref", "--format=%(refname)", "refs/offdesk"]);
    for name in refs.lines() {
        home.git(&home.repository, &["update-ref", "-d", name]);
    }
    home.git(&home.repository, &["gc", "-q", "--prune=now"]);
    home.run = RunId::new();
    let other = home.in_place();
    let anew = home.workspaces.keep(&other).unwrap();
    assert_eq!(tree(&home, &anew), as_committed);
    let whole = home.git(&home.repository, &["fsck", "--full", "--no-dangling"]);
    assert_eq!(whole, "", "nothing of it is missing");
}
