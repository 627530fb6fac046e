//! What is kept on this host's disk, and what of it may go.
//!
//! `inventory` looks at what is there, `judge` decides without looking at anything, and only then is something removed,
//! by whoever asked. Nothing that a run needs goes unless the run was put away.

mod inventory;
mod judge;
mod remove;
#[cfg(test)]
mod tests;

pub use judge::Fate;

use crate::{At, Runner};
use offdesk_protocol::{Problem, RunId, StorageKind, Timestamp};
use std::collections::HashMap;
use std::path::PathBuf;

/// What the log says of a run, as far as it matters here.
#[derive(Clone, Debug)]
pub struct KnownRun {
    /// Its id.
    pub id: RunId,
    /// What it is called.
    pub label: String,
    /// It was put away, is over, and nothing waits to be said to it.
    pub put_away: bool,
    /// When something last happened in it.
    pub changed_at: Timestamp,
    /// Where it works, if that is in a repository.
    pub at: Option<At>,
    /// The agent's own name for its conversation.
    pub conversation: Option<String>,
}

/// What the log says, as far as it matters here.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// All runs there are.
    pub runs: HashMap<RunId, KnownRun>,
    /// Runs that need what is kept under an id: an attempt's, an upload's.
    pub belongings: HashMap<String, Vec<RunId>>,
    /// What lay there before this may be another log's, and is nobody's to judge. At first: nothing is.
    pub since: Timestamp,
}

/// Something that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub kind: StorageKind,
    /// Whose it is.
    pub owner: Owner,
    /// Where it is.
    pub place: Place,
    /// What it is called where it is nobody's.
    pub name: String,
    /// How many things it is.
    pub items: u32,
    /// Its bytes.
    pub bytes: u64,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// Whose something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// These runs need it.
    Runs(Vec<RunId>),
    /// No run is known to need it.
    Nobody,
    /// Something newer is used in its place, or it can be made again.
    Spare,
    /// It is in use, whatever runs there are; why, for a person.
    Needed(&'static str),
}

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file, or a folder with all in it.
    Path(PathBuf),
    /// A worktree.
    Worktree(PathBuf),
    /// Snapshots in a repository: name and commit of each.
    Snapshots(PathBuf, Vec<(String, String)>),
    /// Files that are not for anybody to remove.
    Fixed,
}

impl Runner {
    /// All that is kept, or all that one run needs. Blocks the thread, for as long as the disk takes.
    pub fn inventory(&self, known: &Known, only: Option<RunId>) -> Vec<Thing> {
        inventory::of(&self.config.data, &self.config.environment.offdesk, &self.workspaces, known, only)
    }

    /// Removes something that is a path, if that is still right. Blocks the thread.
    ///
    /// # Errors
    /// When it is in use, or the system refuses.
    pub fn remove_kept(&self, thing: &Thing) -> Result<(), Problem> {
        remove::one(&self.config.data, &self.workspaces, thing)
    }
}
