//! Files and pipes that are for their owner only.

use interprocess::local_socket::{Listener, ListenerOptions, PeerCreds};
use interprocess::os::windows::local_socket::ListenerOptionsExt;
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::FileExt;
use std::path::{Path, PathBuf};
use widestring::u16cstr;

/// Makes the folder. It is in the person's own data folder and inherits that one's protection.
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)
}

pub(crate) fn private_file() -> OpenOptions {
    OpenOptions::new()
}

/// Fills `buffer` from this offset. Reading moves the file's place here, which nobody else relies on.
pub(crate) fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match file.seek_read(buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                buffer = &mut buffer[count..];
                offset += count as u64;
            }
        }
    }
    Ok(())
}

/// A folder can't be synced here; the file system writes the names of renamed files in order.
pub(crate) fn sync_dir(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Pipes have a name space of their own, so the folder's length is no matter.
pub(crate) fn socket_place(_: &Path, name: &str) -> io::Result<PathBuf> {
    Ok(PathBuf::from(format!(r"\\.\pipe\offdesk-{name}")))
}

/// The system itself and the owner, and nobody else; by default everybody could read.
pub(crate) fn only_for_us(options: ListenerOptions<'_>, _: &Path) -> io::Result<Listener> {
    let descriptor = SecurityDescriptor::deserialize(u16cstr!("D:P(A;;GA;;;SY)(A;;GA;;;OW)"))?;
    options.security_descriptor(descriptor).create_sync()
}

/// A pipe goes with the process that made it.
pub(crate) fn remove_socket(_: &Path) {}

/// The pipe's protection let nobody else in.
pub(crate) fn is_ours(_: &PeerCreds) -> bool {
    true
}
