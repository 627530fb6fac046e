//! Whatever state a repository is in, whatever is asked, and wherever the process is killed: every content that a
//! file or the index had before is still in a file, in the index or reachable by a ref afterwards.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What an agent or a person may have done to the files.
#[derive(Clone, Debug)]
enum Edit {
    Write(usize),
    Delete(usize),
    Rename(usize, usize),
    Stage(usize),
    StageAndGoOn(usize),
    IntendToAdd(usize),
    Link(usize),
    FileBecomesFolder(usize),
    FolderBecomesFile,
    Ignored,
    Hide(usize),
    Commit,
    Amend,
    Conflict,
    Executable(usize),
}

/// What is asked of us.
#[derive(Clone, Debug)]
enum Wish {
    Keep,
    Record,
    Look,
    DiscardAll,
    Discard(usize),
    Restore(usize),
    CommitAll,
    CommitOne(usize),
    Merge,
    Remove { save: bool, ignored: bool },
}

const NAMES: &[&str] = &[
    "a",
    "b.txt",
    "d/x",
    "d/e/z",
    "sp ace",
    "new\nline",
    "\"quote",
    "ünï",
    "-dash",
    "d/deep/er",
    "tab\there",
];

fn edit() -> impl Strategy<Value = Edit> {
    let name = 0..NAMES.len();
    prop_oneof![
        4 => name.clone().prop_map(Edit::Write),
        2 => name.clone().prop_map(Edit::Delete),
        1 => (name.clone(), name.clone()).prop_map(|(from, to)| Edit::Rename(from, to)),
        2 => name.clone().prop_map(Edit::Stage),
        2 => name.clone().prop_map(Edit::StageAndGoOn),
        1 => name.clone().prop_map(Edit::IntendToAdd),
        1 => name.clone().prop_map(Edit::Link),
        1 => name.clone().prop_map(Edit::FileBecomesFolder),
        1 => Just(Edit::FolderBecomesFile),
        1 => Just(Edit::Ignored),
        1 => name.clone().prop_map(Edit::Hide),
        1 => Just(Edit::Commit),
        1 => Just(Edit::Amend),
        1 => Just(Edit::Conflict),
        1 => name.prop_map(Edit::Executable),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        2 => Just(Wish::Keep),
        1 => Just(Wish::Record),
        1 => Just(Wish::Look),
        3 => Just(Wish::DiscardAll),
        2 => (0..NAMES.len()).prop_map(Wish::Discard),
        2 => (0..6usize).prop_map(Wish::Restore),
        2 => Just(Wish::CommitAll),
        1 => (0..NAMES.len()).prop_map(Wish::CommitOne),
        1 => Just(Wish::Merge),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(save, ignored)| Wish::Remove { save, ignored }),
    ]
}

struct World {
    home: Home,
    at: At,
    count: usize,
}

impl World {
    fn new(worktree: bool) -> Self {
        let home = Home::new();
        let at = if worktree { home.in_worktree() } else { home.in_place() };
        Self { home, at, count: 0 }
    }

    fn content(&mut self) -> String {
        self.count += 1;
        format!("content {}\n", self.count)
    }

