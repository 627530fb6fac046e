//! What the gateway gives the tunnel: a way to run its program, and eyes outside.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};

/// Starts the tunnel program where it outlives the gateway.
pub trait Programs: Send + Sync + 'static {
    /// Takes up the program that a gateway before us left running, if it still runs. Its lines begin at its first.
    fn adopt(&self) -> impl Future<Output = Option<Running>> + Send;

    /// Starts the program; the error is a sentence for a person.
    fn start(&self, spec: ProgramSpec) -> impl Future<Output = Result<Running, String>> + Send;
}

/// A program that runs.
#[derive(Debug)]
pub struct Running {
    /// What it writes, and its end. A closed channel counts as its end.
    pub lines: mpsc::Receiver<Line>,
    /// A sent message asks it to end: TERM, grace, KILL. A *dropped* sender leaves it running.
    pub stop: oneshot::Sender<()>,
}

/// What came from a running program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// One line of its output, from either stream.
    Text(String),
    /// It ended; no code if a signal ended it.
    Exited {
        /// Its exit code.
        code: Option<i32>,
    },
}

/// What to start.
#[derive(Clone, PartialEq, Eq)]
pub struct ProgramSpec {
    /// The program's file.
    pub program: PathBuf,
    /// Its arguments; never a secret.
    pub args: Vec<String>,
    /// Variables added to its environment; may hold secrets, so they are not printed.
    pub env: Vec<(String, String)>,
}

impl fmt::Debug for ProgramSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("ProgramSpec")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("env", &names)
            .finish()
    }
}

/// Asks for an address from outside in.
pub trait Probe: Send + Sync + 'static {
    /// Succeeds only when our own nonce came back through the address. Has its own timeout.
    fn probe(&self, url: &str) -> impl Future<Output = Result<(), ProbeFailure>> + Send;
}

/// The hop at which a probe ended, with the technical detail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeFailure {
    /// The name is not resolved.
    #[error("the name is not resolved: {0}")]
    Unresolved(String),
    /// No connection to the edge.
    #[error("the edge cannot be reached: {0}")]
    EdgeUnreachable(String),
    /// The edge knows of no tunnel: HTTP 530, error 1033.
    #[error("the edge knows of no tunnel: {0}")]
    NoTunnel(String),
    /// The tunnel program cannot reach the gateway: 502 or 504.
    #[error("the gateway does not answer the tunnel: {0}")]
    NoGateway(String),
    /// It answered without our proof.
    #[error("something else answered: {0}")]
    Wrong(String),
}
