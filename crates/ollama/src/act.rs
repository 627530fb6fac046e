//! Using a tool: what needs no yes is done and shown; everything else is asked for, with all that would happen.

use crate::agent::Agent;
use crate::edit::{self, Seen};
use crate::inbox::{Decided, Gone};
use crate::look;
use crate::place::resolve;
use crate::shell::Running;
use crate::tools::Call;
use offdesk_agents::built_in::{Ask, FromAgent, Place, tell};
use offdesk_protocol::{FileDiff, ToolKind};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the model reads of a tool use.
pub(crate) enum Used {
    Gave(String),
    /// The turn ends with it.
    Stopped(String),
}

const INTERRUPTED: &str = "Interrupted by the person.";

/// What a decision left to be done.
enum Next {
    /// As it was asked, or as the person changed it.
    Do(Call, bool),
    Over(Used),
}

impl Agent {
    pub(crate) async fn use_tool(&mut self, name: &str, input: Value) -> Result<Used, Gone> {
        let call = match Call::read(name, &input) {
            Ok(call) => call,
            Err(why) => return self.no_use(name, input, why),
        };
        match &call {
            Call::List { path } | Call::Read { path, .. } | Call::Search { path, .. } => {
                let path = path.clone();
                self.look(name, input, call, &path).await
            }
            Call::Write { .. } | Call::Edit { .. } => self.change(name, input, call).await,
            Call::Run { command } => {
                let command = command.clone();
                self.run(input, command).await
            }
            Call::Ask { question, options, multi } => {
                let what =
                    Ask::Question { question: question.clone(), options: options.clone(), multi: *multi };
                self.question(what).await
            }
        }
    }

    /// Shows a use that came to nothing before anyone had to be asked.
    fn no_use(&mut self, name: &str, input: Value, why: String) -> Result<Used, Gone> {
        let request = self.fresh();
        let name: String = name.chars().take(80).collect();
        let title = format!("{name}: nothing was done");
        tell(&FromAgent::Using { request, name, kind: ToolKind::Other, title, input })?;
        self.done(request, false, why.clone(), Vec::new())?;
        Ok(Used::Gave(why))
    }

    fn done(&self, request: u64, ok: bool, output: String, diffs: Vec<FileDiff>) -> Result<(), Gone> {
        Ok(tell(&FromAgent::Done { request, ok, denied: false, output, diffs })?)
    }

    /// Asks, and says what is left to be done.
    async fn asked(&mut self, request: u64, input: &Value, call: Call, what: Ask) -> Result<Next, Gone> {
        let name = tool_of(&call);
        tell(&FromAgent::Asked { request, what })?;
        let Some(decided) = self.inbox.decision(request).await? else {
            tell(&FromAgent::Withdrawn { request })?;
            return Ok(Next::Over(Used::Stopped(INTERRUPTED.into())));
        };
        if !decided.allow {
            return Ok(Next::Over(self.denied(request, decided)?));
        }
        let Some(instead) = decided.instead else { return Ok(Next::Do(call, false)) };
        match Call::read(name, &merged(input, instead)) {
            Ok(changed) => {
                let differs = changed != call;
                Ok(Next::Do(changed, differs))
            }
            Err(why) => {
                self.done(request, false, why.clone(), Vec::new())?;
                Ok(Next::Over(Used::Gave(format!("The person's change makes no sense. {why}"))))
            }
        }
    }

    fn denied(&mut self, request: u64, decided: Decided) -> Result<Used, Gone> {
        let said = decided.say.filter(|say| !say.trim().is_empty());
        let output = said.clone().unwrap_or_else(|| "Denied.".into());
        tell(&FromAgent::Done { request, ok: false, denied: true, output, diffs: Vec::new() })?;
        let told = match said {
            Some(say) => format!("Denied by the person, who says: {say}"),
            None => "Denied by the person. Nothing was done.".into(),
        };
        Ok(if decided.stop { Used::Stopped(told) } else { Used::Gave(told) })
    }

