//! Where a run works, as git sees it: worktrees, snapshots, changes, and what a person does with them.

use crate::*;
use serde::{Deserialize, Serialize};

/// A fresh git worktree that a run is to work in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWorktree {
    /// Its branch; by default `offdesk/` and words of the prompt.
    #[serde(default)]
    pub branch: Option<String>,
    /// What it starts from: a branch, tag or commit; by default what is checked out.
    #[serde(default)]
    pub base: Option<String>,
    /// Ignored files that are copied along, as patterns from the top of the repository (`.env`, `config/*.local`).
    #[serde(default)]
    pub copy: Vec<String>,
}

/// The git repository a run works in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    /// The run has a worktree of its own; otherwise it works in the person's own checkout.
    pub worktree: bool,
    /// The checkout the run was asked for in, absolute.
    pub repository: String,
    /// The branch the run works on; nothing: no branch is checked out.
    pub branch: Option<String>,
    /// The branch it started from, which it can be merged back into.
    pub base: Option<String>,
    /// The commit it started from; nothing: there was none.
    pub base_commit: Option<String>,
    /// What a person should know about it, in sentences.
    pub notes: Vec<String>,
    /// Its worktree was removed.
    #[serde(default)]
    pub removed: bool,
}

/// Snapshots of a run's workspace: commits under `refs/offdesk`, which move no branch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Snapshots {
    /// Before the first prompt.
    pub first: Option<String>,
    /// The last one.
    pub latest: Option<String>,
    /// A turn that ended and whose changes are not recorded yet.
    pub due: Option<TurnId>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FileStatus {
    /// It is new.
    Added,
    /// It has other content.
    Modified,
    /// It is gone.
    Deleted,
    /// It has another name, and perhaps other content.
    Renamed,
    /// It became a link, or stopped being one, or became executable.
    TypeChanged,
}

/// A file that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ChangedFile {
    /// From the top of the repository.
    pub path: String,
    /// Its name before, when it was renamed.
    #[serde(default)]
    pub from: Option<String>,
    /// What happened.
    pub status: FileStatus,
    /// Lines added; nothing: not a text, or too large to be compared.
    pub added: Option<u32>,
    /// Lines removed.
    pub removed: Option<u32>,
    /// It differs from the last commit. Only in answers about what is now.
    #[serde(default)]
    pub uncommitted: bool,
    /// How far it is staged. Only in answers about what is now.
    #[serde(default)]
    pub staged: FileStage,
}

/// How far a file is staged: put into git's index, for the next commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FileStage {
    /// Not at all.
    #[default]
    None,
    /// The index has another content than the last commit, and than the file.
    Part,
    /// As it is.
    All,
}

/// A file that no snapshot holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// From the top of the repository.
    pub path: String,
    /// Why, in a few words.
    pub why: String,
}

/// Programs of the repository that git would start for a commit or a push: hooks, filters, signing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Programs {
    /// Each in a line.
    pub list: Vec<String>,
    /// Names exactly these, with the hooks' content. Sent along to have them run.
    pub hash: String,
}

/// A snapshot that can be gone back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// Its ref, which `git show` and others understand.
    pub name: String,
    /// Its commit.
    pub commit: String,
    /// When it was taken.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
    /// What for: `before`, `turn`, `commit`, `discard`, `restore`, `removed`.
    pub why: String,
}

/// What changed in a run's workspace: since the run began, or in one turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// The turn, when one was asked for.
    pub turn: Option<TurnId>,
    /// The workspace; its branch is the one checked out now.
    pub workspace: Workspace,
    /// The files.
    pub files: Vec<ChangedFile>,
    /// Files beyond those listed.
    pub more: u32,
    /// Files that no snapshot holds.
    pub left_out: Vec<LeftOut>,
    /// Commits of the run's branch that its base does not have.
    pub ahead: u32,
    /// What git would start for a commit of all this.
    pub programs: Programs,
    /// Snapshots, latest first.
    pub kept: Vec<Kept>,
}

/// The change to one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ChangeDiff {
    /// The file.
    pub file: ChangedFile,
    /// Unified diff hunks, without file headers. Empty when there is nothing to show line by line.
    pub unified: String,
    /// Hex SHA-256 that names this change, made before secrets in it were masked.
    pub hash: String,
    /// Not a text, or larger than what is compared line by line.
    pub binary: bool,
    /// Bytes of the diff that were left out: it is too large to be shown.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub left_out: u64,
}

/// Commit what changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommitChanges {
    /// The message.
    pub message: String,
    /// Only these files; none named: all that the run changed.
    #[serde(default)]
    pub paths: Vec<String>,
    /// What is staged, as it is in the index, and nothing else.
    #[serde(default)]
    pub staged: bool,
    /// Run the repository's programs, which are those of this [`Programs::hash`].
    #[serde(default)]
    pub programs: Option<String>,
    /// Leave the repository's programs out.
    #[serde(default)]
    pub without_programs: bool,
}

/// Stage files as they are on the disk, or take them out of the index again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StageChanges {
    /// These files, and what is below these folders.
    pub paths: Vec<String>,
    /// Stage them; otherwise the index has them as the last commit.
    pub staged: bool,
}

