//! Changing a file: exactly the change that was shown, or none.

use crate::look::text;
use crate::place::resolve;
use offdesk_agents::built_in::Place;
use offdesk_agents::{Disk, write_diff};
use offdesk_protocol::FileDiff;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;

/// What a file was when a change to it was proposed. Nothing: it was not there.
pub(crate) type Seen = Option<[u8; 32]>;

/// What is there now.
///
/// # Errors
/// When it is no regular file.
pub(crate) fn seen(path: &Path) -> Result<Seen, String> {
    match path.symlink_metadata() {
        Err(_) => Ok(None),
        Ok(meta) if meta.is_file() => {
            let bytes = std::fs::read(path);
            let bytes =
                bytes.map_err(|error| format!("Error: {} cannot be read: {error}.", path.display()))?;
            Ok(Some(Sha256::digest(bytes).into()))
        }
        Ok(_) => Err(format!("Error: {} is not a regular file.", path.display())),
    }
}

/// The file's content with one text in place of another.
pub(crate) fn replaced(path: &Path, old: &str, new: &str, all: bool) -> Result<String, String> {
    let before = text(path)?;
    if old.is_empty() {
        return Err("Error: “old” is empty; use `write` to give the file wholly new content.".into());
    }
    match (before.matches(old).count(), all) {
        (0, _) => Err("Error: the file does not contain “old”. Read it, and say the text exactly.".into()),
        (1, _) | (_, true) => Ok(before.replace(old, new)),
        (times, false) => {
            Err(format!("Error: “old” is there {times} times. Say more of what is around it, or set “all”."))
        }
    }
}

/// Writes the file where it was shown to be, if it is still what was seen. Gives what was changed.
pub(crate) fn write(
    root: &Path,
    said: &str,
    place: &Place,
    before: Option<Seen>,
    content: &str,
) -> Result<FileDiff, String> {
    if resolve(root, said)? != *place {
        return Err(format!(
            "Error: {said} leads elsewhere than it did when it was asked for. Nothing was written."
        ));
    }
    let path = Path::new(&place.path);
    let now = seen(path)?;
    if before.is_some_and(|before| before != now) {
        return Err(format!(
            "Error: {said} changed after it was shown. Nothing was written; read it and ask again."
        ));
    }
    let diff = write_diff(&Disk, path, said, content);
    put(path, content).map_err(|error| format!("Error: {said} could not be written: {error}."))?;
    Ok(diff)
}

/// The whole content or none, and never through a link that came meanwhile.
fn put(path: &Path, content: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".offdesk-");
    let mode = path.metadata().map(|meta| meta.permissions()).ok();
    let mut file = match &mode {
        Some(mode) => builder.permissions(mode.clone()).tempfile_in(folder)?,
        None => usual(&mut builder).tempfile_in(folder)?,
    };
    file.write_all(content.as_bytes())?;
    if let Some(mode) = mode {
        // What is asked for at making is narrowed by the process's mask.
        file.as_file().set_permissions(mode)?;
    }
    file.persist(path)?;
    Ok(())
}

/// A new file has the rights that any program would give it.
#[cfg(unix)]
fn usual<'a, 'b, 'c>(builder: &'c mut tempfile::Builder<'a, 'b>) -> &'c mut tempfile::Builder<'a, 'b> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn usual<'a, 'b, 'c>(builder: &'c mut tempfile::Builder<'a, 'b>) -> &'c mut tempfile::Builder<'a, 'b> {
    builder
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn what_was_shown_is_written_or_nothing() {
        let home = tempfile::tempdir().unwrap();
        let base = home.path().canonicalize().unwrap();
        let root = base.join("work");
        std::fs::create_dir(&root).unwrap();
        let file = root.join("run.sh");
        std::fs::write(&file, "echo a\necho a\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        let place = |said: &str| resolve(&root, said).unwrap();

        assert!(replaced(&file, "echo a", "b", false).unwrap_err().contains("2 times"));
        assert!(replaced(&file, "nowhere", "b", false).unwrap_err().contains("does not contain"));
        assert!(replaced(&file, "", "b", true).is_err());
        let content = replaced(&file, "echo a", "echo b", true).unwrap();
        let before = seen(&file).unwrap();
        let diff = write(&root, "run.sh", &place("run.sh"), Some(before), &content).unwrap();
        assert!(diff.unified.contains("-echo a\n-echo a\n+echo b\n+echo b\n"), "{diff:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "echo b\necho b\n");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o755);

        let late = write(&root, "run.sh", &place("run.sh"), Some(before), "other").unwrap_err();
        assert!(late.contains("changed after it was shown"), "{late}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "echo b\necho b\n");

        let new = place("deep/new");
        write(&root, "deep/new", &new, Some(None), "x").unwrap();
        assert_eq!(std::fs::read_to_string(root.join("deep/new")).unwrap(), "x");
        // Between asking and doing, the folder becomes a way out.
        let asked = place("later/file");
        symlink(&base, root.join("later")).unwrap();
        assert!(write(&root, "later/file", &asked, Some(None), "x").unwrap_err().contains("leads elsewhere"));
        assert!(!base.join("file").exists());
    }
}
