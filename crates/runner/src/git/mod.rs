//! Workspaces in git repositories: worktrees for runs, snapshots, changes, and what people do with them.
//!
//! All of it goes through the `git` that is on this computer ([`command`]), and blocks its thread. Nothing here
//! removes the last copy of anything: whatever is overwritten or deleted is in a commit, an index or a snapshot first.

mod clean;
mod command;
mod commit;
mod diff;
mod memory;
mod merge;
mod path;
mod publish;
mod putback;
mod repository;
mod slug;
mod snapshot;
mod stage;
#[cfg(test)]
mod tests;
mod worktree;

pub use clean::RunSnapshots;
use command::Git;
use diff::Change;
use offdesk_agents::Environment;
use offdesk_protocol::*;
use repository::Repository;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most files in an answer.
const MOST_FILES: usize = 2000;
/// Most files in an event.
const MOST_IN_EVENT: usize = 200;
/// Most snapshots in an answer.
const MOST_KEPT: usize = 100;

/// What this computer's git does for runs.
#[derive(Clone, Debug)]
pub struct Workspaces {
    data: PathBuf,
    environment: Environment,
    memory: Arc<memory::Memory>,
    #[cfg(test)]
    fuse: Option<std::sync::Arc<std::sync::atomic::AtomicUsize>>,
}

/// A run's place, for a call.
#[derive(Clone, Debug)]
pub struct At {
    /// The run.
    pub run: RunId,
    /// The folder it works in.
    pub dir: PathBuf,
    /// What was prepared for it.
    pub workspace: Workspace,
    /// Its snapshots.
    pub snapshots: Snapshots,
}

/// What a turn changed.
#[derive(Clone, Debug)]
pub struct TurnChanges {
    /// The snapshot after it.
    pub commit: String,
    /// The first of the files.
    pub files: Vec<ChangedFile>,
    /// Files beyond those.
    pub more: u32,
}

impl Workspaces {
    pub(crate) fn new(data: PathBuf, environment: Environment) -> Self {
        Self {
            data,
            environment,
            memory: Arc::default(),
            #[cfg(test)]
            fuse: None,
        }
    }

    /// The folder of all worktrees made for runs.
    pub fn folder(&self) -> PathBuf {
        self.data.join("worktrees")
    }

    fn git(&self) -> Result<Git, Problem> {
        let path = self.environment.vars.get("PATH").cloned().unwrap_or_default();
        let program = which::which_in("git", Some(path), &self.data).map_err(|_| {
            Problem::new(ErrorCode::Unsupported, "Git is not on this computer.")
                .hint("Install git; until then runs work in their folders as they are.")
        })?;
        let git = Git::new(program, &self.data, &self.environment.vars);
        #[cfg(test)]
        let git = git.with_fuse(self.fuse.clone());
        Ok(git)
    }

    fn open(&self, dir: &Path) -> Result<Repository, Problem> {
        if !dir.is_dir() {
            return Err(Problem::new(
                ErrorCode::NotFound,
                format!("{} is not there any more.", dir.display()),
            ));
        }
        Repository::open(&self.git()?, dir, &self.memory)?.ok_or_else(|| no_repository(dir))
    }

    /// The checkout a run in this folder works in; nothing when the folder is in none, or git is not here.
    ///
    /// # Errors
    /// When there is one that cannot be used.
    pub fn in_place(&self, dir: &Path) -> Result<Option<Workspace>, Problem> {
        let Ok(git) = self.git() else { return Ok(None) };
        Repository::open(&git, dir, &self.memory)?.map(|repository| repository.in_place()).transpose()
    }

    /// Makes a worktree for a run and gives the folder the run works in. `words` name its branch.
    ///
    /// # Errors
    /// When the folder is in no repository, or git refuses.
    pub fn prepare(
        &self,
        run: RunId,
        dir: &Path,
        wish: &NewWorktree,
        words: &str,
    ) -> Result<(PathBuf, Workspace), Problem> {
        let repository = self.open(dir)?;
        let folder = worktree::folder_for(&self.data, &repository.top, run);
        let (folder, workspace) = repository.add_worktree(folder, wish, words)?;
        let folder = dunce::canonicalize(&folder).map_err(snapshot::no_room)?;
        // The same folder of the repository, if the start has it.
        let below = dunce::canonicalize(dir)
            .ok()
            .and_then(|dir| Some(dir.strip_prefix(&repository.top).ok()?.to_path_buf()));
        let same = below.map(|below| folder.join(below)).filter(|same| same.is_dir());
        Ok((same.unwrap_or(folder), workspace))
    }

