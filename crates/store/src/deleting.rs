//! Deleting a run for good, and giving its room back to the disk.

use crate::event_rows::EventRows;
use crate::rows::{blob, now, timestamp};
use crate::writer::Writer;
use crate::{Committed, StoreError, projection, usage};
use offdesk_protocol::{Actor, Envelope, Event, HostId, Run, RunId};
use rusqlite::Connection;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Writer {
    /// Deletes all that is known of a run, but for the one event that says so, and publishes it.
    pub(crate) fn delete(&mut self, run: RunId, by: Actor) -> Result<(), StoreError> {
        // Judged here, where nothing can be appended in between: a run that has begun again stays.
        match self.known(run)? {
            None => return Err(StoreError::UnknownRun(run)),
            Some(known) if !known.state().is_over() => return Err(StoreError::NotOver(run)),
            Some(_) => {}
        }
        // What was deleted is not left readable in the file.
        self.connection.pragma_update(None, "secure_delete", "ON")?;
        let done = self.begin().and_then(|()| self.delete_rows(run, by));
        if done.is_err() && !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        self.connection.pragma_update(None, "secure_delete", "OFF")?;
        let stored = done?;
        self.last += 1;
        self.runs.remove(&run);
        self.head.store(self.last, Ordering::Release);
        self.note.head(self.last);
        (self.publish)(Committed { events: vec![stored], deleted: vec![run], ..Committed::default() });
        // Nor in what is on its way into it. Readers may hold this up; then it happens with a later one.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(())
    }

    fn delete_rows(&self, run: RunId, by: Actor) -> Result<Arc<crate::Stored>, StoreError> {
        keep_usage(&self.connection, run)?;
        let id = run.0.as_bytes();
        for statement in [
            "DELETE FROM messages WHERE rowid IN (SELECT seq FROM events WHERE run = ?1)",
            "DELETE FROM origins WHERE attempt IN (SELECT id FROM belongings WHERE run = ?1)",
            "DELETE FROM folds WHERE attempt IN (SELECT id FROM belongings WHERE run = ?1)",
            "DELETE FROM belongings WHERE run = ?1",
            "DELETE FROM approvals WHERE run = ?1",
            "DELETE FROM prompts WHERE run = ?1",
            "DELETE FROM offers WHERE run = ?1",
            "DELETE FROM runs WHERE id = ?1",
            "DELETE FROM events WHERE run = ?1",
        ] {
            self.connection.execute(statement, [id])?;
        }
        crate::notifications::forget_run(&self.connection, run)?;
        let mut rows = EventRows::new(&self.connection, now(), self.host, run)?;
        let stored = rows.put(self.last + 1, Event::RunDeleted { by })?;
        drop(rows);
        self.connection.execute_batch("COMMIT")?;
        Ok(stored)
    }

    /// Writes the file anew without what is not used any more.
    pub(crate) fn compact(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch("INSERT INTO messages (messages) VALUES ('optimize'); VACUUM;")?;
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(())
    }
}

/// What the run used stays used: it is told anew from its events, into a table that outlives them.
fn keep_usage(connection: &Connection, run: RunId) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare("SELECT seq, at, host, run, body FROM events WHERE run = ?1 ORDER BY seq")?;
    let mut found = statement.query([run.0.as_bytes()])?;
    let mut runs: HashMap<RunId, Arc<Run>> = HashMap::new();
    while let Some(row) = found.next()? {
        let body: String = row.get(4)?;
        let envelope = Envelope {
            seq: row.get::<_, i64>(0)?.unsigned_abs(),
            at: timestamp(row.get(1)?),
            host: HostId(blob(row, 2)?),
            run: RunId(blob(row, 3)?),
            event: serde_json::from_str(&body)?,
        };
        if let (Some(run), Event::UsageReported { usage }) = (runs.get(&envelope.run), &envelope.event) {
            usage::count(connection, "usage_of_deleted", run, envelope.at, usage)?;
        }
        projection::fold(&mut runs, &envelope);
    }
    Ok(())
}
