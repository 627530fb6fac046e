//! How fast the whole is, each figure beside a limit taken in the same run. Prints one JSON object.
//!
//! `OFFDESK_BIN` names the program to measure (a release build); `OFFDESK_BENCH_LONG=1` sends 1 GiB where it else sends
//! 128 MiB; `OFFDESK_BENCH_ONLY=link` measures the link alone, for which no program is needed.

mod desk;
mod limits;
mod link;
mod measure;

use desk::Desk;
use serde_json::{Value, json};

/// Samples of small things.
const SAMPLES: usize = 1000;

fn main() -> anyhow::Result<()> {
    let size: u64 = if std::env::var_os("OFFDESK_BENCH_LONG").is_some() { 1 << 30 } else { 128 << 20 };
    // Both ends of the link share one thread, as both ends of what it is compared with do.
    let one_thread = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut report = one_thread.block_on(link::measure(size as usize))?;
    drop(one_thread);
    match std::env::var("OFFDESK_BENCH_ONLY") {
        Ok(part) if part == "link" => {}
        Ok(part) => anyhow::bail!("OFFDESK_BENCH_ONLY={part}: only \"link\" can be measured alone"),
        Err(_) => {
            let whole = tokio::runtime::Runtime::new()?.block_on(whole(size))?;
            if let (Value::Object(report), Value::Object(whole)) = (&mut report, whole) {
                report.extend(whole);
            }
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
