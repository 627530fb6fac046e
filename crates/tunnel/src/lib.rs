//! Keeps cloudflared running and says which address really works.
//!
//! [`Tunnel`] takes up a program that an earlier gateway left running, or starts one, reads what it writes, asks
//! its own small server, and publishes a [`Status`]. An address counts as [`Status::Up`] only after a request
//! through it, from outside in, has come back with our own proof; losing that proof takes it down again.
//!
//! What is decided lies in `machine`, which has neither clock nor input nor output; `driver` is its hands. The
//! gateway supplies how a program is started ([`Programs`]) and how an address is asked ([`Probe`]).

mod backoff;
mod command;
mod config;
mod driver;
pub mod fetch;
mod find;
mod line;
mod machine;
mod metrics;
mod program;
mod status;
mod text;

#[cfg(test)]
mod tests;

pub use config::{Config, Credentials, Mode, Target, Token, TokenError};
pub use driver::Tunnel;
pub use find::{Found, find};
pub use program::{Line, Probe, ProbeFailure, ProgramSpec, Programs, Running};
pub use status::{ProgramHealth, Status, Why};
