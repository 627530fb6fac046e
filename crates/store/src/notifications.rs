//! Notifications, the pages that take them, and how far the log was read for them. No projection: receipts come from
//! elsewhere. What they hold is opaque here.

use crate::rows::micros;
use crate::{Reader, Store, StoreError};
use offdesk_protocol::{DeviceId, Notification, NotificationId, RunId};
use rusqlite::{Connection, OptionalExtension, params};

pub(crate) const TABLES: &str = "
CREATE TABLE notifications (id BLOB PRIMARY KEY, made_at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE subscriptions (id TEXT PRIMARY KEY, device BLOB NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
-- `settings`, and `read`: the place in the log up to which notifications were made.
CREATE TABLE notify (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
";

/// What is kept together, or not at all.
#[derive(Clone, Debug, Default)]
pub struct KeepNotifications {
    /// As they are now.
    pub keep: Vec<Notification>,
    /// Not kept any longer.
    pub forget: Vec<NotificationId>,
    /// Pages that take none any more.
    pub unsubscribe: Vec<String>,
    /// The log was read up to here.
    pub read: Option<String>,
}

impl Store {
    /// Keeps notifications as they are, with the place the log was read up to.
    ///
    /// # Errors
    /// When the disk is full or fails: then nothing was changed.
    pub async fn keep_notifications(&self, kept: KeepNotifications) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(kept.keep.len());
        for one in &kept.keep {
            rows.push((one.id, micros(one.made_at), serde_json::to_string(one)?));
        }
        self.write(move |connection| {
            for (id, at, body) in &rows {
                let put = "INSERT OR REPLACE INTO notifications (id, made_at, body) VALUES (?1, ?2, ?3)";
                connection.prepare_cached(put)?.execute(params![id.0.as_bytes(), at, body])?;
            }
            for id in &kept.forget {
                let forget = "DELETE FROM notifications WHERE id = ?1";
                connection.prepare_cached(forget)?.execute([id.0.as_bytes()])?;
            }
            for id in &kept.unsubscribe {
                connection.prepare_cached("DELETE FROM subscriptions WHERE id = ?1")?.execute([id])?;
            }
            kept.read.iter().try_for_each(|read| note(connection, "read", read))
        })
        .await
    }

    /// Keeps a subscription under its id.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub async fn put_subscription(
        &self,
        id: String,
        device: DeviceId,
        body: String,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            let put = "INSERT OR REPLACE INTO subscriptions (id, device, body) VALUES (?1, ?2, ?3)";
            connection.prepare_cached(put)?.execute(params![id, device.0.as_bytes(), body]).map(drop)
        })
        .await
    }

    /// Keeps what a person wants to be told.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub async fn put_notify_settings(&self, body: String) -> Result<(), StoreError> {
        self.write(move |connection| note(connection, "settings", &body)).await
    }
}

/// What was told of a run that is deleted goes with it.
pub(crate) fn forget_run(connection: &Connection, run: RunId) -> rusqlite::Result<()> {
    let forget = "DELETE FROM notifications WHERE json_extract(body, '$.run') = ?1";
    connection.execute(forget, [run.to_string()]).map(drop)
}

fn note(connection: &Connection, name: &str, body: &str) -> rusqlite::Result<()> {
    let put = "INSERT OR REPLACE INTO notify (name, body) VALUES (?1, ?2)";
    connection.prepare_cached(put)?.execute([name, body]).map(drop)
}

impl Reader {
    /// All notifications that are kept, oldest first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn notifications(&self) -> Result<Vec<Notification>, StoreError> {
        let mut statement =
            self.rows().prepare_cached("SELECT body FROM notifications ORDER BY made_at, id")?;
        let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
        bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }

    /// All subscriptions, as they were put.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn subscriptions(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.rows().prepare_cached("SELECT body FROM subscriptions ORDER BY id")?;
        let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
        Ok(bodies.collect::<Result<_, _>>()?)
    }

    /// What a person wants to be told, as it was put.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn notify_settings(&self) -> Result<Option<String>, StoreError> {
        self.noted("settings")
    }

    /// How far the log was read for notifications.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn notify_read(&self) -> Result<Option<String>, StoreError> {
        self.noted("read")
    }

    fn noted(&self, name: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self.rows().prepare_cached("SELECT body FROM notify WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }
}
