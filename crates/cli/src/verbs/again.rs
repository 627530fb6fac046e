//! `offdesk restart` and `offdesk clone`: doing a run again.

use super::{say, say_json, text_or_stdin};
use crate::outcome::Outcome;
use crate::paint;
use clap::Args;
use offdesk_client::Client;
use offdesk_protocol::*;

#[derive(Debug, Args)]
pub(crate) struct Restart {
    /// The run.
    id: RunId,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CloneArgs {
    /// The run to make it from.
    id: RunId,
    /// What the new one should do; by default the same. `-` reads standard input.
    prompt: Option<String>,
    /// What to call it.
    #[arg(long, value_name = "NAME")]
    label: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

fn tell(view: &RunView, json: bool) -> Result<(), Outcome> {
    if json { say_json(view) } else { say(paint::run_line(view)) }
}

pub(crate) async fn restart(client: &Client, asked: Restart) -> Result<(), Outcome> {
    tell(&client.restart(asked.id, RestartRun { prompt: PromptId::new() }).await?, asked.json)
}

pub(crate) async fn clone(client: &Client, asked: CloneArgs) -> Result<(), Outcome> {
    let prompt = asked.prompt.map(text_or_stdin).transpose()?;
    let clone = CloneRun { id: RunId::new(), prompt, label: asked.label };
    tell(&client.clone_run(asked.id, &clone).await?, asked.json)
}
