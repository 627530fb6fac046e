//! The rows of one append's events.

use crate::rows::{micros, middle, sql};
use crate::{StoreError, Stored};
use offdesk_protocol::{Envelope, Event, HostId, RunId, Timestamp};
use rusqlite::{CachedStatement, Connection};
use std::sync::Arc;

/// Writes one append's events. What they share is made once: the statement, the JSON around them, the buffer.
pub(crate) struct EventRows<'c> {
    insert: CachedStatement<'c>,
    at: Timestamp,
    host: HostId,
    run: RunId,
    middle: String,
    buffer: Vec<u8>,
}

impl<'c> EventRows<'c> {
    pub(crate) fn new(
        connection: &'c Connection,
        at: Timestamp,
        host: HostId,
        run: RunId,
    ) -> Result<Self, StoreError> {
        let mut insert = connection
            .prepare_cached("INSERT INTO events (seq, body, at, host, run) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        // These stay bound from row to row.
        insert.raw_bind_parameter(3, micros(at))?;
        insert.raw_bind_parameter(4, host.0.as_bytes())?;
        insert.raw_bind_parameter(5, run.0.as_bytes())?;
        Ok(Self { insert, at, host, run, middle: middle(at, host, run), buffer: Vec::with_capacity(512) })
    }

    /// Writes an event's row. The event is turned into JSON once, for the row and for everyone who is told.
    pub(crate) fn put(&mut self, seq: u64, event: Event) -> Result<Arc<Stored>, StoreError> {
        self.buffer.clear();
        self.buffer.extend_from_slice(br#"{"seq":"#);
        serde_json::to_writer(&mut self.buffer, &seq)?;
        self.buffer.extend_from_slice(self.middle.as_bytes());
        let body = self.buffer.len();
        serde_json::to_writer(&mut self.buffer, &event)?;
        let body = body..self.buffer.len();
        self.buffer.push(b'}');
        let json =
            std::str::from_utf8(&self.buffer).map_err(|error| StoreError::Garbled(error.to_string()))?;
        self.insert.raw_bind_parameter(1, sql(seq))?;
        self.insert.raw_bind_parameter(2, &json[body])?;
        self.insert.raw_execute()?;
        let envelope = Envelope { seq, at: self.at, host: self.host, run: self.run, event };
        Ok(Arc::new(Stored { envelope, json: json.into() }))
    }
}
