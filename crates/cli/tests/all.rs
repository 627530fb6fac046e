//! Offdesk as a person uses it: the real program, real processes, real kills.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

#[path = "all/story.rs"]
mod story;

#[path = "all/bad_input.rs"]
mod bad_input;
#[path = "all/chaos.rs"]
mod chaos;
#[path = "all/claude.rs"]
mod claude;
#[path = "all/demo.rs"]
mod demo;
#[path = "all/survival.rs"]
mod survival;
#[path = "all/terminal.rs"]
mod terminal;
#[path = "all/viewers.rs"]
mod viewers;
