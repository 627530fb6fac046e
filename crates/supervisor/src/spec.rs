//! What to start, and what was started.

use offdesk_protocol::AttemptId;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A terminal's size in character cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

/// What an attempt's supervisor is to start. It travels through a pipe, never through arguments or a file: the
/// environment may hold keys.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LaunchSpec {
    /// The attempt this is; every process of it carries the id in its environment.
    pub attempt: AttemptId,
    /// The agent's program: a path, or a name to be looked up in `PATH`.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Set in its environment, on top of the one it inherits.
    pub env: Vec<(String, String)>,
    /// Taken out of the environment it inherits.
    pub env_remove: Vec<String>,
    /// Where it works.
    pub cwd: PathBuf,
    /// Give it a terminal of this size; without one it gets pipes.
    pub terminal: Option<Size>,
    /// It is no agent but a program that serves the gateway: it speaks on its standard error, and has these limits.
    #[serde(default)]
    pub service: Option<Service>,
}

/// Limits of a program that is of no use without a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// It is ended when no gateway was connected for so many milliseconds.
    pub alone_ms: u64,
    /// It is ended when it has said more bytes than this.
    pub output_bytes: u64,
}

impl std::fmt::Debug for LaunchSpec {
    /// Leaves the values of the environment out: they may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("LaunchSpec")
            .field("attempt", &self.attempt)
            .field("program", &self.program)
            .field("args", &self.args)
            .field("env", &names)
            .field("cwd", &self.cwd)
            .field("terminal", &self.terminal)
            .finish_non_exhaustive()
    }
}

/// An agent that lives under its supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launched {
    /// The agent's process.
    pub pid: u32,
    /// Its supervisor's process.
    pub supervisor_pid: u32,
}
