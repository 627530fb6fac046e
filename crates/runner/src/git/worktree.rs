//! Worktrees made for runs, and their end.

use super::path::{beneath, text};
use super::repository::{Repository, zero_separated};
use super::slug::slug;
use super::snapshot::no_room;
use offdesk_protocol::{
    ErrorCode, NewWorktree, Problem, RemoveWorktree, RemovedWorktree, RunId, Workspace, visible_line,
};
use std::path::{Path, PathBuf};

/// Most ignored files that are copied along, and their bytes.
const MOST_COPIES: usize = 1000;
const MOST_COPIED: u64 = 100 * 1024 * 1024;
/// Names that are told in a sentence.
const TOLD: usize = 5;

impl Repository {
    /// This checkout as a run's workspace: nothing is made.
    pub(crate) fn in_place(&self) -> Result<Workspace, Problem> {
        let branch = self.branch()?;
        Ok(Workspace {
            worktree: false,
            repository: self.top.display().to_string(),
            base: branch.clone(),
            branch,
            base_commit: self.head()?,
            notes: Vec::new(),
            removed: false,
        })
    }

    /// Makes a worktree in `folder`, or beside it when that is taken.
    pub(crate) fn add_worktree(
        &self,
        folder: PathBuf,
        wish: &NewWorktree,
        words: &str,
    ) -> Result<(PathBuf, Workspace), Problem> {
        let wanted = wish.base.as_deref().unwrap_or("HEAD");
        let Some(start) = self.commit(wanted)? else {
            return Err(match &wish.base {
                Some(base) => {
                    Problem::new(ErrorCode::BadRequest, format!("There is no branch or commit “{base}”."))
                }
                None => Problem::new(
                    ErrorCode::WrongState,
                    "The repository has no commit yet, so no worktree can start from it.",
                )
                .hint("Make a first commit, or run in the folder itself."),
            });
        };
        let base = match &wish.base {
            Some(base) => Some(base.clone()).filter(|base| self.has_branch(base).unwrap_or(false)),
            None => self.branch()?,
        };
        if let Some(above) = folder.parent() {
            std::fs::create_dir_all(above).map_err(no_room)?;
        }
        let folder = self.free_folder(folder)?;
        let shown = folder.to_str().ok_or_else(|| {
            Problem::new(ErrorCode::Unsupported, "The data folder's name is no readable text.")
        })?;
        let branch = self.new_branch(wish.branch.as_deref(), words)?;
        let args = ["worktree", "add", "--no-track", "-b", &branch, "--", shown, &start];
        self.git.patient().ok(&args, None)?;
        let mut notes = self.notes(&start, wish.base.as_deref().or(base.as_deref()))?;
        if !wish.copy.is_empty() {
            notes.push(self.copy_ignored(&wish.copy, &folder)?);
        }
        let workspace = Workspace {
            worktree: true,
            repository: self.top.display().to_string(),
            branch: Some(branch),
            base,
            base_commit: Some(start),
            notes,
            removed: false,
        };
        Ok((folder, workspace))
    }

    /// What an attempt that was cut short has left is taken away, if git finds nothing in it; otherwise it stays.
    fn free_folder(&self, folder: PathBuf) -> Result<PathBuf, Problem> {
        if let Some(shown) = folder.to_str().filter(|_| folder.exists()) {
            self.git.run(&["worktree", "remove", "--", shown], None)?;
        }
        let known = self.checkouts()?;
        let taken = |path: &Path| path.exists() || known.iter().any(|(known, _)| known == path);
        let mut free = folder.clone();
        let mut number = 1;
        while taken(&free) {
            number += 1;
            free.set_file_name(format!(
                "{}-{number}",
                folder.file_name().unwrap_or_default().to_string_lossy()
            ));
        }
        Ok(free)
    }

    fn new_branch(&self, wanted: Option<&str>, words: &str) -> Result<String, Problem> {
        if let Some(wanted) = wanted.map(str::trim).filter(|wanted| !wanted.is_empty()) {
            let args = ["check-ref-format", "--branch", wanted];
            if wanted.starts_with('-') || self.git.maybe(&args)?.as_deref() != Some(wanted) {
                return Err(Problem::new(
                    ErrorCode::BadRequest,
                    format!("“{}” is no name for a branch.", visible_line(wanted, 80)),
                ));
            }
            if self.has_branch(wanted)? {
                return Err(Problem::new(
                    ErrorCode::WrongState,
                    format!("There is a branch {wanted} already."),
                )
                .hint("Choose another name."));
            }
            return Ok(wanted.into());
        }
        // Where a branch is called `offdesk`, none can be below it.
        let prefix = if self.has_branch("offdesk")? { "offdesk-" } else { "offdesk/" };
        let name = format!("{prefix}{}", slug(words));
        let mut branch = name.clone();
        let mut number = 1;
        while self.has_branch(&branch)? {
            number += 1;
            branch = format!("{name}-{number}");
        }
        Ok(branch)
    }

