//! Settings of ours that agents read when they start.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes the files into the folder, each whole or not at all: another attempt may be reading them.
pub(crate) fn write(folder: &Path, files: &[(&'static str, String)]) -> io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    for (name, content) in files {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|present| present == content.as_bytes()) {
            continue;
        }
        let unfinished = folder.join(format!(".{name}-{}", offdesk_protocol::AttemptId::new()));
        let mut file = fs::File::create_new(&unfinished)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
    }
    Ok(())
}
