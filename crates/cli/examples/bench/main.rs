//! How fast the whole is, each figure beside a limit taken in the same run. Prints one JSON object.
//!
//! `bench [PART…]`: only these, else all. `OFFDESK_BIN` names the program to measure (a release build); `OFFDESK_CLAUDE`
//! and `OFFDESK_CODEX` the agents of the part `turns`; `OFFDESK_BENCH_LONG=1` sends 1 GiB where it else sends 128 MiB.
//!
//! `bench stored HOME EVENTS` measures nothing: it stores a run of so many events, for what measures a page.

mod bare;
mod crowd;
mod desk;
mod large;
mod limits;
mod link;
mod measure;
mod turns;

use desk::Desk;
use serde_json::{Map, Value, json};

/// Samples of small things.
const SAMPLES: usize = 1000;
/// What can be measured by itself, in the order in which it is.
const PARTS: [&str; 6] = ["link", "whole", "turns", "crowd", "large", "listing"];

fn main() -> anyhow::Result<()> {
    let size: u64 = if std::env::var_os("OFFDESK_BENCH_LONG").is_some() { 1 << 30 } else { 128 << 20 };
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let [stored, home, events] = asked.as_slice()
        && stored == "stored"
    {
        let stored = measure::stored_run(std::path::Path::new(home), events.parse()?);
        tokio::runtime::Runtime::new()?.block_on(stored)?;
        return Ok(());
    }
    if let Some(unknown) = asked.iter().find(|part| !PARTS.contains(&part.as_str())) {
        anyhow::bail!("there is no part {unknown}; there are {}", PARTS.join(", "));
    }
    let mut report = Map::new();
    for part in PARTS.into_iter().filter(|part| asked.is_empty() || asked.iter().any(|one| one == part)) {
        eprintln!("Measuring {part}.");
        let began = std::time::Instant::now();
        let figures = match part {
            // Both ends of the link share one thread, as both ends of what it is compared with do.
            "link" => tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(link::measure(size as usize))?,
            part => tokio::runtime::Runtime::new()?.block_on(async {
                match part {
                    "turns" => turns::measure().await,
                    "crowd" => crowd::measure().await,
                    "large" => large::measure().await,
                    "listing" => large::measure_listing().await,
                    _ => whole(size).await,
                }
            })?,
        };
        eprintln!("  {:.0} s", began.elapsed().as_secs_f64());
        match (part, figures) {
            ("link" | "whole", Value::Object(figures)) => report.extend(figures),
            (part, figures) => _ = report.insert(part.into(), figures),
        }
    }
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

/// The whole, with a gateway.
async fn whole(size: u64) -> anyhow::Result<Value> {
    let starts = measure::cold_starts(7).await?;
    let desk = Desk::start(None).await?;
    let idle = measure::idle(&desk).await?;
    let limit_pty = limits::pty_read(size)?;
    let one = measure::output(&desk, size, 1, false).await?;
    let many = measure::output(&desk, size / 8, 100, true).await?;
    let (pty, socket) = (limits::pty_echo(SAMPLES)?, limits::socket_echo(SAMPLES).await?);
    let keys = measure::keys(&desk, SAMPLES).await?;
    let approvals = measure::approvals(&desk, 200).await?;
    drop(desk);
    let catch_up = measure::catch_up(100_000).await?;
    Ok(json!({
        "output to one viewer": {
            "bytes": size, "MB/s": one.rate, "raw PTY MB/s": limit_pty, "ratio (goal 0.5)": one.rate / limit_pty,
            "complete": one.complete, "CPU ms/MB of gateway and supervisor (goal 6)": one.cpu_ms_per_mb,
        },
        "output to 100 viewers, one stalled": {
            "bytes each": size / 8, "total MB/s": many.rate, "ratio to one viewer (goal 4)": many.rate / one.rate,
            "all others complete": many.complete, "gateway RSS MB (goal 60)": many.rss_mb,
        },
        "keystroke echo": {
            "p50 ms": keys.p50, "p99 ms (goal 1)": keys.p99, "bare PTY p50 ms": pty.p50, "bare WebSocket p50 ms": socket.p50,
            "ratio (goal 3)": keys.p50 / (pty.p50 + socket.p50),
        },
        "approval asked, seen, decided, delivered": { "p50 ms": approvals.p50, "p95 ms (goal 50)": approvals.p95 },
        "catch-up of 100,000 events (goal 300)": { "ms": catch_up },
        "at rest": {
            "gateway RSS MB (goal 25)": idle.gateway_mb, "supervisor RSS MB (goal 5)": idle.supervisor_mb,
            "gateway CPU ms in 5 s": idle.cpu_ms, "cold start ms (goal 100)": starts,
        },
    }))
}
