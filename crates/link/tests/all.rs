//! The link, from outside: both ends of it, and a carrier that may do what it likes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

#[path = "all/story.rs"]
mod story;

#[path = "all/connection.rs"]
mod connection;
#[path = "all/handshake.rs"]
mod handshake;
