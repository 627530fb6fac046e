//! The figures.

use crate::desk::{Desk, cpu_ms, parent, rss_mb};
use anyhow::{Context, Result, bail};
use offdesk_client::{Live, LiveMessage};
use offdesk_protocol::*;
use offdesk_store::{Append, Config, NewEvent, Store};
use std::path::Path;
use std::time::{Duration, Instant};

/// Times in milliseconds.
pub struct Times {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

impl Times {
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        Self { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
    }
}

pub struct Idle {
    pub gateway_mb: f64,
    pub supervisor_mb: f64,
    pub cpu_ms: f64,
}

pub struct Flow {
    pub rate: f64,
    pub complete: bool,
    pub cpu_ms_per_mb: f64,
    pub rss_mb: f64,
}

/// From the program's start until it says that it is ready, the median in milliseconds.
pub async fn cold_starts(times: usize) -> Result<f64> {
    let mut taken = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        let desk = Desk::start(None).await?;
        taken.push(start.elapsed());
        drop(desk);
    }
    Ok(Times::of(taken).p50)
}

/// A gateway with one idle terminal.
pub async fn idle(desk: &Desk) -> Result<Idle> {
    let run = desk.run("hands-on", None).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let gateway = desk.gateway.id();
    let before = cpu_ms(gateway)?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let supervisor = parent(run.pid.context("no pid")?)?;
    let idle = Idle {
        gateway_mb: rss_mb(gateway)?,
        supervisor_mb: rss_mb(supervisor)?,
        cpu_ms: cpu_ms(gateway)? - before,
    };
    desk.stop(run.id).await?;
    Ok(idle)
}

async fn watch(desk: &Desk, run: RunId) -> Result<Live> {
    let mut live = desk.client.live(None).await?;
    live.send(&FromViewer::Watch { channel: 1, run, attempt: None, from: OutputStart::Offset { offset: 0 } })
        .await?;
    Ok(live)
}

async fn types(live: &mut Live, run: RunId, id: &str, text: &str) -> Result<()> {
    Ok(live.send(&FromViewer::Input { run, id: id.into(), text: text.into() }).await?)
}

/// Reads until this many bytes came without a gap; gives whether they did.
async fn read_all(live: &mut Live, size: u64) -> Result<bool> {
    let mut next = 0u64;
    while next < size {
        match live.next().await? {
            Some(LiveMessage::Output { offset, bytes, .. }) if offset == next => next += bytes.len() as u64,
            Some(LiveMessage::Output { .. }) | None => return Ok(false),
            Some(LiveMessage::Message(_)) => {}
        }
    }
    Ok(true)
}

/// A flood to this many viewers; `stalled`: one more never reads.
pub async fn output(desk: &Desk, size: u64, viewers: usize, stalled: bool) -> Result<Flow> {
    let run = desk.run("hands-on", None).await?;
    let supervisor = parent(run.pid.context("no pid")?)?;
    let mut typist = watch(desk, run.id).await?;
    let _stalled = if stalled { Some(watch(desk, run.id).await?) } else { None };
    let mut all = Vec::new();
    for _ in 0..viewers {
        all.push(watch(desk, run.id).await?);
    }
    let gateway = desk.gateway.id();
    let before = cpu_ms(gateway)? + cpu_ms(supervisor)?;
    types(
        &mut typist,
        run.id,
        "flood",
        &format!("stty raw -echo; yes 0123456789012345678901234567890 | head -c {size}; sleep 60\r"),
    )
    .await?;
    let start = Instant::now();
    let readers: Vec<_> = all
        .into_iter()
        .map(|mut live| tokio::spawn(async move { read_all(&mut live, size).await.unwrap_or(false) }))
        .collect();
    let mut complete = true;
    let mut rss: f64 = 0.0;
    for reader in readers {
        complete &= reader.await?;
        rss = rss.max(rss_mb(gateway)?);
    }
    let seconds = start.elapsed().as_secs_f64();
    let cpu = cpu_ms(gateway)? + cpu_ms(supervisor)? - before;
    let total = size as f64 * viewers as f64 / 1e6;
    drop(typist);
    desk.stop(run.id).await?;
    Ok(Flow { rate: total / seconds, complete, cpu_ms_per_mb: cpu / total, rss_mb: rss })
}