    fn edit(&mut self, edit: &Edit) {
        let dir = self.at.dir.clone();
        let git = |home: &Home, args: &[&str]| home.git(&dir, args);
        let content = self.content();
        let home = &self.home;
        // What the system refuses (a folder in the way) did not happen.
        let put = |name: &str, content: &str| {
            let path = dir.join(name);
            let _ = std::fs::create_dir_all(path.parent().unwrap());
            let _ = std::fs::write(path, content);
        };
        match *edit {
            Edit::Write(name) => put(NAMES[name], &content),
            Edit::Delete(name) => _ = std::fs::remove_file(dir.join(NAMES[name])),
            Edit::Rename(from, to) if !dir.join(NAMES[to]).exists() => {
                let _ = std::fs::rename(dir.join(NAMES[from]), dir.join(NAMES[to]));
            }
            Edit::Rename(..) => {}
            Edit::Stage(name) => _ = git(home, &["add", "--", NAMES[name]]),
            Edit::StageAndGoOn(name) => {
                put(NAMES[name], &format!("staged {content}"));
                git(home, &["add", "--", NAMES[name]]);
                put(NAMES[name], &content);
            }
            Edit::IntendToAdd(name) => {
                put(NAMES[name], &content);
                git(home, &["add", "-N", "--", NAMES[name]]);
            }
            Edit::Link(name) => {
                let _ = std::fs::remove_file(dir.join(NAMES[name]));
                #[cfg(unix)]
                let _ = std::os::unix::fs::symlink(&content, dir.join(NAMES[name]));
            }
            Edit::FileBecomesFolder(name) => {
                let _ = std::fs::remove_file(dir.join(NAMES[name]));
                put(&format!("{}/inner", NAMES[name]), &content);
                put(&format!("{}/more.ign", NAMES[name]), &format!("ignored {content}"));
            }
            Edit::FolderBecomesFile => {
                if std::fs::remove_dir_all(dir.join("d")).is_ok() {
                    put("d", &content);
                }
            }
            Edit::Ignored => put(&format!("ign/{}", content.trim()), &content),
            Edit::Hide(name) => {
                git(home, &["update-index", "--assume-unchanged", "--", NAMES[name]]);
                put(NAMES[name], &content);
            }
            Edit::Commit => {
                git(home, &["add", "-A"]);
                git(home, &["commit", "-qm", &content]);
            }
            Edit::Amend => {
                put("a", &content);
                git(home, &["commit", "-q", "--amend", "-am", &content]);
            }
            Edit::Conflict => {
                if git(home, &["status", "--porcelain"]).is_empty() {
                    git(home, &["branch", "-qf", "other"]);
                    put("b.txt", &content);
                    git(home, &["commit", "-qam", "ours"]);
                    let ours = git(home, &["rev-parse", "HEAD"]);
                    let blob = home.bytes(&dir, &["hash-object", "-w", "--stdin"], b"theirs\n");
                    let blob = String::from_utf8(blob).unwrap().trim().to_string();
                    git(home, &["reset", "-q", "--hard", "other"]);
                    git(home, &["update-index", "--cacheinfo", &format!("100644,{blob},b.txt")]);
                    git(home, &["commit", "-qm", "theirs"]);
                    git(home, &["branch", "-qf", "other"]);
                    git(home, &["reset", "-q", "--hard", &ours]);
                    git(home, &["merge", "-q", "other"]);
                }
            }
            Edit::Executable(name) => {
                #[cfg(unix)]
                if let Ok(meta) = dir.join(NAMES[name]).symlink_metadata()
                    && meta.is_file()
                {
                    use std::os::unix::fs::PermissionsExt;
                    std::fs::set_permissions(dir.join(NAMES[name]), std::fs::Permissions::from_mode(0o755))
                        .unwrap();
                }
            }
        }
    }

    /// Contents of all files, as blobs.
    fn files(&self, with_ignored: bool) -> BTreeSet<String> {
        let mut contents = Vec::new();
        for dir in [&self.at.dir, &self.home.repository] {
            walk(dir, &mut contents);
        }
        contents
            .into_iter()
            .filter(|(path, _)| with_ignored || !is_ignored(path))
            .map(|(_, content)| blob(&content))
            .collect()
    }

    /// Everything a ref, an index or (before) the history of moves leads to.
    fn reachable(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for dir in [&self.at.dir, &self.home.repository].into_iter().filter(|dir| dir.exists()) {
            let listed = self.home.git(
                dir,
                &["rev-list", "--objects", "--no-object-names", "--all", "--reflog", "--indexed-objects"],
            );
            found.extend(listed.lines().map(String::from));
            // Conflicts' stages count as well.
            let staged = self.home.git(dir, &["ls-files", "--stage"]);
            found.extend(staged.lines().filter_map(|line| Some(line.split(' ').nth(1)?.to_string())));
        }
        found
    }

    fn ask(&mut self, wish: &Wish) -> Result<(), Problem> {
        let (at, workspaces) = (&self.at, &self.home.workspaces);
        match *wish {
            Wish::Keep => {
                let commit = workspaces.keep(at)?;
                self.at.snapshots.first.get_or_insert(commit);
            }
            Wish::Record => _ = workspaces.record(at, at.workspace.base_commit.as_deref().unwrap())?,
            Wish::Look => _ = workspaces.changes(at, None)?,
            Wish::DiscardAll => {
                _ = workspaces.discard(at, &DiscardChanges { all: true, ..Default::default() })?
            }
            Wish::Discard(name) => {
                _ = workspaces
                    .discard(at, &DiscardChanges { paths: vec![NAMES[name].into()], all: false })?;
            }
            Wish::Restore(index) => {
                let kept = workspaces.open(&at.dir)?.kept(at.run)?;
                if let Some(kept) = kept.get(index) {
                    workspaces
                        .restore(at, &RestoreSnapshot { snapshot: kept.name.clone(), paths: Vec::new() })?;
                }
            }
            Wish::CommitAll => _ = workspaces.commit(at, &commit(&[]))?,
            Wish::CommitOne(name) => _ = workspaces.commit(at, &commit(&[NAMES[name]]))?,
            Wish::Merge => _ = workspaces.merge(at, &MergeBack { into: Some("main".into()) })?,
            Wish::Remove { save, ignored } => {
                workspaces.remove(at, &RemoveWorktree { save, ignored })?;
                self.at.workspace.removed = true;
            }
        }
        Ok(())
    }
}

