//! The process that owns one attempt: its child, its output file, its local socket.
//!
//! [`supervise`] is that process's whole life. It leaves its parent's group and lifetime, so that a gateway may be
//! killed or updated while the agent works on. [`launch`] starts one, [`connect`] speaks with it, and what it leaves
//! in the attempt's folder ([`exit_of`], [`OutputFile`]) can be read when it is gone. [`exec_child`] is the short
//! step between the supervisor and the agent that ties their lives together.
//!
//! The supervisor's own process uses threads only: a runtime would cost more memory than everything else in it.

mod bound;
mod error;
#[cfg(feature = "faults")]
mod fault;
mod files;
mod gateway;
mod platform;
mod process;
mod redact;
mod socket;
mod spec;
mod tree;
mod wire;

pub use bound::bound;
pub use error::SupervisorError;
pub use files::{exit_of, is_alive};
pub use gateway::{Connection, Receiver, Sender, connect, launch};
pub use process::{exec_child, supervise};
pub use redact::{OutputFile, Patience, Served, mask_live, mask_text};
pub use spec::{LaunchSpec, Launched, Service, Size};
pub use tree::{is_inside_an_attempt, sweep};
pub use wire::{FromSupervisor, ToSupervisor, Welcome};
