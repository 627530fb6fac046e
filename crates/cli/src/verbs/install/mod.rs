//! `install` and `uninstall`: the gateway starts by itself when the person logs in, and is started again when it fails.

mod launchd;
mod program;
mod systemd;
mod task;
mod tools;
mod unit;
mod xml;

use super::{say, say_json};
use crate::args::{Install, PlaceArgs, Uninstall};
use crate::environment::home;
use crate::finding::{client, data};
use crate::outcome::Outcome;
use offdesk_protocol::{ErrorCode, Problem};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use unit::Unit;

/// How long a gateway that was started may take to answer: it may have a long log to read.
const COMING_UP: Duration = Duration::from_secs(30);

/// What the person wants.
struct Wish {
    unit: Unit,
    data: PathBuf,
    start: bool,
    linger: bool,
}

/// Who starts programs here.
enum System {
    Systemd(systemd::Folder),
    Launchd(PathBuf),
    Task,
}

fn system() -> Result<System, Outcome> {
    let home = || home().ok_or_else(|| Outcome::Usage("There is no home folder to install into.".into()));
    Ok(match std::env::consts::OS {
        "linux" => System::Systemd(systemd::Folder::new(&home()?)),
        "macos" => System::Launchd(home()?),
        "windows" => System::Task,
        other => {
            return Err(Outcome::Failed(unsupported(&format!(
                "Offdesk does not know who starts programs on {other}."
            ))));
        }
    })
}

fn unsupported(text: &str) -> Problem {
    Problem::new(ErrorCode::Unsupported, text).hint(
        "Let whatever starts programs here run `offdesk serve --managed --login-env` as you and start it again when it \
         fails, or let Offdesk's app start at login.",
    )
}

fn not_started(why: &str, log: &str) -> Problem {
    Problem::new(
        ErrorCode::Internal,
        format!("It is installed, but the gateway could not be started: {}.", why.trim_end_matches('.')),
    )
    .hint(format!("What it said: {log}"))
}

pub(crate) async fn install(place: &PlaceArgs, args: Install) -> Result<(), Outcome> {
    if place.url.is_some() {
        return Err(Outcome::Usage("--url names a gateway elsewhere; this installs one here.".into()));
    }
    if args.linger && !cfg!(target_os = "linux") {
        return Err(Outcome::Usage("--linger is for Linux; nothing was written.".into()));
    }
    let data = data(place)?;
    let program = ourselves()?;
    let unit = Unit::new(&program, &data).map_err(Outcome::failed)?;
    let wish = Wish { unit, data: data.clone(), start: args.now || !args.no_start, linger: args.linger };
    let system = system()?;
    if args.print {
        return print(&system, &wish, args.json);
    }
    let mut done = match &system {
        System::Systemd(folder) => systemd::install(&wish, folder).await?,
        System::Launchd(home) => launchd::install(&wish, home).await?,
        System::Task => task::install(&wish).await?,
    };
    if let Some(why) = program::fleeting(&program, &std::env::temp_dir()) {
        done.notes.insert(
            0,
            format!(
                "{} will be started, but may soon be gone: {why}. Put the program where it stays, and install again \
                 from there.",
                program.display()
            ),
        );
    }
    if args.json {
        return say_json(&done);
    }
    say(match done.changed {
        true => format!("Installed: {}", done.installed),
        false => format!("Was installed already: {}", done.installed),
    })?;
    say(format!("It runs {} on {}.", program.display(), data.display()))?;
    if done.running {
        say("The gateway runs. `offdesk pair` lets a page or a phone in; `offdesk doctor` says how it is.")?;
    }
    done.notes.iter().try_for_each(|note| say(format!("• {note}")))
}

pub(crate) async fn uninstall(place: &PlaceArgs, args: Uninstall) -> Result<(), Outcome> {
    let data = data(place)?;
    let system = system()?;
    if args.print {
        let what = match &system {
            System::Systemd(folder) => folder.file().display().to_string(),
            System::Launchd(home) => launchd::file(home).display().to_string(),
            System::Task => task::NAME.into(),
        };
        return if args.json { say_json(&serde_json::json!({"removes": what})) } else { say(what) };
    }
    let mut done = match &system {
        System::Systemd(folder) => systemd::uninstall(folder)?,
        System::Launchd(home) => launchd::uninstall(home)?,
        System::Task => task::uninstall()?,
    };
    if answers(&data).await {
        done.notes.push("A gateway that was started otherwise still runs.".into());
    }
    done.notes.push(format!("The data in {} and all runs were left alone.", data.display()));
    if args.json {
        return say_json(&done);
    }
    say(match &done.removed {
        Some(what) => format!("Removed: {what}"),
        None => "Nothing that `offdesk install` wrote is here.".into(),
    })?;
    done.notes.iter().try_for_each(|note| say(format!("• {note}")))
}

/// Our own program, by a name that outlives an update.
fn ourselves() -> Result<PathBuf, Outcome> {
    let same = |path: &Path, other: &Path| match (path.canonicalize(), other.canonicalize()) {
        (Ok(path), Ok(other)) => path == other,
        _ => false,
    };
    Ok(program::stable(
        std::env::args_os().next().as_deref(),
        std::env::var_os("PATH").as_deref(),
        &std::env::current_dir().unwrap_or_default(),
        &std::env::current_exe()?,
        same,
    ))
}

/// Shows what would be written, and writes nothing.
fn print(system: &System, wish: &Wish, json: bool) -> Result<(), Outcome> {
    let (file, text) = match system {
        System::Systemd(folder) => (folder.file().display().to_string(), systemd::render(&wish.unit)),
        System::Launchd(home) => {
            (launchd::file(home).display().to_string(), launchd::render(&wish.unit, &launchd::log(home)))
        }
        System::Task => {
            (task::NAME.into(), task::render(&wish.unit, &task::user()).map_err(Outcome::failed)?)
        }
    };
    if json {
        return say_json(&serde_json::json!({"file": file, "text": text}));
    }
    eprintln!("{file}:");
    say(text.trim_end())
}

/// Whether a gateway has this data folder and answers.
async fn answers(data: &Path) -> bool {
    let place = PlaceArgs { data: Some(data.into()), url: None, token: None };
    match client(&place) {
        Ok(client) => client.paths().await.is_ok(),
        Err(_) => false,
    }
}

/// Waits until it does; false when it takes too long.
async fn comes_up(data: &Path) -> bool {
    let until = Instant::now() + COMING_UP;
    while Instant::now() < until {
        if answers(data).await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    false
}
