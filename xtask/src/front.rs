//! The front end: its packages, its build.

use crate::shell::{Done, npm, root, run};
use std::path::Path;
use std::time::SystemTime;

/// Installs the packages the lock file names, if it changed since.
pub(crate) fn install() -> Done {
    let lock = root().join("package-lock.json");
    let done = root().join("node_modules/.package-lock.json");
    if changed(&done).is_some_and(|done| changed(&lock).is_some_and(|lock| lock <= done)) {
        return Ok(());
    }
    run("Installing front-end packages", npm(&["ci", "--no-audit", "--no-fund"]))
}

/// Builds the page, if anything it is made of changed since.
pub(crate) fn build() -> Done {
    install()?;
    let built = changed(&root().join("mobile-web/dist/index.html"));
    let newest = ["mobile-web/src", "mobile-web/public", "packages/client/src"]
        .iter()
        .filter_map(|folder| newest_in(&root().join(folder)))
        .chain(
            ["mobile-web/index.html", "mobile-web/vite.config.ts", "package-lock.json"]
                .iter()
                .filter_map(|file| changed(&root().join(file))),
        )
        .max();
    if built.is_some() && built >= newest {
        return Ok(());
    }
    run("Building the page", npm(&["run", "build"]))
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}

fn newest_in(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries
        .flatten()
        .filter_map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => newest_in(&entry.path()),
            _ => changed(&entry.path()),
        })
        .max()
}
