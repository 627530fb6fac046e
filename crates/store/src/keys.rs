//! Bearer keys, by the SHA-256 of each.

use crate::rows::{micros, now, timestamp};
use crate::{Reader, StoreError};
use offdesk_protocol::{DeviceRole, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// A key's last use is noted when the last note is older, in microseconds.
const STALE: i64 = 60 * 1_000_000;

/// A key that was not used for ninety days opens nothing any more, in microseconds.
const FORGOTTEN: i64 = 90 * 24 * 60 * 60 * 1_000_000;

/// What is known of a bearer key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// The SHA-256 of the key.
    pub hash: [u8; 32],
    /// What it was made for.
    pub name: String,
    /// What its holder may do.
    pub role: DeviceRole,
    /// When.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Timestamp,
}

impl KeyRow {
    /// Not used for so long that it is taken for forgotten.
    pub fn expired(&self) -> bool {
        micros(now()) - micros(self.used_at) > FORGOTTEN
    }

    pub(crate) fn stale(&self) -> bool {
        micros(now()) - micros(self.used_at) > STALE
    }
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<KeyRow> {
    Ok(KeyRow {
        hash: row.get(0)?,
        name: row.get(1)?,
        created_at: timestamp(row.get(2)?),
        used_at: timestamp(row.get(3)?),
        // A role that is not known here may the least.
        role: DeviceRole::of(&row.get::<_, String>(4)?).unwrap_or(DeviceRole::Viewer),
    })
}

const COLUMNS: &str = "SELECT hash, name, created_at, used_at, role FROM keys";

pub(crate) fn add(rows: &Connection, hash: &[u8; 32], name: &str, role: DeviceRole) -> rusqlite::Result<()> {
    let insert =
        "INSERT OR REPLACE INTO keys (hash, name, created_at, used_at, role) VALUES (?1, ?2, ?3, ?3, ?4)";
    rows.prepare_cached(insert)?.execute(params![hash, name, micros(now()), role.name()]).map(drop)
}

pub(crate) fn touch(rows: &Connection, hash: &[u8; 32]) -> rusqlite::Result<()> {
    let update = "UPDATE keys SET used_at = ?2 WHERE hash = ?1";
    rows.prepare_cached(update)?.execute(params![hash, micros(now())]).map(drop)
}

pub(crate) fn forget(rows: &Connection, hash: &[u8; 32]) -> rusqlite::Result<()> {
    rows.prepare_cached("DELETE FROM keys WHERE hash = ?1")?.execute([hash]).map(drop)
}

impl Reader {
    pub(crate) fn key(&self, hash: &[u8; 32]) -> Result<Option<KeyRow>, StoreError> {
        let found = self.rows().prepare_cached(&format!("{COLUMNS} WHERE hash = ?1"))?.query_row([hash], row);
        Ok(found.optional()?)
    }

    /// All bearer keys, oldest first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        let mut statement = self.rows().prepare_cached(&format!("{COLUMNS} ORDER BY created_at"))?;
        let found = statement.query_map([], row)?.collect::<Result<_, _>>()?;
        Ok(found)
    }
}