    /// Keeps the files as they are before a prompt.
    ///
    /// # Errors
    /// When git fails.
    pub fn keep(&self, at: &At) -> Result<String, Problem> {
        Ok(self.open(&at.dir)?.keep_at_once(at.run, "before")?.commit)
    }

    /// Keeps the files as they are after a turn, and says what it changed.
    ///
    /// # Errors
    /// When git fails.
    pub fn record(&self, at: &At, base: &str) -> Result<TurnChanges, Problem> {
        let repository = self.open(&at.dir)?;
        let commit = repository.keep_at_once(at.run, "turn")?.commit;
        let changes = repository.changes(base, &commit)?;
        let more = u32::try_from(changes.len().saturating_sub(MOST_IN_EVENT)).unwrap_or(u32::MAX);
        let files = changes.iter().take(MOST_IN_EVENT).map(Change::file).collect();
        Ok(TurnChanges { commit, files, more })
    }

    /// What changed: since the run began, or between two snapshots.
    ///
    /// # Errors
    /// When git fails, or the workspace is gone.
    pub fn changes(&self, at: &At, turn: Option<(TurnId, String, String)>) -> Result<Changes, Problem> {
        let repository = self.reading(at)?;
        let kept = repository.kept(at.run)?.into_iter().take(MOST_KEPT).collect();
        let mut workspace = at.workspace.clone();
        let (turn, changes, left_out) = match turn {
            Some((_, base, tree)) if !repository.still_has(&base, &tree)? => return Err(cleaned_up()),
            Some((turn, base, tree)) => (Some(turn), repository.changes(&base, &tree)?, Vec::new()),
            None if at.workspace.removed => return Err(gone()),
            None => {
                workspace.branch = repository.branch()?;
                let now = repository.capture()?;
                let changes = repository.changes(&repository.start(at)?, &now.tree)?;
                (None, changes, now.left_out)
            }
        };
        let mut ahead = 0;
        let mut programs = Programs::default();
        let mut files: Vec<ChangedFile> = changes.iter().map(Change::file).collect();
        if turn.is_none() {
            if let Some(base) = at.workspace.base_commit.as_deref() {
                ahead = repository.ahead(base)?;
            }
            let open = repository.uncommitted(&repository.capture()?.tree)?;
            let index = repository.index()?;
            for (file, change) in files.iter_mut().zip(&changes) {
                let names: Vec<&Vec<u8>> = std::iter::once(&change.name).chain(&change.from).collect();
                file.staged = index.stage(&names);
                file.uncommitted = open.contains(&change.name)
                    || change.from.as_ref().is_some_and(|from| open.contains(from));
            }
            let names: Vec<Vec<u8>> = open.into_iter().collect();
            if files.iter().any(|file| file.uncommitted) {
                programs = repository.programs(&names)?;
            }
        }
        let more = u32::try_from(files.len().saturating_sub(MOST_FILES)).unwrap_or(u32::MAX);
        files.truncate(MOST_FILES);
        Ok(Changes { turn, workspace, files, more, left_out, ahead, programs, kept })
    }

