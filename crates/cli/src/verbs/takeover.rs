//! `claude`, `codex`, `with` …: a program in this terminal as ever, kept by the gateway, so that the phone sees it, is
//! asked what it asks, and goes on when this terminal is left. Where that can't be, the program runs by itself.

use super::attach::{self, Left};
use crate::args::PlaceArgs;
use crate::environment::environment;
use crate::finding::client;
use crate::outcome::Outcome;
use clap::Args as ClapArgs;
use crossterm::terminal;
use offdesk_agents::Located;
use offdesk_client::Client;
use offdesk_protocol::*;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

/// What is typed after the name.
#[derive(Debug, ClapArgs)]
pub(crate) struct Takeover {
    /// As the program takes it.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    typed: Vec<OsString>,
}

/// First words by which an agent does something else than to converse.
const OTHER_WORK: [&str; 24] = [
    "agents",
    "app-server",
    "apply",
    "auth",
    "completion",
    "config",
    "debug",
    "doctor",
    "exec",
    "extensions",
    "help",
    "install",
    "login",
    "logout",
    "mcp",
    "mcp-server",
    "models",
    "plugin",
    "plugins",
    "sandbox",
    "serve",
    "setup-token",
    "update",
    "upgrade",
];
/// Options by which any of them prints and leaves, and those of single ones: Codex's `-p` is something else.
const PRINTS: [&str; 4] = ["-h", "--help", "-V", "--version"];

fn prints_by(name: &str) -> &'static [&'static str] {
    match name {
        "claude" => &["-p", "--print", "-v"],
        "gemini" | "qwen" => &["-p", "--prompt", "-v"],
        "opencode" => &["-v"],
        _ => &[],
    }
}

/// Whether these arguments of this agent's begin a conversation in a terminal.
fn converses(name: &str, typed: &[String]) -> bool {
    let is = |arg: &String, option: &&str| arg == option || arg.starts_with(&format!("{option}="));
    let prints = typed
        .iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| PRINTS.iter().chain(prints_by(name)).any(|option| is(arg, option)));
    !prints && !typed.first().is_some_and(|first| OTHER_WORK.contains(&first.as_str()))
}

/// One of the known agents.
pub(crate) async fn agent(place: &PlaceArgs, name: &str, typed: Takeover) -> Result<(), Outcome> {
    let program = locate(name)?;
    let kind = match name {
        "claude" => "claude-terminal",
        "codex" => "codex-terminal",
        _ => "terminal",
    };
    let (args, readable) = words(&typed.typed);
    if !readable || !converses(name, &args) {
        return by_itself(program, &typed.typed);
    }
    let first = if kind == "terminal" { program.display().to_string() } else { name.to_string() };
    begin(place, kind, name, first, program, typed.typed, args).await
}

/// Any program.
pub(crate) async fn program(place: &PlaceArgs, typed: Takeover) -> Result<(), Outcome> {
    let Some((name, rest)) = typed.typed.split_first() else {
        return Err(Outcome::Usage("Say what to run, as in `offdesk with -- vim notes.txt`.".into()));
    };
    let shown = name.to_string_lossy().into_owned();
    let program = which::which(name)
        .map_err(|_| Outcome::Usage(format!("There is no program “{}”.", visible(&shown))))?;
    let (args, readable) = words(rest);
    if !readable {
        return by_itself(program, rest);
    }
    let label = program.file_name().map_or(shown.clone(), |name| name.to_string_lossy().into_owned());
    begin(place, "terminal", &label, program.display().to_string(), program, rest.to_vec(), args).await
}

fn words(typed: &[OsString]) -> (Vec<String>, bool) {
    let words: Vec<String> = typed.iter().filter_map(|word| word.to_str().map(String::from)).collect();
    let readable = words.len() == typed.len();
    (words, readable)
}

fn locate(name: &str) -> Result<PathBuf, Outcome> {
    let environment = environment()?;
    let missing = || Outcome::failed(format!("There is no program “{name}” here."));
    match offdesk_agents::driver(name).map(|driver| driver.locate(&environment)) {
        Some(Located::Found(program)) => Ok(program),
        Some(Located::Missing { .. }) => Err(missing()),
        None => which::which(name).map_err(|_| missing()),
    }
}

