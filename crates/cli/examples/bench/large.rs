//! What is large: a run of many events, a conversation of many lines, many conversations.

use crate::desk::{Desk, cpu_ms, rss_mb};
use crate::measure::{Times, stored_run};
use anyhow::{Context, Result};
use offdesk_client::HistoryWish;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const EVENTS: u64 = 100_000;
const PAGE: usize = 200;
const LINES: usize = 100_000;
const CONVERSATIONS: usize = 5_000;
const KIB: usize = 150;
const TIMES: usize = 9;
/// Things on a page.
const ITEMS: usize = 200;

/// A line as Claude Code writes it, of about this many bytes.
fn line(number: usize, id: &str, dir: &Path, words: &str) -> String {
    let kind = if number % 2 == 0 { "user" } else { "assistant" };
    let dir = dir.display();
    format!(
        r#"{{"type":"{kind}","uuid":"{id}-{number}","sessionId":"{id}","cwd":"{dir}","timestamp":"2026-11-21T10:00:00Z","message":{{"role":"{kind}","content":"{number} {words}"}}}}"#
    )
}

fn conversation(
    home: &Path,
    number: usize,
    lines: usize,
    words: &str,
) -> Result<(String, std::path::PathBuf)> {
    let dir = home.join(format!("project-{}", number % 40));
    std::fs::create_dir_all(&dir)?;
    let folder = home.join(format!(".claude/projects/-project-{}", number % 40));
    std::fs::create_dir_all(&folder)?;
    let id = format!("{number:08}-0000-4000-8000-000000000000");
    let path = folder.join(format!("{id}.jsonl"));
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    for number in 0..lines {
        writeln!(file, "{}", line(number, &id, &dir, words))?;
    }
    file.flush()?;
    Ok((id, path))
}

fn vars(home: &Path) -> Vec<(String, String)> {
    // Nothing of whoever measures.
    vec![("HOME".into(), home.display().to_string()), ("OFFDESK_KEYS".into(), "file".into())]
}

fn raw(paths: &[std::path::PathBuf]) -> Result<(Duration, u64)> {
    let start = Instant::now();
    let mut bytes = 0;
    for path in paths {
        bytes += std::fs::read(path)?.len() as u64;
    }
    Ok((start.elapsed(), bytes))
}

/// A run of 100,000 events is opened at its end.
async fn run() -> Result<Value> {
    let home = tempfile::tempdir()?;
    let (run, last) = stored_run(home.path(), EVENTS).await?;
    let file = home.path().join("data/offdesk.db");
    let env = vars(home.path());
    let desk = Desk::with(home, &env, &[]).await?;
    let gateway = desk.gateway.id();
    let before = rss_mb(gateway)?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let start = Instant::now();
        let page = desk.client.events(Some(run), last - PAGE as u64, PAGE).await?;
        anyhow::ensure!(page.len() == PAGE, "{} events", page.len());
        times.push(start.elapsed());
    }
    let first = times[0].as_secs_f64() * 1000.0;
    let opened = Times::of(times);
    let (read, bytes) = raw(&[file])?;
    let start = Instant::now();
    let mut after = 0;
    while after < last {
        let page = desk.client.events(Some(run), after, 1000).await?;
        after = page.last().and_then(|event| event["seq"].as_u64()).context("no events")?;
    }
    let all = start.elapsed().as_secs_f64() * 1000.0;
    let raw_ms = read.as_secs_f64() * 1000.0;
    Ok(json!({
        "events": EVENTS, "first page ms, first time": first, "first page p50 ms": opened.p50,
        "reading the raw file ms": raw_ms, "raw file MB": bytes as f64 / 1e6, "ratio": opened.p50 / raw_ms,
        "all of it page by page ms": all, "gateway RSS MB before": before, "after": rss_mb(gateway)?,
    }))
}

/// A conversation of 100,000 lines is opened at its end, then paged back.
async fn history_page() -> Result<Value> {
    let home = tempfile::tempdir()?;
    let (id, path) = conversation(home.path(), 0, LINES, &"word ".repeat(80))?;
    let env = vars(home.path());
    let desk = Desk::with(home, &env, &[]).await?;
    let gateway = desk.gateway.id();
    let before = rss_mb(gateway)?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let start = Instant::now();
        let page = desk.client.history_page("claude", &id, None, ITEMS).await?;
        anyhow::ensure!(!page.items.is_empty() && page.earlier.is_some(), "no page");
        times.push(start.elapsed());
    }
    let mut earlier = None;
    let start = Instant::now();
    for _ in 0..10 {
        earlier = desk.client.history_page("claude", &id, earlier, ITEMS).await?.earlier;
    }
    let back = start.elapsed().as_secs_f64() * 100.0;
    let first = times[0].as_secs_f64() * 1000.0;
    let opened = Times::of(times);
    let (read, bytes) = raw(&[path])?;
    let raw_ms = read.as_secs_f64() * 1000.0;
    Ok(json!({
        "lines": LINES, "first page ms, first time": first, "first page p50 ms": opened.p50,
        "a page further back ms": back, "reading the raw file ms": raw_ms, "raw file MB": bytes as f64 / 1e6,
        "ratio": opened.p50 / raw_ms, "gateway RSS MB before": before, "after": rss_mb(gateway)?,
    }))
}

/// Thousands of conversations are listed.
async fn listing() -> Result<Value> {
    let home = tempfile::tempdir()?;
    let words = "word ".repeat(300);
    let mut paths = Vec::new();
    for number in 0..CONVERSATIONS {
        paths.push(conversation(home.path(), number, KIB * 1024 / 1800, &words)?.1);
    }
    let env = vars(home.path());
    let (read, bytes) = raw(&paths)?;
    let mut desk = Desk::with(home, &env, &[]).await?;
    let listed = async |desk: &Desk| -> Result<f64> {
        let start = Instant::now();
        let list = desk.client.history(&HistoryWish::default()).await?;
        anyhow::ensure!(list.total as usize == CONVERSATIONS, "{} are listed", list.total);
        Ok(start.elapsed().as_secs_f64() * 1000.0)
    };
    let (before, cpu) = (rss_mb(desk.gateway.id())?, cpu_ms(desk.gateway.id())?);
    let first = listed(&desk).await?;
    let (after, spent) = (rss_mb(desk.gateway.id())?, cpu_ms(desk.gateway.id())? - cpu);
    let mut again = Vec::new();
    for _ in 0..TIMES {
        again.push(Duration::from_secs_f64(listed(&desk).await? / 1000.0));
    }
    let memory = desk.home.path().join("data/history.json").metadata()?.len();
    desk.restart(&env).await?;
    let restarted = listed(&desk).await?;
    let raw_ms = read.as_secs_f64() * 1000.0;
    Ok(json!({
        "conversations": CONVERSATIONS, "MB": bytes as f64 / 1e6, "listed for the first time ms": first,
        "CPU ms": spent, "reading the raw files, one thread ms": raw_ms, "ratio": first / raw_ms,
        "asked again p50 ms": Times::of(again).p50, "after a restart ms": restarted,
        "memory on disk MB": memory as f64 / 1e6, "gateway RSS MB before": before, "after": after,
    }))
}

pub async fn measure() -> Result<Value> {
    Ok(json!({
        "a run of 100,000 events": run().await?,
        "a conversation of 100,000 lines": history_page().await?,
    }))
}

pub async fn measure_listing() -> Result<Value> {
    listing().await
}