/// What was staged, or is not any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StagedChanges {
    /// The files.
    pub paths: Vec<String>,
}

/// Take changes back. A snapshot is kept first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiscardChanges {
    /// These files, and what is below these folders.
    #[serde(default)]
    pub paths: Vec<String>,
    /// All files that are not committed.
    #[serde(default)]
    pub all: bool,
}

/// Put files back as a snapshot has them. A snapshot of what is there is kept first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestoreSnapshot {
    /// The snapshot's ref or commit.
    pub snapshot: String,
    /// These files; none named: all that differ.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// What was put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PutBack {
    /// The files.
    pub paths: Vec<String>,
    /// Files that were left as they are, and why.
    pub left: Vec<LeftOut>,
    /// The snapshot of what was there before.
    pub snapshot: String,
}

/// A commit was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Committed {
    /// Its id.
    pub commit: String,
    /// The branch it is on.
    pub branch: Option<String>,
}

/// Merge the run's branch back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MergeBack {
    /// The branch to merge into; by default the one it started from.
    #[serde(default)]
    pub into: Option<String>,
}

/// A branch was merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Merged {
    /// The branch that has the work now.
    pub into: String,
    /// Where it stands.
    pub commit: String,
    /// It only moved on; otherwise a merge commit was made.
    pub fast_forward: bool,
}

/// Open a pull request with `gh`. Without `confirm`, says only what would be run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenPullRequest {
    /// Its title.
    pub title: String,
    /// Its text.
    #[serde(default)]
    pub body: String,
    /// The branch it asks to be merged into; by default the one the run started from.
    #[serde(default)]
    pub base: Option<String>,
    /// As a draft.
    #[serde(default)]
    pub draft: bool,
    /// Also run the repository's programs, such as its `pre-push` hook.
    #[serde(default)]
    pub with_programs: bool,
    /// The [`PullRequestPlan::hash`] that was shown: run exactly this.
    #[serde(default)]
    pub confirm: Option<String>,
}

/// What is run to open a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PullRequestPlan {
    /// Each command, argument by argument.
    pub commands: Vec<Vec<String>>,
    /// Where it is pushed to; a password in the address is masked.
    pub remote: String,
    /// What git would start for the push, if they are wanted.
    pub programs: Programs,
    /// Names exactly this plan.
    pub hash: String,
    /// The pull request, once it is open.
    pub url: Option<String>,
}

/// Remove a run's worktree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveWorktree {
    /// Keep what is not committed as a snapshot first. Without it, such work is a reason to refuse.
    #[serde(default)]
    pub save: bool,
    /// Delete ignored files with it, which no snapshot holds.
    #[serde(default)]
    pub ignored: bool,
}

/// A worktree was removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RemovedWorktree {
    /// The ref that holds what was not committed, if anything was.
    pub saved: Option<String>,
    /// The branch, which stays because it has commits that nothing else has.
    pub branch: Option<String>,
}

/// A worktree that was made for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct WorktreeInfo {
    /// Its folder.
    pub path: String,
    /// Its run; nothing: the run is not known here any more.
    pub run: Option<RunId>,
    /// What the run is called.
    pub label: Option<String>,
    /// The branch checked out in it.
    pub branch: Option<String>,
    /// How its run stands.
    pub state: Option<RunState>,
}

/// What a person did with a run's workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WorkspaceDeed {
    /// Committed changes.
    Committed {
        /// The commit.
        commit: String,
        /// The first line of its message.
        subject: String,
        /// The repository's programs ran.
        programs: bool,
    },
    /// Took changes back.
    Discarded {
        /// How many files.
        files: u32,
        /// What was there before.
        snapshot: String,
    },
    /// Put files back as a snapshot has them.
    Restored {
        /// How many files.
        files: u32,
        /// What was there before.
        snapshot: String,
    },
    /// Merged the run's branch.
    Merged {
        /// Into this branch.
        into: String,
        /// Where that stands.
        commit: String,
    },
    /// Opened a pull request.
    PullRequestOpened {
        /// Its address.
        url: String,
    },
    /// Removed the worktree.
    WorktreeRemoved {
        /// The ref that holds what was not committed.
        saved: Option<String>,
        /// The branch that stays.
        branch: Option<String>,
    },
}

impl WorkspaceDeed {
    /// In a sentence without its subject: `committed 1a2b3c4: Fix the door`.
    pub fn line(&self) -> String {
        let short = |commit: &str| commit.chars().take(8).collect::<String>();
        let files = |count: u32| if count == 1 { "1 file".to_string() } else { format!("{count} files") };
        match self {
            Self::Committed { commit, subject, .. } => format!("committed {}: {subject}", short(commit)),
            Self::Discarded { files: count, .. } => format!("discarded the changes of {}", files(*count)),
            Self::Restored { files: count, .. } => format!("put back {}", files(*count)),
            Self::Merged { into, commit } => format!("merged into {into}, which is at {}", short(commit)),
            Self::PullRequestOpened { url } => format!("opened the pull request {url}"),
            Self::WorktreeRemoved { saved: Some(saved), .. } => {
                format!("removed the worktree; what was not committed is at {saved}")
            }
            Self::WorktreeRemoved { saved: None, .. } => "removed the worktree".into(),
        }
    }
}
