//! What each verb does.

pub(crate) mod again;
pub(crate) mod agents;
pub(crate) mod artifacts;
mod attach;
#[cfg(unix)]
mod codex_terminal;
pub(crate) mod controls;
mod decide;
mod devices;
pub(crate) mod files;
pub(crate) mod history;
mod hook;
mod install;
mod list;
mod models;
pub(crate) mod notify;
mod pair;
pub(crate) mod presets;
mod quit;
mod reach;
pub(crate) mod rules;
mod runs;
mod serve;
mod shim;
pub(crate) mod stage;
pub(crate) mod storage;
mod tail;
mod takeover;
mod tunnel;
pub(crate) mod usage;
pub(crate) mod workspaces;

use crate::args::{Args, Verb};
use crate::finding::client;
use crate::outcome::Outcome;
#[cfg(unix)]
pub(crate) use codex_terminal::codex_terminal;
pub(crate) use hook::hook;
pub(crate) use shim::Shim;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
pub(crate) use takeover::Takeover;

/// The hidden verb that owns one attempt: `supervise --dir DIR`.
pub(crate) fn supervise(args: Vec<OsString>) -> ExitCode {
    match args.as_slice() {
        [flag, dir] if flag == "--dir" => offdesk_supervisor::supervise(Path::new(dir)),
        _ => {
            eprintln!("offdesk: `supervise` is started by the gateway and not by hand.");
            ExitCode::from(2)
        }
    }
}

pub(crate) async fn run(args: Args) -> Outcome {
    match dispatch(args).await {
        Ok(()) => Outcome::Done,
        Err(outcome) => outcome,
    }
}