fn commit(paths: &[&str]) -> CommitChanges {
    let paths = paths.iter().map(ToString::to_string).collect();
    CommitChanges { message: "Asked for".into(), paths, ..Default::default() }
}

fn is_ignored(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "ign")
        || path.components().any(|part| part.as_os_str() == "ign")
}

fn walk(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if entry.file_name() == ".git" {
            continue;
        }
        if kind.is_dir() {
            walk(&path, found);
        } else if kind.is_symlink() {
            found.push((path.clone(), super::super::snapshot::bytes_of(&std::fs::read_link(&path).unwrap())));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
}

/// The id git gives to this content.
fn blob(content: &[u8]) -> String {
    use sha1_of::sha1;
    sha1(&[format!("blob {}\0", content.len()).as_bytes(), content].concat())
}

mod sha1_of {
    /// SHA-1, for comparing with git's ids alone.
    pub(super) fn sha1(data: &[u8]) -> String {
        let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
        let mut padded = data.to_vec();
        padded.push(0x80);
        while padded.len() % 64 != 56 {
            padded.push(0);
        }
        padded.extend_from_slice(&(data.len() as u64 * 8).to_be_bytes());
        for block in padded.chunks_exact(64) {
            let mut w = [0u32; 80];
            for (index, word) in block.chunks_exact(4).enumerate() {
                w[index] = u32::from_be_bytes(word.try_into().unwrap());
            }
            for index in 16..80 {
                w[index] = (w[index - 3] ^ w[index - 8] ^ w[index - 14] ^ w[index - 16]).rotate_left(1);
            }
            let [mut a, mut b, mut c, mut d, mut e] = state;
            for (index, word) in w.iter().enumerate() {
                let (f, k) = match index {
                    0..20 => ((b & c) | (!b & d), 0x5a82_7999),
                    20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                    40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                    _ => (b ^ c ^ d, 0xca62_c1d6u32),
                };
                let next =
                    a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(k).wrapping_add(*word);
                (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
            }
            for (sum, value) in state.iter_mut().zip([a, b, c, d, e]) {
                *sum = sum.wrapping_add(value);
            }
        }
        state.iter().map(|word| format!("{word:08x}")).collect()
    }
}

fn tell(worktree: bool, story: Vec<(Vec<Edit>, Wish, Option<usize>)>) {
    let mut world = World::new(worktree);
    for (edits, wish, fuse) in story {
        if world.at.workspace.removed || !world.at.dir.exists() {
            break;
        }
        for edit in &edits {
            world.edit(edit);
        }
        let keeps_ignored = !matches!(wish, Wish::Remove { ignored: true, .. });
        let before: BTreeSet<String> =
            world.files(keeps_ignored).union(&world.reachable()).cloned().collect();
        world.home.workspaces.fuse = fuse.map(|steps| Arc::new(AtomicUsize::new(steps)));
        let result = world.ask(&wish);
        let killed = world.home.workspaces.fuse.as_ref().is_some_and(|fuse| fuse.load(Ordering::SeqCst) == 0);
        world.home.workspaces.fuse = None;
        let after: BTreeSet<String> = world.files(true).union(&world.reachable()).cloned().collect();
        let lost: Vec<String> = before.difference(&after).cloned().collect();
        assert!(lost.is_empty(), "{wish:?} (killed: {killed}, {result:?}) lost {lost:?} after {edits:?}");
    }
}

fn story() -> impl Strategy<Value = Vec<(Vec<Edit>, Wish, Option<usize>)>> {
    let fuse = proptest::option::weighted(0.4, 1..45usize);
    proptest::collection::vec((proptest::collection::vec(edit(), 0..5), wish(), fuse), 1..6)
}

/// Each case is a person's day with git, and takes a second; `PROPTEST_CASES` asks for more days.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12);
    ProptestConfig { cases, max_shrink_iters: 40, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn in_a_worktree_nothing_is_ever_lost(story in story()) {
        tell(true, story);
    }

    #[test]
    fn in_ones_own_checkout_nothing_is_ever_lost(story in story()) {
        tell(false, story);
    }
}

impl World {
    /// Contents and people's commits that a ref, an index or a file holds: all that cleaning up must leave.
    fn work(&self) -> BTreeSet<String> {
        let ids: String = self.reachable().into_iter().map(|id| format!("{id}\n")).collect();
        let dir = &self.home.repository;
        let kinds = self.home.bytes(dir, &["cat-file", "--batch-check"], ids.as_bytes());
        let kinds = String::from_utf8(kinds).unwrap();
        let ours = |id: &str| self.home.git(dir, &["log", "-1", "--format=%ae", id]) == "offdesk@localhost";
        let held = kinds.lines().filter_map(|line| {
            let mut words = line.split(' ');
            let (id, kind) = (words.next()?, words.next()?);
            (kind == "blob" || (kind == "commit" && !ours(id))).then(|| id.to_string())
        });
        held.chain(self.files(true)).collect()
    }

    /// As `offdesk storage clean` does it: the worktree if its work is safe, snapshots if all is elsewhere.
    fn clean(&mut self) {
        let (at, workspaces) = (&self.at, &self.home.workspaces);
        if at.workspace.worktree && workspaces.removable(at, false).is_ok() {
            workspaces.remove(at, &RemoveWorktree::default()).unwrap();
        }
        // One that no run is known to have is held to more.
        let _ = workspaces.remove_forgotten(&at.dir);
        let repository = self.home.repository.clone();
        let snapshots = workspaces.snapshots(&repository).unwrap().remove(&at.run).unwrap_or_default();
        workspaces.forget_snapshots(&repository, &snapshots, false).unwrap();
        let left = workspaces.snapshots(&repository).unwrap().remove(&at.run).unwrap_or_default();
        let sorted = workspaces.sort_snapshots(&repository, &left).unwrap();
        assert!(sorted.elsewhere.is_empty(), "all that could go went: {sorted:?}");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn cleaning_up_never_loses_work(worktree: bool, days in proptest::collection::vec((proptest::collection::vec(edit(), 0..5), wish()), 1..5)) {
        let mut world = World::new(worktree);
        for (edits, wish) in &days {
            if world.at.workspace.removed || !world.at.dir.exists() {
                break;
            }
            edits.iter().for_each(|edit| world.edit(edit));
            // What is refused did not happen.
            let _ = world.ask(wish);
        }
        let before = world.work();
        world.clean();
        let after = world.work();
        let lost: Vec<String> = before.difference(&after).cloned().collect();
        prop_assert!(lost.is_empty(), "lost {lost:?} after {days:?}");
    }
}

#[test]
fn snapshots_go_once_all_in_them_is_in_a_branch() {
    let mut world = World::new(true);
    world.ask(&Wish::Keep).unwrap();
    write(&world.at.dir, "a", "of a turn\n");
    world.ask(&Wish::Record).unwrap();
    let (run, repository) = (world.at.run, world.home.repository.clone());
    let kept = |world: &World| {
        world.home.workspaces.snapshots(&repository).unwrap().remove(&run).unwrap_or_default()
    };
    world.clean();
    assert_eq!(kept(&world).len(), 1, "nothing else has what the turn wrote");
    assert!(world.at.dir.exists());
    world.ask(&Wish::CommitAll).unwrap();
    world.clean();
    assert!(!world.at.dir.exists());
    assert_eq!(kept(&world), []);
    let branch = world.at.workspace.branch.clone().unwrap();
    assert_eq!(world.home.git(&repository, &["show", &format!("{branch}:a")]), "of a turn");
}

#[test]
fn the_test_itself_would_notice() {
    assert_eq!(blob(b"a\n"), "78981922613b2afb6025042ff6bd878ac1994e85");
    let world = World::new(true);
    write(&world.at.dir, "a", "only here\n");
    let lost = blob(b"only here\n");
    assert!(world.files(true).contains(&lost) && !world.reachable().contains(&lost));
    world.home.workspaces.keep(&world.at).unwrap();
    assert!(world.reachable().contains(&lost));
}

#[test]
fn a_discard_puts_back_every_kind_of_change_and_undoing_it_brings_all_back() {
    let mut world = World::new(false);
    write(&world.at.dir, "b.txt", "the person's own, staged\n");
    world.home.git(&world.at.dir, &["add", "b.txt"]);
    write(&world.at.dir, "b.txt", "the person's own, not staged\n");
    world.ask(&Wish::Keep).unwrap();
    let state = |world: &World| {
        let mut files = Vec::new();
        walk(&world.at.dir, &mut files);
        files.sort();
        (files, world.home.git(&world.at.dir, &["ls-files", "--stage"]))
    };
    let before = state(&world);
    for edit in [
        Edit::Write(0),
        Edit::StageAndGoOn(1),
        Edit::Write(5),
        Edit::Write(6),
        Edit::Stage(7),
        Edit::FolderBecomesFile,
        Edit::Link(8),
        Edit::Write(10),
    ] {
        world.edit(&edit);
    }
    world.home.git(&world.at.dir, &["add", "-A"]);
    let changed = state(&world);
    world.ask(&Wish::DiscardAll).unwrap();
    assert_eq!(state(&world), before);
    world.ask(&Wish::Restore(0)).unwrap();
    assert_eq!(state(&world), changed);
}