    async fn look(&mut self, name: &str, input: Value, call: Call, path: &str) -> Result<Used, Gone> {
        let place = match resolve(&self.root, path) {
            Ok(place) => place,
            Err(why) => return self.no_use(name, input, format!("Error: {why}")),
        };
        let request = self.fresh();
        let mut real = PathBuf::from(&place.path);
        let mut call = call;
        if place.outside {
            let what = Ask::Look { tool: name.into(), path: path.into(), place: place.clone() };
            match self.asked(request, &input, call, what).await? {
                Next::Over(used) => return Ok(used),
                Next::Do(allowed, changed) => {
                    // What was shown is looked at, or what the person put in its place; not what it became meanwhile.
                    match resolve(&self.root, path_of(&allowed)) {
                        Ok(now) if changed || now == place => real = now.path.into(),
                        Ok(_) => {
                            let why =
                                "Error: it leads elsewhere than it did when it was asked for.".to_string();
                            self.done(request, false, why.clone(), Vec::new())?;
                            return Ok(Used::Gave(why));
                        }
                        Err(why) => {
                            self.done(request, false, why.clone(), Vec::new())?;
                            return Ok(Used::Gave(format!("Error: {why}")));
                        }
                    }
                    call = allowed;
                }
            }
        } else {
            let kind = if name == "search" { ToolKind::Search } else { ToolKind::Read };
            let title = match &call {
                Call::Search { pattern, .. } => format!("{name}: {pattern} in {path}"),
                _ => format!("{name}: {path}"),
            };
            tell(&FromAgent::Using { request, name: name.into(), kind, title, input })?;
        }
        let (root, limit, leave) =
            (self.root.clone(), self.longest_result(), Arc::new(AtomicBool::new(false)));
        let heeded = leave.clone();
        let work = tokio::task::spawn_blocking(move || looked(&root, &real, &call, limit, &heeded));
        let found = match self.inbox.unless_interrupted(work).await? {
            Some(found) => found.unwrap_or_else(|error| Err(format!("Error: {error}."))),
            None => {
                leave.store(true, Ordering::Relaxed);
                self.done(request, false, INTERRUPTED.into(), Vec::new())?;
                return Ok(Used::Stopped(INTERRUPTED.into()));
            }
        };
        let ok = found.is_ok();
        let text = found.unwrap_or_else(|why| why);
        self.done(request, ok, text.clone(), Vec::new())?;
        Ok(Used::Gave(text))
    }

    async fn change(&mut self, name: &str, input: Value, call: Call) -> Result<Used, Gone> {
        let (place, seen) = match self.proposed(&call) {
            Ok(proposed) => proposed,
            Err(why) => return self.no_use(name, input, why),
        };
        let what = match &call {
            Call::Edit { path, old, new, all } => Ask::Replace {
                path: path.clone(),
                old: old.clone(),
                new: new.clone(),
                all: *all,
                place: place.clone(),
            },
            Call::Write { path, content } => {
                Ask::Edit { path: path.clone(), content: content.clone(), place: Some(place.clone()) }
            }
            _ => return self.no_use(name, input, "Error: this changes nothing.".into()),
        };
        let request = self.fresh();
        let said = path_of(&call).to_string();
        let (allowed, changed) = match self.asked(request, &input, call, what).await? {
            Next::Do(allowed, changed) => (allowed, changed),
            Next::Over(used) => return Ok(used),
        };
        let same = path_of(&allowed) == said;
        let written = if same { Ok(place) } else { resolve(&self.root, path_of(&allowed)) }
            .and_then(|place| self.write(&allowed, &place, same.then_some(seen)));
        let (ok, text, diffs) = match written {
            Ok(diff) => {
                let path = path_of(&allowed);
                let text = match changed {
                    false => format!("{path} was written."),
                    true => format!(
                        "The person changed this before allowing it. {path} was written so:\n{}",
                        diff.unified
                    ),
                };
                (true, text, vec![diff])
            }
            Err(why) => (false, why, Vec::new()),
        };
        self.done(request, ok, text.clone(), diffs)?;
        Ok(Used::Gave(text))
    }

    /// Where a change would go, and what is there now.
    fn proposed(&self, call: &Call) -> Result<(Place, Seen), String> {
        let place = resolve(&self.root, path_of(call)).map_err(|why| format!("Error: {why}"))?;
        let path = Path::new(&place.path);
        let seen = edit::seen(path)?;
        if let Call::Edit { old, new, all, .. } = call {
            edit::replaced(path, old, new, *all)?;
        }
        Ok((place, seen))
    }

    fn write(&self, call: &Call, place: &Place, seen: Option<Seen>) -> Result<FileDiff, String> {
        let content = match call {
            Call::Edit { old, new, all, .. } => edit::replaced(Path::new(&place.path), old, new, *all)?,
            Call::Write { content, .. } => content.clone(),
            _ => return Err("Error: this changes nothing.".into()),
        };
        edit::write(&self.root, path_of(call), place, seen, &content)
    }

