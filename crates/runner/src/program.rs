//! The copy of our own program that supervisors run from.
//!
//! An update replaces the installed file while agents work; supervisors must not have theirs pulled from under them.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// A copy of `program` under `data/bin`, named by its version and content; made if it is not there yet.
pub(crate) fn supervisor_copy(data: &Path, program: &Path, version: &str) -> io::Result<PathBuf> {
    let folder = data.join("bin");
    std::fs::create_dir_all(&folder)?;
    let target = folder.join(copy_name(program, version)?);
    if target.exists() {
        return Ok(target);
    }
    let unfinished = folder.join(format!(".offdesk-{}", std::process::id()));
    std::fs::copy(program, &unfinished)?;
    std::fs::rename(&unfinished, &target)?;
    Ok(target)
}

/// The name of this program's copy.
pub(crate) fn copy_name(program: &Path, version: &str) -> io::Result<String> {
    let meta = program.metadata()?;
    // Size and time tell builds of one version apart without reading the file at every start.
    let changed = meta.modified()?.duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    let digest = Sha256::digest(format!("{}:{}:{changed}", program.display(), meta.len()));
    let tag = digest.iter().take(6).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    });
    let extension = std::env::consts::EXE_SUFFIX;
    Ok(format!("offdesk-{version}-{tag}{extension}"))
}
