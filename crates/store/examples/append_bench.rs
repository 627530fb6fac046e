//! How fast the log is, beside SQLite driven by hand with the same tables, settings, rows and batches.
//!
//! Prints one JSON object. A million events; ten with `OFFDESK_BENCH_LONG=1`. The folder is `OFFDESK_BENCH_DIR`, or the
//! system's folder for temporary files: what is measured is that disk's sync.

use offdesk_protocol::*;
use offdesk_store::{Append, Closer, Config, NewEvent, Store};
use rusqlite::{Connection, params};
use serde_json::json;
use std::error::Error;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Events of one durable append.
const BATCH: usize = 1000;
/// Events at which a log is young.
const YOUNG: usize = 10_000;
/// Events measured at each age.
const SAMPLE: usize = 100_000;
/// Events a viewer that was away catches up with.
const CATCH_UP: usize = 100_000;

fn main() -> Outcome<()> {
    let mut args = std::env::args_os().skip(1);
    match (args.next(), args.next()) {
        (Some(word), Some(dir)) if word == "raw" => Raw::open(Path::new(&dir))?.serve(),
        _ => measure(),
    }
}

fn measure() -> Outcome<()> {
    let total = if std::env::var_os("OFFDESK_BENCH_LONG").is_some() { 10_000_000 } else { 1_000_000 };
    let dir = match std::env::var_os("OFFDESK_BENCH_DIR") {
        Some(dir) => tempfile::tempdir_in(dir)?,
        None => tempfile::tempdir()?,
    };
    let mut ours = Ours::open(&dir.path().join("ours"))?;
    let mut raw = Beside::start(&dir.path().join("raw"))?;
    let (mut young, mut old) = (Pair::default(), Pair::default());
    for at in (0..total).step_by(BATCH) {
        // Turn by turn and each first in turn, so that a noisy disk is noisy for both.
        let took = if (at / BATCH).is_multiple_of(2) {
            (ours.append(batch(at))?, raw.append()?)
        } else {
            let raw = raw.append()?;
            (ours.append(batch(at))?, raw)
        };
        let pair = match at {
            at if (YOUNG..YOUNG + SAMPLE).contains(&at) => &mut young,
            at if at >= total - SAMPLE => &mut old,
            _ => continue,
        };
        pair.push(took.0, took.1);
    }
    println!(
        "{}",
        json!({
            "bench": "append",
            "batch": BATCH,
            "events": total,
            "young": young.report(YOUNG),
            "old": old.report(total),
            "oldToYoung": round(sum(&young.ours) / sum(&old.ours)),
            "catchUp": { "events": CATCH_UP, "ms": round(ours.catch_up(total)?.as_secs_f64() * 1000.0) },
        })
    );
    Ok(())
}

/// What a batch took by hand: turning events into rows, and writing the rows.
struct ByHand {
    json: Duration,
    rows: Duration,
}

/// The times both took for the same batches.
#[derive(Default)]
struct Pair {
    ours: Vec<Duration>,
    by_hand: Vec<Duration>,
    rows_alone: Vec<Duration>,
}

impl Pair {
    fn push(&mut self, ours: Duration, raw: ByHand) {
        self.ours.push(ours);
        self.by_hand.push(raw.json + raw.rows);
        self.rows_alone.push(raw.rows);
    }

    /// `ratio` is of the same work, from events to rows on disk; `ratioToRowsAlone` gives SQLite its rows ready-made.
    fn report(&self, at: usize) -> serde_json::Value {
        let rate = |times: &[Duration]| (SAMPLE as f64 / sum(times)).round();
        json!({
            "at": at,
            "eventsPerSecond": rate(&self.ours),
            "rawEventsPerSecond": rate(&self.by_hand),
            "rawRowsPerSecond": rate(&self.rows_alone),
            "ratio": round(sum(&self.by_hand) / sum(&self.ours)),
            "ratioToRowsAlone": round(sum(&self.rows_alone) / sum(&self.ours)),
        })
    }
}

