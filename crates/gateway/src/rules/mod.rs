//! The pure core: what a command makes of a run, and what must be done after an event. No clock, no runtime, no I/O.

mod decide;
mod react;
#[cfg(test)]
mod tests;

pub(crate) use decide::{Command, admit, decide};
pub(crate) use react::{Effect, react, recover};
