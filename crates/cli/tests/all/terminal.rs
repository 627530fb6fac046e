//! *hands-on*: the person's shell, shared.

use crate::story::*;
use offdesk_client::{Live, LiveMessage};
use offdesk_protocol::*;

/// Reads output until this text was seen.
async fn until_seen(live: &mut Live, wanted: &str) -> String {
    let mut seen = String::new();
    let reading = async {
        while !seen.contains(wanted) {
            match live.next().await.unwrap() {
                Some(LiveMessage::Output { bytes, .. }) => seen.push_str(&String::from_utf8_lossy(&bytes)),
                Some(LiveMessage::Message(_)) => {}
                None => panic!("the connection ended; seen: {seen}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("never seen: {wanted}"));
    seen
}

async fn typing(desk: &Desk, run: RunId, start: OutputStart) -> Live {
    let mut live = desk.client().live(None).await.unwrap();
    live.send(&FromViewer::Watch { channel: 1, run, attempt: None, from: start }).await.unwrap();
    live
}

async fn types(live: &mut Live, run: RunId, id: &str, text: &str) {
    live.send(&FromViewer::Input { run, id: id.into(), text: text.into() }).await.unwrap();
}

#[tokio::test]
async fn what_is_typed_reaches_the_shell_once_and_a_late_viewer_gets_the_picture() {
    let mut desk = Desk::new();
    let run = desk.start_run("hands-on", "").await;
    desk.until_state(run, RunState::Idle).await;
    let mut live = typing(&desk, run, OutputStart::Offset { offset: 0 }).await;
    types(&mut live, run, "1", "echo typed-$((40+2)) | tee -a typed.txt\r").await;
    until_seen(&mut live, "typed-42").await;
    // The phone did not hear the acknowledgement and says it again.
    types(&mut live, run, "1", "echo typed-$((40+2)) | tee -a typed.txt\r").await;
    types(&mut live, run, "2", "echo then-$((1+1))\r").await;
    until_seen(&mut live, "then-2").await;
    assert_eq!(desk.file("typed.txt"), "typed-42\n");

    live.send(&FromViewer::Resize { run, cols: 123, rows: 33 }).await.unwrap();
    types(&mut live, run, "3", "stty size\r").await;
    until_seen(&mut live, "33 123").await;

    desk.kill_gateway();
    desk.start();
    desk.until_state(run, RunState::Idle).await;
    let mut late = typing(&desk, run, OutputStart::Screen).await;
    let picture = until_seen(&mut late, "then-2").await;
    assert!(picture.contains("33 123"), "the picture has what was there before: {picture:?}");
    types(&mut late, run, "4", "exit 3\r").await;
    let view = desk.until_state(run, RunState::Failed).await;
    assert!(view.line.contains('3'), "{}", view.line);
    desk.close().await;
}

#[tokio::test]
async fn stopping_a_shell_ends_what_it_left_in_the_background() {
    let desk = Desk::new();
    let run = desk
        .start_run(
            "hands-on",
            "setsid sleep 1000 & (setsid nohup sleep 1001 >/dev/null 2>&1 &) ; echo re''ady",
        )
        .await;
    let mut live = typing(&desk, run, OutputStart::Offset { offset: 0 }).await_ready(&desk, run).await;
    until_seen(&mut live, "ready").await;
    eventually("supervisor, shell and two sleepers", async || desk.processes().len() >= 4).await;
    desk.close().await;
}

/// A watch needs an attempt; a run that was just asked for may not have one yet.
trait AwaitReady {
    async fn await_ready(self, desk: &Desk, run: RunId) -> Live;
}

impl<F: Future<Output = Live>> AwaitReady for F {
    async fn await_ready(self, desk: &Desk, run: RunId) -> Live {
        desk.until(run, "it lives", |view| view.pid.is_some()).await;
        self.await
    }
}

#[tokio::test]
async fn a_flood_reaches_a_viewer_whole_while_another_is_stalled() {
    let desk = Desk::new();
    let run = desk.start_run("hands-on", "").await;
    desk.until_state(run, RunState::Idle).await;
    let mut stalled = typing(&desk, run, OutputStart::Offset { offset: 0 }).await;
    let mut live = typing(&desk, run, OutputStart::Offset { offset: 0 }).await;
    types(&mut live, run, "1", "stty -echo; seq 1 300000; echo flood''-over\r").await;
    let seen = until_seen(&mut live, "flood-over").await;
    let numbers: Vec<u32> = seen.lines().filter_map(|line| line.trim().parse().ok()).collect();
    assert_eq!(numbers, (1..=300_000).collect::<Vec<u32>>(), "complete and gapless");
    // The stalled one reads now, from where it was.
    let seen = until_seen(&mut stalled, "flood-over").await;
    assert_eq!(seen.lines().filter(|line| line.trim().parse::<u32>().is_ok()).count(), 300_000);
    desk.close().await;
}
