//! Verbs that start runs and tell them things.

use super::{say, say_json, tail, text_or_stdin};
use crate::args::{OneRun, Resume, Run, Send};
use crate::outcome::Outcome;
use crate::paint;
use offdesk_client::Client;
use offdesk_protocol::*;

fn tell(view: &RunView, json: bool) -> Result<(), Outcome> {
    if json { say_json(view) } else { say(paint::run_line(view)) }
}

pub(crate) async fn run(client: &Client, run: Run) -> Result<(), Outcome> {
    let prompt = run.prompt.map(text_or_stdin).transpose()?;
    let dir = std::path::absolute(&run.dir)?;
    let dir = dir.to_str().ok_or_else(|| Outcome::Usage("The folder's name is not readable text.".into()))?;
    let start = StartRun {
        prompt,
        label: run.label,
        time_limit: run.time_limit,
        local_model: run.local_model,
        worktree: run.worktree.wish(),
        command: Some(run.command).filter(|command| !command.is_empty()),
        approval_limit: run.approval_limit,
        ..StartRun::of(run.agent, dir)
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
    let prompt = SendPrompt { id: PromptId::new(), text: text_or_stdin(send.text)? };
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
    let text = resume.prompt.map(text_or_stdin).transpose()?;
    let prompt = text.map(|text| SendPrompt { id: PromptId::new(), text });
    tell(&client.resume(resume.id, &ResumeRun { prompt }).await?, resume.json)
}
