//! Snapshots: all files as they are, as a commit that moves no branch.
//!
//! Neither the person's index nor their stash nor HEAD is touched: the tree is put together in an index of its own.
//! Files that changed are taken byte by byte, without conversion, since what git would make of them may not lead back.

use super::command::Git;
use super::memory;
use super::path::{beneath, os, text};
use super::repository::{Entry, GITLINK, Repository, SYMLINK, zero_separated};
use offdesk_protocol::{ErrorCode, Kept, LeftOut, Problem, RunId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The largest file that is kept, in bytes.
const LARGEST: u64 = 100 * 1024 * 1024;
/// Files that change while they are read make it begin again, so often.
const TRIES: usize = 3;

/// What the files are now, as a tree that nothing refers to yet.
#[derive(Debug)]
pub(crate) struct Captured {
    pub tree: String,
    pub left_out: Vec<LeftOut>,
}

/// A snapshot that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub name: String,
    pub commit: String,
    pub left_out: Vec<LeftOut>,
}

impl Repository {
    /// The files as they are.
    pub(crate) fn capture(&self) -> Result<Captured, Problem> {
        again(|| self.files_tree(&self.look()?))
    }

    /// The index, and which files are not as it has them.
    fn look(&self) -> Result<Look, Problem> {
        let folder = tempfile::tempdir().map_err(no_room)?;
        let index = folder.path().join("index");
        let own = self.git_dir.join("index");
        let mut checksum = None;
        if own.exists() {
            // With it comes what git knows of files' times, so that it need not read them all.
            let bytes = std::fs::read(&own).map_err(no_room)?;
            std::fs::write(&index, &bytes).map_err(no_room)?;
            checksum = memory::checksum(&bytes, self.zero.len() / 2);
        }
        let git = self.git.env("GIT_INDEX_FILE", &index);
        let listed = Listed::of(&git, &self.top)?;
        Ok(Look { git, checksum, listed, _folder: folder })
    }

    /// The files as they are, as a tree.
    fn files_tree(&self, look: &Look) -> Result<Captured, Problem> {
        let git = &look.git;
        let mut left_out = Vec::new();
        let lines = self.lines_for(git, &look.listed, &mut left_out)?;
        let checksum = look.checksum.as_deref();
        if lines.is_empty() {
            // They are what is staged.
            let seen = self.memory.of(&self.git_dir, checksum);
            if let Some(tree) = seen.staged {
                return Ok(Captured { tree, left_out });
            }
        } else {
            git.ok(&["update-index", "-z", "--index-info"], Some(&lines))?;
        }
        let tree = git.line(&["write-tree", "--missing-ok"])?;
        if lines.is_empty() {
            self.memory.learn(&self.git_dir, checksum, |seen| seen.staged = Some(tree.clone()));
        }
        Ok(Captured { tree, left_out })
    }

