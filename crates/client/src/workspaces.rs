//! Runs' changes and worktrees.

use crate::{Answer, Client};
use offdesk_protocol::*;
use reqwest::Method;

impl Client {
    /// What changed in a run's workspace: since it began, or in one turn.
    pub async fn changes(&self, run: RunId, turn: Option<TurnId>) -> Answer<Changes> {
        let turn = turn.map_or(String::new(), |turn| format!("?turn={turn}"));
        self.get(&format!("/runs/{run}/changes{turn}")).await
    }

    /// The change to one file.
    pub async fn change_diff(&self, run: RunId, path: &str, turn: Option<TurnId>) -> Answer<ChangeDiff> {
        let request = self.request(Method::GET, &format!("/api/v1/runs/{run}/changes/diff"));
        let request = request.query(&[("path", path)]);
        self.json(match turn {
            Some(turn) => request.query(&[("turn", turn.to_string())]),
            None => request,
        })
        .await
    }

    /// Stages files, or takes them out of the index again.
    pub async fn stage(&self, run: RunId, wish: &StageChanges) -> Answer<StagedChanges> {
        self.post(&format!("/runs/{run}/changes/stage"), wish).await
    }

    /// Commits what changed.
    pub async fn commit(&self, run: RunId, wish: &CommitChanges) -> Answer<Committed> {
        self.post(&format!("/runs/{run}/changes/commit"), wish).await
    }

    /// Takes changes back.
    pub async fn discard(&self, run: RunId, wish: &DiscardChanges) -> Answer<PutBack> {
        self.post(&format!("/runs/{run}/changes/discard"), wish).await
    }

    /// Puts files back as a snapshot has them.
    pub async fn restore(&self, run: RunId, wish: &RestoreSnapshot) -> Answer<PutBack> {
        self.post(&format!("/runs/{run}/changes/restore"), wish).await
    }

    /// Merges the run's branch back.
    pub async fn merge(&self, run: RunId, wish: &MergeBack) -> Answer<Merged> {
        self.post(&format!("/runs/{run}/merge"), wish).await
    }

    /// Shows, or once confirmed runs, what opens a pull request.
    pub async fn pull_request(&self, run: RunId, wish: &OpenPullRequest) -> Answer<PullRequestPlan> {
        self.post(&format!("/runs/{run}/pull-request"), wish).await
    }

    /// Removes the run's worktree when its work is safe.
    pub async fn remove_worktree(&self, run: RunId, wish: &RemoveWorktree) -> Answer<RemovedWorktree> {
        self.post(&format!("/runs/{run}/worktree/remove"), wish).await
    }

    /// Worktrees made for runs.
    pub async fn worktrees(&self) -> Answer<Vec<WorktreeInfo>> {
        self.get("/worktrees").await
    }
}