async fn dispatch(args: Args) -> Result<(), Outcome> {
    let place = args.place;
    match args.verb {
        Verb::Serve(serve) => serve::serve(&place, serve).await,
        Verb::Pair(pair) => pair::pair(&client(&place)?, pair).await,
        Verb::Notify(notify) => notify::notify(&client(&place)?, notify).await,
        Verb::Devices(devices) => devices::devices(&client(&place)?, devices).await,
        Verb::Paths(paths) => devices::paths(&client(&place)?, paths.json).await,
        Verb::Reach(reach) => reach::reach(&client(&place)?, reach).await,
        Verb::Quit(quit) => quit::quit(&client(&place)?, quit).await,
        Verb::Tunnel(tunnel) => tunnel::tunnel(&place, tunnel.verb).await,
        Verb::Run(run) => runs::run(&client(&place)?, run).await,
        Verb::Ls(ls) => list::runs(&client(&place)?, ls).await,
        Verb::Show(one) => list::show(&client(&place)?, one).await,
        Verb::Approvals(approvals) => list::approvals(&client(&place)?, approvals).await,
        Verb::Events(events) => tail::events(&client(&place)?, events).await,
        Verb::Logs(logs) => tail::logs(&client(&place)?, logs).await,
        Verb::Approve(approve) => decide::approve(&client(&place)?, approve).await,
        Verb::Deny(deny) => decide::deny(&client(&place)?, deny).await,
        Verb::Answer(answer) => decide::answer(&client(&place)?, answer).await,
        Verb::Rules(rules) => rules::rules(&client(&place)?, rules).await,
        Verb::Send(send) => runs::send(&client(&place)?, send).await,
        Verb::Model(choose) => controls::model(&client(&place)?, choose).await,
        Verb::Mode(choose) => controls::mode(&client(&place)?, choose).await,
        Verb::Queue(queue) => controls::queue(&client(&place)?, queue).await,
        Verb::Usage(asked) => usage::usage(&client(&place)?, asked).await,
        Verb::Interrupt(one) => runs::interrupt(&client(&place)?, one).await,
        Verb::Stop(one) => runs::stop(&client(&place)?, one).await,
        Verb::Resume(resume) => runs::resume(&client(&place)?, resume).await,
        Verb::Restart(asked) => again::restart(&client(&place)?, asked).await,
        Verb::Clone(asked) => again::clone(&client(&place)?, asked).await,
        Verb::History(asked) => history::history(&client(&place)?, asked).await,
        Verb::Storage(asked) => storage::storage(&client(&place)?, asked).await,
        Verb::Delete(asked) => storage::delete(&client(&place)?, asked).await,
        Verb::Artifacts(asked) => artifacts::artifacts(&client(&place)?, asked).await,
        Verb::Files(asked) => files::files(&client(&place)?, asked).await,
        Verb::Archive(one) => runs::archive(&client(&place)?, one).await,
        Verb::Attach(attach) => attach::attach(&client(&place)?, attach).await,
        Verb::Changes(args) => workspaces::changes(&client(&place)?, args).await,
        Verb::Stage(args) => stage::stage(&client(&place)?, args, true).await,
        Verb::Unstage(args) => stage::stage(&client(&place)?, args, false).await,
        Verb::Commit(args) => workspaces::commit(&client(&place)?, args).await,
        Verb::Discard(args) => workspaces::discard(&client(&place)?, args).await,
        Verb::Restore(args) => workspaces::restore(&client(&place)?, args).await,
        Verb::Merge(args) => workspaces::merge(&client(&place)?, args).await,
        Verb::Pr(args) => workspaces::pr(&client(&place)?, args).await,
        Verb::Worktree(args) => workspaces::worktree(&client(&place)?, args).await,
        Verb::Claude(typed) => takeover::agent(&place, "claude", typed).await,
        Verb::Codex(typed) => takeover::agent(&place, "codex", typed).await,
        Verb::Gemini(typed) => takeover::agent(&place, "gemini", typed).await,
        Verb::Qwen(typed) => takeover::agent(&place, "qwen", typed).await,
        Verb::Opencode(typed) => takeover::agent(&place, "opencode", typed).await,
        Verb::With(typed) => takeover::program(&place, typed).await,
        Verb::Shim(wish) => shim::shim(wish),
        Verb::Search(search) => list::search(&client(&place)?, search).await,
        Verb::Models(json) => models::models(&client(&place)?, json.json).await,
        Verb::Presets(asked) => presets::presets(&client(&place)?, asked).await,
        Verb::Agents(agents) => agents::agents(&client(&place)?, agents).await,
        Verb::Doctor(json) => list::doctor(&client(&place)?, json.json).await,
        Verb::Install(wish) => install::install(&place, wish).await,
        Verb::Uninstall(wish) => install::uninstall(&place, wish).await,
        Verb::Completions { shell } => completions(shell),
        Verb::Man => man(),
    }
}

/// For packages: written to memory first, because the generator takes a reader that leaves badly.
fn completions(shell: clap_complete::Shell) -> Result<(), Outcome> {
    use std::io::Write as _;
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut <Args as clap::CommandFactory>::command(), "offdesk", &mut text);
    Ok(std::io::stdout().write_all(&text)?)
}

/// For packages.
fn man() -> Result<(), Outcome> {
    clap_mangen::Man::new(<Args as clap::CommandFactory>::command()).render(&mut std::io::stdout())?;
    Ok(())
}

/// Prints a line to standard output; a reader that left ends the program quietly.
pub(crate) fn say(line: impl std::fmt::Display) -> Result<(), Outcome> {
    use std::io::Write as _;
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// Prints as JSON, on one line.
pub(crate) fn say_json(value: &impl serde::Serialize) -> Result<(), Outcome> {
    say(serde_json::to_string(value).map_err(|error| Outcome::failed(error.to_string()))?)
}

/// The text, or standard input for `-`.
pub(crate) fn text_or_stdin(text: String) -> Result<String, Outcome> {
    if text != "-" {
        return Ok(text);
    }
    Ok(std::io::read_to_string(std::io::stdin())?.trim_end_matches('\n').to_string())
}
