//! `presets`: ways to start runs, kept for all devices; and what `run --preset` takes from one.

use super::workspaces::WorktreeArgs;
use super::{say, say_json, text_or_stdin};
use crate::outcome::Outcome;
use clap::{Args as ClapArgs, Subcommand};
use offdesk_client::Client;
use offdesk_protocol::*;
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
pub(crate) struct Presets {
    #[command(subcommand)]
    verb: Option<PresetVerb>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
enum PresetVerb {
    /// Keep a preset under a name; one of that name is changed.
    Keep {
        /// Its name.
        name: String,
        #[command(flatten)]
        wish: Box<Wish>,
    },
    /// Remove a preset; runs that were started with it stay.
    Remove {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, ClapArgs)]
struct Wish {
    /// The agent (see `offdesk agents`).
    #[arg(long, value_name = "KIND")]
    agent: String,
    /// The workspace.
    #[arg(long, default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    worktree: WorktreeArgs,
    /// Use a model on this machine, by Ollama's name for it.
    #[arg(long, value_name = "MODEL")]
    local_model: Option<String>,
    /// The model, in the agent's word.
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// The mode, in the agent's word.
    #[arg(long, value_name = "MODE")]
    mode: Option<String>,
    /// Go on by itself when a usage limit that stopped it resets.
    #[arg(long)]
    resume_when_reset: bool,
    /// Words the first prompt begins with. `-` reads them from standard input.
    prompt: Option<String>,
    /// With `--agent terminal`: the program to start in a terminal, and its arguments. No shell reads them.
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(crate) async fn presets(client: &Client, asked: Presets) -> Result<(), Outcome> {
    let json = asked.json;
    match asked.verb {
        None => list(&client.presets().await?, json),
        Some(PresetVerb::Keep { name, wish }) => {
            let id = find(client, &name).await?.map_or_else(PresetId::new, |known| known.id);
            let kept = client.put_preset(&wished(id, name, *wish)?).await?;
            if json { say_json(&kept) } else { say(line(&kept)) }
        }
        Some(PresetVerb::Remove { name }) => {
            let left = client.remove_preset(named(client, &name).await?.id).await?;
            if json { say_json(&left) } else { say("It was removed. Runs that were started with it stay.") }
        }
    }
}

fn list(presets: &[Preset], json: bool) -> Result<(), Outcome> {
    if json {
        return say_json(&presets);
    }
    if presets.is_empty() {
        return say("No presets. `offdesk presets keep NAME --agent KIND --dir DIR WORDS` keeps one.");
    }
    presets.iter().try_for_each(|preset| say(line(preset)))
}

fn line(preset: &Preset) -> String {
    let words = preset.prompt.as_deref().and_then(|words| words.lines().next()).unwrap_or_default();
    let tree = if preset.worktree.is_some() { "  worktree" } else { "" };
    visible(&format!("{}  {}  {}{tree}  {words}", preset.name, preset.agent, preset.dir))
}

fn wished(id: PresetId, name: String, wish: Wish) -> Result<Preset, Outcome> {
    let dir = std::path::absolute(&wish.dir)?;
    let dir = dir.to_str().ok_or_else(|| Outcome::Usage("The folder's name is not readable text.".into()))?;
    Ok(Preset {
        id,
        name,
        agent: wish.agent,
        dir: dir.into(),
        worktree: wish.worktree.wish(),
        local_model: wish.local_model,
        model: wish.model,
        mode: wish.mode,
        resume_when_reset: wish.resume_when_reset,
        prompt: wish.prompt.map(text_or_stdin).transpose()?,
        command: Some(wish.command).filter(|command| !command.is_empty()),
    })
}

async fn find(client: &Client, name: &str) -> Result<Option<Preset>, Outcome> {
    let wanted = name.trim().to_lowercase();
    Ok(client.presets().await?.into_iter().find(|preset| preset.name.to_lowercase() == wanted))
}

/// The preset with this name.
pub(crate) async fn named(client: &Client, name: &str) -> Result<Preset, Outcome> {
    find(client, name).await?.ok_or_else(|| {
        Outcome::failed(format!("There is no preset called “{name}”. `offdesk presets` lists them."))
    })
}

/// A run as a preset says, its words before those that were typed.
pub(crate) fn start_of(preset: Preset, then: Option<String>) -> StartRun {
    let prompt = match (preset.prompt, then) {
        (Some(first), Some(then)) if first.ends_with(char::is_whitespace) => Some(first + &then),
        (Some(first), Some(then)) => Some(format!("{first} {then}")),
        (first, then) => first.or(then),
    };
    StartRun {
        prompt,
        local_model: preset.local_model,
        worktree: preset.worktree,
        model: preset.model,
        mode: preset.mode,
        resume_when_reset: preset.resume_when_reset,
        command: preset.command,
        ..StartRun::of(preset.agent, preset.dir)
    }
}