    /// What a person should know of a worktree that starts from this commit.
    fn notes(&self, start: &str, base: Option<&str>) -> Result<Vec<String>, Problem> {
        let short: String = start.chars().take(8).collect();
        let mut notes = Vec::new();
        let args = [
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--ignore-submodules=dirty",
            "--untracked-files=all",
        ];
        let dirty = zero_separated(&self.git.ok(&args, None)?).count();
        let from = base.map_or(short.clone(), |base| format!("{base} ({short})"));
        match dirty {
            0 => {}
            1 => {
                notes.push(format!("The worktree starts from {from}; 1 uncommitted file stays where it is."))
            }
            many => notes.push(format!(
                "The worktree starts from {from}; {many} uncommitted files stay where they are."
            )),
        }
        let entries = self.entries(start)?;
        if entries.contains_key(&b".gitmodules"[..]) {
            notes.push("Its submodules are empty: `git submodule update --init` there fetches them.".into());
        }
        let attributes = entries.iter().filter(|(name, _)| name.ends_with(b".gitattributes"));
        for (_, entry) in attributes.take(50) {
            let content = self.git.ok(&["cat-file", "blob", &entry.blob], None)?;
            if String::from_utf8_lossy(&content).contains("filter=") {
                notes.push("Files kept by a filter, such as Git LFS, are there as they are stored: `git lfs pull` there fetches them.".into());
                break;
            }
        }
        Ok(notes)
    }

    /// Copies ignored files that match; those only, and no links.
    fn copy_ignored(&self, patterns: &[String], folder: &Path) -> Result<String, Problem> {
        let git = self.git.env("GIT_LITERAL_PATHSPECS", "0");
        let specs: Vec<Vec<u8>> =
            patterns.iter().map(|one| format!(":(top,glob){one}").into_bytes()).collect();
        let files: Vec<&[u8]> = specs.iter().map(Vec::as_slice).collect();
        let args = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard"];
        let ended = git.run_limited(&args, &files, None, 16 * 1024 * 1024)?;
        if ended.code != Some(0) {
            return Err(super::command::failed(&args, &ended));
        }
        let (mut copied, mut bytes) = (Vec::new(), 0);
        for name in zero_separated(&ended.out) {
            let (Some(from), Some(to)) = (beneath(&self.top, name), beneath(folder, name)) else { continue };
            let Ok(meta) = from.symlink_metadata() else { continue };
            if !meta.is_file() || to.exists() {
                continue;
            }
            bytes += meta.len();
            if copied.len() >= MOST_COPIES || bytes > MOST_COPIED {
                return Err(Problem::new(
                    ErrorCode::TooLarge,
                    "The files to copy along are more than 1000, or larger than 100 MiB together.",
                )
                .hint("Name fewer; large folders are better made anew in the worktree."));
            }
            if let Some(above) = to.parent() {
                std::fs::create_dir_all(above).map_err(no_room)?;
            }
            std::fs::copy(&from, &to).map_err(no_room)?;
            copied.push(text(name));
        }
        Ok(match copied.as_slice() {
            [] => "No ignored file matches what was to be copied along.".into(),
            names => format!("Copied along: {}.", told(names)),
        })
    }

    /// Removes this worktree when its work is safe. Its branch goes with it when something else has all its commits.
    pub(crate) fn remove_worktree(
        &self,
        run: RunId,
        main: &Repository,
        workspace: &Workspace,
        wish: &RemoveWorktree,
    ) -> Result<RemovedWorktree, Problem> {
        let dirty = self.safe_to_remove(wish)?;
        // Commits that only this checkout's history of moves knows are lost with it.
        let lonely = self.lonely_commits()?;
        let saved = match !dirty && lonely.is_empty() && self.index_is_plain()? {
            true => None,
            false => Some(self.keep_with(run, "removed", &lonely)?.name),
        };
        let path = self.top.to_str().unwrap_or_default().to_string();
        let branch = self.branch()?;
        main.git.patient().ok(&["worktree", "remove", "--force", "--", &path], None)?;
        let branch = match branch.filter(|branch| workspace.branch.as_ref() == Some(branch)) {
            Some(branch) => main.drop_branch_if_held(&branch)?,
            None => None,
        };
        Ok(RemovedWorktree { saved, branch })
    }

