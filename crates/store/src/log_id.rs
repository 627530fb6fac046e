//! The log's identity.
//!
//! A cursor is a log and a number. A database that was restored from a copy would number its next events as others
//! were numbered before, so it must not be taken for the same log. The id is therefore kept twice: in the database and
//! in a file beside it, where the head is noted after each commit. A copy that is put back has a lower head than the
//! note, or comes without it: then the log gets a new id.

use crate::StoreError;
use offdesk_protocol::LogId;
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

fn beside(path: &Path) -> PathBuf {
    path.with_extension("log-id")
}

pub(crate) fn of(path: &Path, connection: &Connection) -> Result<(LogId, Note), StoreError> {
    connection.execute_batch("CREATE TABLE IF NOT EXISTS identity (log TEXT NOT NULL)")?;
    let inside: Option<LogId> = connection
        .query_row("SELECT log FROM identity", [], |row| row.get::<_, String>(0))
        .optional()?
        .and_then(|text| text.parse().ok());
    let head: i64 = connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))?;
    let noted = std::fs::read_to_string(beside(path)).ok();
    let noted = noted.as_deref().and_then(|text| text.trim().split_once(' '));
    let same = match (inside, noted) {
        (Some(inside), Some((log, seen))) if log == inside.to_string() => {
            seen.parse::<i64>().ok().filter(|seen| *seen <= head).map(|_| inside)
        }
        _ => None,
    };
    let log = match same {
        Some(log) => log,
        None => {
            let log = LogId::new();
            connection.execute("DELETE FROM identity", [])?;
            connection.execute("INSERT INTO identity (log) VALUES (?1)", [log.to_string()])?;
            log
        }
    };
    let mut note = Note::open(&beside(path), log)?;
    note.head(head as u64);
    Ok((log, note))
}

/// The file beside the database. It need not be on disk at once: an older note only means that less is noticed.
pub(crate) struct Note {
    file: File,
    log: LogId,
}

impl Note {
    fn open(path: &Path, log: LogId) -> Result<Self, StoreError> {
        let file = File::create(path)
            .map_err(|error| StoreError::Garbled(format!("{} cannot be written: {error}", path.display())))?;
        Ok(Self { file, log })
    }

    /// The log has come this far. Twenty digits, so that a longer number never leaves digits of a shorter one.
    pub(crate) fn head(&mut self, head: u64) {
        let text = format!("{} {head:020}\n", self.log);
        // A disk that is too full for this is too full for the log, which says so.
        let _ = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(text.as_bytes()));
    }
}
