//! What a peer can make us keep: no more than it has credit for, whatever it says and however often. Fuzz targets, as in
//! `fuzz.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

#[allow(dead_code, reason = "the other targets need more of the peer")]
#[path = "fuzz/peer.rs"]
mod peer;
#[allow(dead_code, reason = "the other tests need more of the story")]
#[path = "all/story.rs"]
mod story;

use bolero::check;
use offdesk_link::*;
use peer::{Peer, Said};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;
use story::{Wire, handshake, wire};

thread_local! {
    /// Bytes this thread has and has not given back.
    static HELD: Cell<isize> = const { Cell::new(0) };
}

struct Counted;

// SAFETY: everything is the system allocator's; only sizes are added up on the way.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = HELD.try_with(|held| held.set(held.get() + layout.size() as isize));
        // SAFETY: as our caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        let _ = HELD.try_with(|held| held.set(held.get() - layout.size() as isize));
        // SAFETY: as our caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTED: Counted = Counted;

/// Messages of one input: enough that a leak of forty bytes each is seen.
const MESSAGES: usize = 20_000;
/// Bytes a direction of a stream may carry before any are consumed.
const WINDOW: usize = 256 * 1024;

/// Nothing is read of what comes and nothing is taken of what leaves: the worst host for its own memory.
#[test]
fn what_is_said_over_and_over_fills_nothing() {
    check!()
        .with_type::<(Vec<Said>, Said)>()
        .with_iterations(1000)
        .with_test_time(Duration::from_secs(2))
        .for_each(|(first, again)| peer::in_time(repeat(&first[..first.len() % 3], again)));
}

async fn repeat(first: &[Said], again: &Said) {
    let (page, host) = handshake();
    let (carrier, Wire { sent: _sent, arrives }) = wire();
    let timing = Timing { ping_every: None, ..Timing::default() };
    let (connection, _incoming) = Connection::start(carrier, host, Side::Responder, timing);
    let mut peer = Peer::new(page);
    let before = HELD.get();
    let (mut bodies, mut streams) = (0, 0);
    let opens = Said::Request { flags: 0, path: 0 };
    for said in std::iter::once(&opens).chain(first).chain(std::iter::repeat_n(again, MESSAGES)) {
        let frame = said.frame(1);
        if frame.kind == FrameKind::Request {
            streams += 1;
        } else if frame.stream != 0 {
            bodies += frame.body.len();
        }
        if arrives.send(peer.say(said)).await.is_err() {
            break;
        }
    }
    // The last of it is taken.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let held = usize::try_from(HELD.get() - before).unwrap_or(0);
    // A stream and its queues are some thousand bytes; a body waits with its padding and its place in a queue.
    let streams = streams.min(128);
    let fair = 300_000 + streams * 5_000 + bodies.min(streams * WINDOW) * 2;
    assert!(
        held <= fair,
        "{held} bytes are held where {fair} are fair ({streams} streams, over: {})",
        connection.is_over()
    );
}
