//! The gateway's program: where it is, and a process of it that outlives us.

use offdesk_protocol::{ErrorCode, Problem};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::process::Child;

/// What the gateway says goes here, in the data folder.
const LOG: &str = "gateway.log";
/// A log larger than this is put aside before the next start, in bytes.
const LONGEST_LOG: u64 = 1024 * 1024;
/// So much of its end is looked at for its last words, in bytes.
const LAST_WORDS: u64 = 8 * 1024;
/// So many lines of it are shown.
const LINES: usize = 12;

/// The program that came with this app, or else the one on the PATH.
pub(crate) fn find() -> Result<PathBuf, Problem> {
    let name = format!("offdesk{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(&name)));
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).map(|folder| folder.join(&name)).collect::<Vec<_>>());
    beside.clone().into_iter().chain(on_path).find(|path| path.is_file()).ok_or_else(|| {
        let place = beside.map_or_else(String::new, |path| format!(" at {}", path.display()));
        Problem::new(
            ErrorCode::NotFound,
            format!("The program `offdesk`, which runs the agents, is missing{place}."),
        )
        .hint("Install Offdesk again. Runs that are at work are not touched.")
    })
}

/// A gateway we started.
pub(crate) struct Started {
    pub(crate) child: Child,
    log: PathBuf,
    from: u64,
}

/// Starts it so that it goes on when this app ends in whatever way: a group of its own, no pipe to us.
pub(crate) fn start(data: &Path) -> Result<Started, Problem> {
    let program = find()?;
    let log = data.join(LOG);
    let (out, from) = open_log(data, &log).map_err(|error| {
        Problem::new(
            ErrorCode::StorageFailed,
            format!("The data folder {} cannot be written: {error}.", data.display()),
        )
        .hint(
            "See whose it is and whether the disk has room, or start the app with --data and another folder.",
        )
    })?;
    let failed = |error: std::io::Error| {
        Problem::new(ErrorCode::Internal, format!("{} cannot be started: {error}.", program.display()))
            .hint("Install Offdesk again, or see that the file may be run.")
    };
    let both = out.try_clone().map_err(failed)?;
    let mut command = Command::new(&program);
    command
        .args(["serve", "--managed", "--login-env", "--json", "--data"])
        .arg(data)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(both);
    // The screen is the app's: what a folder of the app's start says is no place for agents either.
    if let Some(home) = std::env::home_dir() {
        command.current_dir(home);
    }
    on_its_own(&mut command);
    let child = tokio::process::Command::from(command).spawn().map_err(failed)?;
    Ok(Started { child, log, from })
}

#[cfg(unix)]
fn on_its_own(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(windows)]
fn on_its_own(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
}

fn open_log(data: &Path, log: &Path) -> std::io::Result<(File, u64)> {
    make_private(data)?;
    if log.metadata().is_ok_and(|meta| meta.len() > LONGEST_LOG) {
        std::fs::rename(log, log.with_extension("log.old"))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let out = options.open(log)?;
    let from = out.metadata()?.len();
    Ok((out, from))
}

#[cfg(unix)]
fn make_private(data: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data)
}

#[cfg(windows)]
fn make_private(data: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(data)
}

impl Started {
    /// The last lines it said.
    pub(crate) fn said(&self) -> Vec<String> {
        last_lines(&self.log, self.from).unwrap_or_default()
    }
}

fn last_lines(log: &Path, from: u64) -> std::io::Result<Vec<String>> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(from.max(length.saturating_sub(LAST_WORDS))))?;
    let mut bytes = Vec::new();
    file.take(LAST_WORDS).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    Ok(lines[lines.len().saturating_sub(LINES)..].iter().map(|line| (*line).to_string()).collect())
}

/// The log, for whoever looks for the reason of something.
pub(crate) fn log(data: &Path) -> PathBuf {
    data.join(LOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_are_those_since_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path());
        std::fs::write(&log, "old trouble\n").unwrap();
        let (mut out, from) = open_log(folder.path(), &log).unwrap();
        use std::io::Write;
        for line in 0..20 {
            writeln!(out, "line {line}").unwrap();
        }
        let said = last_lines(&log, from).unwrap();
        assert_eq!(said.len(), LINES);
        assert_eq!(said.last().map(String::as_str), Some("line 19"));
        assert!(!said.iter().any(|line| line.contains("old")));
    }

    #[test]
    fn a_log_does_not_grow_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let log = log(folder.path());
        std::fs::write(&log, vec![b'x'; LONGEST_LOG as usize + 1]).unwrap();
        let (_, from) = open_log(folder.path(), &log).unwrap();
        assert_eq!(from, 0);
        assert!(folder.path().join("gateway.log.old").exists());
    }
}
