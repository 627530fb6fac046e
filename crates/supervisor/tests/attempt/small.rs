//! A supervisor is there for as long as its agent, so it has to be small.

use crate::support::*;

/// What an idle supervisor may take in a release build, in KiB. A debug build maps far more code.
const LIMIT: u64 = if cfg!(debug_assertions) { 16 * 1024 } else { 5 * 1024 };

#[tokio::test]
async fn an_idle_supervisor_takes_little_memory_and_no_time() {
    let live = Trial::of("echo ready; exec sleep 1000").launch().await;
    live.wait_until_it_says("ready");
    let (_sender, _receiver, _) = live.connect().await;
    let (all, own) = memory(live.launched.supervisor_pid);
    assert!(all < LIMIT, "{all} KiB resident");
    assert!(own < 2048, "{own} KiB of its own");
}
