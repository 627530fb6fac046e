//! Recorded dialects in, events out.

#[path = "all/claude.rs"]
mod claude;
#[path = "all/lines.rs"]
mod lines;
#[path = "all/requests.rs"]
mod requests;
