//! Small files for their owner only, there whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use zeroize::Zeroizing;

/// More than any file of ours holds.
const LONGEST: u64 = 4096;

/// What the file holds, or nothing when there is none. A file that others can read is refused: its keys may be known.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
    let unreadable = |error: io::Error| format!("{} can't be read: {error}.", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    // Asked of the open file, so that nobody can swap it in between.
    let meta = file.metadata().map_err(unreadable)?;
    if !meta.is_file() {
        return Err(format!("{} is not a file.", path.display()));
    }
    if platform::open_to_others(&meta) {
        return Err(format!(
            "{path} is open to other accounts of this machine. Run “chmod 600 {path}” if nobody else can have read it.",
            path = path.display()
        ));
    }
    // With room for all, so that no copy of a secret is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST as usize));
    file.take(LONGEST).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(Some(bytes))
}

/// Puts a file there whole or not at all, on the disk before this returns.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), String> {
    replace(path, bytes).map_err(|error| format!("{} can't be written: {error}.", path.display()))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    // One that an ended start left may have another mode.
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    platform::private(&mut options);
    let mut file = options.open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&part, path)?;
    platform::sync_folder_of(path)
}

#[cfg(unix)]
mod platform {
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;

    pub(super) fn private(options: &mut OpenOptions) {
        options.mode(0o600);
    }

    pub(super) fn open_to_others(meta: &Metadata) -> bool {
        meta.mode() & 0o077 != 0
    }

    /// A renamed file is only safe when its folder is.
    pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }
}

#[cfg(windows)]
mod platform {
    use std::fs::{Metadata, OpenOptions};
    use std::io;
    use std::path::Path;

    /// The data folder is in the person's profile, which no other account reads.
    pub(super) fn private(_: &mut OpenOptions) {}

    pub(super) fn open_to_others(_: &Metadata) -> bool {
        false
    }

    /// The file system's own journal orders the rename.
    pub(super) fn sync_folder_of(_: &Path) -> io::Result<()> {
        Ok(())
    }
}
