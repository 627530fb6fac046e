//! Starting a supervisor so that it outlives us.

use crate::{LaunchSpec, Launched, SupervisorError, files, platform};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

/// How long a supervisor may take to say that the agent lives.
const READY: Duration = Duration::from_secs(15);
/// Most bytes of that one line.
const LINE: u64 = 64 * 1024;
/// Marks every process of an attempt; its value is the attempt's id.
pub(crate) const MARK: &str = "OFFDESK_ATTEMPT";

/// The one line a supervisor says on its standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum FirstWord {
    /// The agent lives.
    Ready { pid: u32, supervisor_pid: u32 },
    /// It does not.
    Error { message: String },
}

/// Starts a supervisor for the attempt in `dir`, and the agent under it. It is not ours afterwards: it leaves our
/// group, and our scope where the person's service manager runs one. The folder is made if it isn't there.
///
/// # Errors
/// When supervisor or agent could not be started; then nothing of either is left.
pub async fn launch(program: &Path, dir: &Path, spec: &LaunchSpec) -> Result<Launched, SupervisorError> {
    files::make_dir(dir).map_err(|source| SupervisorError::Folder { dir: dir.into(), source })?;
    let mut failure = SupervisorError::Silent("no way to start it was found".into());
    // The ways are in order of how far they lead away from us; the next one is only for when one leads nowhere.
    for mut command in platform::detached(program, dir) {
        command.env(MARK, spec.attempt.to_string());
        match start(command.into(), spec).await {
            Ok(FirstWord::Ready { pid, supervisor_pid }) => return Ok(Launched { pid, supervisor_pid }),
            Ok(FirstWord::Error { message }) => return Err(SupervisorError::NotStarted(message)),
            Err(Failure::NoProgram(source)) => {
                failure = SupervisorError::NoSupervisor { program: program.into(), source };
            }
            Err(Failure::Silent(why)) => failure = SupervisorError::Silent(why),
        }
    }
    Err(failure)
}

enum Failure {
    NoProgram(io::Error),
    Silent(String),
}

async fn start(mut command: Command, spec: &LaunchSpec) -> Result<FirstWord, Failure> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(Failure::NoProgram)?;
    let word = match tokio::time::timeout(READY, converse(&mut child, spec)).await {
        Ok(word) => word,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "it said nothing in 15 seconds")),
    };
    match word {
        Ok(word) => {
            // It may end while we live; then nobody else would take its status.
            tokio::spawn(async move { child.wait().await });
            Ok(word)
        }
        Err(error) => {
            let _ = child.kill().await;
            Err(Failure::Silent(error.to_string()))
        }
    }
}

async fn converse(child: &mut Child, spec: &LaunchSpec) -> io::Result<FirstWord> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    input.write_all(&serde_json::to_vec(spec)?).await?;
    drop(input);
    let mut line = String::new();
    BufReader::new(output.take(LINE)).read_line(&mut line).await?;
    if line.is_empty() {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ended at once"));
    }
    Ok(serde_json::from_str(&line)?)
}
