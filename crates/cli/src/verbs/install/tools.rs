//! The system's own programs, and files of ours among others.

use super::unit::MARK;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a program said, and whether it was content.
pub(super) struct Said {
    pub(super) ok: bool,
    pub(super) text: String,
}

impl Said {
    /// Its first words.
    pub(super) fn line(&self) -> &str {
        self.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it did not say why")
    }
}

/// Runs a program to its end; nothing if there is none of that name.
pub(super) fn call(program: &str, args: &[&str]) -> Option<Said> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    let mut bytes = output.stdout;
    bytes.extend(output.stderr);
    // Windows' own programs write in two bytes a letter when they like.
    bytes.retain(|byte| *byte != 0);
    Some(Said { ok: output.status.success(), text: String::from_utf8_lossy(&bytes).trim().to_string() })
}

/// What is where a file of ours belongs.
pub(super) enum Found {
    Nothing,
    Ours(String),
    SomebodyElses,
}

pub(super) fn look(path: &Path) -> std::io::Result<Found> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let text = std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(match text {
        Ok(text) if text.contains(MARK) => Found::Ours(text),
        _ => Found::SomebodyElses,
    })
}

/// Writes the file whole or not at all.
pub(super) fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = folder.join(format!(".{name}.{}", std::process::id()));
    std::fs::write(&new, text)?;
    std::fs::rename(&new, path).inspect_err(|_| {
        let _ = std::fs::remove_file(&new);
    })
}

/// Writes it where it is not so already; what somebody else put there stays.
pub(super) fn put(path: &Path, text: &str) -> Result<bool, String> {
    let found = look(path).map_err(|error| format!("{} cannot be read: {error}.", path.display()))?;
    match found {
        Found::Ours(old) if old == text => return Ok(false),
        Found::SomebodyElses => {
            return Err(format!(
                "{} is there already, and `offdesk install` did not write it. Nothing was changed: move it away, \
                 or keep it.",
                path.display()
            ));
        }
        Found::Ours(_) | Found::Nothing => {}
    }
    write(path, text.as_bytes())
        .map(|()| true)
        .map_err(|error| format!("{} cannot be written: {error}.", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_others_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/unit");
        let text = format!("# {MARK}\n");
        assert_eq!(put(&file, &text), Ok(true));
        assert_eq!(put(&file, &text), Ok(false));
        assert_eq!(put(&file, &format!("{text}more")), Ok(true));
        assert_eq!(
            std::fs::read_dir(file.parent().unwrap()).unwrap().count(),
            1,
            "nothing beside it is left"
        );
        std::fs::write(&file, "mine").unwrap();
        assert!(put(&file, &text).unwrap_err().contains("Nothing was changed"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    }
}
