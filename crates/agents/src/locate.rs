//! Finding an agent's program where people's installers put it, also when we were started from a desktop whose PATH
//! is bare.

use crate::places::usual_folders;
use crate::{Environment, Located};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Looks at the override variable, PATH, then the places of common installers.
pub(crate) fn locate(program: &str, override_var: &str, environment: &Environment) -> Located {
    if let Some(chosen) = environment.var(override_var) {
        return match which::which(chosen) {
            Ok(path) => Located::Found(path),
            Err(_) => Located::Missing {
                program: chosen.into(),
                looked: vec![format!("{chosen} (set by {override_var})")],
            },
        };
    }
    find(program, environment)
}

/// Looks at PATH, then the places of common installers. A whole path is looked at alone.
pub(crate) fn find(program: &str, environment: &Environment) -> Located {
    if Path::new(program).components().count() > 1 {
        return match which::which(program) {
            Ok(path) if path.is_absolute() => Located::Found(path),
            _ => Located::Missing { program: program.into(), looked: vec![program.into()] },
        };
    }
    let folders = folders(environment);
    match which::which_in(program, joined(&folders), "/") {
        Ok(found) => Located::Found(found),
        Err(_) => {
            let mut looked: Vec<String> = folders.iter().map(|p| p.display().to_string()).collect();
            looked.dedup();
            Located::Missing { program: program.into(), looked }
        }
    }
}

/// Every program of this name that is there, in the order in which it is looked for; links to one file are one.
pub(crate) fn all(program: &str, override_var: &str, environment: &Environment) -> Vec<PathBuf> {
    let first = match locate(program, override_var, environment) {
        Located::Found(program) => Some(program),
        Located::Missing { .. } => None,
    };
    let others = which::which_in_all(program, joined(&folders(environment)), "/").into_iter().flatten();
    let mut found: Vec<PathBuf> = Vec::new();
    let mut files = Vec::new();
    for path in first.into_iter().chain(others) {
        let file = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if !files.contains(&file) {
            files.push(file);
            found.push(path);
        }
    }
    found
}

/// The `PATH` in which a program that was found elsewhere also finds what was installed beside it: a program of Node's
/// starts with `node`. Nothing: the program is in `PATH` already.
pub fn in_path(program: &Path, environment: &Environment) -> Option<OsString> {
    let folder = program.parent().filter(|folder| folder.is_absolute())?;
    let path = environment.vars.get("PATH").cloned().unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if folders.iter().any(|known| known == folder) {
        return None;
    }
    folders.push(folder.to_path_buf());
    std::env::join_paths(folders).ok()
}

fn folders(environment: &Environment) -> Vec<PathBuf> {
    let path = environment.vars.get("PATH").cloned().unwrap_or_default();
    let path = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    path.chain(usual_folders(environment)).collect()
}

fn joined(folders: &[PathBuf]) -> Option<OsString> {
    // A folder with the separator in its name cannot be searched; the others can.
    let good = folders.iter().filter(|folder| std::env::join_paths([folder]).is_ok());
    std::env::join_paths(good).ok()
}
