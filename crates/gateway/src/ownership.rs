//! One gateway a data folder.

use offdesk_protocol::{ErrorCode, Problem};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Which gateway has the data folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    /// Its process id.
    pub pid: u32,
    /// Where it listens; empty until it does.
    pub url: String,
}

/// The data folder is ours until this is dropped, or the process ends in whatever way.
pub(crate) struct Ownership {
    lock: File,
    note: std::path::PathBuf,
}

impl Ownership {
    /// Takes the data folder.
    pub(crate) fn take(data: &Path) -> Result<Self, Problem> {
        let failed = |what: &str, error: &dyn std::fmt::Display| {
            Problem::new(
                ErrorCode::StorageFailed,
                format!("The data folder {} {what}: {error}.", data.display()),
            )
            .hint("Choose another with --data, or make this one writable.")
        };
        make_private(data).map_err(|error| failed("cannot be made", &error))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .read(true)
            .open(data.join("gateway.lock"))
            .map_err(|error| failed("cannot be written", &error))?;
        let note = data.join("gateway.json");
        match lock.try_lock() {
            Ok(()) => {
                // What the last one noted is not true any more.
                let _ = std::fs::remove_file(&note);
                Ok(Self { lock, note })
            }
            Err(TryLockError::WouldBlock) => {
                let who = match Owner::of(data) {
                    Some(owner) if !owner.url.is_empty() => {
                        format!("process {}, at {}", owner.pid, owner.url)
                    }
                    Some(owner) => format!("process {}", owner.pid),
                    None => "it is just starting".into(),
                };
                Err(Problem::new(
                    ErrorCode::WrongState,
                    format!("Another gateway already has the data folder {} ({who}).", data.display()),
                )
                .hint("Use that one, stop it first, or choose another folder with --data."))
            }
            Err(TryLockError::Error(error)) => Err(failed("cannot be locked", &error)),
        }
    }

    /// Says where we listen.
    pub(crate) fn note(&self, url: &str) -> std::io::Result<()> {
        let owner = Owner { pid: std::process::id(), url: url.into() };
        let unfinished = self.note.with_extension("json.new");
        let mut file = File::create(&unfinished)?;
        file.write_all(serde_json::to_string(&owner)?.as_bytes())?;
        std::fs::rename(&unfinished, &self.note)
    }
}

impl Drop for Ownership {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.note);
        let _ = self.lock.unlock();
    }
}

impl Owner {
    /// The gateway that has this data folder, if it noted itself.
    pub fn of(data: &Path) -> Option<Self> {
        let mut file = File::open(data.join("gateway.json")).ok()?;
        let mut text = String::new();
        file.seek(SeekFrom::Start(0)).ok()?;
        file.read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }
}

/// A folder for its owner alone.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}
