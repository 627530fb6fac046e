//! The gateway's side: starting a supervisor and speaking with it.

mod connection;
mod launch;

pub use connection::{Connection, Receiver, Sender, connect};
pub use launch::launch;
pub(crate) use launch::{FirstWord, MARK};
