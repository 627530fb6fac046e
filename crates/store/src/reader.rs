//! Reading beside the writer.

use crate::rows::{blob, envelope_json, sql, timestamp};
use crate::{FoldPosition, StoreError};
use offdesk_protocol::*;
use rusqlite::{Connection, OpenFlags, OptionalExtension, ToSql, params};
use serde_json::from_str;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Connections kept for the next reader.
const KEPT: usize = 4;
/// Words of a search that count; SQLite takes no expression of any depth.
const WORDS: usize = 32;

/// An event as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJson {
    /// Its number.
    pub seq: u64,
    /// The whole envelope; kinds unknown to this program stay whole.
    pub json: Box<str>,
}

pub(crate) struct Readers {
    path: PathBuf,
    kept: Mutex<Vec<Reader>>,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, kept: Mutex::default() }
    }

    pub(crate) fn with<T>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match kept {
            Some(reader) => reader,
            None => Reader::open(&self.path)?,
        };
        let done = reader.at_one_moment(read);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(reader);
        }
        done
    }
}

/// A connection that only reads.
pub struct Reader {
    connection: Connection,
}

impl Reader {
    fn open(path: &PathBuf) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.pragma_update(None, "cache_size", -1000)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(Self { connection })
    }

    /// Everything read in here is of one moment of the log.
    fn at_one_moment<T>(&self, read: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _moment = self.connection.unchecked_transaction()?;
        read(self)
    }

    /// The number of the last event; 0 when there is none. What is read beside it is as of this number.
    pub fn head(&self) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM events")?;
        Ok(statement.query_row([], |row| row.get::<_, i64>(0))? as u64)
    }

    /// Up to `limit` events after this number, in order: one run's, or all.
    pub fn events_after(
        &self,
        run: Option<RunId>,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredJson>, StoreError> {
        let (after, limit) = (sql(after), sql(limit as u64));
        match run {
            Some(run) => self.events(
                "SELECT seq, at, host, run, body FROM events WHERE run = ?3 AND seq > ?1 ORDER BY seq LIMIT ?2",
                params![after, limit, run.0.as_bytes()],
            ),
            None => self.events(
                "SELECT seq, at, host, run, body FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                params![after, limit],
            ),
        }
    }

    /// The last `limit` events of a run before this number, in order.
    pub fn events_before(
        &self,
        run: RunId,
        before: u64,
        limit: usize,
    ) -> Result<Vec<StoredJson>, StoreError> {
        let before = sql(before);
        let mut events = self.events(
            "SELECT seq, at, host, run, body FROM events WHERE run = ?3 AND seq < ?1 ORDER BY seq DESC LIMIT ?2",
            params![before, sql(limit as u64), run.0.as_bytes()],
        )?;
        events.reverse();
        Ok(events)
    }

    fn events(&self, query: &str, params: &[&dyn ToSql]) -> Result<Vec<StoredJson>, StoreError> {
        let mut statement = self.connection.prepare_cached(query)?;
        let mut rows = statement.query(params)?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let seq = row.get::<_, i64>(0)? as u64;
            let (host, run) = (HostId(blob(row, 2)?), RunId(blob(row, 3)?));
            let body = row.get_ref(4)?.as_str().map_err(|error| StoreError::Garbled(error.to_string()))?;
            events
                .push(StoredJson { seq, json: envelope_json(seq, timestamp(row.get(1)?), host, run, body) });
        }
        Ok(events)
    }

    /// All runs, oldest first.
    pub fn runs(&self, archived: bool) -> Result<Vec<Run>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT body FROM runs ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            let run: Run = from_str(&row.get::<_, String>(0)?)?;
            if archived || !run.archived {
                runs.push(run);
            }
        }
        Ok(runs)
    }

    /// One run.
    pub fn run(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        self.body("SELECT body FROM runs WHERE id = ?1", id.0.as_bytes())
    }

    /// One approval.
    pub fn approval(&self, id: ApprovalId) -> Result<Option<Approval>, StoreError> {
        self.body("SELECT body FROM approvals WHERE id = ?1", id.0.as_bytes())
    }

    fn body<T: serde::de::DeserializeOwned>(
        &self,
        query: &str,
        id: &[u8; 16],
    ) -> Result<Option<T>, StoreError> {
        let body: Option<String> =
            self.connection.prepare_cached(query)?.query_row([id], |row| row.get(0)).optional()?;
        Ok(body.map(|body| from_str(&body)).transpose()?)
    }

    /// Approvals, oldest first: one run's or all, those that wait or all.
    pub fn approvals(&self, run: Option<RunId>, open_only: bool) -> Result<Vec<Approval>, StoreError> {
        let query = match (run.is_some(), open_only) {
            (true, true) => "SELECT body FROM approvals WHERE run = ?1 AND open = 1 ORDER BY asked, id",
            (true, false) => "SELECT body FROM approvals WHERE run = ?1 ORDER BY asked, id",
            (false, true) => "SELECT body FROM approvals WHERE open = 1 ORDER BY asked, id",
            (false, false) => "SELECT body FROM approvals ORDER BY asked, id",
        };
        let mut statement = self.connection.prepare_cached(query)?;
        let mut rows = match run {
            Some(run) => statement.query(params![run.0.as_bytes()])?,
            None => statement.query([])?,
        };
        let mut approvals = Vec::new();
        while let Some(row) = rows.next()? {
            approvals.push(from_str(&row.get::<_, String>(0)?)?);
        }
        Ok(approvals)
    }

    /// How far an attempt's output was read.
    pub fn fold_position(&self, attempt: AttemptId) -> Result<Option<FoldPosition>, StoreError> {
        let found = self
            .connection
            .prepare_cached("SELECT at_offset, state FROM folds WHERE attempt = ?1")?
            .query_row([attempt.0.as_bytes()], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.map(|(offset, state)| FoldPosition { attempt, offset: offset as u64, state }))
    }

    /// Messages and prompts with all these words (the first 32 count), newest first. The words are words: search operators in them mean nothing.
    pub fn search(
        &self,
        words: &str,
        run: Option<RunId>,
        limit: usize,
    ) -> Result<Vec<SearchHit>, StoreError> {
        let quoted: Vec<String> = words
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| word.chars().any(char::is_alphanumeric))
            .take(WORDS)
            .map(|word| format!("\"{}\"*", word.replace('"', "\"\"")))
            .collect();
        if quoted.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT rowid, run, snippet(messages, 0, '⟦', '⟧', '…', 24) FROM messages \
             WHERE messages MATCH ?1 AND (?2 IS NULL OR run = ?2) ORDER BY rowid DESC LIMIT ?3",
        )?;
        let run = run.map(|run| run.0.as_bytes().to_vec());
        let mut rows = statement.query(params![quoted.join(" "), run, sql(limit as u64)])?;
        let mut hits = Vec::new();
        while let Some(row) = rows.next()? {
            let seq = row.get::<_, i64>(0)? as u64;
            hits.push(SearchHit { run: RunId(blob(row, 1)?), seq, snippet: row.get(2)? });
        }
        Ok(hits)
    }

    /// Workspaces used lately, newest first.
    pub fn recent_dirs(&self, limit: usize) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT body ->> '$.dir' AS dir FROM runs GROUP BY dir ORDER BY max(seq) DESC LIMIT ?1",
        )?;
        let dirs = statement.query_map([sql(limit as u64)], |row| row.get(0))?;
        Ok(dirs.collect::<Result<_, _>>()?)
    }

    /// The run this prompt was sent to, if it was.
    pub fn prompt_known(&self, prompt: PromptId) -> Result<Option<RunId>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT run FROM prompts WHERE id = ?1")?;
        let mut rows = statement.query([prompt.0.as_bytes()])?;
        rows.next()?.map(|row| blob(row, 0).map(RunId)).transpose()
    }

    /// The connection, for the tables that have files of their own.
    pub(crate) fn rows(&self) -> &Connection {
        &self.connection
    }
}
