//! What opencode would run of a repository before anybody could be asked.
//!
//! `OPENCODE_DISABLE_PROJECT_CONFIG` keeps one of its two readers of settings away; the other one (1.18) knows no such
//! switch and imports plugins, so a repository that has any is not worked in.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// Files of settings.
const SETTINGS: [&str; 2] = ["opencode.json", "opencode.jsonc"];
/// Settings that bring nothing to be run, fetched or spoken with.
const PLAIN: [&str; 12] = [
    "$schema",
    "autoupdate",
    "compaction",
    "instructions",
    "keybinds",
    "model",
    "permission",
    "share",
    "small_model",
    "snapshot",
    "theme",
    "username",
];

/// The first thing found in the folder, or in one above, that opencode would act on unasked. The person's home folder and
/// those above it are theirs.
pub(super) fn acts_unasked(dir: &Path, home: Option<&Path>) -> Option<PathBuf> {
    let theirs = |folder: &Path| home.is_some_and(|home| home.starts_with(folder));
    let folders = dir.ancestors().take_while(|folder| !theirs(folder));
    folders.flat_map(places).find(|path| match path.file_name().and_then(|name| name.to_str()) {
        Some(name) if SETTINGS.contains(&name) => exists(path) && !is_plain(path),
        _ => exists(path),
    })
}

fn places(folder: &Path) -> Vec<PathBuf> {
    let own = folder.join(".opencode");
    let settings = [folder, own.as_path()].into_iter().flat_map(|at| SETTINGS.map(|name| at.join(name)));
    ["plugin", "plugins"].map(|name| own.join(name)).into_iter().chain(settings).collect()
}

/// Also what leads elsewhere, or cannot be looked at.
fn exists(path: &Path) -> bool {
    !matches!(path.symlink_metadata(), Err(error) if error.kind() == std::io::ErrorKind::NotFound
        || error.kind() == std::io::ErrorKind::NotADirectory)
}

/// What cannot be read, or has comments in it, is not called plain.
fn is_plain(path: &Path) -> bool {
    let text = std::fs::read(path).ok();
    match text.and_then(|text| serde_json::from_slice(&text).ok()) {
        Some(Value::Object(settings)) => settings.keys().all(|key| PLAIN.contains(&key.as_str())),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]
mod tests {
    use super::*;

    #[test]
    fn what_would_run_is_found_here_and_above_but_not_at_home() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("repository/inner");
        std::fs::create_dir_all(dir.join(".opencode/agent")).unwrap();
        std::fs::create_dir_all(home.path().join(".opencode/plugin")).unwrap();
        let found = || acts_unasked(&dir, Some(home.path()));
        assert_eq!(found(), None);
        for (path, content) in [
            ("repository/opencode.json", r#"{"$schema": "x", "model": "a/b", "permission": "allow"}"#),
            ("repository/inner/.opencode/opencode.json", "{}"),
        ] {
            std::fs::write(home.path().join(path), content).unwrap();
        }
        assert_eq!(found(), None, "nothing of that runs anything");

        for (path, content) in [
            ("repository/opencode.json", r#"{"plugins": ["./evil.js"]}"#),
            ("repository/inner/opencode.jsonc", "{} // more"),
            ("repository/inner/.opencode/opencode.json", r#"{"mcp": {}}"#),
            ("repository/.opencode/plugins/evil.js", ""),
        ] {
            let path = home.path().join(path);
            let before = std::fs::read(&path).ok();
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, content).unwrap();
            let found = found().unwrap();
            assert!(path.starts_with(&found), "{} for {}", found.display(), path.display());
            match before {
                Some(before) => std::fs::write(&path, before).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            if path.parent().unwrap().ends_with("plugins") {
                std::fs::remove_dir(path.parent().unwrap()).unwrap();
            }
        }
        assert_eq!(found(), None);
    }
}