    /// What `update-index --index-info` reads: each name's present mode and content.
    fn lines_for(&self, git: &Git, listed: &Listed, left_out: &mut Vec<LeftOut>) -> Result<Vec<u8>, Problem> {
        // Modes by name, where the disk does not keep them.
        let modes = if self.keeps_modes { BTreeMap::new() } else { listed.modes() };
        let mut gone: Vec<&[u8]> = Vec::new();
        let mut files: Vec<(&[u8], &str)> = Vec::new();
        let mut known: BTreeMap<&[u8], Entry> = BTreeMap::new();
        for name in &listed.names {
            let mut leave = |why: &str| left_out.push(LeftOut { path: text(name), why: why.into() });
            if name.ends_with(b"/") {
                leave("it is a repository of its own");
                continue;
            }
            let Some((path, meta)) = beneath(&self.top, name)
                .and_then(|path| path.symlink_metadata().ok().map(|meta| (path, meta)))
            else {
                gone.push(name);
                continue;
            };
            if meta.is_symlink() {
                let target = std::fs::read_link(&path).map_err(no_room)?;
                let out =
                    git.ok(&["hash-object", "-w", "--no-filters", "--stdin"], Some(&bytes_of(&target)))?;
                let blob = String::from_utf8_lossy(&out).trim().to_string();
                known.insert(name, Entry { mode: SYMLINK.into(), blob });
            } else if meta.is_dir() {
                match submodule_head(git, &path)? {
                    Some(blob) => _ = known.insert(name, Entry { mode: GITLINK.into(), blob }),
                    None => gone.push(name),
                }
            } else if !meta.is_file() {
                leave("it is no file but a pipe, a socket or a device");
            } else if meta.len() > LARGEST {
                leave("it is larger than 100 MiB");
            } else if std::fs::File::open(&path).is_err() {
                leave("it cannot be read");
            } else {
                files.push((
                    name,
                    modes.get(name.as_slice()).map_or_else(|| file_mode(&meta), |mode| known_mode(mode)),
                ));
            }
        }
        self.hash(git, &files, &mut known)?;
        let mut lines = Vec::new();
        for name in gone {
            lines.extend_from_slice(format!("0 {}\t", self.zero).as_bytes());
            lines.extend_from_slice(name);
            lines.push(0);
        }
        for (name, entry) in known {
            // First without its stages, should it be in conflict.
            lines.extend_from_slice(format!("0 {}\t", self.zero).as_bytes());
            lines.extend_from_slice(name);
            lines.push(0);
            lines.extend_from_slice(format!("{} {} 0\t", entry.mode, entry.blob).as_bytes());
            lines.extend_from_slice(name);
            lines.push(0);
        }
        Ok(lines)
    }

    fn hash<'a>(
        &self,
        git: &Git,
        files: &[(&'a [u8], &str)],
        known: &mut BTreeMap<&'a [u8], Entry>,
    ) -> Result<(), Problem> {
        // A list by lines cannot hold every name.
        let plain =
            |name: &[u8]| !name.contains(&b'\n') && !name.starts_with(b"\"") && !name.ends_with(b"\r");
        let (listed, odd): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| plain(name));
        if !listed.is_empty() {
            let input: Vec<u8> =
                listed.iter().flat_map(|(name, _)| name.iter().copied().chain([b'\n'])).collect();
            let out = git.ok(&["hash-object", "-w", "--no-filters", "--stdin-paths"], Some(&input))?;
            let out = String::from_utf8_lossy(&out).into_owned();
            let blobs: Vec<&str> = out.lines().collect();
            if blobs.len() != listed.len() {
                return Err(Problem::new(ErrorCode::WrongState, "Files changed while they were read."));
            }
            for ((name, mode), blob) in listed.into_iter().zip(blobs) {
                known.insert(name, Entry { mode: (*mode).into(), blob: blob.into() });
            }
        }
        for (name, mode) in odd {
            let args = ["hash-object", "-w", "--no-filters"];
            let ended = git.run_limited(&args, &[name], None, 1024)?;
            if ended.code != Some(0) {
                return Err(super::command::failed(&args, &ended));
            }
            let blob = String::from_utf8_lossy(&ended.out).trim().to_string();
            known.insert(name, Entry { mode: (*mode).into(), blob });
        }
        Ok(())
    }

    /// The index, with all stages of conflicts, as a tree of its own: `0/` what is staged, `1/` … `3/` the sides.
    fn index_tree(&self, look: &Look) -> Result<String, Problem> {
        let checksum = look.checksum.as_deref();
        if let Some(tree) = self.memory.of(&self.git_dir, checksum).by_stages {
            return Ok(tree);
        }
        let mut lines = Vec::new();
        for (entry, name) in &look.listed.staged {
            let Some((stage, entry)) = entry.split_last() else { continue };
            lines.extend_from_slice(entry);
            lines.extend_from_slice(b"0\t");
            lines.extend_from_slice(&[*stage, b'/']);
            lines.extend_from_slice(name);
            lines.push(0);
        }
        let folder = tempfile::tempdir().map_err(no_room)?;
        let git = self.git.env("GIT_INDEX_FILE", folder.path().join("index"));
        git.ok(&["update-index", "-z", "--index-info"], Some(&lines))?;
        let tree = git.line(&["write-tree", "--missing-ok"])?;
        self.memory.learn(&self.git_dir, checksum, |seen| seen.by_stages = Some(tree.clone()));
        Ok(tree)
    }