    /// The change to one file.
    ///
    /// # Errors
    /// When git fails, or the file did not change.
    pub fn diff(&self, at: &At, path: &str, turn: Option<(String, String)>) -> Result<ChangeDiff, Problem> {
        let repository = self.reading(at)?;
        let (from, to) = match turn {
            Some((base, tree)) if !repository.still_has(&base, &tree)? => return Err(cleaned_up()),
            Some(turn) => turn,
            None if at.workspace.removed => return Err(gone()),
            None => (repository.start(at)?, repository.capture()?.tree),
        };
        let changes = repository.changes(&from, &to)?;
        let change = changes.iter().find(|change| path::text(&change.name) == path).ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, format!("{} did not change.", visible_line(path, 200)))
        })?;
        let mut diff = repository.file_diff(&from, &to, change)?;
        // As in everything else that leaves the host.
        diff.unified = offdesk_supervisor::mask_text(&diff.unified).into_owned();
        Ok(diff)
    }

    /// All that changed since the run began, as one text with its secrets masked.
    ///
    /// # Errors
    /// When git fails, or the workspace is gone.
    pub fn whole_diff(&self, at: &At, most: usize) -> Result<String, Problem> {
        let repository = self.open(&at.dir)?;
        let now = repository.capture()?;
        let diff = repository.whole_diff(&repository.start(at)?, &now.tree, most)?;
        Ok(offdesk_supervisor::mask_text(&diff).into_owned())
    }

    /// Commits what the run changed.
    ///
    /// # Errors
    /// When there is nothing to commit, git or a hook refuses, or programs would run that nobody chose.
    pub fn commit(&self, at: &At, wish: &CommitChanges) -> Result<Committed, Problem> {
        let repository = self.open(&at.dir)?;
        let tree = repository.capture()?.tree;
        let open = repository.uncommitted(&tree)?;
        if wish.staged {
            if !wish.paths.is_empty() {
                return Err(Problem::new(
                    ErrorCode::BadRequest,
                    "Name files to commit, or commit what is staged.",
                ));
            }
            repository.at_rest()?;
            if repository.index()?.staged().is_empty() {
                return Err(Problem::new(
                    ErrorCode::WrongState,
                    "Nothing is staged, so nothing was committed.",
                ));
            }
            // What is asked about programs is about all that a person sees, staged or not.
            return repository.commit_files(at.run, &open.into_iter().collect::<Vec<_>>(), wish);
        }
        // Of a person's own checkout, only what changed since the run began.
        let touched = repository.names_between(&repository.start(at)?, &tree)?;
        let names: Vec<Vec<u8>> = open
            .into_iter()
            .filter(|name| match wish.paths.as_slice() {
                [] => touched.contains(name),
                paths => path::is_among(name, paths),
            })
            .collect();
        repository.commit_files(at.run, &names, wish)
    }

    /// Stages files as they are, or takes them out of the index again. Files on the disk stay as they are.
    ///
    /// # Errors
    /// When git fails, or a file is kept by a filter.
    pub fn stage(&self, at: &At, wish: &StageChanges) -> Result<StagedChanges, Problem> {
        let repository = self.open(&at.dir)?;
        let index = repository.index()?;
        let among: BTreeSet<Vec<u8>> = if wish.staged {
            repository.uncommitted(&repository.capture()?.tree)?
        } else {
            index.staged().clone()
        };
        let names: Vec<Vec<u8>> =
            among.into_iter().filter(|name| path::is_among(name, &wish.paths)).collect();
        if !names.is_empty() {
            let change = if wish.staged { Repository::stage } else { Repository::unstage };
            change(&repository, at.run, &names)?;
        }
        Ok(StagedChanges { paths: names.iter().map(|name| path::text(name)).collect() })
    }

    /// Takes changes back; a snapshot is kept first.
    ///
    /// # Errors
    /// When git fails, or a file is named that no snapshot can hold.
    pub fn discard(&self, at: &At, wish: &DiscardChanges) -> Result<PutBack, Problem> {
        self.open(&at.dir)?.discard(at.run, at.snapshots.first.as_deref(), &wish.paths, wish.all)
    }

    /// Puts files back as a snapshot has them; a snapshot is kept first.
    ///
    /// # Errors
    /// When git fails, or the run has no such snapshot.
    pub fn restore(&self, at: &At, wish: &RestoreSnapshot) -> Result<PutBack, Problem> {
        self.open(&at.dir)?.restore(at.run, &wish.snapshot, &wish.paths)
    }

    /// Merges the run's branch back, completely or not at all.
    ///
    /// # Errors
    /// When something is not committed or in conflict, or a checkout would lose something.
    pub fn merge(&self, at: &At, wish: &MergeBack) -> Result<Merged, Problem> {
        let into = wish.into.as_deref().or(at.workspace.base.as_deref()).ok_or_else(|| {
            Problem::new(
                ErrorCode::BadRequest,
                "Say which branch to merge into: the run did not start from one.",
            )
        })?;
        self.open(&at.dir)?.merge_into(into)
    }

    /// Shows what would open a pull request, or, once it is confirmed, does it.
    ///
    /// # Errors
    /// When there is no remote or no `gh`, or one of them refuses.
    pub fn pull_request(&self, at: &At, wish: &OpenPullRequest) -> Result<PullRequestPlan, Problem> {
        let repository = self.open(&at.dir)?;
        let base = at.workspace.base.as_deref();
        match wish.confirm {
            None => repository.pull_request_plan(base, wish),
            Some(_) => repository.open_pull_request(base, wish),
        }
    }

    /// Removes the run's worktree, if its work is safe.
    ///
    /// # Errors
    /// When something in it would be lost, or it has none.
    pub fn remove(&self, at: &At, wish: &RemoveWorktree) -> Result<RemovedWorktree, Problem> {
        if !at.workspace.worktree {
            return Err(Problem::new(
                ErrorCode::WrongState,
                "The run works in your own checkout, which is not removed.",
            ));
        }
        if at.workspace.removed {
            return Ok(RemovedWorktree { saved: None, branch: None });
        }
        let main = self.open(Path::new(&at.workspace.repository))?;
        if !at.dir.exists() {
            // Somebody took the folder away; what git keeps of it (its index) is git's to forget.
            return Ok(RemovedWorktree { saved: None, branch: at.workspace.branch.clone() });
        }
        let repository = self.open(&at.dir)?;
        let own = dunce::canonicalize(self.folder()).map_err(snapshot::no_room)?;
        if !repository.top.starts_with(&own) {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!("{} is no worktree that was made here.", repository.top.display()),
            ));
        }
        repository.remove_worktree(at.run, &main, &at.workspace, wish)
    }

    /// The worktrees there are, with the branch each has.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn worktrees(&self) -> Result<Vec<(PathBuf, Option<String>)>, Problem> {
        let Ok(entries) = std::fs::read_dir(self.folder()) else { return Ok(Vec::new()) };
        let mut folders: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        let git = self.git()?;
        Ok(folders
            .into_iter()
            .map(|folder| {
                let branch = Repository::open(&git, &folder, &self.memory)
                    .ok()
                    .flatten()
                    .and_then(|one| one.branch().ok().flatten());
                (dunce::canonicalize(&folder).unwrap_or(folder), branch)
            })
            .collect())
    }

    /// For looking: what was kept can be read in the original when the worktree is gone.
    fn reading(&self, at: &At) -> Result<Repository, Problem> {
        self.open(if at.workspace.removed { Path::new(&at.workspace.repository) } else { &at.dir })
    }
}

