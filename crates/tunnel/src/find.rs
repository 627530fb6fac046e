//! Where cloudflared is on this machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A cloudflared that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The program's file.
    pub path: PathBuf,
    /// Its version, such as `2026.8.2`.
    pub version: String,
}

impl Found {
    /// A sentence when the version is older than those we know; it is used all the same.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let year: u32 = self.version.split('.').next()?.parse().ok()?;
        (year < 2025).then(|| {
            format!(
                "{} is cloudflared {}, older than those we know. It is used all the same; update it if the tunnel does not come up.",
                self.path.display(),
                self.version
            )
        })
    }
}

/// The file's name on this system.
const NAME: &str = if cfg!(windows) { "cloudflared.exe" } else { "cloudflared" };
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks for cloudflared: the given file only, if one is given; otherwise in `path_var` (the value of `PATH`) and then
/// where [`crate::fetch`] puts it, in `data_folder`. Runs each candidate with `--version`, so it blocks.
#[must_use]
pub fn find(given: Option<&Path>, path_var: Option<&OsStr>, data_folder: &Path) -> Option<Found> {
    if let Some(given) = given {
        // Someone chose it; something else in its place would be a surprise. It may be a wrapper that does not say what
        // it wraps.
        let wrapper = || given.is_file().then(|| Found { path: given.into(), version: "unknown".into() });
        return check(given).or_else(wrapper);
    }
    let on_path = path_var.into_iter().flat_map(std::env::split_paths);
    on_path
        // A relative entry means the working folder, which may be a hostile repository.
        .filter(|folder| folder.is_absolute())
        .chain([data_folder.to_path_buf()])
        .map(|folder| folder.join(NAME))
        .find_map(|path| check(&path))
}

fn check(path: &Path) -> Option<Found> {
    if !path.is_file() {
        return None;
    }
    let mut child = Command::new(path)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let began = Instant::now();
    while child.try_wait().ok()?.is_none() {
        if began.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().ok()?;
    let version = version(&String::from_utf8_lossy(&output.stdout))?;
    Some(Found { path: path.to_path_buf(), version })
}

/// Reads `cloudflared version 2026.8.2 (built …)`.
fn version(text: &str) -> Option<String> {
    let rest = text.trim_start().strip_prefix("cloudflared version ")?;
    let version = rest.split_whitespace().next()?;
    let plain = version.len() <= 40 && version.starts_with(|c: char| c.is_ascii_digit());
    plain.then(|| version.to_owned())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn program(folder: &Path, says: &str) -> PathBuf {
        let path = folder.join(NAME);
        // Written under another name by another process: nobody else's fork then holds it open for writing.
        std::fs::write(folder.join("text"), format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        assert!(Command::new("cp").arg(folder.join("text")).arg(&path).status().unwrap().success());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn path_comes_before_our_own_copy_and_a_choice_before_both() {
        let (on_path, own, chosen) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path_var = on_path.path().as_os_str();
        assert_eq!(find(None, Some(path_var), own.path()), None);
        program(own.path(), "cloudflared version 2026.5.1 (built 2026-05-25)");
        assert_eq!(find(None, Some(path_var), own.path()).unwrap().version, "2026.5.1");
        program(on_path.path(), "cloudflared version 2024.1.5 (built 2024-01-22)");
        let old = find(None, Some(path_var), own.path()).unwrap();
        assert!(old.warning().unwrap().contains("2024.1.5"));
        let choice = program(chosen.path(), "cloudflared version 2026.8.2 (built x)");
        let found = find(Some(&choice), Some(path_var), own.path()).unwrap();
        assert_eq!((found.version.as_str(), found.warning()), ("2026.8.2", None));
    }

    #[test]
    fn another_program_of_that_name_is_not_cloudflared_unless_it_was_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let path = program(folder.path(), "something else 1.0");
        assert_eq!(find(None, Some(folder.path().as_os_str()), folder.path()), None);
        assert_eq!(find(Some(&path), None, folder.path()).unwrap().version, "unknown");
        assert_eq!(find(Some(&folder.path().join("nothing")), None, folder.path()), None);
    }
}