async fn begin(
    place: &PlaceArgs,
    kind: &str,
    name: &str,
    first: String,
    program: PathBuf,
    typed: Vec<OsString>,
    args: Vec<String>,
) -> Result<(), Outcome> {
    let dir = std::env::current_dir()?;
    let interactive = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let Some(dir) = dir.to_str().filter(|_| interactive) else { return by_itself(program, &typed) };
    let size = terminal::size()?;
    let folder = std::path::Path::new(dir).file_name().map(|name| name.to_string_lossy().into_owned());
    let start = StartRun {
        label: Some(label(name, folder.as_deref().unwrap_or(dir))),
        command: Some(std::iter::once(first).chain(args).collect()),
        desk: Some(DeskTerminal {
            size: TerminalSize { cols: size.0.max(2), rows: size.1.max(2) },
            env: own_env(),
        }),
        ..StartRun::of(kind, dir)
    };
    let client = client(place)?;
    let view = match client.start(&start).await.map_err(Outcome::from) {
        Ok(view) => view,
        Err(Outcome::NoGateway(_)) => {
            eprintln!(
                "offdesk: No gateway runs, so {name} runs by itself and your phone cannot see it. Start one with \
                 `offdesk serve`."
            );
            return by_itself(program, &typed);
        }
        Err(Outcome::Failed(problem)) => {
            eprintln!("offdesk: {} So {name} runs by itself and your phone cannot see it.", problem.message);
            return by_itself(program, &typed);
        }
        Err(other) => return Err(other),
    };
    if kind == "claude-terminal" && typed.iter().any(|arg| arg.to_string_lossy().starts_with("--settings")) {
        eprintln!(
            "offdesk: With --settings of your own, Claude asks in this terminal only: your phone sees the terminal and gets \
             no cards."
        );
    }
    let view = until_it_lives(&client, view).await?;
    if view.pid.is_none() && view.state.is_over() {
        return Err(Outcome::failed(view.line));
    }
    match attach::join(&client, view.id).await? {
        Left::Detached => {
            eprintln!("{name} goes on without this terminal. Come back with `offdesk attach {}`.", view.id);
            Ok(())
        }
        Left::Ended => ended(&client, view.id).await,
    }
}

fn label(name: &str, folder: &str) -> String {
    let label: String = format!("{name} in {folder}").chars().filter(|c| !c.is_control()).take(200).collect();
    label
}

/// The variables that are text. The agent is to find what it would find without us.
fn own_env() -> std::collections::BTreeMap<String, String> {
    let text =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    std::env::vars_os().filter_map(text).filter(|(name, _)| !name.starts_with("OFFDESK_")).collect()
}

async fn until_it_lives(client: &Client, mut view: RunView) -> Result<RunView, Outcome> {
    while view.pid.is_none() && !view.state.is_over() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        view = client.run(view.id).await?;
    }
    Ok(view)
}

/// Ends as the program did.
async fn ended(client: &Client, run: RunId) -> Result<(), Outcome> {
    let mut view = client.run(run).await?;
    while !view.state.is_over() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        view = client.run(run).await?;
    }
    let events = client.events(Some(run), view.seq.saturating_sub(200), 1000).await?;
    let exit = events.into_iter().rev().find_map(|event| {
        match serde_json::from_value::<Envelope>(event).ok()?.event {
            Event::RunExited { exit, .. } => Some(exit),
            _ => None,
        }
    });
    match exit {
        Some(Exit::Exited { code: 0, .. }) => Ok(()),
        Some(Exit::Exited { code, .. }) => Err(Outcome::Exit(u8::try_from(code & 0xff).unwrap_or(1))),
        // As shells say it.
        Some(Exit::Signalled { signal, .. }) => {
            Err(Outcome::Exit(128 + u8::try_from(signal & 0x7f).unwrap_or(0)))
        }
        Some(Exit::NotStarted { detail } | Exit::Lost { detail }) => Err(Outcome::failed(detail)),
        None => Err(Outcome::failed("How the program ended is not known.".into())),
    }
}

/// The program itself, as if we were not here.
fn by_itself(program: PathBuf, typed: &[OsString]) -> Result<(), Outcome> {
    let mut command = std::process::Command::new(&program);
    command.args(typed);
    replace(command, &program)
}

#[cfg(unix)]
fn replace(mut command: std::process::Command, program: &std::path::Path) -> Result<(), Outcome> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(Outcome::failed(format!("{} could not be started: {error}.", program.display())))
}

#[cfg(not(unix))]
fn replace(mut command: std::process::Command, program: &std::path::Path) -> Result<(), Outcome> {
    let status = command
        .status()
        .map_err(|error| Outcome::failed(format!("{} could not be started: {error}.", program.display())))?;
    match status.code() {
        Some(0) => Ok(()),
        code => Err(Outcome::Exit(code.and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_conversations_are_kept() {
        let says = |typed: &str| {
            converses("claude", &typed.split_whitespace().map(String::from).collect::<Vec<_>>())
        };
        for kept in ["", "fix it", "-c", "--resume abc", "--permission-mode plan", "-- -p"] {
            assert!(says(kept), "{kept}");
        }
        for passed in
            ["-p hello", "--print hello", "--version", "mcp list", "update", "fix --help", "exec ls"]
        {
            assert!(!says(passed), "{passed}");
        }
        assert!(converses("codex", &["-p".into(), "work".into()]), "a profile of Codex's");
    }
}
