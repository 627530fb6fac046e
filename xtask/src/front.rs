//! The front ends: their packages, their build.

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

/// What both pages are made of.
const SHARED: [&str; 3] = ["packages/client/src", "packages/ui/src", "package-lock.json"];

/// The phone's page and the app's windows: their folders, and what is made there that is as old as the rest.
const PAGES: [(&str, &str); 2] = [("mobile-web", "dist/index.html"), ("src-ui", "dist/index.html")];

/// Builds the pages, if anything they are made of changed since.
pub(crate) fn build() -> Done {
    install()?;
    if PAGES.iter().any(|(folder, made)| is_stale(&root().join(folder), made)) {
        run("Building the pages", npm(&["run", "build"]))?;
    }
    Ok(())
}

/// Whether the page in `folder` is older than what it is made of: everything there but what is made and what tries it.
fn is_stale(folder: &Path, made: &str) -> bool {
    let Some(built) = changed(&folder.join(made)) else { return true };
    let own = ["src", "public", "index.html", "start.html", "quit.html", "vite.config.ts", "package.json"];
    let parts = own.iter().map(|part| folder.join(part)).chain(SHARED.iter().map(|part| root().join(part)));
    parts.filter_map(|part| newest_in(&part)).max().is_some_and(|newest| newest > built)
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}

/// When a file, or anything in a folder, was changed last; nothing if there is none.
fn newest_in(path: &Path) -> Option<SystemTime> {
    if !path.is_dir() {
        return changed(path);
    }
    std::fs::read_dir(path).ok()?.flatten().filter_map(|entry| newest_in(&entry.path())).max()
}