impl Repository {
    /// What the run's changes are counted from.
    fn start(&self, at: &At) -> Result<String, Problem> {
        // Where the first snapshot was cleaned up, the commit it was taken on is as near as one gets.
        for start in [&at.snapshots.first, &at.workspace.base_commit].into_iter().flatten() {
            if self.commit(start)?.is_some() {
                return Ok(start.clone());
            }
        }
        self.empty_tree()
    }

    /// Both snapshots are still there.
    fn still_has(&self, base: &str, tree: &str) -> Result<bool, Problem> {
        Ok(self.commit(base)?.is_some() && self.commit(tree)?.is_some())
    }
}

fn cleaned_up() -> Problem {
    Problem::new(
        ErrorCode::NotFound,
        "What this turn changed is not kept any more: its snapshots were cleaned up.",
    )
    .hint("What was committed is in the branch.")
}

fn gone() -> Problem {
    Problem::new(ErrorCode::NotFound, "The run's worktree was removed.")
        .hint("What each turn changed can still be seen, by turn.")
}

fn no_repository(dir: &Path) -> Problem {
    Problem::new(ErrorCode::Unsupported, format!("{} is not in a git repository.", dir.display()))
        .hint("Run in the folder itself, or make it a repository: `git init`, then a first commit.")
}