fn sum(times: &[Duration]) -> f64 {
    times.iter().sum::<Duration>().as_secs_f64()
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// What an agent says in a thousand events: tools mostly, and a message after every eighth.
fn batch(at: usize) -> Vec<Event> {
    (at..at + BATCH).map(event).collect()
}

fn event(number: usize) -> Event {
    let tool = ToolId(uuid::Uuid::from_u128(number as u128 / 2));
    match number % 8 {
        7 => Event::MessageAdded {
            message: MessageId(uuid::Uuid::from_u128(number as u128)),
            role: Role::Agent,
            text: format!(
                "Step {number}: the handler reads its input twice, so I keep the first and test that."
            ),
            parent: None,
        },
        even if even % 2 == 0 => Event::ToolStarted {
            tool,
            name: "Bash".into(),
            kind: ToolKind::Command,
            title: format!("cargo test -p api step_{number}"),
            input: json!({ "command": format!("cargo test -p api step_{number}"), "timeout": 120_000 }),
            parent: None,
        },
        _ => Event::ToolFinished {
            tool,
            status: ToolStatus::Ok,
            output: format!("test step_{number} ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored\n"),
            truncated: 0,
            diffs: Vec::new(),
        },
    }
}

fn created() -> Event {
    Event::RunCreated {
        agent: "demo".into(),
        dir: "/home/ada/api".into(),
        label: "Fix the tests".into(),
        time_limit: None,
        approval_limit: None,
        terminal: false,
        local_model: None,
        command: None,
        by: Actor::Gateway,
    }
}

/// The store as the gateway uses it, with someone to publish to.
struct Ours {
    store: Store,
    run: RunId,
    _closer: Closer,
}

impl Ours {
    fn open(dir: &Path) -> Outcome<Self> {
        std::fs::create_dir(dir)?;
        let config = Config { path: dir.join("offdesk.db"), host: HostId::new(), max_pages: None };
        let (store, closer) = Store::open(config, |committed| drop(std::hint::black_box(committed)))?;
        let run = RunId::new();
        let events = vec![NewEvent { event: created(), origin: None }];
        store.append_blocking(Append { run, events, fold: None })?;
        Ok(Self { store, run, _closer: closer })
    }

    fn append(&mut self, events: Vec<Event>) -> Outcome<Duration> {
        let events = events.into_iter().map(|event| NewEvent { event, origin: None }).collect();
        let start = Instant::now();
        let appended = self.store.append_blocking(Append { run: self.run, events, fold: None })?;
        let took = start.elapsed();
        // Forgetting the events is not appending them.
        drop(appended);
        Ok(took)
    }

    /// Reads the last events in pages, as a viewer gets them.
    fn catch_up(&self, total: usize) -> Outcome<Duration> {
        let start = Instant::now();
        let mut after = (total + 1 - CATCH_UP) as u64;
        let mut read = 0;
        loop {
            let page = self.store.read(|reader| reader.events_after(None, after, BATCH))?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            read += page.len();
        }
        if read != CATCH_UP {
            return Err(format!("{read} events were read instead of {CATCH_UP}").into());
        }
        Ok(start.elapsed())
    }
}

/// SQLite by hand in a process of its own: within one process SQLite's connections share their page cache.
struct Beside {
    child: Child,
    go: ChildStdin,
    took: Lines<BufReader<ChildStdout>>,
}

impl Beside {
    fn start(dir: &Path) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("raw")
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let go = child.stdin.take().ok_or("the other process has no input")?;
        let took = BufReader::new(child.stdout.take().ok_or("the other process has no output")?).lines();
        Ok(Self { child, go, took })
    }

    fn append(&mut self) -> Outcome<ByHand> {
        self.go.write_all(b"\n")?;
        let line = self.took.next().ok_or("the other process ended")??;
        let (json, rows) = line.split_once(' ').ok_or("the other process said something else")?;
        Ok(ByHand { json: Duration::from_nanos(json.parse()?), rows: Duration::from_nanos(rows.parse()?) })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Ours alone, and of no more use.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// SQLite by hand: the store's own tables and settings, its rows and nothing else.
struct Raw {
    connection: Connection,
    host: HostId,
    run: Run,
    seq: u64,
}

impl Raw {
    fn open(dir: &Path) -> Outcome<Self> {
        std::fs::create_dir(dir)?;
        let (path, host) = (dir.join("offdesk.db"), HostId::new());
        let (_, closer) = Store::open(Config { path: path.clone(), host, max_pages: None }, |_| {})?;
        closer.close();
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
        connection.pragma_update(None, "cache_size", -4000)?;
        let at = Timestamp::UNIX_EPOCH;
        let first = Envelope { seq: 1, at, host, run: RunId::new(), event: created() };
        let run = Run::created(&first).ok_or("a run is created by its first event")?;
        Ok(Self { connection, host, run, seq: 1 })
    }

    /// Appends a batch for each line and says how many nanoseconds it took.
    fn serve(mut self) -> Outcome<()> {
        for (index, line) in std::io::stdin().lines().enumerate() {
            line?;
            let took = self.append(&batch(index * BATCH))?;
            println!("{} {}", took.json.as_nanos(), took.rows.as_nanos());
        }
        Ok(())
    }

    fn append(&mut self, events: &[Event]) -> Outcome<ByHand> {
        let start = Instant::now();
        let bodies: Vec<String> = events.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        let projection = serde_json::to_string(&self.run)?;
        let json = start.elapsed();
        let start = Instant::now();
        let transaction = self.connection.transaction()?;
        let (host, run) = (self.host.0.as_bytes(), self.run.id.0.as_bytes());
        for (event, body) in events.iter().zip(&bodies) {
            self.seq += 1;
            let at = Timestamp::now().as_microsecond();
            transaction
                .prepare_cached("INSERT INTO events (seq, at, host, run, body) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![self.seq as i64, at, host, run, body])?;
            if let Event::MessageAdded { text, .. } = event {
                transaction
                    .prepare_cached("INSERT INTO messages (rowid, text, run) VALUES (?1, ?2, ?3)")?
                    .execute(params![self.seq as i64, text, run])?;
            }
        }
        transaction
            .prepare_cached("INSERT OR REPLACE INTO runs (id, seq, body) VALUES (?1, ?2, ?3)")?
            .execute(params![run, self.seq as i64, projection])?;
        transaction.commit()?;
        Ok(ByHand { json, rows: start.elapsed() })
    }
}
