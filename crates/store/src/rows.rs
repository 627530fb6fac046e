//! Between rows and words.

use crate::StoreError;
use offdesk_protocol::{HostId, RunId, Timestamp};
use rusqlite::Row;
use uuid::Uuid;

pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

pub(crate) fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Now, cut to what a row keeps.
pub(crate) fn now() -> Timestamp {
    timestamp(Timestamp::now().as_microsecond())
}

/// The id in a column of sixteen bytes.
pub(crate) fn blob(row: &Row<'_>, column: usize) -> Result<Uuid, StoreError> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|error| StoreError::Garbled(error.to_string()))?;
    Uuid::from_slice(bytes).map_err(|error| StoreError::Garbled(error.to_string()))
}

/// The envelope as JSON around an event's JSON. Ids and times need no escaping.
pub(crate) fn envelope_json(seq: u64, at: Timestamp, host: HostId, run: RunId, body: &str) -> Box<str> {
    format!(r#"{{"seq":{seq}{}{body}}}"#, middle(at, host, run)).into_boxed_str()
}

/// What the envelopes of one append have in common: all between the number and the event.
pub(crate) fn middle(at: Timestamp, host: HostId, run: RunId) -> String {
    format!(r#","at":"{at}","host":"{host}","run":"{run}","event":"#)
}

/// A number for SQLite, which has none above 2^63.
pub(crate) fn sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
