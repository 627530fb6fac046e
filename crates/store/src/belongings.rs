//! Which run the files in the data folder belong to: attempts' outputs and files that went with prompts, by id.

use crate::rows::{blob, timestamp};
use crate::{Reader, StoreError};
use offdesk_protocol::{Envelope, Event, RunId, Timestamp};
use rusqlite::{Connection, params};

pub(crate) const TABLES: &str = "
-- A projection: which runs need what is kept under this id (an attempt's, an upload's).
CREATE TABLE belongings (id BLOB NOT NULL, run BLOB NOT NULL, PRIMARY KEY (id, run)) WITHOUT ROWID;
CREATE INDEX belongings_by_run ON belongings (run);
INSERT OR IGNORE INTO belongings (id, run)
    SELECT unhex(replace(json_extract(body, '$.attempt'), '-', '')), run FROM events
    WHERE body LIKE '%\"run.starting\"%' AND json_extract(body, '$.type') = 'run.starting';
INSERT OR IGNORE INTO belongings (id, run)
    SELECT unhex(replace(json_extract(one.value, '$.id'), '-', '')), events.run
    FROM events, json_each(events.body, '$.attachments') AS one
    WHERE body LIKE '%\"prompt.sent\"%' AND json_extract(body, '$.type') = 'prompt.sent';
-- What runs used that were deleted since: it stays used. No projection, since their events are gone.
CREATE TABLE usage_of_deleted (
    slot INTEGER NOT NULL,
    agent TEXT NOT NULL,
    model TEXT NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    cost REAL,
    PRIMARY KEY (slot, agent, model)
) WITHOUT ROWID;
";

pub(crate) const CLEAR: &str = "DELETE FROM belongings;";

/// Rows that follow from this event alone.
pub(crate) fn index(connection: &Connection, envelope: &Envelope) -> Result<(), StoreError> {
    match &envelope.event {
        Event::RunStarting { attempt, .. } => put(connection, envelope.run, attempt.0.as_bytes()),
        Event::PromptSent { attachments, .. } => {
            attachments.iter().try_for_each(|file| put(connection, envelope.run, file.id.0.as_bytes()))
        }
        _ => Ok(()),
    }
}

fn put(connection: &Connection, run: RunId, id: &[u8; 16]) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO belongings (id, run) VALUES (?1, ?2)")?
        .execute(params![id, run.0.as_bytes()])?;
    Ok(())
}

impl Reader {
    /// The ids of attempts and uploads, each with a run that needs what is kept under it.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn belongings(&self) -> Result<Vec<(String, RunId)>, StoreError> {
        let mut statement = self.rows().prepare_cached("SELECT id, run FROM belongings")?;
        let mut rows = statement.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push((blob(row, 0)?.to_string(), RunId(blob(row, 1)?)));
        }
        Ok(all)
    }

    /// When the first event there is was written; nothing: there is none.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn began_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let first =
            self.rows().query_row("SELECT (SELECT at FROM events ORDER BY seq LIMIT 1)", [], |row| {
                row.get::<_, Option<i64>>(0)
            })?;
        Ok(first.map(timestamp))
    }

    /// How many events a run has, and about how many bytes they take.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn weight(&self, run: RunId) -> Result<(u64, u64), StoreError> {
        let mut statement = self
            .rows()
            .prepare_cached("SELECT count(*), coalesce(sum(length(body)), 0) FROM events WHERE run = ?1")?;
        let (events, bytes) = statement
            .query_row([run.0.as_bytes()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        Ok((events.unsigned_abs(), bytes.unsigned_abs()))
    }

    /// Bytes in the file that nothing uses any more.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn unused_bytes(&self) -> Result<u64, StoreError> {
        let number =
            |name: &str| self.rows().query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        Ok((number("freelist_count")? * number("page_size")?).unsigned_abs())
    }
}
