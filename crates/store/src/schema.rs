//! The file: its tables, its settings, its identity.

use crate::{Config, StoreError, log_id};
use offdesk_protocol::LogId;
use rusqlite::Connection;
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

const TABLES: &str = "
-- One row an event. `at` is microseconds since 1970; `body` the event as JSON, kept verbatim.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    host BLOB NOT NULL,
    run BLOB NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX events_by_run ON events (run, seq);

-- Places in attempts' outputs that events were read at.
CREATE TABLE origins (
    attempt BLOB NOT NULL,
    at_offset INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    PRIMARY KEY (attempt, at_offset, ordinal)
) WITHOUT ROWID;

CREATE TABLE folds (attempt BLOB PRIMARY KEY, at_offset INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;

-- Projections, down to `messages`: they can be made again from `events`.
CREATE TABLE runs (id BLOB PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE approvals (
    id BLOB PRIMARY KEY,
    run BLOB NOT NULL,
    open INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX approvals_by_run ON approvals (run, asked);
CREATE INDEX approvals_open ON approvals (asked) WHERE open = 1;
CREATE TABLE prompts (id BLOB PRIMARY KEY, run BLOB NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE messages USING fts5 (text, run UNINDEXED, tokenize = 'unicode61 remove_diacritics 2');

-- Bearer keys, by the SHA-256 of each.
CREATE TABLE keys (
    hash BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
) WITHOUT ROWID;

-- One row: the log's id.
CREATE TABLE identity (log TEXT NOT NULL);
";

const DEVICES: &str = "
CREATE TABLE devices (id BLOB PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
-- A device has a key for each origin its page came from.
CREATE TABLE device_keys (
    key BLOB PRIMARY KEY,
    device BLOB NOT NULL,
    signing BLOB,
    origin TEXT NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX approvals_by_device ON approvals (json_extract(body, '$.decidedBy.device'), asked)
    WHERE json_extract(body, '$.decidedBy.device') IS NOT NULL;
ALTER TABLE keys ADD COLUMN role TEXT NOT NULL DEFAULT 'admin';
";

const RULES: &str = "
-- No projection: a row outlives the event that made it, with what became of the rule.
CREATE TABLE rules (id BLOB PRIMARY KEY, made_at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX approvals_by_rule ON approvals (json_extract(body, '$.decidedBy.rule'), asked)
    WHERE json_extract(body, '$.decidedBy.rule') IS NOT NULL;
";

pub(crate) struct Opened {
    pub connection: Connection,
    pub head: u64,
    pub log: LogId,
    pub note: log_id::Note,
}

/// Opens the file for writing, brings it up to date and learns its identity.
pub(crate) fn open(config: &Config) -> Result<Opened, StoreError> {
    make_private(&config.path);
    let mut connection = Connection::open(&config.path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Acknowledged means on disk.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    connection.pragma_update(None, "cache_size", -4000)?;
    connection.set_prepared_statement_cache_capacity(64);
    let before: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let steps = vec![
        M::up(TABLES),
        M::up(DEVICES),
        M::up(RULES),
        M::up(crate::usage::TABLES),
        M::up(crate::belongings::TABLES),
        M::up(crate::notifications::TABLES),
    ];
    Migrations::new(steps).to_latest(&mut connection).map_err(|error| match error {
        rusqlite_migration::Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
            StoreError::Newer
        }
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => StoreError::Garbled(other.to_string()),
    })?;
    if let Some(pages) = config.max_pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    let head =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get::<_, i64>(0))?;
    // A log from before there was this projection has what it is made of.
    if (1..=3).contains(&before) {
        let transaction = connection.transaction()?;
        crate::rebuild::refold(&transaction)?;
        transaction.commit()?;
    }
    let (log, note) = log_id::of(&config.path, &connection, head as u64)?;
    Ok(Opened { connection, head: head as u64, log, note })
}

/// The file is its owner's alone from its first byte on.
fn make_private(path: &std::path::Path) {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    // If this fails, opening the database says why.
    drop(options.open(path));
}
