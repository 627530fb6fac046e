//! Many runs at once on one machine.

use crate::desk::{Desk, cpu_ms, parent, rss_mb, weigh};
use crate::measure::Times;
use anyhow::{Context, Result, bail};
use offdesk_client::{Client, LiveMessage};
use offdesk_protocol::*;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::{Duration, Instant};

const RUNS: usize = 50;
const ALONE: usize = 10;
const APPROVALS: usize = 2;
const SCRIPT: &str = "say: one\nrun: true\nsay: two\nrun: true\nsay: done";
const PATIENCE: Duration = Duration::from_secs(180);

struct Went {
    took: Duration,
    decided: Vec<Duration>,
    peak_mb: f64,
    cpu_ms: f64,
    runs: Vec<RunId>,
}

/// So many runs, begun at once; whatever they ask is allowed as soon as it is seen.
async fn together(desk: &Desk, count: usize) -> Result<Went> {
    let gateway = desk.gateway.id();
    let mut live = desk.client.live(None).await?;
    let dir = desk.home.path().to_str().context("path")?.to_string();
    let (start, cpu) = (Instant::now(), cpu_ms(gateway)?);
    let started = (0..count).map(|number| {
        let label = Some(format!("crowd {number}"));
        let wish = StartRun { prompt: Some(SCRIPT.into()), label, ..StartRun::of("demo", dir.clone()) };
        let client: &Client = &desk.client;
        async move { client.start(&wish).await.map(|view| view.id) }
    });
    let runs = futures_util::future::try_join_all(started).await?;
    let ours: HashSet<RunId> = runs.iter().copied().collect();
    let (mut idle, mut decided, mut peak): (HashSet<RunId>, Vec<Duration>, f64) = Default::default();
    let mut allowed = HashSet::new();
    while idle.len() < count || decided.len() < count * APPROVALS {
        let next =
            tokio::time::timeout(PATIENCE, live.next()).await.context("nothing happens any more")??;
        let Some(message) = next else { bail!("the connection ended") };
        let LiveMessage::Message(message) = message else { continue };
        match *message {
            ToViewer::Approval { approval } if ours.contains(&approval.request.run) => match approval.state {
                ApprovalState::Requested if allowed.insert(approval.request.id) => {
                    let decision = Decision::new(approval.request.hash.clone(), Verdict::Allow);
                    desk.client.decide(approval.request.id, &decision).await?;
                }
                ApprovalState::Finished => {
                    let delivered = approval.delivered_at.context("it was never delivered")?;
                    decided.push(Duration::try_from(delivered.duration_since(approval.requested_at))?);
                    peak = peak.max(rss_mb(gateway)?);
                }
                _ => {}
            },
            ToViewer::Run { run } if ours.contains(&run.id) => match run.state {
                RunState::Idle if run.line == "done" => _ = idle.insert(run.id),
                state if state.is_over() => bail!("a run is {state}: {}", run.line),
                _ => {}
            },
            _ => {}
        }
    }
    Ok(Went { took: start.elapsed(), decided, peak_mb: peak, cpu_ms: cpu_ms(gateway)? - cpu, runs })
}

pub async fn measure() -> Result<Value> {
    let most = RUNS.to_string();
    let desk = Desk::with(tempfile::tempdir()?, &[], &["--max-working", &most]).await?;
    let gateway = desk.gateway.id();
    let (mut alone, mut alone_cpu) = (Vec::new(), 0.0);
    for _ in 0..ALONE {
        let went = together(&desk, 1).await?;
        alone.push(went.took);
        alone_cpu += went.cpu_ms;
        desk.stop(went.runs[0]).await?;
    }
    let one = Times::of(alone).p50;
    let before = rss_mb(gateway)?;
    let crowd = together(&desk, RUNS).await?;
    let mut supervisors = Vec::new();
    for run in &crowd.runs {
        supervisors.push(parent(desk.client.run(*run).await?.pid.context("no pid")?)?);
    }
    let weight = weigh(&supervisors)?;
    for run in &crowd.runs {
        desk.stop(*run).await?;
    }
    // What it keeps of runs that are over.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let times = Times::of(crowd.decided);
    let ms = crowd.took.as_secs_f64() * 1000.0;
    Ok(json!({
        "runs": RUNS, "ms until all are idle": ms, "one at a time ms each p50": one,
        "ratio to one at a time (below 1 is faster)": ms / (one * RUNS as f64),
        "approvals": RUNS * APPROVALS, "asked to delivered p50 ms": times.p50, "p95 ms": times.p95,
        "gateway CPU ms a run": crowd.cpu_ms / RUNS as f64, "alone CPU ms a run": alone_cpu / ALONE as f64,
        "gateway RSS MB before": before, "at most": crowd.peak_mb, "after all are over": rss_mb(gateway)?,
        "supervisors PSS MB each": weight.pss / RUNS as f64, "RSS MB each": weight.rss / RUNS as f64,
    }))
}
