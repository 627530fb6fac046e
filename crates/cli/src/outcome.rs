//! How a verb ends: its exit code, and what it says when it fails.

use offdesk_client::ClientError;
use offdesk_protocol::{ErrorCode, Problem};
use std::process::ExitCode;

/// How a verb ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Done,
    /// As the program that was run ended, which has said why itself.
    Exit(u8),
    /// Wrong usage that only shows when looking closer.
    Usage(String),
    NoGateway(Problem),
    Failed(Problem),
}

impl Outcome {
    pub(crate) fn failed(text: String) -> Self {
        Self::Failed(Problem::new(ErrorCode::Internal, text))
    }
}

impl From<ClientError> for Outcome {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Problem(problem) => Self::Failed(problem),
            error @ ClientError::NoGateway { .. } => {
                Self::NoGateway(Problem::new(ErrorCode::NotFound, error.to_string()).hint(
                    "Start it with `offdesk serve` (or `cargo x run`), or name its data folder with --data.",
                ))
            }
            ClientError::Garbled(_) => Self::failed(error.to_string()),
        }
    }
}

impl From<Problem> for Outcome {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl From<std::io::Error> for Outcome {
    fn from(error: std::io::Error) -> Self {
        // Whoever read our output has seen enough.
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::Done
        } else {
            Self::failed(format!("{error}."))
        }
    }
}

/// Says what went wrong on standard error and gives the exit code.
pub(crate) fn report(outcome: Outcome, json: bool) -> ExitCode {
    let (problem, code) = match outcome {
        Outcome::Done => return ExitCode::SUCCESS,
        Outcome::Exit(code) => return ExitCode::from(code),
        Outcome::Usage(text) => (Problem::new(ErrorCode::BadRequest, text), 2),
        Outcome::NoGateway(problem) => (problem, 3),
        Outcome::Failed(problem) => {
            let not_allowed = matches!(problem.code, ErrorCode::NotAllowed | ErrorCode::Unauthorized);
            (problem, if not_allowed { 4 } else { 1 })
        }
    };
    if json {
        eprintln!("{}", serde_json::to_string(&problem).unwrap_or_default());
    } else {
        eprintln!("offdesk: {}", problem.message);
        if let Some(hint) = &problem.hint {
            eprintln!("{hint}");
        }
    }
    ExitCode::from(code)
}