    async fn run(&mut self, input: Value, command: String) -> Result<Used, Gone> {
        let request = self.fresh();
        let what = Ask::Run { command: command.clone() };
        let (command, changed) = match self.asked(request, &input, Call::Run { command }, what).await? {
            Next::Do(Call::Run { command }, changed) => (command, changed),
            Next::Do(..) => return Ok(Used::Gave(INTERRUPTED.into())),
            Next::Over(used) => return Ok(used),
        };
        let mut running = match Running::start(&self.root, &command) {
            Ok(running) => running,
            Err(error) => {
                let why = format!("Error: the shell could not be started: {error}.");
                self.done(request, false, why.clone(), Vec::new())?;
                return Ok(Used::Gave(why));
            }
        };
        let ended = self.inbox.unless_interrupted(running.ended()).await?;
        let interrupted = ended.is_none();
        let status = match ended {
            Some(status) => status,
            None => {
                running.end();
                running.ended().await
            }
        };
        let mut output = running.output();
        let ok = !interrupted && status.as_ref().is_ok_and(std::process::ExitStatus::success);
        let end = match (&status, interrupted) {
            (_, true) => INTERRUPTED.to_string(),
            (Ok(status), _) if status.success() => String::new(),
            (Ok(status), _) => format!("({status})"),
            (Err(error), _) => format!("(Its end is not known: {error}.)"),
        };
        if !end.is_empty() {
            output = format!(
                "{}{end}\n",
                if output.is_empty() { String::new() } else { format!("{}\n", output.trim_end()) }
            );
        }
        self.done(request, ok, output.clone(), Vec::new())?;
        let mut told = bounded(&output, self.longest_result());
        if told.is_empty() {
            told = "(It succeeded and said nothing.)".into();
        }
        if changed {
            told = format!(
                "The person changed the command before allowing it. This ran instead: {command}\n{told}"
            );
        }
        Ok(if interrupted { Used::Stopped(told) } else { Used::Gave(told) })
    }

    async fn question(&mut self, what: Ask) -> Result<Used, Gone> {
        let request = self.fresh();
        tell(&FromAgent::Asked { request, what })?;
        let Some(decided) = self.inbox.decision(request).await? else {
            tell(&FromAgent::Withdrawn { request })?;
            return Ok(Used::Stopped(INTERRUPTED.into()));
        };
        if !decided.allow {
            return self.denied(request, decided);
        }
        let words: Vec<String> = decided.answers.into_iter().flat_map(|answer| answer.answers).collect();
        let words = words.join(", ");
        self.done(request, true, words.clone(), Vec::new())?;
        Ok(Used::Gave(format!("The person answered: {words}")))
    }
}

fn tool_of(call: &Call) -> &'static str {
    match call {
        Call::List { .. } => "list",
        Call::Read { .. } => "read",
        Call::Search { .. } => "search",
        Call::Write { .. } => "write",
        Call::Edit { .. } => "edit",
        Call::Run { .. } => "run",
        Call::Ask { .. } => "ask",
    }
}

fn path_of(call: &Call) -> &str {
    match call {
        Call::List { path }
        | Call::Read { path, .. }
        | Call::Search { path, .. }
        | Call::Write { path, .. }
        | Call::Edit { path, .. } => path,
        Call::Run { .. } | Call::Ask { .. } => "",
    }
}

/// What the model said, with what the person put in its place.
fn merged(input: &Value, instead: Value) -> Value {
    let mut whole = if input.is_object() { input.clone() } else { json!({}) };
    if let (Some(whole), Value::Object(instead)) = (whole.as_object_mut(), instead) {
        whole.extend(instead);
    }
    whole
}

fn looked(root: &Path, path: &Path, call: &Call, limit: usize, leave: &AtomicBool) -> Result<String, String> {
    match call {
        Call::List { .. } => look::list(path),
        Call::Search { pattern, .. } => look::search(root, path, pattern, limit, leave),
        Call::Read { from, lines, .. } => look::read(path, *from, *lines, limit),
        _ => Err("Error: this is no way of looking.".into()),
    }
}

/// The beginning and the end of a long text.
fn bounded(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.into();
    }
    let head = text.floor_char_boundary(limit / 2);
    let tail = text.ceil_char_boundary(text.len() - limit / 2);
    format!("{}\n… {} bytes left out …\n{}", &text[..head], tail - head, &text[tail..])
}
