//! The one thread that writes.

use crate::event_rows::EventRows;
use crate::log_id::Note;
use crate::rows::{now, sql};
use crate::schema::Opened;
use crate::{Append, Appended, Committed, FoldPosition, StoreError, Stored, projection, rebuild};
use offdesk_protocol::{Actor, Approval, ApprovalId, Event, HostId, Origin, Run, RunId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Jobs that may wait.
const QUEUE: usize = 1024;
/// Events taken into one transaction, about.
const BATCH: usize = 4096;
/// Runs kept in memory; others are read from their projection when something happens to them.
const CACHED: usize = 512;

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;
pub(crate) type Jobs = mpsc::Sender<Job>;
pub(crate) type Publish = Box<dyn Fn(Committed) + Send>;

pub(crate) type Write = Box<dyn FnOnce(&Connection) -> rusqlite::Result<()> + Send>;

pub(crate) enum Job {
    Append(Append, Reply<Appended>),
    /// Rows that are no events: keys, devices.
    Write {
        write: Write,
        reply: Reply<()>,
    },
    Rebuild {
        reply: Reply<()>,
    },
    Delete {
        run: RunId,
        by: Actor,
        reply: Reply<()>,
    },
    Compact {
        reply: Reply<()>,
    },
    Close,
}

impl Job {
    /// About how many rows it writes.
    fn weight(&self) -> usize {
        match self {
            Job::Append(append, _) => append.events.len().max(1),
            _ => 1,
        }
    }
}

/// The one owner of the writer. Closing it (or dropping it) writes what waits and ends the writer.
pub struct Closer {
    jobs: Jobs,
    thread: Option<JoinHandle<()>>,
}

impl Closer {
    /// Writes what waits and ends the writer.
    pub fn close(self) {}
}

impl Drop for Closer {
    fn drop(&mut self) {
        // The queue may be full; the writer empties it, so room comes. A runtime's thread may not block on the channel.
        let mut job = Job::Close;
        while let Err(mpsc::error::TrySendError::Full(back)) = self.jobs.try_send(job) {
            job = back;
            std::thread::yield_now();
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            // It said why when it ended.
        }
    }
}

pub(crate) fn start(
    opened: Opened,
    host: HostId,
    head: Arc<AtomicU64>,
    publish: Publish,
) -> Result<(Jobs, Closer), StoreError> {
    let (jobs, receive) = mpsc::channel(QUEUE);
    let last = head.load(Ordering::Acquire);
    let Opened { connection, note, .. } = opened;
    let writer = Writer { connection, note, host, head, last, publish, runs: HashMap::new() };
    let thread = std::thread::Builder::new()
        .name("log writer".into())
        .spawn(move || writer.live(receive))
        .map_err(|error| StoreError::Garbled(format!("the writer's thread could not start: {error}")))?;
    Ok((jobs.clone(), Closer { jobs, thread: Some(thread) }))
}

pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) note: Note,
    pub(crate) host: HostId,
    pub(crate) head: Arc<AtomicU64>,
    /// The last number given out, committed or about to be.
    pub(crate) last: u64,
    pub(crate) publish: Publish,
    /// Runs as of `last`.
    pub(crate) runs: HashMap<RunId, Arc<Run>>,
}

/// One append inside a transaction that is not committed yet.
struct Pending {
    reply: Reply<Appended>,
    events: Vec<Arc<Stored>>,
    run: RunId,
}

#[derive(Default)]
struct Batch {
    pending: Vec<Pending>,
    done: Vec<Reply<()>>,
    approvals: BTreeMap<ApprovalId, Approval>,
    /// Runs as they were before this transaction, to go back to.
    before: HashMap<RunId, Option<Arc<Run>>>,
    events: usize,
}

