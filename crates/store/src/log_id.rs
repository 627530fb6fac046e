//! The log's identity.
//!
//! A cursor is a log and a number. A database that was restored from a copy would number its next events as others
//! were numbered before, so it must not be taken for the same log. The id is therefore kept twice: in the database and
//! in a note beside it, with the head at each commit and the time at which the database's file was made. A copy that
//! is put back alone has a lower head than the note or comes without one; a copy of the whole folder is a file made
//! later than the note says (where the file system keeps that time). Then the log gets a new id, and viewers begin
//! again from a snapshot: a doubt costs one resync, never a wrong event.

use crate::StoreError;
use offdesk_protocol::LogId;
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

fn beside(path: &Path) -> PathBuf {
    path.with_extension("log-id")
}

/// When the file was made, in microseconds since 1970; 0 where that is not known.
fn made(path: &Path) -> u128 {
    let made = std::fs::metadata(path).and_then(|meta| meta.created()).ok();
    made.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map_or(0, |since| since.as_micros())
}

/// The id of the log in this database, whose last event is `head`; a new one where it may have been restored.
pub(crate) fn of(path: &Path, connection: &Connection, head: u64) -> Result<(LogId, Note), StoreError> {
    let inside: Option<LogId> = connection
        .query_row("SELECT log FROM identity", [], |row| row.get::<_, String>(0))
        .optional()?
        .and_then(|text| text.parse().ok());
    let made = made(path);
    let noted = std::fs::read_to_string(beside(path)).unwrap_or_default();
    let log = match inside.filter(|log| agrees(&noted, *log, made, head)) {
        Some(log) => log,
        None => {
            let log = LogId::new();
            connection.execute("DELETE FROM identity", [])?;
            connection.execute("INSERT INTO identity (log) VALUES (?1)", [log.to_string()])?;
            log
        }
    };
    let mut note = Note::open(&beside(path), log, made)?;
    note.head(head);
    Ok((log, note))
}

/// Whether a note speaks of this log, in this file, at this head or before.
fn agrees(noted: &str, log: LogId, made: u128, head: u64) -> bool {
    let mut words = noted.split_whitespace();
    words.next().and_then(|word| word.parse().ok()) == Some(log)
        && words.next().and_then(|word| word.parse().ok()) == Some(made)
        && words.next().and_then(|word| word.parse::<u64>().ok()).is_some_and(|seen| seen <= head)
}

/// The file beside the database. It need not be on disk at once: an older note only means that less is noticed.
pub(crate) struct Note {
    file: File,
    log: LogId,
    made: u128,
}

impl Note {
    fn open(path: &Path, log: LogId, made: u128) -> Result<Self, StoreError> {
        let file = File::create(path)
            .map_err(|error| StoreError::Garbled(format!("{} cannot be written: {error}", path.display())))?;
        Ok(Self { file, log, made })
    }

    /// The log has come this far. Twenty digits, so that a longer number never leaves digits of a shorter one.
    pub(crate) fn head(&mut self, head: u64) {
        let text = format!("{} {} {head:020}\n", self.log, self.made);
        // A disk that is too full for this is too full for the log, which says so.
        let _ = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(text.as_bytes()));
    }
}
