//! What may be chosen for an agent, and the files that go with what is said to it.

use crate::deciding::{Command, QueueChange, Said};
use crate::runs::{Runs, unknown_run};
use crate::starting::check_prompt;
use offdesk_protocol::*;
use offdesk_runner::Order;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long an attempt may take to say what it has not said yet.
const PATIENCE: Duration = Duration::from_secs(5);
/// What is said with files alone.
const LOOK_AT_THEM: &str = "Look at the attached files.";

impl Runs {
    /// Whether this can be chosen for this agent: never a mode in which it would act without asking.
    pub(crate) async fn check_choice(
        &self,
        agent: &str,
        run: Option<RunId>,
        control: &Control,
    ) -> Result<(), Problem> {
        let capabilities = self.runner.capabilities(agent)?;
        let (can, what, id) = match control {
            Control::Model { id } => (capabilities.models, "be told which model to use", id),
            Control::Mode { id } => (capabilities.modes, "be told which mode to work in", id),
        };
        if !can {
            return Err(Refusal::Unsupported(what).into());
        }
        if !is_choice(id) {
            return Err(Problem::new(ErrorCode::BadRequest, "That is no name of a model or a mode."));
        }
        if let Control::Mode { id } = control
            && !self.runner.asks_in(agent, id)?
        {
            let text = format!(
                "The mode “{}” is not offered: in it the agent may act without asking you.",
                visible(id)
            );
            return Err(Problem::new(ErrorCode::NotAllowed, text)
                .hint("Nothing was changed. Choose a mode in which it asks."));
        }
        let offers = self.offers(agent, run).await?;
        let listed: Vec<String> = match control {
            Control::Model { .. } => offers
                .models
                .iter()
                .flat_map(|offer| [Some(offer.id.clone()), offer.resolved.clone()])
                .flatten()
                .collect(),
            Control::Mode { .. } => offers.modes.iter().map(|offer| offer.id.clone()).collect(),
        };
        // Before its first run, nobody knows what an agent offers.
        if listed.is_empty() || listed.contains(id) {
            return Ok(());
        }
        let text = format!("The agent does not offer “{}”.", visible(id));
        Err(Problem::new(ErrorCode::BadRequest, text)
            .hint(format!("It offers: {}.", visible(&listed.join(", ")))))
    }

    /// What a run's agent offers, or this kind of agent offered last.
    pub(crate) async fn offers(&self, agent: &str, run: Option<RunId>) -> Result<Offers, Problem> {
        let agent = agent.to_string();
        let read = move |reader: &offdesk_store::Reader| {
            let of_run = run.map(|run| reader.offers(run)).transpose()?.flatten();
            Ok(of_run.or(reader.offers_of(&agent)?).unwrap_or_default())
        };
        self.read(read).await
    }

    /// Chooses a model or a mode. It holds when the agent says so.
    pub(crate) async fn choose(
        self: &Arc<Self>,
        id: RunId,
        control: Control,
        by: Actor,
    ) -> Result<RunView, Problem> {
        let run = self.hub.run(id).ok_or_else(|| unknown_run(id))?;
        self.check_choice(&run.agent, Some(id), &control).await?;
        let steer = crate::deciding::Steer::Choose { id: ControlId::new(), control, by };
        self.command(id, Command::Steer(steer)).await
    }

    /// What is said, with its files as they are kept from now on.
    pub(crate) async fn said(&self, agent: &str, prompt: SendPrompt) -> Result<Said, Problem> {
        let SendPrompt { id, mut text, when, attachments } = prompt;
        if text.trim().is_empty() && !attachments.is_empty() {
            text = LOOK_AT_THEM.into();
        }
        check_prompt(&text)?;
        let can = self.runner.capabilities(agent)?;
        // What is typed has no place for them. Who takes pictures is told beside its terminal.
        if !attachments.is_empty() && can.terminal && !can.images {
            return Err(Refusal::Unsupported("take files; name their place in what you type").into());
        }
        let uploads = self.runner.uploads().clone();
        let attached = tokio::task::spawn_blocking(move || uploads.attach(&attachments)).await;
        let attachments =
            attached.map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))??;
        Ok(Said { id, text, when, attachments })
    }

    /// Changes what waits for the agent. What its attempt was given and has not said is taken back first.
    pub(crate) async fn requeue(
        self: &Arc<Self>,
        prompt: PromptId,
        change: QueueChange,
        by: Actor,
    ) -> Result<RunView, Problem> {
        let known = self.read(move |reader| reader.prompt_known(prompt)).await?;
        let id = known
            .ok_or_else(|| Problem::new(ErrorCode::NotFound, format!("There is no prompt {prompt}.")))?;
        let run = self.hub.run(id).ok_or_else(|| unknown_run(id))?;
        let wanted = match change {
            QueueChange::Move { .. } => run.prompts.iter().map(|pending| pending.id).collect(),
            _ => vec![prompt],
        };
        let taken = self.take_back(id, wanted).await;
        self.command(id, Command::Queue { prompt, change, taken, by }).await
    }

    async fn take_back(&self, run: RunId, prompts: Vec<PromptId>) -> Vec<PromptId> {
        let Some(handle) = self.attempt(run) else { return Vec::new() };
        let (reply, answer) = oneshot::channel();
        if handle.send(Order::TakeBack { prompts, reply }).await.is_err() {
            return Vec::new();
        }
        tokio::time::timeout(PATIENCE, answer).await.ok().and_then(Result::ok).unwrap_or_default()
    }
}
