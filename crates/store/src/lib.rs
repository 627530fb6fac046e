//! The event log and its projections in one SQLite file.
//!
//! One thread writes: it takes everything that waits into one transaction, commits it to disk, publishes what changed
//! and only then tells those who asked. So nobody hears of an event that could be lost, and the order of publishing is
//! the order of the log. Readers have connections of their own and never wait for the writer.

mod belongings;
mod deleting;
mod devices;
mod error;
mod event_rows;
mod keys;
mod log_id;
mod notifications;
mod projection;
mod reader;
mod rebuild;
mod rows;
mod rules;
mod schema;
mod usage;
mod writer;

pub use devices::DeviceKey;
pub use error::StoreError;
pub use keys::KeyRow;
pub use notifications::KeepNotifications;
pub use reader::{Reader, StoredJson};
pub use usage::UsageSlot;
pub use writer::Closer;

use offdesk_protocol::{
    Actor, Approval, AttemptId, Device, DeviceId, DeviceRole, Envelope, Event, HostId, LogId, Origin, Rule,
    RuleId, Run, RunId,
};
use reader::Readers;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::oneshot;
use writer::{Job, Jobs};

/// Where the log is and whose it is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database file; made if it is not there.
    pub path: PathBuf,
    /// The host whose events these are.
    pub host: HostId,
    /// Most pages the file may have. Nothing: as many as the disk takes.
    pub max_pages: Option<u32>,
}

/// An event to be appended.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// What happened.
    pub event: Event,
    /// The place it was read at. A place that is in the log already adds nothing.
    pub origin: Option<Origin>,
}

/// How far an attempt's output was read, and the state of reading there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldPosition {
    /// Whose output.
    pub attempt: AttemptId,
    /// Bytes read.
    pub offset: u64,
    /// Opaque.
    pub state: String,
}

/// Facts that are appended together, with the position they were read up to.
#[derive(Clone, Debug)]
pub struct Append {
    /// The run they belong to. Its first event is `run.created`.
    pub run: RunId,
    /// In order.
    pub events: Vec<NewEvent>,
    /// Committed together with the events.
    pub fold: Option<FoldPosition>,
}

/// An event in the log.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The event with its number.
    pub envelope: Envelope,
    /// The same as JSON, made once for everyone.
    pub json: Box<str>,
}

/// What an append did.
#[derive(Clone, Debug)]
pub struct Appended {
    /// The events that were new.
    pub events: Vec<Arc<Stored>>,
    /// The run after them.
    pub run: Arc<Run>,
}

/// What one commit changed.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// In log order.
    pub events: Vec<Arc<Stored>>,
    /// Each changed run once, as it is now.
    pub runs: Vec<Arc<Run>>,
    /// Each changed approval once, as it is now.
    pub approvals: Vec<Approval>,
    /// Runs that were deleted for good: whatever is known of them is to be forgotten.
    pub deleted: Vec<RunId>,
}

/// The way to the log. Clones are cheap.
#[derive(Clone)]
pub struct Store {
    jobs: Jobs,
    readers: Arc<Readers>,
    head: Arc<AtomicU64>,
    log: LogId,
}

impl Store {
    /// Opens the log and starts its writer. `publish` is called by the writer after each commit, in log order.
    ///
    /// # Errors
    /// When the file can't be opened or written, or was made by a newer version.
    pub fn open(
        config: Config,
        publish: impl Fn(Committed) + Send + 'static,
    ) -> Result<(Self, Closer), StoreError> {
        let opened = schema::open(&config)?;
        let readers = Arc::new(Readers::new(config.path.clone()));
        let head = Arc::new(AtomicU64::new(opened.head));
        let log = opened.log;
        let (jobs, closer) = writer::start(opened, config.host, head.clone(), Box::new(publish))?;
        Ok((Self { jobs, readers, head, log }, closer))
    }

    /// The log's id. A restored copy of the file has another.
    pub fn log_id(&self) -> LogId {
        self.log
    }

