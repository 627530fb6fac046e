//! What can go wrong between a gateway and a supervisor.

use std::io;
use std::path::PathBuf;

/// Why an attempt could not be started or reached. Each says it to a person.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// The agent could not be started; the supervisor says why.
    #[error("{0}")]
    NotStarted(String),
    /// The supervisor itself could not be started.
    #[error("The supervisor {program} could not be started: {source}. Nothing ran; try again.")]
    NoSupervisor {
        /// Its program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The supervisor ended, or said nothing in time.
    #[error(
        "The supervisor did not say that the agent is running: {0}. Nothing was kept running; try again."
    )]
    Silent(String),
    /// No supervisor answers for this attempt.
    #[error("No supervisor answers for this attempt: {0}. Its output is kept; resume the run to go on.")]
    Unreachable(io::Error),
    /// What answers is not a supervisor this program understands.
    #[error("What answers for this attempt is not understood: {0}. The agent was left alone.")]
    NotUnderstood(String),
    /// The attempt's folder could not be used.
    #[error("The attempt's folder {dir} cannot be used: {source}. Check its owner and the free space.")]
    Folder {
        /// Which.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
}
