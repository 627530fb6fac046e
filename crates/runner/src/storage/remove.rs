//! Removing something that was judged.

use super::{Place, Thing};
use crate::Workspaces;
use offdesk_protocol::{ErrorCode, Problem};
use std::path::Path;

pub(super) fn one(data: &Path, workspaces: &Workspaces, thing: &Thing) -> Result<(), Problem> {
    match &thing.place {
        Place::Path(path) => {
            // Only what is ours, and below its folder: never the folder itself.
            if path.parent().is_none_or(|above| !above.starts_with(data)) {
                return Err(Problem::new(ErrorCode::Internal, "It is not in the data folder, so it stays."));
            }
            if offdesk_supervisor::is_alive(path) {
                return Err(Problem::new(ErrorCode::WrongState, "It is in use, so it stays."));
            }
            let meta = match path.symlink_metadata() {
                Ok(meta) => meta,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(refused(&error)),
            };
            let done = if meta.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            done.map_err(|error| refused(&error))
        }
        Place::Worktree(folder) => workspaces.remove_forgotten(folder),
        Place::Snapshots(repository, snapshots) => {
            workspaces.forget_snapshots(repository, snapshots, false).map(drop)
        }
        Place::Fixed => Err(Problem::new(ErrorCode::Internal, "It is needed, so it stays.")),
    }
}

fn refused(error: &std::io::Error) -> Problem {
    Problem::new(ErrorCode::StorageFailed, format!("the system refuses to remove it: {error}"))
}
