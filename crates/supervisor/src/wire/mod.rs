//! What a gateway and a supervisor say to each other over the local socket.
//!
//! A frame is `header length u32 LE · body length u32 LE · header (JSON) · body (raw bytes)`. A kind that is not known
//! is skipped, so that a gateway speaks with supervisors of the release before it and after it.

mod frame;
mod message;

pub(crate) use frame::{encode, read_async, read_frame};
pub(crate) use message::VERSION;
pub use message::{FromSupervisor, ToSupervisor, Welcome};