    /// Keeps the files and the index as they are. The same as the last snapshot is the last snapshot.
    pub(crate) fn keep(&self, run: RunId, why: &str) -> Result<Snapshot, Problem> {
        self.keep_with(run, why, &[])
    }

    /// The same, right after the checkout was opened: what was checked out then is checked out.
    pub(crate) fn keep_at_once(&self, run: RunId, why: &str) -> Result<Snapshot, Problem> {
        let head = self.head_then.clone();
        self.remembering(|| self.keep_once(run, why, &[], || Ok(head.clone())))
    }

    /// The same, with more commits that must not be lost.
    pub(crate) fn keep_with(&self, run: RunId, why: &str, more: &[String]) -> Result<Snapshot, Problem> {
        self.remembering(|| self.keep_once(run, why, more, || self.head()))
    }

    /// Git may have tidied away what is remembered: then it is worked out anew.
    fn remembering<T>(&self, deed: impl Fn() -> Result<T, Problem>) -> Result<T, Problem> {
        match deed() {
            Err(_) if self.memory.forget(&self.git_dir) => deed(),
            done => done,
        }
    }

    fn keep_once(
        &self,
        run: RunId,
        why: &str,
        more: &[String],
        head: impl Fn() -> Result<Option<String>, Problem> + Sync,
    ) -> Result<Snapshot, Problem> {
        // A prompt waits for this, and most of it is starting git: what does not depend on each other goes side by side.
        let cut_short = || Problem::new(ErrorCode::Internal, "Looking at the index was cut short.");
        let (looked, known) = std::thread::scope(|scope| {
            let beside = scope.spawn(|| Ok((head()?, self.latest(run)?)));
            let looked = again(|| {
                let look = self.look()?;
                let (files, index) = std::thread::scope(|scope| {
                    let index = scope.spawn(|| self.index_tree(&look));
                    (self.files_tree(&look), index.join().unwrap_or_else(|_| Err(cut_short())))
                });
                Ok((files?, index?, look.checksum))
            });
            (looked, beside.join().unwrap_or_else(|_| Err(cut_short())))
        });
        let (Captured { tree, left_out }, index, checksum) = looked?;
        let (head, last) = known?;
        let indexed = Indexed { tree: index, checksum };
        if more.is_empty()
            && let Some(last) = last
            // What a person can undo has a snapshot by that name.
            && (last.kept.why == why || matches!(why, "before" | "turn" | "commit" | "stage"))
            && self.holds(&last, &tree, &indexed, head.as_deref())?
        {
            return Ok(Snapshot { name: last.kept.name, commit: last.kept.commit, left_out });
        }
        let git = ["AUTHOR", "COMMITTER"].iter().fold(self.git.clone(), |git, who| {
            git.env(&format!("GIT_{who}_NAME"), "Offdesk")
                .env(&format!("GIT_{who}_EMAIL"), "offdesk@localhost")
        });
        let index = match self.committed(&indexed) {
            Some(commit) => commit,
            None => {
                let commit = git.line(&["commit-tree", &indexed.tree, "-m", "The index, by stages"])?;
                self.learn_commit(&indexed, &commit);
                commit
            }
        };
        let mut args = vec!["commit-tree", &tree];
        for parent in head.iter().chain([&index]).chain(more) {
            args.extend(["-p", parent]);
        }
        let message = format!("Snapshot of run {run}: {why}");
        args.extend(["-m", &message]);
        let commit = git.line(&args)?;
        let at = Timestamp::now().as_millisecond();
        let name = format!("refs/offdesk/{run}/{at:015}-{why}");
        git.ok(&["update-ref", &name, &commit], None)?;
        Ok(Snapshot { name, commit, left_out })
    }

