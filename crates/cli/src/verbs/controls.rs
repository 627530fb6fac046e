//! `model`, `mode`, `queue`: what is chosen for a run, and what waits for its agent.

use super::{say, say_json};
use crate::outcome::Outcome;
use crate::paint;
use clap::Args as ClapArgs;
use offdesk_client::Client;
use offdesk_protocol::*;
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
pub(crate) struct ChooseArgs {
    /// The run.
    pub(crate) id: RunId,
    /// What to choose. Without it, what there is to choose from is listed.
    pub(crate) choice: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Queue {
    /// The run.
    pub(crate) id: RunId,
    /// Take this prompt back.
    #[arg(long, value_name = "PROMPT", conflicts_with_all = ["edit", "first"])]
    pub(crate) withdraw: Option<PromptId>,
    /// Say something else instead of this prompt.
    #[arg(long, value_name = "PROMPT", requires = "text", conflicts_with = "first")]
    pub(crate) edit: Option<PromptId>,
    /// The other words.
    #[arg(long, value_name = "TEXT", requires = "edit")]
    pub(crate) text: Option<String>,
    /// Let this prompt be the next.
    #[arg(long, value_name = "PROMPT")]
    pub(crate) first: Option<PromptId>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is chosen when a run is started.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct Chosen {
    /// The model, in the agent's word (see `offdesk model RUN`).
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// The mode, in the agent's word; only modes in which it asks you can be chosen.
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<String>,
    /// Go on by itself when a usage limit that stopped it resets.
    #[arg(long)]
    pub(crate) resume_when_reset: bool,
    #[command(flatten)]
    pub(crate) files: Files,
}

/// Files that go with a prompt.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct Files {
    /// A file that goes with the prompt; may be given more than once.
    #[arg(long = "file", value_name = "PATH")]
    paths: Vec<PathBuf>,
}

impl Files {
    /// Brings them to the gateway, in order.
    pub(crate) async fn upload(&self, client: &Client) -> Result<Vec<UploadId>, Outcome> {
        let mut uploads = Vec::new();
        for path in &self.paths {
            uploads.push(client.upload(path).await?.id);
        }
        Ok(uploads)
    }
}

pub(crate) async fn model(client: &Client, choose: ChooseArgs) -> Result<(), Outcome> {
    if let Some(model) = &choose.choice {
        let view = client.choose_model(choose.id, model).await?;
        return if choose.json { say_json(&view) } else { say(paint::run(&view)) };
    }
    let offers = client.offers(choose.id).await?;
    if choose.json {
        return say_json(&offers.models);
    }
    if offers.models.is_empty() {
        return say("The agent did not say which models it has.");
    }
    offers.models.iter().try_for_each(|model| offer(&model.id, &model.name, model.description.as_deref()))
}

pub(crate) async fn mode(client: &Client, choose: ChooseArgs) -> Result<(), Outcome> {
    if let Some(mode) = &choose.choice {
        let view = client.choose_mode(choose.id, mode).await?;
        return if choose.json { say_json(&view) } else { say(paint::run(&view)) };
    }
    let offers = client.offers(choose.id).await?;
    if choose.json {
        return say_json(&offers);
    }
    if offers.modes.is_empty() {
        return say("The agent has no modes to choose from.");
    }
    offers.modes.iter().try_for_each(|mode| offer(&mode.id, &mode.name, mode.description.as_deref()))?;
    offers
        .modes_left_out
        .iter()
        .try_for_each(|mode| say(format!("not offered: {}. {}", visible_line(&mode.id, 40), mode.reason)))
}

fn offer(id: &str, name: &str, description: Option<&str>) -> Result<(), Outcome> {
    let about = visible_line(description.unwrap_or_default(), 80);
    say(format!("{:<24} {:<24} {about}", visible_line(id, 60), visible_line(name, 24)))
}

pub(crate) async fn queue(client: &Client, queue: Queue) -> Result<(), Outcome> {
    let view = match (queue.withdraw, queue.edit.zip(queue.text), queue.first) {
        (Some(prompt), ..) => client.withdraw(prompt).await?,
        (_, Some((prompt, text)), _) => client.change_prompt(prompt, &super::text_or_stdin(text)?).await?,
        (.., Some(prompt)) => {
            let queued = client.run(queue.id).await?.controls.queued;
            let before = queued.first().map(|first| first.id).filter(|first| *first != prompt);
            match before {
                Some(before) => client.move_prompt(prompt, Some(before)).await?,
                None => client.run(queue.id).await?,
            }
        }
        _ => client.run(queue.id).await?,
    };
    if queue.json {
        return say_json(&view.controls.queued);
    }
    if view.controls.queued.is_empty() {
        return say("Nothing waits for the agent.");
    }
    view.controls.queued.iter().try_for_each(|prompt| {
        let when = if prompt.when == When::AfterTurn { "after this turn" } else { "now" };
        say(format!("{}  {when:<16} {}", prompt.id, visible_line(&prompt.line, 80)))
    })
}
