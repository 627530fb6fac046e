//! Snapshots: all files as they are, as a commit that moves no branch.
//!
//! Neither the person's index nor their stash nor HEAD is touched: the tree is put together in an index of its own.
//! Files that changed are taken byte by byte, without conversion, since what git would make of them may not lead back.

use super::command::Git;
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
        let mut tries = 1;
        loop {
            match self.capture_once() {
                Err(problem) if tries < TRIES && problem.code != ErrorCode::TooLarge => tries += 1,
                done => return done,
            }
        }
    }

    fn capture_once(&self) -> Result<Captured, Problem> {
        let folder = tempfile::tempdir().map_err(no_room)?;
        let index = folder.path().join("index");
        let own = self.git_dir.join("index");
        if own.exists() {
            // With it comes what git knows of files' times, so that it need not read them all.
            std::fs::copy(&own, &index).map_err(no_room)?;
        }
        let git = self.git.env("GIT_INDEX_FILE", &index);
        let mut left_out = Vec::new();
        let names = changed(&git, &self.top)?;
        let lines = self.lines_for(&git, &names, &mut left_out)?;
        git.ok(&["update-index", "-z", "--index-info"], Some(&lines))?;
        let tree = git.line(&["write-tree", "--missing-ok"])?;
        Ok(Captured { tree, left_out })
    }

    /// What `update-index --index-info` reads: each name's present mode and content.
    fn lines_for(
        &self,
        git: &Git,
        names: &BTreeSet<Vec<u8>>,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<Vec<u8>, Problem> {
        let modes = self.modes(git)?;
        let mut gone: Vec<&[u8]> = Vec::new();
        let mut files: Vec<(&[u8], &str)> = Vec::new();
        let mut known: BTreeMap<&[u8], Entry> = BTreeMap::new();
        for name in names {
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
                files.push((name, modes.get(name).map_or_else(|| file_mode(&meta), |mode| known_mode(mode))));
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

    /// Modes by name, where the disk does not keep them.
    fn modes(&self, git: &Git) -> Result<BTreeMap<Vec<u8>, String>, Problem> {
        if cfg!(unix) && git.maybe(&["config", "--bool", "core.fileMode"])?.as_deref() != Some("false") {
            return Ok(BTreeMap::new());
        }
        let listed = git.ok(&["ls-files", "-z", "--stage"], None)?;
        Ok(zero_separated(&listed)
            .filter_map(|line| {
                let tab = line.iter().position(|byte| *byte == b'\t')?;
                Some((line[tab + 1..].to_vec(), String::from_utf8_lossy(line.get(..6)?).into_owned()))
            })
            .collect())
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
    fn index_tree(&self) -> Result<String, Problem> {
        let listed = self.git.ok(&["ls-files", "-z", "--stage"], None)?;
        let mut lines = Vec::with_capacity(listed.len());
        for line in zero_separated(&listed) {
            let Some(tab) = line.iter().position(|byte| *byte == b'\t') else { continue };
            let (head, name) = (&line[..tab], &line[tab + 1..]);
            let Some((stage, entry)) = head.split_last() else { continue };
            lines.extend_from_slice(entry);
            lines.extend_from_slice(b"0\t");
            lines.extend_from_slice(&[*stage, b'/']);
            lines.extend_from_slice(name);
            lines.push(0);
        }
        let folder = tempfile::tempdir().map_err(no_room)?;
        let git = self.git.env("GIT_INDEX_FILE", folder.path().join("index"));
        git.ok(&["update-index", "-z", "--index-info"], Some(&lines))?;
        git.line(&["write-tree", "--missing-ok"])
    }

    /// Keeps the files and the index as they are. The same as the last snapshot is the last snapshot.
    pub(crate) fn keep(&self, run: RunId, why: &str) -> Result<Snapshot, Problem> {
        self.keep_with(run, why, &[])
    }

    /// The same, with more commits that must not be lost.
    pub(crate) fn keep_with(&self, run: RunId, why: &str, more: &[String]) -> Result<Snapshot, Problem> {
        // A prompt waits for this, and most of it is starting git: what does not depend on each other goes side by side.
        let (captured, known) = std::thread::scope(|scope| {
            let beside = scope.spawn(|| Ok((self.index_tree()?, self.head()?, self.kept(run)?)));
            let captured = self.capture();
            let cut_short = |_| Err(Problem::new(ErrorCode::Internal, "Looking at the index was cut short."));
            (captured, beside.join().unwrap_or_else(cut_short))
        });
        let Captured { tree, left_out } = captured?;
        let (index, head, kept) = known?;
        if more.is_empty()
            && let Some(last) = kept.into_iter().next()
            // What a person can undo has a snapshot by that name.
            && (last.why == why || matches!(why, "before" | "turn" | "commit" | "stage"))
            && self.holds(&last.commit, &tree, &index, head.as_deref())?
        {
            return Ok(Snapshot { name: last.name, commit: last.commit, left_out });
        }
        let git = ["AUTHOR", "COMMITTER"].iter().fold(self.git.clone(), |git, who| {
            git.env(&format!("GIT_{who}_NAME"), "Offdesk")
                .env(&format!("GIT_{who}_EMAIL"), "offdesk@localhost")
        });
        let index = git.line(&["commit-tree", &index, "-m", "The index, by stages"])?;
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

    fn holds(&self, commit: &str, tree: &str, index: &str, head: Option<&str>) -> Result<bool, Problem> {
        let line = self.git.line(&["show", "--no-patch", "--format=%T %P", commit])?;
        let words: Vec<&str> = line.split(' ').collect();
        let held = match (words.as_slice(), head) {
            ([held, first, index], Some(head)) if first == &head => Some((*held, *index)),
            ([held, index], None) => Some((*held, *index)),
            _ => None,
        };
        let Some((held, parent)) = held else { return Ok(false) };
        Ok(held == tree && self.git.line(&["rev-parse", &format!("{parent}^{{tree}}")])? == index)
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
                let (at, why) = name.rsplit('/').next()?.split_once('-')?;
                let at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
                Some(Kept { name: name.into(), commit: commit.into(), at, why: why.into() })
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

/// Names of files that may not be as the index has them, and of those it does not have.
pub(crate) fn changed(git: &Git, top: &Path) -> Result<BTreeSet<Vec<u8>>, Problem> {
    let mut names = BTreeSet::new();
    for args in [
        &["ls-files", "-z", "--modified", "--deleted", "--others", "--exclude-standard"][..],
        // Some names for a conflict may be as one of its sides.
        &["diff-index", "-z", "--cached", "--name-only", "--diff-filter=U", "HEAD"][..],
    ] {
        let ended = git.run(args, None)?;
        match ended.code {
            Some(0) => names.extend(zero_separated(&ended.out).map(<[u8]>::to_vec)),
            // There is no commit, and so no conflict.
            _ if args[0] == "diff-index" => {}
            _ => return Err(super::command::failed(args, &ended)),
        }
    }
    // Files that git was told to take for unchanged, or to leave out, are looked at all the same.
    let flagged = git.ok(&["ls-files", "-z", "-v"], None)?;
    for line in zero_separated(&flagged) {
        if let [flag, b' ', name @ ..] = line
            && (flag.is_ascii_lowercase() || *flag == b'S')
            && beneath(top, name).is_some_and(|path| path.symlink_metadata().is_ok())
        {
            names.insert(name.to_vec());
        }
    }
    Ok(names)
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
