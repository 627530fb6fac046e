//! Artifacts: the log and the diff of a run that ended, and what people keep with it.

use crate::deciding::Command;
use crate::runs::{Runs, unknown_run};
use crate::workspaces::at;
use offdesk_protocol::*;
use offdesk_runner::{Kept, NewArtifact};
use std::sync::Arc;

/// Longest log and diff that are kept, in bytes.
const LONGEST: usize = 20 * 1024 * 1024;
/// Events read at once.
const PAGE: usize = 1000;

impl Runs {
    /// Keeps the log and the diff of a run that ended, beside everything else.
    pub(crate) fn collect_later(self: &Arc<Self>, run: RunId) {
        let runs = self.clone();
        self.spawn_task(async move {
            if let Err(problem) = runs.collect(run).await {
                tracing::warn!(run.id = %run, "The run's log and diff were not kept: {problem}");
            }
        });
    }

    /// Keeps the log and the diff of a run that is over. Doing it again changes nothing.
    async fn collect(self: &Arc<Self>, id: RunId) -> Result<(), Problem> {
        let _one_at_a_time = self.busy.hold(id).await;
        let run = self.hub.run(id).ok_or_else(|| unknown_run(id))?;
        if !run.state().is_over() {
            return Ok(());
        }
        if let Ok(at) = at(&run)
            && !at.workspace.removed
        {
            let diff = self.in_git(move |workspaces| workspaces.whole_diff(&at, LONGEST)).await?;
            if !diff.is_empty() {
                self.keep_made(id, ArtifactKind::Diff, "changes.diff", diff).await?;
            }
        }
        // The log comes last: where it is, all is there that a list waits for.
        let log = self.log_of(id).await?;
        self.keep_made(id, ArtifactKind::Log, "log.txt", log).await?;
        // It may have been deleted meanwhile, with all that was kept of it then.
        if self.hub.run(id).is_none() {
            self.runner.artifacts().forget(id);
        }
        Ok(())
    }

    async fn keep_made(
        &self,
        run: RunId,
        kind: ArtifactKind,
        name: &str,
        text: String,
    ) -> Result<(), Problem> {
        let new = NewArtifact { run, kind, name: name.into(), by: Actor::Gateway };
        self.in_artifacts(move |artifacts| artifacts.add(new, &mut text.as_bytes())).await.map(drop)
    }

    /// What was said and done, as people read it.
    async fn log_of(&self, run: RunId) -> Result<String, Problem> {
        let (mut text, mut after) = (String::new(), 0);
        loop {
            let page = self.read(move |reader| reader.events_after(Some(run), after, PAGE)).await?;
            let Some(last) = page.last() else { return Ok(text) };
            after = last.seq;
            for envelope in page.iter().filter_map(|one| serde_json::from_str::<Envelope>(&one.json).ok()) {
                let Some(told) = told(&envelope.event) else { continue };
                if text.len() + told.len() > LONGEST {
                    text.push_str("… and more, which is in the run.\n");
                    return Ok(text);
                }
                text.push_str(&format!("{}  {told}\n", envelope.at.strftime("%Y-%m-%d %H:%M:%S")));
            }
        }
    }

    /// Those of a run. What should have been kept when it ended is kept now, if the gateway was away then.
    pub(crate) async fn artifacts(self: &Arc<Self>, id: RunId) -> Result<Vec<Artifact>, Problem> {
        let run = self.hub.run(id).ok_or_else(|| unknown_run(id))?;
        let listed = self.in_artifacts(move |artifacts| Ok(artifacts.list(id))).await?;
        let made = listed.iter().find(|one| one.kind == ArtifactKind::Log).map(|log| log.at);
        if !run.state().is_over() || made.is_some_and(|made| made >= run.updated_at) {
            return Ok(listed);
        }
        self.collect(id).await?;
        self.in_artifacts(move |artifacts| Ok(artifacts.list(id))).await
    }

    /// Keeps a file of the workspace, or one that was brought, and tells of it.
    pub(crate) async fn add_artifact(
        self: &Arc<Self>,
        id: RunId,
        wish: AddArtifact,
        by: Actor,
    ) -> Result<Artifact, Problem> {
        let run = self.hub.run(id).ok_or_else(|| unknown_run(id))?;
        let (dir, roots, runner) = (run.dir.clone(), self.runner.roots(), self.runner.clone());
        let keep = tokio::task::spawn_blocking(move || match (wish.path, wish.upload) {
            (Some(path), None) => {
                let place = runner.files().workspace(&roots, std::path::Path::new(&dir))?;
                let file = runner.files().open(&place, &path)?;
                let mut file = if wish.secrets { file } else { file.unless_secret()? };
                let name = file.info.entry.name.clone();
                let new = NewArtifact { run: id, kind: ArtifactKind::File, name, by };
                runner.artifacts().add(new, &mut file.file)
            }
            (None, Some(upload)) => runner.uploads().keep_with(upload, |name, bytes| {
                let new = NewArtifact { run: id, kind: ArtifactKind::Upload, name, by };
                runner.artifacts().add(new, bytes)
            }),
            _ => Err(Problem::new(ErrorCode::BadRequest, "Name a file of the workspace, or an upload.")),
        });
        // It is told also when whoever asked is gone.
        let runs = self.clone();
        let told = self.tasks.spawn(async move {
            let Kept { artifact, new } = keep.await.map_err(cut_short)??;
            if !new {
                return Ok(artifact);
            }
            let told = runs.command(id, Command::ArtifactAdded { artifact: artifact.clone() }).await;
            // It may have been deleted meanwhile, with all that was kept of it then.
            if runs.hub.run(id).is_none() {
                runs.runner.artifacts().forget(id);
            }
            told.map(|_| artifact)
        });
        told.await.map_err(cut_short)?
    }

    /// Disks are slow; nobody else waits for them.
    pub(crate) async fn in_artifacts<T: Send + 'static>(
        &self,
        work: impl FnOnce(&offdesk_runner::Artifacts) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let artifacts = self.runner.artifacts().clone();
        let done = tokio::task::spawn_blocking(move || work(&artifacts)).await;
        done.map_err(cut_short)?
    }
}

fn cut_short(error: tokio::task::JoinError) -> Problem {
    Problem::new(ErrorCode::Internal, format!("It was cut short: {error}."))
}
