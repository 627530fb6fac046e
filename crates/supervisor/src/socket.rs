//! Where a supervisor's socket is, and how it is opened.

use interprocess::local_socket::{GenericFilePath, Listener, ListenerOptions, Name, ToFsName};
use offdesk_protocol::AttemptId;
use std::io;
use std::path::{Path, PathBuf};

use crate::platform;

/// Where this attempt's supervisor listens: in the attempt's folder, unless the system has no room for so long a path.
///
/// # Errors
/// When the folder for short paths can't be made, or is somebody else's.
pub(crate) fn place(dir: &Path, attempt: AttemptId) -> io::Result<PathBuf> {
    platform::socket_place(dir, &attempt.0.simple().to_string())
}

/// Listens there. What an earlier process left under that name is replaced.
///
/// # Errors
/// When the name can't be used.
pub(crate) fn listen(path: &Path) -> io::Result<Listener> {
    remove(path);
    let options = ListenerOptions::new().name(name(path)?).reclaim_name(false);
    platform::only_for_us(options, path)
}

/// The name as the library wants it.
///
/// # Errors
/// When the system doesn't take such a name.
pub(crate) fn name(path: &Path) -> io::Result<Name<'_>> {
    path.to_fs_name::<GenericFilePath>()
}

/// Takes the socket's file away; it is no matter if there is none.
pub(crate) fn remove(path: &Path) {
    platform::remove_socket(path);
}
