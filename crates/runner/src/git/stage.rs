//! Staging: what a person puts into the index by hand, and takes out of it again.

use super::commit::listed;
use super::repository::{Repository, zero_separated};
use offdesk_protocol::{ErrorCode, FileStage, Problem, RunId};
use std::collections::BTreeSet;

/// What the index has, by names.
pub(crate) struct Index {
    /// Other than in the last commit.
    staged: BTreeSet<Vec<u8>>,
    /// Other than on the disk.
    open: BTreeSet<Vec<u8>>,
}

impl Index {
    /// How far a file is staged that has, or had, these names.
    pub(crate) fn stage(&self, names: &[&Vec<u8>]) -> FileStage {
        if !names.iter().any(|name| self.staged.contains(*name)) {
            FileStage::None
        } else if names.iter().any(|name| self.open.contains(*name)) {
            FileStage::Part
        } else {
            FileStage::All
        }
    }

    /// Names that would be in a commit of the index as it is.
    pub(crate) fn staged(&self) -> &BTreeSet<Vec<u8>> {
        &self.staged
    }
}

impl Repository {
    pub(crate) fn index(&self) -> Result<Index, Problem> {
        let args: &[&str] = match self.head()? {
            Some(_) => &["diff-index", "-z", "--cached", "--name-only", "--no-renames", "HEAD"],
            None => &["ls-files", "-z", "--cached"],
        };
        let staged = zero_separated(&self.git.ok(args, None)?).map(<[u8]>::to_vec).collect();
        Ok(Index { staged, open: self.unlike_index()? })
    }

    /// Puts these files into the index as they are on the disk, without the repository's programs.
    pub(crate) fn stage(&self, run: RunId, names: &[Vec<u8>]) -> Result<(), Problem> {
        self.at_rest()?;
        if !self.filters(names)?.is_empty() {
            return Err(Problem::new(ErrorCode::WrongState, "Some of these files are kept by a filter (such as Git LFS), which staging would have to start.")
                .hint("Commit them without staging: then you are asked about the repository's programs."));
        }
        self.keep_what_only_the_index_has(run, names)?;
        let args = ["add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul"];
        self.git.patient().ok(&args, Some(&listed(names))).map(drop)
    }

    /// Makes the index have these files as the last commit has them; the files stay.
    pub(crate) fn unstage(&self, run: RunId, names: &[Vec<u8>]) -> Result<(), Problem> {
        self.at_rest()?;
        self.keep_what_only_the_index_has(run, names)?;
        let there = match self.head()? {
            Some(head) => self.entries(&head)?,
            None => Default::default(),
        };
        let index = there.into_iter().map(|(name, entry)| ((name, 0), entry)).collect();
        self.put_index_back(names, &index)
    }

    /// What is neither on the disk nor in a commit would be gone with the next `git gc`.
    fn keep_what_only_the_index_has(&self, run: RunId, names: &[Vec<u8>]) -> Result<(), Problem> {
        let index = self.index()?;
        if names.iter().any(|name| index.stage(&[name]) == FileStage::Part) {
            self.keep(run, "stage")?;
        }
        Ok(())
    }

    pub(crate) fn at_rest(&self) -> Result<(), Problem> {
        match self.under_way() {
            None => Ok(()),
            Some(what) => Err(Problem::new(
                ErrorCode::WrongState,
                format!("In this checkout {what} is under way, so nothing was changed."),
            )
            .hint("Finish or abort it first.")),
        }
    }
}
