//! Files and sockets that are for their owner only.

use interprocess::local_socket::{Listener, ListenerOptions, PeerCreds};
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Longest path of a socket, in bytes: macOS has room for 104, Linux for 108, each with a zero at the end.
const LONGEST_SOCKET: usize = 100;

/// Makes the folder, and those above it, for its owner only.
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    std::fs::set_permissions(dir, Permissions::from_mode(0o700))
}

pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Fills `buffer` from this offset, without a place of its own in the file that others could move.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

/// A renamed file is only safe when its folder is.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

pub(crate) fn socket_place(dir: &Path, name: &str) -> io::Result<PathBuf> {
    let near = dir.join("socket");
    if near.as_os_str().as_bytes().len() <= LONGEST_SOCKET {
        return Ok(near);
    }
    let base = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let shared = base.join(format!("offdesk-{}", rustix::process::geteuid().as_raw()));
    match DirBuilder::new().mode(0o700).create(&shared) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => check_ours(&shared)?,
    }
    Ok(shared.join(name))
}

/// The folder's name can be guessed, so somebody else may have made it first, or put a link there.
fn check_ours(dir: &Path) -> io::Result<()> {
    let found = std::fs::symlink_metadata(dir)?;
    let ours = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
    if !ours || found.mode() & 0o077 != 0 {
        let text = format!("{} belongs to somebody else or is open to others", dir.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    Ok(())
}

/// The folder is ours alone, so nobody can reach the socket before its mode is set.
pub(crate) fn only_for_us(options: ListenerOptions<'_>, path: &Path) -> io::Result<Listener> {
    let listener = options.create_sync()?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

pub(crate) fn remove_socket(path: &Path) {
    let _ = std::fs::remove_file(path);
}

/// Whether the peer is the user we are.
pub(crate) fn is_ours(peer: &PeerCreds) -> bool {
    peer.euid() == Some(rustix::process::geteuid().as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_folder_holds_its_own_socket_and_a_long_one_does_not() {
        assert_eq!(socket_place(Path::new("/data/a"), "x").unwrap(), Path::new("/data/a/socket"));
        let long = PathBuf::from("/").join("d".repeat(120));
        let place = socket_place(&long, "0123").unwrap();
        assert!(place.as_os_str().len() <= LONGEST_SOCKET, "{}", place.display());
        let mode = std::fs::metadata(place.parent().unwrap()).unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_folder_open_to_others_or_a_link_is_not_trusted() {
        let dir = tempfile::tempdir().unwrap();
        let open = dir.path().join("open");
        std::fs::create_dir(&open).unwrap();
        std::fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
        assert!(check_ours(&open).is_err());
        let closed = dir.path().join("closed");
        private_dir(&closed).unwrap();
        assert!(check_ours(&closed).is_ok());
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&closed, &link).unwrap();
        assert!(check_ours(&link).is_err());
    }
}
