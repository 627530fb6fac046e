//! A checkout, and what is asked of it.

use super::command::Git;
use super::memory::Memory;
use offdesk_protocol::{ErrorCode, Problem};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A checkout: the person's own, or a worktree of ours.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    /// Git in its top folder, without the repository's programs.
    pub git: Git,
    /// Its top folder.
    pub top: PathBuf,
    /// Where this checkout's own state is (index, HEAD).
    pub git_dir: PathBuf,
    /// The id of nothing.
    pub zero: String,
    /// The commit that was checked out when it was looked at first.
    pub head_then: Option<String>,
    /// The disk keeps whether a file is a program.
    pub keeps_modes: bool,
    /// What was worked out of its index before.
    pub memory: Arc<Memory>,
}

/// A file in a tree or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub mode: String,
    pub blob: String,
}

/// A folder inside the repository counts as a submodule or another repository.
pub(crate) const GITLINK: &str = "160000";
/// A link.
pub(crate) const SYMLINK: &str = "120000";

impl Repository {
    /// The checkout this folder is in; nothing when it is in none.
    pub(crate) fn open(git: &Git, dir: &Path, memory: &Arc<Memory>) -> Result<Option<Self>, Problem> {
        let git = git.at(dir);
        let asked = [
            "rev-parse",
            "--path-format=absolute",
            "--show-object-format",
            "--show-toplevel",
            "--absolute-git-dir",
            // Nothing where there is no commit.
            "--revs-only",
            "HEAD^{commit}",
        ];
        // A prompt waits for this: the two do not depend on each other.
        let (ended, drivers) = std::thread::scope(|scope| {
            let drivers = scope.spawn(|| git.drivers());
            let cut_short =
                |_| Err(Problem::new(ErrorCode::Internal, "Looking at git's settings was cut short."));
            (git.run(&asked, None), drivers.join().unwrap_or_else(cut_short))
        });
        let ended = ended?;
        if ended.code != Some(0) {
            let none = ended.err.contains("not a git repository")
                || ended.err.contains("must be run in a work tree");
            return if none { Ok(None) } else { Err(super::command::failed(&asked, &ended)) };
        }
        let lines: Vec<&[u8]> =
            ended.out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let ([format, top, git_dir] | [format, top, git_dir, _]) = lines.as_slice() else {
            return Err(line_end());
        };
        let zero = "0".repeat(if *format == b"sha256" { 64 } else { 40 });
        let is_id = |line: &[u8]| line.len() == zero.len() && line.iter().all(u8::is_ascii_hexdigit);
        let head_then = match lines.get(3) {
            Some(line) if is_id(line) => Some(String::from_utf8_lossy(line).into_owned()),
            Some(_) => return Err(line_end()),
            None => None,
        };
        let real = |bytes: &[u8]| dunce::canonicalize(PathBuf::from(super::path::os(bytes)));
        let (Ok(top), Ok(git_dir), Ok(dir)) = (real(top), real(git_dir), dunce::canonicalize(dir)) else {
            return Ok(None);
        };
        // Its settings can name another folder as its checkout; that one was not asked for.
        if !dir.starts_with(&top) {
            return Err(Problem::new(
                ErrorCode::Unsupported,
                format!(
                    "The repository of {} says that its files are somewhere else, so it is not used.",
                    dir.display()
                ),
            ));
        }
        let drivers = drivers?;
        let git = git.at(&top).without(&drivers);
        let (keeps_modes, memory) = (drivers.keeps_modes, Arc::clone(memory));
        Ok(Some(Self { git, top, git_dir, zero, head_then, keeps_modes, memory }))
    }

    /// The commit that is checked out; nothing in a repository without one.
    pub(crate) fn head(&self) -> Result<Option<String>, Problem> {
        self.commit("HEAD")
    }

    /// The commit of this name.
    pub(crate) fn commit(&self, name: &str) -> Result<Option<String>, Problem> {
        self.git.maybe(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &format!("{name}^{{commit}}"),
        ])
    }

    /// The branch that is checked out.
    pub(crate) fn branch(&self) -> Result<Option<String>, Problem> {
        self.git.maybe(&["symbolic-ref", "--quiet", "--short", "HEAD"])
    }

    pub(crate) fn has_branch(&self, branch: &str) -> Result<bool, Problem> {
        let name = format!("refs/heads/{branch}");
        Ok(self.git.run(&["show-ref", "--verify", "--quiet", "--", &name], None)?.code == Some(0))
    }

    /// The tree without files.
    pub(crate) fn empty_tree(&self) -> Result<String, Problem> {
        let out = self.git.ok(&["mktree"], Some(b""))?;
        Ok(String::from_utf8_lossy(&out).trim().to_string())
    }

    /// All files of a tree.
    pub(crate) fn entries(&self, tree: &str) -> Result<BTreeMap<Vec<u8>, Entry>, Problem> {
        let out = self.git.ok(&["ls-tree", "-r", "-z", "--full-tree", tree], None)?;
        Ok(zero_separated(&out)
            .filter_map(|line| {
                let tab = line.iter().position(|byte| *byte == b'\t')?;
                let head = std::str::from_utf8(&line[..tab]).ok()?;
                let mut words = head.split(' ');
                let (mode, _, blob) = (words.next()?, words.next()?, words.next()?);
                Some((line[tab + 1..].to_vec(), Entry { mode: mode.into(), blob: blob.into() }))
            })
            .collect())
    }

    /// What is under way in this checkout (a merge, a rebase …), if anything.
    pub(crate) fn under_way(&self) -> Option<&'static str> {
        [
            ("MERGE_HEAD", "a merge"),
            ("rebase-merge", "a rebase"),
            ("rebase-apply", "a rebase"),
            ("CHERRY_PICK_HEAD", "a cherry-pick"),
            ("REVERT_HEAD", "a revert"),
            ("BISECT_LOG", "a bisect"),
        ]
        .into_iter()
        .find(|(file, _)| self.git_dir.join(file).exists())
        .map(|(_, what)| what)
    }

    /// The same checkout, in which the repository's programs run as in the person's own terminal.
    pub(crate) fn with_programs(&self) -> Self {
        Self { git: self.git.with_programs(), ..self.clone() }
    }
}

fn line_end() -> Problem {
    Problem::new(ErrorCode::Unsupported, "The repository's folder has a name with a line end.")
}

pub(crate) fn zero_separated(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty())
}
