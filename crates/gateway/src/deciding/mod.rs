//! The pure core: what a command makes of a run, and what must be done after an event. No clock, no runtime, no I/O.

mod decide;
mod react;
mod steer;
#[cfg(test)]
mod tests;

pub(crate) use decide::{Command, Said, admit, decide};
pub(crate) use react::{Effect, react, recover};
pub(crate) use steer::{QueueChange, Steer, due};
