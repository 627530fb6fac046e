//! Starting a run: what is asked is looked at whole before anything is made for it.

use crate::actor::Inbox;
use crate::deciding::Effect;
use crate::runs::{Runs, gone};
use crate::{local_models, storage_problem};
use offdesk_protocol::*;
use offdesk_store::{Append, NewEvent};
use std::path::Path;
use std::sync::Arc;

/// Longest prompt, in bytes.
const LONGEST_PROMPT: usize = 4 * 1024 * 1024;
/// Longest command line, in bytes.
const LONGEST_COMMAND: usize = 64 * 1024;
/// Longest name of a run made from its prompt, in characters.
const LABEL_LENGTH: usize = 60;

impl Runs {
    /// Starts a run. Asking again with the same id gives the same run.
    pub(crate) async fn create(self: &Arc<Self>, start: StartRun, by: Actor) -> Result<RunView, Problem> {
        // Held until the run is known, so that asking twice at once prepares one place.
        let _turn = self.busy.hold(start.id).await;
        if let Some(view) = self.hub.view(start.id) {
            return Ok(view);
        }
        if start.time_limit == Some(0) || start.approval_limit == Some(0) {
            return Err(Problem::new(ErrorCode::BadRequest, "A time limit must be at least one second."));
        }
        let capabilities = self.runner.capabilities(&start.agent)?;
        let asked = self.runner.workspace(&start.dir)?;
        let command = self.command_of(&start.agent, &asked, start.command, &capabilities)?;
        let prompt = start.prompt.filter(|prompt| !prompt.trim().is_empty());
        let label = match start.label.filter(|label| !label.trim().is_empty()) {
            Some(label) => check_label(label)?,
            None => {
                let line = command.as_deref().map(command_line);
                default_label(line.as_deref().or(prompt.as_deref()), &start.agent, &asked)
            }
        };
        let local_model = match start.local_model {
            Some(wanted) => {
                let environment = self.runner.environment();
                Some(local_models::check(&environment, &start.agent, &capabilities, wanted).await?)
            }
            None => None,
        };
        let mut chosen = Vec::new();
        if let Some(model) = start.model {
            self.check_choice(&start.agent, None, &Control::Model { id: model.clone() }).await?;
            chosen.push(Event::RunModelAsked { control: ControlId::new(), model, by: by.clone() });
        }
        if let Some(mode) = start.mode {
            self.check_choice(&start.agent, None, &Control::Mode { id: mode.clone() }).await?;
            chosen.push(Event::RunModeAsked { control: ControlId::new(), mode, by: by.clone() });
        }
        let words = prompt.clone().unwrap_or_else(|| label.clone());
        let said = match (prompt, start.attachments) {
            (None, files) if files.is_empty() && capabilities.terminal => None,
            (None, files) if files.is_empty() => {
                let text = "A prompt is needed: what should the agent do?";
                return Err(Problem::new(ErrorCode::BadRequest, text));
            }
            (text, attachments) => {
                let prompt = SendPrompt { attachments, ..SendPrompt::now(text.unwrap_or_default()) };
                Some(self.said(&start.agent, prompt).await?.event(by.clone()))
            }
        };

        // From here on something may be left behind: a worktree.
        let (dir, workspace) = self.place(start.id, asked, start.worktree, words).await?;
        let created = Event::RunCreated {
            agent: start.agent,
            dir: dir.display().to_string(),
            label,
            time_limit: start.time_limit,
            approval_limit: start.approval_limit,
            terminal: capabilities.terminal,
            local_model,
            command,
            by: by.clone(),
        };
        let prepared = workspace.map(|workspace| Event::WorkspacePrepared { workspace });
        let known = start.continues.map(|continues| Event::AgentIdentified {
            agent_session: Some(continues.agent_session),
            model: None,
            version: None,
        });
        let goes_on = start.resume_when_reset.then_some(Event::RunResumeWhenReset { on: true, by });
        let events =
            [created].into_iter().chain(prepared).chain(known).chain(chosen).chain(goes_on).chain(said);
        let events = events.map(|event| NewEvent { event, origin: None }).collect();
        let appended = self.store.append(Append { run: start.id, events, fold: None }).await;
        let run = appended.map_err(storage_problem)?.run;
        match start.desk {
            // A person sits there and waits: their own program is not held up by others'.
            Some(desk) => {
                self.keep_desk(start.id, desk);
                self.spawn(run, Vec::new()).send(Inbox::PlaceFree).await.map_err(|_| gone())?;
            }
            None => {
                self.spawn(run, vec![Effect::Enqueue]);
            }
        }
        self.hub.view(start.id).ok_or_else(gone)
    }

    /// The command line, where the agent is one or takes arguments of its own.
    fn command_of(
        &self,
        agent: &str,
        dir: &Path,
        command: Option<Vec<String>>,
        capabilities: &Capabilities,
    ) -> Result<Option<Vec<String>>, Problem> {
        let refuse = |text: String| Problem::new(ErrorCode::BadRequest, text);
        if let Some(command) = &command {
            if !capabilities.command && !capabilities.terminal {
                return Err(refuse(format!("The agent “{agent}” takes a prompt and no command line.")));
            }
            check_command(command)?;
        }
        match (&command, capabilities.command) {
            (Some(command), true) => {
                self.runner.command(dir, command)?;
            }
            (None, true) => {
                return Err(refuse("A command line is needed: what should be started?".into())
                    .hint("`offdesk run --agent terminal -- PROGRAM ARGUMENTS…`"));
            }
            (_, false) => {
                self.runner.program(agent)?;
            }
        }
        Ok(command)
    }
}

pub(crate) fn check_prompt(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::new(ErrorCode::BadRequest, "The prompt is empty."));
    }
    if text.len() > LONGEST_PROMPT {
        let size = text.len() as f64 / (1024.0 * 1024.0);
        return Err(Problem::new(
            ErrorCode::TooLarge,
            format!("The prompt has {size:.1} MiB; 4 MiB is the most."),
        )
        .hint("Put the text into a file in the workspace and name the file in the prompt."));
    }
    Ok(())
}

fn check_command(command: &[String]) -> Result<(), Problem> {
    let named = command.first().is_some_and(|program| !program.is_empty());
    let size: usize = command.iter().map(|word| word.len() + 1).sum();
    if !named || size > LONGEST_COMMAND || command.iter().any(|word| word.contains('\0')) {
        return Err(Problem::new(
            ErrorCode::BadRequest,
            "A command line is a program and its arguments, 64 KiB at most.",
        ));
    }
    Ok(())
}

/// A command line as one would type it, for its run's name.
fn command_line(command: &[String]) -> String {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let mut line = shlex::try_join(words.iter().copied()).unwrap_or_else(|_| words.join(" "));
    crate::mask_line(&mut line);
    line
}

pub(crate) fn check_label(label: String) -> Result<String, Problem> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 200 || label.chars().any(char::is_control) {
        return Err(Problem::new(ErrorCode::BadRequest, "A name is one line of at most 200 characters."));
    }
    Ok(label.into())
}

fn default_label(prompt: Option<&str>, agent: &str, dir: &std::path::Path) -> String {
    let first = prompt.and_then(|prompt| prompt.lines().map(str::trim).find(|line| !line.is_empty()));
    match first {
        Some(line) => {
            let mut label: String = line.chars().filter(|c| !c.is_control()).take(LABEL_LENGTH).collect();
            if line.chars().count() > LABEL_LENGTH {
                label.push('…');
            }
            label
        }
        None => {
            let folder = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            format!("{agent} in {folder}")
        }
    }
}
