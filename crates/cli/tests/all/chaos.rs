//! Two hundred approvals while the gateway is killed at random and everyone repeats themselves.
//!
//! Executions are counted by what the commands leave on disk, not by anything our log says.

use crate::claude::{Model, claude_env};
use crate::story::*;
use offdesk_client::{Client, Place};
use offdesk_protocol::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Approvals of each run.
const EACH: usize = 25;
/// Longest the whole may take.
const LONG_PATIENCE: Duration = Duration::from_secs(400);

/// A phone on a bad line: it decides whatever waits, says each decision again and again with the same id, and never
/// waits for an answer longer than a moment.
async fn decide_everything(socket: PathBuf, done: Arc<AtomicBool>) {
    let mut made: BTreeMap<ApprovalId, Decision> = BTreeMap::new();
    while !done.load(Ordering::Relaxed) {
        let client = Client::new(Place::Socket(socket.clone())).unwrap();
        let waiting = client.approvals(None, false).await.unwrap_or_default();
        let mut said: BTreeSet<ApprovalId> = waiting.iter().map(|approval| approval.request.id).collect();
        for approval in waiting {
            made.entry(approval.request.id)
                .or_insert_with(|| Decision::new(&approval.request.hash, Verdict::Allow));
        }
        // Also one decided long ago: a phone that slept says it again.
        let old = made.keys().nth(dice(0..made.len().max(1) as u64) as usize);
        said.extend(old);
        for (id, decision) in said.iter().filter_map(|id| made.get_key_value(id)) {
            let (first, second) = (client.decide(*id, decision), client.decide(*id, decision));
            let both = async { tokio::join!(first, second) };
            // Cut off in the middle, as a dropped socket would.
            let _ = tokio::time::timeout(Duration::from_millis(dice(10..150)), both).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

fn counted(desk: &Desk, file: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in desk.file(file).lines() {
        *counts.entry(line.to_string()).or_insert(0) += 1;
    }
    counts
}

fn script(file: &str) -> String {
    (0..EACH).map(|n| format!("run: echo {n} >> {file}\n")).collect()
}

/// A number that differs from kill to kill, without a dependency for it.
fn dice(range: std::ops::Range<u64>) -> u64 {
    let noise = uuid_noise();
    range.start + noise % (range.end - range.start)
}

fn uuid_noise() -> u64 {
    let text = RunId::new().to_string().replace('-', "");
    u64::from_str_radix(&text[20..32], 16).unwrap()
}

async fn survive(desk: &mut Desk, runs: &[(RunId, String)], kills: bool) -> (BTreeSet<u32>, u32) {
    let done = Arc::new(AtomicBool::new(false));
    let socket = desk.data.join("gateway.sock");
    let phones: Vec<_> =
        (0..2).map(|_| tokio::spawn(decide_everything(socket.clone(), done.clone()))).collect();
    let deadline = Instant::now() + LONG_PATIENCE;
    let (mut pids, mut killed) = (BTreeSet::new(), 0);
    loop {
        if desk.revive() {
            killed += 1;
        }
        let complete = runs.iter().all(|(_, file)| counted(desk, file).len() >= EACH);
        let views = desk.client().runs(false).await.unwrap_or_default();
        pids.extend(views.iter().filter_map(|view| view.pid));
        let idle = views.len() == runs.len() && views.iter().all(|view| view.state == RunState::Idle);
        if complete && idle {
            break;
        }
        assert!(Instant::now() < deadline, "not done in time: {views:#?}");
        tokio::time::sleep(Duration::from_millis(dice(50..400))).await;
        if kills && !complete {
            desk.kill_gateway();
            killed += 1;
            desk.start();
        }
    }
    done.store(true, Ordering::Relaxed);
    for phone in phones {
        phone.await.unwrap();
    }
    (pids, killed)
}

async fn check(desk: &Desk, runs: &[(RunId, String)]) {
    for (run, file) in runs {
        let counts = counted(desk, file);
        assert_eq!(counts.len(), EACH, "0 lost in {file}: {counts:?}");
        assert!(counts.values().all(|count| *count == 1), "0 doubles in {file}: {counts:?}");
        let approvals = desk.client().approvals(Some(*run), true).await.unwrap();
        assert_eq!(approvals.len(), EACH);
        for approval in approvals {
            assert_eq!(approval.state, ApprovalState::Finished, "{approval:#?}");
            assert_eq!(approval.outcome, Some(Outcome::Ok));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_approvals_under_kill_9_are_two_hundred_executions() {
    let model = Model::start().await;
    let mut env = vec![
        // The gateway dies by itself around commits, and its supervisors kill it around writes.
        ("OFFDESK_FAULT_KILL", "fold.beforeCommit:0.01,fold.afterCommit:0.01"),
        ("OFFDESK_FAULT_KILL_PEER", "input.recorded:0.04,input.written:0.04"),
    ];
    let of_claude = claude_env(&model);
    env.extend(of_claude.iter().map(|(name, value)| (*name, value.as_str())));
    let mut desk = Desk::with(&env, &[]);

    let mut runs = Vec::new();
    for n in 0..4 {
        let file = format!("demo-{n}.txt");
        runs.push((start(&mut desk, "demo", &script(&file)).await, file));
        let file = format!("claude-{n}.txt");
        let prompt = format!("[[multi n={EACH} cmd='echo {{i}} >> {file}']]");
        runs.push((start(&mut desk, "claude", &prompt).await, file));
    }
    let (pids, killed) = survive(&mut desk, &runs, true).await;

    check(&desk, &runs).await;
    assert_eq!(pids.len(), runs.len(), "each agent had one process throughout: {pids:?}");
    assert!(killed >= 10, "the gateway was killed {killed} times only");
    eprintln!("{} executions, the gateway killed {killed} times", runs.len() * EACH);
    desk.close().await;
}

/// Starts a run on a gateway that may die while it is asked: the same id again starts no second one.
async fn start(desk: &mut Desk, agent: &str, prompt: &str) -> RunId {
    let start =
        StartRun { prompt: Some(prompt.into()), ..StartRun::of(agent, desk.workspace.to_str().unwrap()) };
    loop {
        desk.revive();
        if desk.client().start(&start).await.is_ok() {
            return start.id;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_remembering_what_was_written_the_same_test_sees_doubles() {
    let env = [("OFFDESK_FAULT_NO_DEDUP", "1"), ("OFFDESK_FAULT_KILL_PEER", "input.written:0.3")];
    let mut desk = Desk::with(&env, &[]);
    let file = "count.txt".to_string();
    let runs = vec![(start(&mut desk, "demo", &script(&file)).await, file.clone())];
    survive(&mut desk, &runs, false).await;
    let counts = counted(&desk, &file);
    assert!(counts.values().any(|count| *count > 1), "this test could not fail: {counts:?}");
}
