//! Running programs, and saying which one failed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is said when a step fails: what it was, and what to do.
pub(crate) type Done = Result<(), String>;

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    let own = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    own.map_or_else(|| root().join("target"), |own| root().join(own))
}

/// A program to be run in the project's folder.
pub(crate) fn program(name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(root());
    command
}

/// How long npm waits for a download of which nothing comes before it asks again; by itself it is five minutes.
const SILENCE: (&str, &str) = ("npm_config_fetch_timeout", "60000");

/// npm is a script on Windows.
pub(crate) fn npm(args: &[&str]) -> Command {
    let mut npm = program(if cfg!(windows) { "npm.cmd" } else { "npm" }, args);
    if std::env::var_os(SILENCE.0).is_none() {
        npm.env(SILENCE.0, SILENCE.1);
    }
    npm
}

/// The cargo that runs us.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    program(&cargo, args)
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs it and shows what it says.
pub(crate) fn run(what: &str, mut command: Command) -> Done {
    eprintln!("\n── {what}: {}", line(&command));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{what} failed ({status}).\nThe command was: {}", line(&command))),
        Err(error) => Err(format!("{what} could not start: {error}.\nThe command was: {}", line(&command))),
    }
}

/// Runs it in silence and gives what it says; nothing if it fails.
pub(crate) fn ask(mut command: Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program is on the PATH, or a file at this place. Not every program can be asked for its version.
pub(crate) fn has(name: &str) -> bool {
    if Path::new(name).is_absolute() {
        return Path::new(name).exists();
    }
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(&file).is_file()))
}
