//! Recorded dialects in, events out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

#[path = "all/acp.rs"]
mod acp;
#[path = "all/claude.rs"]
mod claude;
#[path = "all/codex.rs"]
mod codex;
#[path = "all/codex_terminal.rs"]
mod codex_terminal;
#[path = "all/lines.rs"]
mod lines;
#[path = "all/recorded.rs"]
mod recorded;
#[path = "all/requests.rs"]
mod requests;