/// A key from a viewer to the shell and back, kept on disk on its way.
pub async fn keys(desk: &Desk, samples: usize) -> Result<Times> {
    let run = desk.run("hands-on", None).await?;
    let mut live = watch(desk, run.id).await?;
    types(&mut live, run.id, "raw", "stty raw -echo; printf READY; exec cat\r").await?;
    let mut seen = String::new();
    while !seen.contains("READY") || seen.ends_with("cat\r\n") {
        if let Some(LiveMessage::Output { bytes, .. }) = live.next().await? {
            seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut times = Vec::with_capacity(samples);
    for sample in 0..samples {
        let start = Instant::now();
        types(&mut live, run.id, &format!("k{sample}"), "k").await?;
        loop {
            match live.next().await? {
                Some(LiveMessage::Output { .. }) => break,
                Some(_) => {}
                None => bail!("the connection ended"),
            }
        }
        times.push(start.elapsed());
    }
    desk.stop(run.id).await?;
    Ok(Times::of(times))
}

/// From the moment an approval is in the log until its decision, made by a viewer that sees it, is with the agent.
pub async fn approvals(desk: &Desk, count: usize) -> Result<Times> {
    let mut live = desk.client.live(None).await?;
    let script: String = (0..count).map(|_| "run: true\n").collect();
    let run = desk.run("demo", Some(script)).await?;
    let mut times = Vec::with_capacity(count);
    while times.len() < count {
        let Some(LiveMessage::Message(message)) = live.next().await? else { bail!("the connection ended") };
        let ToViewer::Approval { approval } = *message else { continue };
        if approval.state == ApprovalState::Requested {
            let hash = approval.request.hash.clone();
            let decision = Decision::new(hash, Verdict::Allow);
            desk.client.decide(approval.request.id, &decision).await?;
        } else if approval.state == ApprovalState::Finished {
            let delivered = approval.delivered_at.context("it was never delivered")?;
            times.push(Duration::try_from(delivered.duration_since(approval.requested_at))?);
        }
    }
    desk.stop(run.id).await?;
    Ok(Times::of(times))
}

/// Puts a run of so many events into a log that no gateway has open; gives the run and its last event.
pub async fn stored_run(home: &Path, events: u64) -> Result<(RunId, u64)> {
    std::fs::create_dir(home.join("data"))?;
    let host = HostId(uuid::Uuid::now_v7());
    std::fs::write(home.join("data/host-id"), host.to_string())?;
    let config = Config { path: home.join("data/offdesk.db"), host, max_pages: None };
    let (store, closer) = Store::open(config, |_| {})?;
    let (run, by) = (RunId::new(), Actor::Gateway);
    let created = Event::RunCreated {
        agent: "demo".into(),
        dir: "/".into(),
        label: "bench".into(),
        time_limit: None,
        approval_limit: None,
        terminal: false,
        local_model: None,
        command: None,
        by: by.clone(),
    };
    let stop = Event::RunStopRequested { by, timed_out: false };
    let mut left = events;
    let mut next = vec![created, stop];
    while left > 0 {
        while next.len() < 1000 && (next.len() as u64) < left {
            let text = "A line of the length that agents say most often, give or take a few words.".into();
            next.push(Event::MessageAdded {
                message: MessageId::new(),
                role: Role::Thought,
                text,
                parent: None,
            });
        }
        left -= next.len() as u64;
        let events = next.drain(..).map(|event| NewEvent { event, origin: None }).collect();
        store.append(Append { run, events, fold: None }).await?;
    }
    let last = store.head();
    drop(store);
    closer.close();
    Ok((run, last))
}

/// A viewer that is this many events behind, until it has the last; the median of five in milliseconds.
pub async fn catch_up(events: u64) -> Result<f64> {
    let home = tempfile::tempdir()?;
    stored_run(home.path(), events).await?;
    let desk = Desk::start(Some(home)).await?;
    let log = logged(&desk).await?;
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let mut live = desk.client.live(Some(Cursor { log, seq: 0 })).await?;
        let mut seen = 0;
        while seen < events {
            match live.next().await?.context("the connection ended")? {
                LiveMessage::Message(message) => match *message {
                    ToViewer::Events { events } => seen = events.last().map_or(seen, |event| event.seq),
                    ToViewer::Snapshot { resync: true, .. } => bail!("the cursor was not known"),
                    _ => {}
                },
                LiveMessage::Output { .. } => {}
            }
        }
        times.push(start.elapsed());
    }
    Ok(Times::of(times).p50)
}

/// The log's id, as a viewer is told it.
async fn logged(desk: &Desk) -> Result<LogId> {
    let mut live = desk.client.live(None).await?;
    while let Some(message) = live.next().await? {
        if let LiveMessage::Message(message) = message
            && let ToViewer::Snapshot { cursor, .. } = *message
        {
            return Ok(cursor.log);
        }
    }
    bail!("the connection ended")
}
