//! The files of an attempt's folder. The folder is 0700 and each file 0600.

use crate::platform;
use offdesk_protocol::{AttemptId, Exit};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the agent said: all of a terminal's bytes, or its standard output. Only ever grows.
pub(crate) const OUTPUT: &str = "output";
/// What it said on its standard error, where it has pipes.
pub(crate) const STDERR: &str = "stderr";
/// Ids and lengths of what was written to it, never the bytes: people type passwords.
pub(crate) const INPUTS: &str = "inputs";
/// What its hooks said beside its output, and what they were answered: one JSON object a line. Only ever grows.
pub(crate) const ASIDES: &str = "asides";
const EXIT: &str = "exit.json";
const CARD: &str = "supervisor.json";
const LOCK: &str = "lock";

/// How to find the supervisor of an attempt.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Card {
    pub version: u32,
    pub attempt: AttemptId,
    pub pid: u32,
    pub supervisor_pid: u32,
    pub socket: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct ExitFile {
    exit: Exit,
}

/// Makes the folder, for its owner only.
pub(crate) fn make_dir(dir: &Path) -> io::Result<()> {
    platform::private_dir(dir)
}

/// Opens a file that only grows.
pub(crate) fn append(dir: &Path, name: &str) -> io::Result<File> {
    platform::private_file().append(true).create(true).open(dir.join(name))
}

pub(crate) fn write_card(dir: &Path, card: &Card) -> io::Result<()> {
    replace(dir, CARD, &serde_json::to_vec(card)?)
}

pub(crate) fn card(dir: &Path) -> io::Result<Card> {
    load(dir, CARD)
}

pub(crate) fn write_exit(dir: &Path, exit: &Exit) -> io::Result<()> {
    replace(dir, EXIT, &serde_json::to_vec(&ExitFile { exit: exit.clone() })?)
}

/// How the attempt in this folder ended, if its supervisor saw the end.
pub fn exit_of(dir: &Path) -> Option<Exit> {
    load::<ExitFile>(dir, EXIT).ok().map(|file| file.exit)
}

/// Whether the supervisor of the attempt in this folder lives. It holds a lock that the system takes back when it
/// dies in whatever way, so a process id used a second time can't deceive.
pub fn is_alive(dir: &Path) -> bool {
    let Ok(file) = File::open(dir.join(LOCK)) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Takes the folder for this process; the lock lives as long as the file is open.
pub(crate) fn take_lock(dir: &Path) -> io::Result<File> {
    let file = platform::private_file().write(true).create(true).truncate(false).open(dir.join(LOCK))?;
    // Somebody who only asks whether we live holds it for a moment.
    for _ in 0..50 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(std::time::Duration::from_millis(10)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "another supervisor keeps this attempt"))
}

fn load<T: DeserializeOwned>(dir: &Path, name: &str) -> io::Result<T> {
    Ok(serde_json::from_slice(&std::fs::read(dir.join(name))?)?)
}

/// Puts the file there whole or not at all, and on the disk before anyone is told.
fn replace(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let part = dir.join(format!("{name}.part"));
    let mut file = platform::private_file().write(true).create(true).truncate(true).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&part, dir.join(name))?;
    platform::sync_dir(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_lock_means_alive_and_a_dropped_one_means_gone() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_alive(dir.path()), "nobody was ever here");
        let lock = take_lock(dir.path()).unwrap();
        assert!(is_alive(dir.path()));
        assert!(take_lock(dir.path()).is_err(), "one attempt has one supervisor");
        drop(lock);
        assert!(!is_alive(dir.path()));
    }

    #[test]
    fn the_exit_is_read_back_and_half_a_file_is_no_exit() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(exit_of(dir.path()), None);
        std::fs::write(dir.path().join("exit.json.part"), b"{\"exit\":").unwrap();
        assert_eq!(exit_of(dir.path()), None);
        let exit = Exit::Exited { code: 3, detail: None };
        write_exit(dir.path(), &exit).unwrap();
        assert_eq!(exit_of(dir.path()), Some(exit));
    }
}