impl Writer {
    fn live(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut weight = first.weight();
            let mut batch = vec![first];
            while weight < BATCH {
                let Ok(job) = jobs.try_recv() else { break };
                weight += job.weight();
                batch.push(job);
            }
            let closing = batch.iter().any(|job| matches!(job, Job::Close));
            self.write(batch);
            if closing {
                return;
            }
        }
    }

    fn write(&mut self, jobs: Vec<Job>) {
        // These have transactions of their own.
        let (alone, jobs): (Vec<Job>, Vec<Job>) = jobs
            .into_iter()
            .partition(|job| matches!(job, Job::Rebuild { .. } | Job::Delete { .. } | Job::Compact { .. }));
        let start = self.last;
        let mut batch = Batch::default();
        let mut failure = self.begin().err();
        for job in jobs {
            match (&failure, job) {
                (Some(error), Job::Append(_, reply)) => refuse(reply, error),
                (Some(error), Job::Write { reply, .. }) => refuse(reply, error),
                (None, job) => failure = self.take(job, &mut batch).err(),
                _ => {}
            }
        }
        let committed = match failure {
            Some(error) => Err(error),
            None => self.commit(&mut batch),
        };
        match committed {
            Ok(()) => self.tell(batch),
            Err(error) => {
                self.go_back(start, &mut batch);
                batch.pending.into_iter().for_each(|pending| refuse(pending.reply, &error));
                batch.done.into_iter().for_each(|reply| refuse(reply, &error));
            }
        }
        for job in alone {
            // Who asked may have left.
            let _ = match job {
                Job::Rebuild { reply } => reply.send(self.rebuild()),
                Job::Delete { run, by, reply } => reply.send(self.delete(run, by)),
                Job::Compact { reply } => reply.send(self.compact()),
                _ => Ok(()),
            };
        }
    }

    pub(crate) fn begin(&self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// Takes a job into the transaction. An error is of the transaction; what is wrong with one job is told at once.
    fn take(&mut self, job: Job, batch: &mut Batch) -> Result<(), StoreError> {
        match job {
            Job::Append(append, reply) => self.append(append, reply, batch),
            Job::Write { write, reply } => {
                batch.done.push(reply);
                Ok(write(&self.connection)?)
            }
            Job::Rebuild { .. } | Job::Delete { .. } | Job::Compact { .. } | Job::Close => Ok(()),
        }
    }

    fn append(
        &mut self,
        append: Append,
        reply: Reply<Appended>,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let known = match self.known(append.run) {
            Ok(known) => known,
            Err(error) => {
                refuse(reply, &error);
                // A run that can't be read is its own trouble; the others in this transaction go on.
                return if matches!(error, StoreError::Garbled(_)) { Ok(()) } else { Err(error) };
            }
        };
        if let Err(error) = check(&append, known.is_some()) {
            refuse(reply, &error);
            return Ok(());
        }
        // Before the first row: whoever waits is told, whatever happens from here on.
        batch.pending.push(Pending { reply, events: Vec::new(), run: append.run });
        let mut before = Some(known);
        let mut rows = EventRows::new(&self.connection, now(), self.host, append.run)?;
        let mut events = Vec::with_capacity(append.events.len());
        for new in append.events {
            if let Some(origin) = new.origin
                && !self.is_new(origin)?
            {
                continue;
            }
            if let Some(before) = before.take() {
                batch.before.entry(append.run).or_insert(before);
            }
            let stored = rows.put(self.last + 1, new.event)?;
            self.last += 1;
            projection::index_event(&self.connection, &stored.envelope)?;
            projection::index_run(&self.connection, &self.runs, &stored.envelope)?;
            if let Some(approval) = projection::fold(&mut self.runs, &stored.envelope) {
                batch.approvals.insert(approval.request.id, approval);
            }
            projection::keep_rule(&self.connection, &self.runs, &stored.envelope)?;
            events.push(stored);
        }
        drop(rows);
        if let Some(fold) = append.fold {
            self.put_fold(fold)?;
        }
        batch.events += events.len();
        if let Some(pending) = batch.pending.last_mut() {
            pending.events = events;
        }
        Ok(())
    }

    /// Notes a place in an attempt's output; says whether it was not noted before.
    fn is_new(&self, origin: Origin) -> Result<bool, StoreError> {
        let added = self
            .connection
            .prepare_cached(
                "INSERT OR IGNORE INTO origins (attempt, at_offset, ordinal) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![origin.attempt.0.as_bytes(), sql(origin.offset), origin.ordinal])?;
        Ok(added > 0)
    }

    fn put_fold(&self, fold: FoldPosition) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO folds (attempt, at_offset, state) VALUES (?1, ?2, ?3)")?
            .execute(params![fold.attempt.0.as_bytes(), sql(fold.offset), fold.state])?;
        Ok(())
    }

    /// The run as of now, from memory or the file.
    pub(crate) fn known(&mut self, id: RunId) -> Result<Option<Arc<Run>>, StoreError> {
        if let Some(run) = self.runs.get(&id) {
            return Ok(Some(run.clone()));
        }
        let body: Option<String> = self
            .connection
            .prepare_cached("SELECT body FROM runs WHERE id = ?1")?
            .query_row([id.0.as_bytes()], |row| row.get(0))
            .optional()?;
        let Some(body) = body else { return Ok(None) };
        let run: Arc<Run> = Arc::new(serde_json::from_str(&body)?);
        self.runs.insert(id, run.clone());
        Ok(Some(run))
    }

    fn commit(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        for id in batch.before.keys() {
            if let Some(run) = self.runs.get(id) {
                projection::put_run(&self.connection, run)?;
            }
        }
        for approval in batch.approvals.values() {
            projection::put_approval(&self.connection, approval)?;
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    /// Publishes what was committed, then tells those who asked.
    fn tell(&mut self, batch: Batch) {
        self.head.store(self.last, Ordering::Release);
        self.note.head(self.last);
        if batch.events > 0 {
            let runs = batch.before.keys().filter_map(|id| self.runs.get(id).cloned()).collect();
            let events = batch.pending.iter().flat_map(|pending| pending.events.iter().cloned()).collect();
            (self.publish)(Committed {
                events,
                runs,
                approvals: batch.approvals.into_values().collect(),
                deleted: Vec::new(),
            });
        }
        for pending in batch.pending {
            let Some(run) = self.runs.get(&pending.run).cloned() else { continue };
            // Who asked may have left; the events stand.
            let _ = pending.reply.send(Ok(Appended { events: pending.events, run }));
        }
        for reply in batch.done {
            let _ = reply.send(Ok(()));
        }
        if self.runs.len() > CACHED {
            self.runs.retain(|id, _| batch.before.contains_key(id));
        }
    }

    fn go_back(&mut self, start: u64, batch: &mut Batch) {
        if !self.connection.is_autocommit() {
            // When the disk fails here too, the next BEGIN says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        self.last = start;
        for (id, run) in batch.before.drain() {
            match run {
                Some(run) => self.runs.insert(id, run),
                None => self.runs.remove(&id),
            };
        }
    }

    fn rebuild(&mut self) -> Result<(), StoreError> {
        self.begin()?;
        let rebuilt = rebuild::refold(&self.connection).and_then(|runs| {
            self.connection.execute_batch("COMMIT")?;
            Ok(runs)
        });
        match rebuilt {
            Ok(runs) => {
                self.runs = runs;
                Ok(())
            }
            Err(error) => {
                let _ = self.connection.execute_batch("ROLLBACK");
                Err(error)
            }
        }
    }
}

/// What is wrong with an append, whatever the disk says.
fn check(append: &Append, known: bool) -> Result<(), StoreError> {
    if append.events.iter().any(|new| matches!(new.event, Event::Unknown)) {
        return Err(StoreError::Garbled("an event without a kind was to be written".into()));
    }
    let creates = matches!(append.events.first().map(|new| &new.event), Some(Event::RunCreated { .. }));
    if known || creates { Ok(()) } else { Err(StoreError::UnknownRun(append.run)) }
}

fn refuse<T>(reply: Reply<T>, error: &StoreError) {
    // Who asked may have left.
    let _ = reply.send(Err(copy(error)));
}

/// The same error for another one who asked.
fn copy(error: &StoreError) -> StoreError {
    match error {
        StoreError::Full => StoreError::Full,
        StoreError::UnknownRun(run) => StoreError::UnknownRun(*run),
        StoreError::NotOver(run) => StoreError::NotOver(*run),
        StoreError::Newer => StoreError::Newer,
        StoreError::Closed => StoreError::Closed,
        StoreError::Database(error) => StoreError::Garbled(error.to_string()),
        StoreError::Garbled(text) => StoreError::Garbled(text.clone()),
    }
}
