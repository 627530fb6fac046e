//! Asking programs for their versions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::OnceCell;

/// How long somebody who asks waits for a program to say its version.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take at all: some unpack themselves when they are started for the first time.
const LIMIT: Duration = Duration::from_mins(2);
/// Most of what it says that is kept, in characters.
const LONGEST: usize = 200;

/// A program and its last change.
type Program = (PathBuf, Option<SystemTime>);
/// What it says, as soon as it has said it.
type Said = Arc<OnceCell<Option<String>>>;

/// What each program said of itself, so that it is asked once.
#[derive(Default)]
pub(crate) struct Versions {
    known: Mutex<HashMap<Program, Said>>,
}

impl Versions {
    /// Every program is asked anew.
    pub(crate) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The first line the program says when it is started with these arguments. One that takes too long is not waited
    /// for, and its answer is there for whoever asks later.
    pub(crate) async fn of(
        &self,
        program: &Path,
        args: &[&str],
        variables: Vec<(String, String)>,
    ) -> Option<String> {
        let changed = program.metadata().and_then(|meta| meta.modified()).ok();
        let key = (program.to_path_buf(), changed);
        let said = self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
        if let Some(version) = said.get() {
            return version.clone();
        }
        let mut command = tokio::process::Command::new(program);
        command.args(args).envs(variables).stdin(Stdio::null()).kill_on_drop(true);
        let asked = tokio::spawn(async move { said.get_or_init(|| first_line(command)).await.clone() });
        tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?
    }
}

async fn first_line(mut command: tokio::process::Command) -> Option<String> {
    let output = tokio::time::timeout(LIMIT, command.output()).await.ok()?.ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let line: String = said.lines().next().unwrap_or_default().trim().chars().take(LONGEST).collect();
    Some(line).filter(|line| !line.is_empty())
}
