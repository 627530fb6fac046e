//! The store, used as the gateway uses it.

// Clippy lets only functions marked as tests unwrap; the words they are told in are tests too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "all/story.rs"]
mod story;

#[path = "all/appending.rs"]
mod appending;
#[path = "all/deleting.rs"]
mod deleting;
#[path = "all/failing.rs"]
mod failing;
#[path = "all/folding.rs"]
mod folding;
#[path = "all/reading.rs"]
mod reading;
