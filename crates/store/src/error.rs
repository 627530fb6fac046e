//! What can go wrong with the log.

use offdesk_protocol::RunId;
use rusqlite::ErrorCode;

/// What went wrong. In every case the log holds what it held before.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no room.
    #[error("The disk of the data folder is full, so this was not written.")]
    Full,
    /// The run has no `run.created`.
    #[error("There is no run {0}.")]
    UnknownRun(RunId),
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
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full,
            _ => StoreError::Database(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Garbled(error.to_string())
    }
}
