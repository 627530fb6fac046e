//! Finding an agent's program where people's installers put it, also when we were started from a desktop whose PATH
//! is bare.

use crate::{Environment, Located};
use std::path::{Path, PathBuf};

/// Looks at the override variable, PATH, then the places of common installers.
pub(crate) fn locate(program: &str, override_var: &str, environment: &Environment) -> Located {
    locate_such(program, override_var, environment, |_| true)
}

/// The same for a name that other programs have, too: the first that fits.
pub(crate) fn locate_such(
    program: &str,
    override_var: &str,
    environment: &Environment,
    fits: impl Fn(&Path) -> bool,
) -> Located {
    if let Some(chosen) = environment.var(override_var) {
        return match which::which(chosen) {
            Ok(path) => Located::Found(path),
            Err(_) => Located::Missing {
                program: chosen.into(),
                looked: vec![format!("{chosen} (set by {override_var})")],
            },
        };
    }
    let path = environment.vars.get("PATH").cloned().unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|p| p.is_absolute()).collect();
    folders.extend(usual_folders(environment));
    let search = std::env::join_paths(&folders).ok();
    let found = which::which_in_all(program, search, "/").ok();
    match found.into_iter().flatten().find(|path| fits(path)) {
        Some(found) => Located::Found(found),
        None => {
            let mut looked: Vec<String> = folders.iter().map(|p| p.display().to_string()).collect();
            looked.dedup();
            Located::Missing { program: program.into(), looked }
        }
    }
}

/// Folders in which installers and version managers put programs.
fn usual_folders(environment: &Environment) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        ["/usr/local/bin", "/opt/homebrew/bin", "/snap/bin"].iter().map(PathBuf::from).collect();
    let Some(home) = environment.home() else { return folders };
    for below in [
        ".local/bin",
        ".claude/local",
        ".npm-global/bin",
        ".volta/bin",
        ".bun/bin",
        ".local/share/mise/shims",
        ".asdf/shims",
        "scoop/shims",
        "AppData/Roaming/npm",
    ] {
        folders.push(home.join(below));
    }
    for versions in [".nvm/versions/node", ".local/share/fnm/node-versions"] {
        folders.extend(
            newest_first(&home.join(versions))
                .into_iter()
                .flat_map(|version| [version.join("bin"), version.join("installation/bin")]),
        );
    }
    folders
}

fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    found.sort();
    found.reverse();
    found
}
