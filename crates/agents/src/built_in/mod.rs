//! What our own agents and their drivers say to each other: one JSON object a line, in both directions, and the one
//! fold that reads it. Such an agent is a program of ours under a supervisor like any other: *demo*, *ollama*.

mod dialect;
mod fold;

pub use dialect::{Ask, FromAgent, Place, ToAgent};
pub(crate) use fold::BuiltInFold;
use std::io::{self, Write};

/// Says this to whoever reads the agent's output.
///
/// # Errors
/// When nobody reads it any more.
pub fn tell(message: &FromAgent) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, message)?;
    out.write_all(b"\n")?;
    out.flush()
}