    /// The number of the last committed event; 0 when there is none.
    pub fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// Appends. When this returns, the events are on disk and were published.
    ///
    /// # Errors
    /// When the disk is full or fails, or the run is unknown: then nothing of this append is in the log, and later
    /// ones go on as soon as they can.
    pub async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.ask(|reply| Job::Append(append, reply)).await
    }

    /// The same for callers without a runtime. Blocks the thread; not for a runtime's threads.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append_blocking(&self, append: Append) -> Result<Appended, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.blocking_send(Job::Append(append, reply)).map_err(|_| StoreError::Closed)?;
        answer.blocking_recv().map_err(|_| StoreError::Closed)?
    }

    /// Keeps the SHA-256 of a bearer key.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub async fn add_key(&self, hash: [u8; 32], name: String, role: DeviceRole) -> Result<(), StoreError> {
        self.write(move |rows| keys::add(rows, &hash, &name, role)).await
    }

    /// The key with this SHA-256, if there is one that still opens.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn key(&self, hash: [u8; 32]) -> Result<Option<KeyRow>, StoreError> {
        let store = self.clone();
        let read = tokio::task::spawn_blocking(move || store.read(|reader| reader.key(&hash)));
        let found = read.await.map_err(|_| StoreError::Closed)??;
        let Some(key) = found.filter(|key| !key.expired()) else { return Ok(None) };
        if key.stale() {
            // When the disk is full a person must still be let in, to see that it is.
            let _ = self.write(move |rows| keys::touch(rows, &hash)).await;
        }
        Ok(Some(key))
    }

    /// Derives all projections from the log again. Blocks the thread; not for a runtime's threads.
    ///
    /// # Errors
    /// When the disk is full or fails: then the projections are as before.
    pub fn rebuild(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.blocking_send(Job::Rebuild { reply }).map_err(|_| StoreError::Closed)?;
        answer.blocking_recv().map_err(|_| StoreError::Closed)?
    }

    /// Deletes a run for good, but for the event that says so. What is not over stays.
    ///
    /// # Errors
    /// When there is no such run, it is not over, or the disk is full or fails: then nothing was deleted.
    pub async fn delete_run(&self, run: RunId, by: Actor) -> Result<(), StoreError> {
        self.ask(|reply| Job::Delete { run, by, reply }).await
    }

    /// Writes the file anew, without the room that nothing uses any more. Appending waits meanwhile.
    ///
    /// # Errors
    /// When the disk has no room for the copy, or fails: then the file is as before.
    pub async fn compact(&self) -> Result<(), StoreError> {
        self.ask(|reply| Job::Compact { reply }).await
    }

    /// Reads on a connection of its own; all that one call reads is of one moment of the log. Blocks the thread for as long as SQLite takes.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn read<T>(&self, read: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.readers.with(read)
    }

    /// Keeps a device as it is now.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub async fn put_device(&self, device: Device) -> Result<(), StoreError> {
        self.write(move |rows| devices::put(rows, &device)).await
    }

    /// Keeps one more key of a device.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub async fn add_device_key(&self, device: DeviceId, key: DeviceKey) -> Result<(), StoreError> {
        self.write(move |rows| devices::add_key(rows, device, &key)).await
    }

    /// Keeps a rule; one that is known already stays as it is.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub async fn add_rule(&self, rule: Rule) -> Result<(), StoreError> {
        self.write(move |rows| rules::add(rows, &rule)).await
    }

    /// Revokes one rule and, in the same transaction, keeps another in its place.
    ///
    /// # Errors
    /// When the disk is full or fails: then nothing was changed.
    pub async fn revoke_rule(&self, id: RuleId, by: Actor, instead: Option<Rule>) -> Result<(), StoreError> {
        self.write(move |rows| {
            rules::revoke(rows, id, &by)?;
            instead.iter().try_for_each(|rule| rules::add(rows, rule))
        })
        .await
    }

    /// Forgets a bearer key.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub async fn forget_key(&self, hash: [u8; 32]) -> Result<(), StoreError> {
        self.write(move |rows| keys::forget(rows, &hash)).await
    }

    async fn write(
        &self,
        write: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        self.ask(|reply| Job::Write { write: Box::new(write), reply }).await
    }

    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(job(reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}
