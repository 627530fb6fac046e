//! What differs between systems; the only place that asks which one this is.
//!
//! Both sides offer the same names: files for the owner only, a socket for the owner only, leaving the parent's
//! lifetime, starting the agent so that it can't outlive its supervisor, and ending a tree of processes.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(unix)]
pub use unix::{exec_child, is_inside_an_attempt};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;
#[cfg(windows)]
pub use windows::{exec_child, is_inside_an_attempt};

/// How a process ended, as the system tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By itself.
    Code(i32),
    /// By a signal; systems without signals never say so.
    #[cfg_attr(windows, allow(dead_code))]
    Signal(i32),
}

/// The agent's process, however it was started.
pub(crate) enum Kept {
    /// With pipes.
    Plain(std::process::Child),
    /// With a terminal.
    Terminal(Box<dyn portable_pty::Child + Send + Sync>),
}
