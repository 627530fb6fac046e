//! What can go wrong with the log.

use offdesk_protocol::RunId;
use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_IOERR_FSYNC, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE};

/// What went wrong. In every case the log holds what it held before.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no room, or the disk takes no more for another reason.
    #[error(
        "The disk of the data folder is full or takes no more, so this was not written. All that was written before \
         is kept. Free some space, then try again."
    )]
    Full,
    /// The run has no `run.created`.
    #[error("There is no run {0}.")]
    UnknownRun(RunId),
    /// The run is not over, so it is not deleted.
    #[error("The run {0} is not over, so it is not deleted. Stop it first.")]
    NotOver(RunId),
    /// Made by a newer version.
    #[error("The log was made by a newer version of Offdesk, so this one does not touch it. Update Offdesk.")]
    Newer,
    /// The store was closed.
    #[error("The log is closed.")]
    Closed,
    /// The file or the disk failed.
    #[error("The log cannot be used: {0}.")]
    Database(rusqlite::Error),
    /// What is stored is not what was written.
    #[error("The log holds something that is not understood: {0}.")]
    Garbled(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|error| error.extended_code);
        match (error.sqlite_error_code(), code) {
            (Some(ErrorCode::DiskFull), _) => StoreError::Full,
            // A full disk (or a quota) shows here too, where SQLite can't tell it from a broken one.
            (
                _,
                Some(SQLITE_IOERR_WRITE | SQLITE_IOERR_FSYNC | SQLITE_IOERR_SHMSIZE | SQLITE_IOERR_TRUNCATE),
            ) => StoreError::Full,
            _ => StoreError::Database(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Garbled(error.to_string())
    }
}
