//! Devices and their keys.

use crate::rows::{blob, micros, now};
use crate::{Reader, StoreError};
use offdesk_protocol::{Approval, Device, DeviceId};
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// One of a device's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceKey {
    /// Its X25519 public key.
    pub key: [u8; 32],
    /// Its Ed25519 public key, if it has one.
    pub signing: Option<[u8; 32]>,
    /// Where the page came from that holds it.
    pub origin: String,
}

pub(crate) fn put(rows: &Connection, device: &Device) -> rusqlite::Result<()> {
    // Who is connected is no fact to keep, and counts are made when they are asked for.
    let kept = Device { online: Vec::new(), decided: 0, origins: Vec::new(), keys: 0, ..device.clone() };
    let body = serde_json::to_string(&kept)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    rows.prepare_cached("INSERT OR REPLACE INTO devices (id, body) VALUES (?1, ?2)")?
        .execute(params![device.id.0.as_bytes(), body])
        .map(drop)
}

pub(crate) fn add_key(rows: &Connection, device: DeviceId, key: &DeviceKey) -> rusqlite::Result<()> {
    let insert = "INSERT OR REPLACE INTO device_keys (key, device, signing, origin, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5)";
    rows.prepare_cached(insert)?
        .execute(params![key.key, device.0.as_bytes(), key.signing, key.origin, micros(now())])
        .map(drop)
}

impl Reader {
    /// All devices with their keys.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn devices(&self) -> Result<Vec<(Device, Vec<DeviceKey>)>, StoreError> {
        let mut keys: HashMap<DeviceId, Vec<DeviceKey>> = HashMap::new();
        let mut statement = self
            .rows()
            .prepare_cached("SELECT device, key, signing, origin FROM device_keys ORDER BY created_at")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key = DeviceKey { key: row.get(1)?, signing: row.get(2)?, origin: row.get(3)? };
            keys.entry(DeviceId(blob(row, 0)?)).or_default().push(key);
        }
        let mut statement = self.rows().prepare_cached("SELECT body FROM devices ORDER BY id")?;
        let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
        bodies
            .map(|body| {
                let device: Device = serde_json::from_str(&body?)?;
                let keys = keys.remove(&device.id).unwrap_or_default();
                Ok((device, keys))
            })
            .collect()
    }

    /// How many approvals each device has decided.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn decided(&self) -> Result<HashMap<DeviceId, u64>, StoreError> {
        let mut statement = self.rows().prepare_cached(
            "SELECT json_extract(body, '$.decidedBy.device'), count(*) FROM approvals \
             WHERE json_extract(body, '$.decidedBy.device') IS NOT NULL GROUP BY 1",
        )?;
        let counts = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let mut found = HashMap::new();
        for count in counts {
            let (device, count) = count?;
            if let Ok(device) = device.parse() {
                found.insert(device, count as u64);
            }
        }
        Ok(found)
    }

    /// The approvals a device has decided, latest first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn decided_by(&self, device: DeviceId, limit: usize) -> Result<Vec<Approval>, StoreError> {
        let mut statement = self.rows().prepare_cached(
            "SELECT body FROM approvals WHERE json_extract(body, '$.decidedBy.device') = ?1 \
             ORDER BY asked DESC LIMIT ?2",
        )?;
        let bodies =
            statement.query_map(params![device.to_string(), limit as i64], |row| row.get::<_, String>(0))?;
        bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }
}
