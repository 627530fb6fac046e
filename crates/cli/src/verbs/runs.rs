//! Verbs that start runs and tell them things.

use super::{presets, say, say_json, tail, text_or_stdin};
use crate::args::{OneRun, Resume, Run, Send, Switch};
use crate::outcome::Outcome;
use crate::paint;
use offdesk_client::Client;
use offdesk_protocol::*;

fn tell(view: &RunView, json: bool) -> Result<(), Outcome> {
    if json { say_json(view) } else { say(paint::run_line(view)) }
}

pub(crate) async fn run(client: &Client, run: Run) -> Result<(), Outcome> {
    let prompt = run.prompt.map(text_or_stdin).transpose()?;
    let preset = match &run.preset {
        Some(name) => Some(presets::named(client, name).await?),
        None => None,
    };
    let mut start = match preset {
        Some(preset) => presets::start_of(preset, prompt),
        None => StartRun { prompt, ..StartRun::of("", ".") },
    };
    if let Some(agent) = run.agent {
        // What one agent offers, another does not know.
        if run.preset.is_some() && agent != start.agent {
            (start.model, start.mode, start.command) = (None, None, None);
        }
        start.agent = agent;
    }
    let dir = std::path::absolute(run.dir.unwrap_or_else(|| start.dir.clone().into()))?;
    let dir = dir.to_str().ok_or_else(|| Outcome::Usage("The folder's name is not readable text.".into()))?;
    let start = StartRun {
        dir: dir.into(),
        label: run.label,
        time_limit: run.time_limit,
        local_model: run.local_model.or(start.local_model),
        worktree: run.worktree.wish().or(start.worktree),
        attachments: run.chosen.files.upload(client).await?,
        model: run.chosen.model.or(start.model),
        mode: run.chosen.mode.or(start.mode),
        resume_when_reset: run.chosen.resume_when_reset || start.resume_when_reset,
        command: Some(run.command).filter(|command| !command.is_empty()).or(start.command),
        approval_limit: run.approval_limit,
        ..start
    };
    let view = client.start(&start).await?;
    if run.detach {
        return tell(&view, run.json);
    }
    let view = tail::until_it_rests(client, view.id, !run.json).await?;
    tell(&view, run.json)?;
    match view.state {
        RunState::Failed | RunState::Lost | RunState::TimedOut => {
            Err(Outcome::failed(format!("The run {}.", view.state)))
        }
        _ => Ok(()),
    }
}

pub(crate) async fn send(client: &Client, send: Send) -> Result<(), Outcome> {
    let when = if send.after_turn { When::AfterTurn } else { When::Now };
    let attachments = send.files.upload(client).await?;
    let prompt = SendPrompt { when, attachments, ..SendPrompt::now(text_or_stdin(send.text)?) };
    tell(&client.prompt(send.id, &prompt).await?, send.json)
}

pub(crate) async fn interrupt(client: &Client, one: OneRun) -> Result<(), Outcome> {
    tell(&client.interrupt(one.id).await?, one.json)
}

pub(crate) async fn stop(client: &Client, one: OneRun) -> Result<(), Outcome> {
    tell(&client.stop(one.id).await?, one.json)
}

pub(crate) async fn archive(client: &Client, one: OneRun) -> Result<(), Outcome> {
    tell(&client.archive(one.id).await?, one.json)
}

pub(crate) async fn resume(client: &Client, resume: Resume) -> Result<(), Outcome> {
    if let Some(switch) = resume.when_reset {
        return tell(&client.resume_when_reset(resume.id, switch == Switch::On).await?, resume.json);
    }
    let text = resume.prompt.map(text_or_stdin).transpose()?;
    let prompt = text.map(SendPrompt::now);
    tell(&client.resume(resume.id, &ResumeRun { prompt }).await?, resume.json)
}
