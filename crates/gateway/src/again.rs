//! Doing a run again.

use crate::deciding::{Command, Said};
use crate::runs::{Runs, unknown_run};
use offdesk_protocol::*;
use std::sync::Arc;
use std::time::Duration;

/// How long a living attempt may take to end before the next one.
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// Where a run's first prompt is looked for: it is sent when the run is made, or soon after.
const FIRST_EVENTS: usize = 200;

impl Runs {
    /// Begins a run's work anew, in a new conversation. What is alive is stopped first.
    pub(crate) async fn restart(
        self: &Arc<Self>,
        id: RunId,
        prompt: PromptId,
        by: Actor,
    ) -> Result<RunView, Problem> {
        let run = self.hub.run(id).ok_or_else(|| unknown_run(id))?;
        if self.read(move |reader| reader.prompt_known(prompt)).await? == Some(id) {
            return self.hub.view(id).ok_or_else(|| unknown_run(id));
        }
        let first = self.first_prompt(id).await?;
        if first.is_none() && !run.terminal {
            return Err(Problem::new(
                ErrorCode::WrongState,
                "The run has no first prompt to begin with again.",
            ));
        }
        self.runner.program(&run.agent)?;
        if !run.state().is_over() {
            self.command(id, Command::Stop { by: by.clone(), timed_out: false }).await?;
            self.until_over(id).await?;
        }
        let said = |text| Said { id: prompt, text, when: When::Now, attachments: Vec::new() };
        let prompt = first.map(said);
        self.command(id, Command::Restart { prompt, by }).await
    }

    async fn until_over(&self, id: RunId) -> Result<(), Problem> {
        let mut marks = self.hub.marks();
        let over = async {
            while self.hub.run(id).is_some_and(|run| !run.state().is_over()) {
                if marks.changed().await.is_err() {
                    break;
                }
            }
        };
        tokio::time::timeout(STOP_PATIENCE, over).await.map_err(|_| {
            Problem::new(ErrorCode::WrongState, "The attempt is still ending, so the run was not restarted.")
                .hint("Restart it once it has stopped.")
        })
    }

    /// What starts another run like this one.
    pub(crate) async fn like(&self, id: RunId, clone: CloneRun) -> Result<StartRun, Problem> {
        let run = self.hub.run(id).ok_or_else(|| unknown_run(id))?;
        let prompt = match clone.prompt {
            Some(prompt) => Some(prompt),
            None => self.first_prompt(id).await?,
        };
        // A worktree belongs to its run: another one has its own, from the same beginning.
        let own = run.workspace.as_ref().filter(|workspace| workspace.worktree);
        let worktree =
            own.map(|workspace| NewWorktree { base: workspace.base.clone(), ..NewWorktree::default() });
        Ok(StartRun {
            id: clone.id,
            prompt,
            label: clone.label,
            time_limit: run.time_limit,
            approval_limit: run.approval_limit,
            command: run.command.clone(),
            worktree,
            // What was meant to stay on this machine does.
            local_model: run.local_model.clone(),
            model: run.steering.wanted_model.clone(),
            mode: run.steering.wanted_mode.clone(),
            resume_when_reset: run.steering.resume_when_reset,
            ..StartRun::of(&run.agent, run.project())
        })
    }

    async fn first_prompt(&self, id: RunId) -> Result<Option<String>, Problem> {
        let events = self.read(move |reader| reader.events_after(Some(id), 0, FIRST_EVENTS)).await?;
        let prompts = events.iter().filter_map(|stored| {
            let envelope: Envelope = serde_json::from_str(&stored.json).ok()?;
            match envelope.event {
                Event::PromptSent { text, .. } => Some(text),
                _ => None,
            }
        });
        Ok({ prompts }.next())
    }
}
