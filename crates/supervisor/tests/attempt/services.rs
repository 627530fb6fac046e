//! Programs that serve the gateway: they speak on their standard error, and end when nobody needs them.

use crate::support::Trial;
use offdesk_supervisor::{FromSupervisor, Service};
use std::time::Duration;

fn service(script: &str, alone_ms: u64, output_bytes: u64) -> Trial {
    let mut trial = Trial::of(script);
    trial.spec.service = Some(Service { alone_ms, output_bytes });
    trial
}

// More than one thread: the connection ends in a task of its own, while this one waits.
#[tokio::test(flavor = "multi_thread")]
async fn it_speaks_on_its_standard_error_and_lives_while_a_gateway_is_there() {
    let live = service("echo lost; echo heard >&2; exec sleep 60", 300, 1 << 20).launch().await;
    let (sender, mut receiver, _) = live.connect().await;
    live.wait_until_it_says("heard");
    assert_eq!(live.said(), "heard\n");
    // Far longer than it would live alone; only its end would be news.
    let over = tokio::time::timeout(Duration::from_millis(1500), async {
        while let Ok(Some(message)) = receiver.recv().await {
            if matches!(message, FromSupervisor::Exited { .. }) {
                return;
            }
        }
    });
    assert!(over.await.is_err(), "it ended though a gateway was there");
    drop((sender, receiver));
    live.wait_until_over();
}

#[tokio::test]
async fn one_that_talks_without_end_is_ended() {
    let live = service("while :; do echo flood >&2; done", 60_000, 10_000).launch().await;
    live.wait_until_over();
}