    /// Whether nothing is lost with this worktree that was not wished away; gives whether a snapshot has to be kept.
    pub(crate) fn safe_to_remove(&self, wish: &RemoveWorktree) -> Result<bool, Problem> {
        if let Some(what) = self.under_way() {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!("In the worktree {what} is under way, so it stays."),
            )
            .hint("Finish or abort it first."));
        }
        let captured = self.capture()?;
        if !captured.left_out.is_empty() {
            let names: Vec<String> =
                captured.left_out.iter().map(|left| format!("{} ({})", left.path, left.why)).collect();
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!("The worktree stays: no snapshot can hold {}.", told(&names)),
            )
            .hint("Move them elsewhere first."));
        }
        let submodules = self
            .entries(&captured.tree)?
            .into_iter()
            .filter(|(_, entry)| entry.mode == super::repository::GITLINK);
        for (name, _) in submodules {
            if beneath(&self.top, &name).is_some_and(|path| path.join(".git").exists()) {
                return Err(Problem::new(
                    ErrorCode::WrongState,
                    format!("The worktree stays: its submodule {} may have work of its own.", text(&name)),
                )
                .hint("`git submodule deinit` there, when nothing in it is needed."));
            }
        }
        let dirty = match self.head()? {
            Some(head) => self.names_between(&head, &captured.tree)?,
            None => self.entries(&captured.tree)?.into_keys().collect(),
        };
        if !dirty.is_empty() && !wish.save {
            let names: Vec<String> = dirty.iter().map(|name| text(name)).collect();
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!("The worktree stays: not committed are {}.", told(&names)),
            )
            .hint("Commit or discard them, or have them saved: `offdesk worktree rm ID --save`."));
        }
        let ignored = self.ignored()?;
        if !ignored.is_empty() && !wish.ignored {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!(
                    "The worktree stays: it has ignored files, which would be deleted: {}.",
                    told(&ignored)
                ),
            )
            .hint("`offdesk worktree rm ID --ignored` deletes them with it."));
        }
        Ok(!dirty.is_empty())
    }

    /// Nothing is only staged, and no commit is known to this checkout alone.
    pub(crate) fn nothing_lonely(&self) -> Result<(), Problem> {
        if self.index_is_plain()? && self.lonely_commits()?.is_empty() {
            return Ok(());
        }
        Err(Problem::new(
            ErrorCode::WrongState,
            "The worktree stays: it has commits, or something staged, that nothing else has.",
        )
        .hint("Give them a branch first."))
    }

    /// Ignored files, whole folders as one.
    fn ignored(&self) -> Result<Vec<String>, Problem> {
        let args = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
        Ok(zero_separated(&self.git.ok(&args, None)?).map(text).collect())
    }

    /// What is staged is what is committed.
    fn index_is_plain(&self) -> Result<bool, Problem> {
        let ended =
            self.git.run(&["diff-index", "--cached", "--quiet", "--ignore-submodules=none", "HEAD"], None)?;
        Ok(ended.code == Some(0))
    }

    /// Commits that this checkout was at and that no branch, tag or snapshot has.
    fn lonely_commits(&self) -> Result<Vec<String>, Problem> {
        let moves = self.git.run(&["rev-list", "--walk-reflogs", "--no-walk", "HEAD"], None)?;
        let mut tips: Vec<String> = String::from_utf8_lossy(&moves.out).lines().map(Into::into).collect();
        tips.extend(self.head()?);
        tips.sort();
        tips.dedup();
        if tips.is_empty() {
            return Ok(tips);
        }
        let mut input: String = tips.iter().map(|tip| format!("{tip}\n")).collect();
        input.push_str("--not\n--all\n");
        let out = self.git.ok(&["rev-list", "--stdin"], Some(input.as_bytes()))?;
        let lost: std::collections::HashSet<String> =
            String::from_utf8_lossy(&out).lines().map(Into::into).collect();
        Ok(tips.into_iter().filter(|tip| lost.contains(tip)).collect())
    }

    /// Deletes the branch if another branch, here or of a remote, has its commits; says which one stays otherwise.
    fn drop_branch_if_held(&self, branch: &str) -> Result<Option<String>, Problem> {
        let own = format!("refs/heads/{branch}");
        let Some(tip) = self.commit(&own)? else { return Ok(None) };
        let args =
            ["for-each-ref", "--contains", &tip, "--format=%(refname)", "refs/heads/", "refs/remotes/"];
        let held = self.git.line(&args)?.lines().any(|name| name != own);
        if !held {
            return Ok(Some(branch.into()));
        }
        // Its own history of moves may know commits that were amended away.
        let moves = self.git.run(&["rev-list", "--walk-reflogs", "--no-walk", &own], None)?;
        let mut input = String::from_utf8_lossy(&moves.out).into_owned();
        input.push_str("--not\n--all\n");
        if !self.git.ok(&["rev-list", "--stdin"], Some(input.as_bytes()))?.is_empty() {
            return Ok(Some(branch.into()));
        }
        self.git.ok(&["update-ref", "-d", &own, &tip], None)?;
        Ok(None)
    }
}

/// Where worktrees are made.
pub(crate) fn folder_for(data: &Path, top: &Path, run: RunId) -> PathBuf {
    let name =
        top.file_name().map(|name| slug(&name.to_string_lossy())).unwrap_or_else(|| "repository".into());
    // The end of the id: its beginning is the time, which runs that begin together share.
    let id = run.0.simple().to_string();
    data.join("worktrees").join(format!("{name}-{}", &id[id.len() - 8..]))
}

/// The first names, and how many more there are.
pub(crate) fn told(names: &[String]) -> String {
    let first: Vec<String> = names.iter().take(TOLD).map(|name| visible_line(name, 120)).collect();
    let more = names.len().saturating_sub(TOLD);
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}
