//! Merging a run's branch back: completely, or not at all.

use super::path::text;
use super::repository::{Repository, zero_separated};
use offdesk_protocol::{ErrorCode, Merged, Problem};

impl Repository {
    /// Merges what is checked out here into a branch. With conflicts nothing is changed. A checkout of that branch
    /// moves along, unless that would overwrite something in it.
    pub(crate) fn merge_into(&self, into: &str) -> Result<Merged, Problem> {
        if let Some(what) = self.under_way() {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!("Here {what} is under way, so nothing was merged."),
            ));
        }
        let branch = self.branch()?;
        if branch.as_deref() == Some(into) {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!("The run works on {into} itself; there is nothing to merge."),
            ));
        }
        let dirty: Vec<String> =
            self.uncommitted(&self.capture()?.tree)?.iter().map(|name| text(name)).collect();
        if !dirty.is_empty() {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!("Not committed are {}, so nothing was merged.", super::worktree::told(&dirty)),
            )
            .hint("Commit or discard them first."));
        }
        let name = format!("refs/heads/{into}");
        let (Some(theirs), Some(ours)) = (self.commit(&name)?, self.head()?) else {
            return Err(Problem::new(ErrorCode::NotFound, format!("There is no branch {into}.")));
        };
        let (commit, fast_forward) =
            match self.git.run(&["merge-base", "--is-ancestor", &theirs, &ours], None)?.code {
                Some(0) => (ours, true),
                _ => (self.merge_commit(&theirs, &ours, into, branch.as_deref())?, false),
            };
        if commit == theirs {
            return Ok(Merged { into: into.into(), commit, fast_forward: true });
        }
        let holder =
            self.checkouts()?.into_iter().find(|(_, checked_out)| checked_out.as_deref() == Some(into));
        match holder {
            Some((folder, _)) => {
                let Some(other) = Repository::open(&self.git, &folder, &self.memory)? else {
                    return Err(Problem::new(
                        ErrorCode::WrongState,
                        format!("{into} is checked out in {}, which is not there.", folder.display()),
                    )
                    .hint("`git worktree prune` forgets such checkouts."));
                };
                if let Some(what) = other.under_way() {
                    return Err(Problem::new(
                        ErrorCode::WrongState,
                        format!("In {} {what} is under way, so nothing was merged.", folder.display()),
                    ));
                }
                // It moves the files that differ, and refuses when one of them has changes of its own.
                let args = ["merge", "--ff-only", "--no-overwrite-ignore", "--no-stat", "--quiet", &commit];
                let ended = other.git.patient().run(&args, None)?;
                if ended.code != Some(0) {
                    let said = offdesk_protocol::visible_line(ended.err.trim(), 500);
                    return Err(Problem::new(ErrorCode::WrongState, format!("{into} is checked out in {}, where the merge would overwrite something, so nothing was changed: {said}", folder.display()))
                        .hint("Commit or put away the changes there, then merge again."));
                }
            }
            None => {
                _ = self.git.ok(&["update-ref", "-m", "offdesk: merge", &name, &commit, &theirs], None)?
            }
        }
        Ok(Merged { into: into.into(), commit, fast_forward })
    }

    fn merge_commit(
        &self,
        theirs: &str,
        ours: &str,
        into: &str,
        branch: Option<&str>,
    ) -> Result<String, Problem> {
        let args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", theirs, ours];
        let ended = self.git.patient().run(&args, None)?;
        let mut parts = zero_separated(&ended.out);
        let tree = parts.next().map(text).unwrap_or_default();
        match ended.code {
            Some(0) => {}
            Some(1) => {
                let files: Vec<String> = parts.map(text).collect();
                return Err(Problem::new(
                    ErrorCode::WrongState,
                    format!(
                        "These files are in conflict with {into}, so nothing was changed: {}.",
                        super::worktree::told(&files)
                    ),
                )
                .hint(format!("Ask the agent to merge {into} into its branch, or do it in a terminal.")));
            }
            _ if ended.err.contains("usage:") => {
                return Err(Problem::new(
                    ErrorCode::Unsupported,
                    "This git is too old to merge without touching files; nothing was changed.",
                )
                .hint("Git 2.38 or newer can, or merge in a terminal."));
            }
            _ => return Err(super::command::failed(&args, &ended)),
        }
        let what =
            branch.map_or_else(|| ours.chars().take(8).collect(), |branch| format!("branch '{branch}'"));
        let message = format!("Merge {what} into {into}");
        self.git.line(&["commit-tree", &tree, "-p", theirs, "-p", ours, "-m", &message])
    }
}