    fn holds(&self, last: &Last, tree: &str, index: &Indexed, head: Option<&str>) -> Result<bool, Problem> {
        let parent = match (last.parents.as_slice(), head) {
            ([first, parent], Some(head)) if first == head => parent,
            ([parent], None) => parent,
            _ => return Ok(false),
        };
        if last.tree != tree {
            return Ok(false);
        }
        if self.committed(index).as_ref() == Some(parent) {
            return Ok(true);
        }
        let same = self.git.line(&["rev-parse", &format!("{parent}^{{tree}}")])? == index.tree;
        if same {
            self.learn_commit(index, parent);
        }
        Ok(same)
    }

    /// A commit of this index that is known.
    fn committed(&self, index: &Indexed) -> Option<String> {
        let seen = self.memory.of(&self.git_dir, index.checksum.as_deref());
        seen.commit.filter(|_| seen.by_stages.as_ref() == Some(&index.tree))
    }

    fn learn_commit(&self, index: &Indexed, commit: &str) {
        self.memory.learn(&self.git_dir, index.checksum.as_deref(), |seen| {
            (seen.by_stages, seen.commit) = (Some(index.tree.clone()), Some(commit.into()));
        });
    }

    /// The run's last snapshot, and what it holds.
    fn latest(&self, run: RunId) -> Result<Option<Last>, Problem> {
        let format = "--format=%(refname) %(objectname) %(tree) %(parent)";
        let refs = format!("refs/offdesk/{run}/");
        let line = self.git.line(&["for-each-ref", "--sort=-refname", "--count=1", format, &refs])?;
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let kept = words.next().zip(words.next()).and_then(|(name, commit)| kept_of(name, commit));
        let tree = words.next().unwrap_or_default().to_string();
        Ok(kept.map(|kept| Last { kept, tree, parents: words.map(String::from).collect() }))
    }

    /// Names of files that are not as the index has them, or may not be, and of those it does not have.
    pub(crate) fn unlike_index(&self) -> Result<BTreeSet<Vec<u8>>, Problem> {
        Ok(Listed::of(&self.git, &self.top)?.names)
    }

    /// The run's snapshots, latest first.
    pub(crate) fn kept(&self, run: RunId) -> Result<Vec<Kept>, Problem> {
        let format = "--format=%(refname) %(objectname)";
        let out =
            self.git.line(&["for-each-ref", "--sort=-refname", format, &format!("refs/offdesk/{run}/")])?;
        Ok(out
            .lines()
            .filter_map(|line| {
                let (name, commit) = line.split_once(' ')?;
                kept_of(name, commit)
            })
            .collect())
    }

    /// What the index was when this snapshot was taken: for each name its entry, where there was no conflict.
    pub(crate) fn index_of(&self, snapshot: &str) -> Result<BTreeMap<(Vec<u8>, u8), Entry>, Problem> {
        let parents = self.git.line(&["show", "--no-patch", "--format=%P", snapshot])?;
        // The index comes after HEAD, or alone where there was none.
        let mut found = None;
        for parent in parents.split(' ').filter(|parent| !parent.is_empty()).take(2) {
            if self.git.line(&["show", "--no-patch", "--format=%s", parent])? == "The index, by stages" {
                found = Some(parent);
            }
        }
        let Some(found) = found else { return Ok(BTreeMap::new()) };
        Ok(self
            .entries(found)?
            .into_iter()
            .filter_map(|(name, entry)| match name.as_slice() {
                [stage @ b'0'..=b'3', b'/', rest @ ..] => Some(((rest.to_vec(), stage - b'0'), entry)),
                _ => None,
            })
            .collect())
    }
}

fn kept_of(name: &str, commit: &str) -> Option<Kept> {
    let (at, why) = name.rsplit('/').next()?.split_once('-')?;
    let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
    Some(Kept { name: name.into(), commit: commit.into(), at, why: why.into() })
}

