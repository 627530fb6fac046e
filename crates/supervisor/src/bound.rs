//! Starting what lives no longer than we do.

use crate::platform;
use std::io;
use std::path::Path;
use std::process::Command;

/// A command for a program that ends when this process does, however it ends, as an agent ends with its supervisor.
/// It is to be started from a thread that lives as long as the process.
///
/// # Errors
/// When the path of our own program, which takes the step between, is not known.
pub fn bound(program: &Path, args: &[String]) -> io::Result<Command> {
    let (first, args, environment) = platform::trampoline(&std::env::current_exe()?, program, args);
    let mut command = Command::new(first);
    command.args(args).envs(environment);
    Ok(command)
}
