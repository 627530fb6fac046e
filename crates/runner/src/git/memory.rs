//! What was worked out of a checkout's index, as long as it is the same index.
//!
//! Git ends an index with a checksum over all of it, so the same checksum is the same index. What is remembered are ids
//! of objects; should git have tidied one away, making a commit of it fails, and all is worked out anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Checkouts that are remembered; more, and it begins again.
const MOST: usize = 256;

/// By checkout.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<BTreeMap<PathBuf, Seen>>);

/// What one index came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    checksum: Vec<u8>,
    /// The tree of what is staged.
    pub staged: Option<String>,
    /// The tree with all stages of conflicts.
    pub by_stages: Option<String>,
    /// A commit of that one.
    pub commit: Option<String>,
}

impl Memory {
    /// What is known of the index with this checksum.
    pub(crate) fn of(&self, git_dir: &Path, checksum: Option<&[u8]>) -> Seen {
        let Some(checksum) = checksum else { return Seen::default() };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(git_dir).filter(|seen| seen.checksum == checksum).cloned().unwrap_or_default()
    }

    /// Adds to what is known of it.
    pub(crate) fn learn(&self, git_dir: &Path, checksum: Option<&[u8]>, learn: impl FnOnce(&mut Seen)) {
        let Some(checksum) = checksum else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(git_dir) {
            known.clear();
        }
        let seen = known.entry(git_dir.into()).or_default();
        if seen.checksum != checksum {
            *seen = Seen { checksum: checksum.into(), ..Seen::default() };
        }
        learn(seen);
    }

    /// Whether something was known; no longer.
    pub(crate) fn forget(&self, git_dir: &Path) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(git_dir).is_some()
    }
}

/// The checksum at an index's end. Nothing: git was told to write none.
pub(crate) fn checksum(index: &[u8], length: usize) -> Option<Vec<u8>> {
    let end = index.get(index.len().checked_sub(length)?..)?;
    end.iter().any(|byte| *byte != 0).then(|| end.to_vec())
}