/// Files that change while they are read make it begin again.
fn again<T>(deed: impl Fn() -> Result<T, Problem>) -> Result<T, Problem> {
    let mut tries = 1;
    loop {
        match deed() {
            Err(problem) if tries < TRIES && problem.code != ErrorCode::TooLarge => tries += 1,
            done => return done,
        }
    }
}

/// A checkout as it was looked at.
struct Look {
    /// With an index of its own, a copy.
    git: Git,
    /// The index's.
    checksum: Option<Vec<u8>>,
    listed: Listed,
    _folder: tempfile::TempDir,
}

/// An index, as a tree with all stages.
struct Indexed {
    tree: String,
    checksum: Option<Vec<u8>>,
}

/// A run's last snapshot.
struct Last {
    kept: Kept,
    tree: String,
    parents: Vec<String>,
}

/// What git says of the index and the files, in one answer.
struct Listed {
    /// Names of files that may not be as the index has them, and of those it does not have.
    names: BTreeSet<Vec<u8>>,
    /// The index: mode, content and stage of each entry, and its name.
    staged: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Listed {
    fn of(git: &Git, top: &Path) -> Result<Self, Problem> {
        let args = [
            "ls-files",
            "-z",
            "-v",
            "--stage",
            "--cached",
            "--modified",
            "--deleted",
            "--others",
            "--exclude-standard",
        ];
        let out = git.ok(&args, None)?;
        let mut listed = Self { names: BTreeSet::new(), staged: Vec::new() };
        for line in zero_separated(&out) {
            let [tag, b' ', rest @ ..] = line else { continue };
            if *tag == b'?' {
                listed.names.insert(rest.to_vec());
                continue;
            }
            let Some(tab) = rest.iter().position(|byte| *byte == b'\t') else { continue };
            let (entry, name) = (&rest[..tab], &rest[tab + 1..]);
            if matches!(tag.to_ascii_uppercase(), b'C' | b'R') {
                listed.names.insert(name.to_vec());
                continue;
            }
            listed.staged.push((entry.to_vec(), name.to_vec()));
            // Some names for a conflict may be as one of its sides. And files that git was told to take for unchanged, or
            // to leave out, are looked at all the same.
            let in_conflict = entry.last() != Some(&b'0');
            let hidden = tag.is_ascii_lowercase() || *tag == b'S';
            if in_conflict || hidden && beneath(top, name).is_some_and(|path| path.symlink_metadata().is_ok())
            {
                listed.names.insert(name.to_vec());
            }
        }
        Ok(listed)
    }

    fn modes(&self) -> BTreeMap<&[u8], String> {
        let mode = |entry: &[u8]| Some(String::from_utf8_lossy(entry.get(..6)?).into_owned());
        self.staged.iter().filter_map(|(entry, name)| Some((name.as_slice(), mode(entry)?))).collect()
    }
}

/// The commit that is checked out in a folder that is a repository of its own.
fn submodule_head(git: &Git, dir: &Path) -> Result<Option<String>, Problem> {
    if !dir.join(".git").exists() {
        return Ok(None);
    }
    git.at(dir).maybe(&["rev-parse", "--verify", "--quiet", "HEAD"])
}

fn known_mode(mode: &str) -> &'static str {
    if mode == "100755" { "100755" } else { "100644" }
}

#[cfg(unix)]
fn file_mode(meta: &std::fs::Metadata) -> &'static str {
    if std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o100 != 0 {
        "100755"
    } else {
        "100644"
    }
}

#[cfg(not(unix))]
fn file_mode(_meta: &std::fs::Metadata) -> &'static str {
    "100644"
}

#[cfg(unix)]
pub(crate) fn bytes_of(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

#[cfg(not(unix))]
pub(crate) fn bytes_of(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

/// The target of a link, from its blob.
pub(crate) fn target(bytes: &[u8]) -> std::path::PathBuf {
    os(bytes).into()
}

pub(crate) fn no_room(error: std::io::Error) -> Problem {
    Problem::new(ErrorCode::StorageFailed, format!("A file could not be read or written: {error}."))
        .hint("Look at the room on the disk and at the rights of the folder.")
}
