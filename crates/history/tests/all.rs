//! What agents kept, found and read: samples of the real programs (`fixtures/history`), and files made to hurt.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

#[path = "all/home.rs"]
mod home;

#[path = "all/hostile.rs"]
mod hostile;
#[path = "all/samples.rs"]
mod samples;
