//! Asking programs for their versions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How long a program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most of what it says that is kept, in characters.
const LONGEST: usize = 200;

/// A program and its last change.
type Program = (PathBuf, Option<SystemTime>);

/// What each program said of itself, so that it is asked once.
#[derive(Default)]
pub(crate) struct Versions {
    known: Mutex<HashMap<Program, Option<String>>>,
}

impl Versions {
    /// Every program is asked anew.
    pub(crate) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The first line the program says when it is started with these arguments.
    pub(crate) async fn of(
        &self,
        program: &Path,
        args: &[&str],
        variables: Vec<(String, String)>,
    ) -> Option<String> {
        let changed = program.metadata().and_then(|meta| meta.modified()).ok();
        let key = (program.to_path_buf(), changed);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(version) = known {
            return version;
        }
        let asked = tokio::process::Command::new(program)
            .args(args)
            .envs(variables)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let said = tokio::time::timeout(PATIENCE, asked).await.ok().and_then(Result::ok);
        let version = said
            .map(|output| {
                let said = String::from_utf8_lossy(&output.stdout);
                said.lines().next().unwrap_or_default().trim().chars().take(LONGEST).collect::<String>()
            })
            .filter(|line| !line.is_empty());
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, version.clone());
        version
    }
}
