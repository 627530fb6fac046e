//! Which program the service manager is to start: one that is still there next week.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Ourselves, by the name we were called by: package managers keep a link whose end moves with each version.
pub(super) fn stable(
    called: Option<&OsStr>,
    search: Option<&OsStr>,
    here: &Path,
    ourselves: &Path,
    same: impl Fn(&Path, &Path) -> bool,
) -> PathBuf {
    let Some(called) = called.map(Path::new) else { return ourselves.into() };
    let named = if called.components().count() > 1 || called.is_absolute() {
        vec![here.join(called)]
    } else {
        search.map(std::env::split_paths).into_iter().flatten().map(|folder| folder.join(called)).collect()
    };
    named
        .into_iter()
        .filter(|path| path.is_absolute())
        .find(|path| same(path, ourselves))
        .map_or_else(|| ourselves.into(), plain)
}

/// Without `.` and `..`, which a folder that moves would make wrong; those through links are left as they are.
fn plain(path: PathBuf) -> PathBuf {
    use std::path::Component;
    if path.components().any(|part| part == Component::ParentDir) {
        return path.canonicalize().unwrap_or(path);
    }
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// Why the program may soon be gone from there; nothing if it may not.
pub(super) fn fleeting(program: &Path, temporary: &Path) -> Option<&'static str> {
    let names: Vec<_> = program.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    if names.iter().any(|name| name.starts_with(".mount_")) {
        return Some("it is inside an AppImage, which is there only while it is open");
    }
    let temporaries = [
        temporary,
        Path::new("/tmp"),
        Path::new("/var/tmp"),
        Path::new("/private/tmp"),
        Path::new("/run/user"),
    ];
    if temporaries.iter().any(|folder| !folder.as_os_str().is_empty() && program.starts_with(folder)) {
        return Some("it is in a folder for temporary files");
    }
    let folder = names.len().checked_sub(2).map(|at| &*names[at]);
    (matches!(folder, Some("debug" | "release")) && names.iter().any(|name| name == "target"))
        .then_some("it is where it was built, and the next build replaces it")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_name_it_was_called_by_is_kept_when_it_is_ourselves() {
        let ourselves = Path::new("/opt/cellar/offdesk/0.1.0/bin/offdesk");
        let same = |path: &Path, _: &Path| path == Path::new("/opt/bin/offdesk") || path == ourselves;
        for (called, search, expected) in [
            (Some("offdesk"), Some("/usr/bin:/opt/bin"), "/opt/bin/offdesk"),
            (Some("/opt/bin/offdesk"), None, "/opt/bin/offdesk"),
            (Some("./offdesk"), None, "/opt/bin/offdesk"),
            (Some("offdesk"), Some("/usr/bin"), "/opt/cellar/offdesk/0.1.0/bin/offdesk"),
            (Some("offdesk"), Some("bin"), "/opt/cellar/offdesk/0.1.0/bin/offdesk"),
            (Some("something else"), Some("/opt"), "/opt/cellar/offdesk/0.1.0/bin/offdesk"),
            (None, None, "/opt/cellar/offdesk/0.1.0/bin/offdesk"),
        ] {
            let found = stable(
                called.map(OsStr::new),
                search.map(OsStr::new),
                Path::new("/opt/bin"),
                ourselves,
                same,
            );
            assert_eq!(found, Path::new(expected), "{called:?} {search:?}");
        }
    }

    #[test]
    fn places_that_do_not_last_are_known() {
        let temporary = Path::new("/var/folders/x/T");
        for (program, fleets) in [
            ("/usr/bin/offdesk", false),
            ("/home/me/.local/bin/offdesk", false),
            ("/home/me/offdesk/target/release/offdesk", true),
            ("/home/me/offdesk/target/x86_64-unknown-linux-gnu/debug/offdesk", true),
            ("/srv/release/offdesk", false),
            ("/tmp/offdesk", true),
            ("/var/folders/x/T/offdesk", true),
            ("/run/user/1000/.mount_OffdesX1/usr/bin/offdesk", true),
        ] {
            assert_eq!(fleeting(Path::new(program), temporary).is_some(), fleets, "{program}");
        }
    }
}
