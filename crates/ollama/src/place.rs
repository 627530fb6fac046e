//! Where a path that a model said really leads.

use offdesk_agents::built_in::Place;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Links followed in one path; a loop has no end.
const MOST_LINKS: usize = 40;

/// A step of a path that is still to be taken.
enum Step {
    Root(PathBuf),
    Up,
    Down(OsString),
}

fn steps(path: &Path) -> impl DoubleEndedIterator<Item = Step> {
    let mut root = PathBuf::new();
    let mut steps = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => root.push(component),
            Component::CurDir => {}
            Component::ParentDir => steps.push(Step::Up),
            Component::Normal(name) => steps.push(Step::Down(name.into())),
        }
    }
    let first = (!root.as_os_str().is_empty()).then_some(Step::Root(root));
    first.into_iter().chain(steps)
}

/// The path as the system would walk it from the workspace, links and `..` included, also where it does not exist yet.
/// `root` is absolute and has no links itself.
pub(crate) fn resolve(root: &Path, said: &str) -> Result<Place, String> {
    if said.contains('\0') {
        return Err("A path cannot contain a NUL.".into());
    }
    let mut open: VecDeque<Step> = steps(Path::new(said)).collect();
    let mut here = root.to_path_buf();
    let mut links = 0;
    while let Some(step) = open.pop_front() {
        match step {
            // On Windows `\x` and `C:x` keep what they do not name.
            Step::Root(path) => here = if path.is_absolute() { path } else { here.join(path) },
            Step::Up => {
                here.pop();
            }
            Step::Down(name) => {
                let next = here.join(name);
                if !next.is_symlink() {
                    here = next;
                    continue;
                }
                links += 1;
                if links > MOST_LINKS {
                    return Err(format!("{said} leads through too many links."));
                }
                let target = std::fs::read_link(&next)
                    .map_err(|error| format!("The link {} cannot be followed: {error}.", next.display()))?;
                for step in steps(&target).rev() {
                    open.push_front(step);
                }
            }
        }
    }
    // As the system spells it: other systems know one file by several names.
    let here = dunce::canonicalize(&here).unwrap_or(here);
    let outside = !here.starts_with(root);
    let path = here.to_str().ok_or_else(|| format!("{said} leads to a name that is not readable text."))?;
    Ok(Place { path: path.into(), outside })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::os::unix::fs::symlink;

    /// A workspace with every kind of way out, and a secret beside it.
    struct Ground {
        _home: tempfile::TempDir,
        root: PathBuf,
        outside: PathBuf,
    }

    fn ground() -> Ground {
        let home = tempfile::tempdir().unwrap();
        let base = home.path().canonicalize().unwrap();
        let (root, outside) = (base.join("work"), base.join("out"));
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::create_dir_all(outside.join("deep")).unwrap();
        std::fs::write(root.join("a/file"), "").unwrap();
        std::fs::write(outside.join("secret"), "").unwrap();
        for (link, target) in [
            ("a/out", "../../out"),
            ("a/home", "b"),
            ("abs", outside.to_str().unwrap()),
            ("dangling", "../out/not-yet"),
            ("inside", "a/b"),
            ("loop", "loop"),
            ("a/b/chain", "../../abs"),
            ("sibling", "../work-two"),
        ] {
            symlink(target, root.join(link)).unwrap();
        }
        std::fs::create_dir(base.join("work-two")).unwrap();
        Ground { _home: home, root, outside }
    }

    #[test]
    fn each_way_out_is_seen() {
        let ground = ground();
        let leads = |said: &str| resolve(&ground.root, said).map(|place| (place.path, place.outside));
        let inside = |below: &str| Ok((ground.root.join(below).display().to_string(), false));
        let out = |below: &str| Ok((ground.outside.join(below).display().to_string(), true));

        assert_eq!(leads("a/file"), inside("a/file"));
        assert_eq!(leads("./a/../a/file"), inside("a/file"));
        assert_eq!(leads("new/deep/file"), inside("new/deep/file"));
        assert_eq!(leads("inside/x"), inside("a/b/x"));
        assert_eq!(
            leads("inside/../file"),
            inside("a/file"),
            "`..` after a link goes up from where it leads"
        );
        assert_eq!(leads(""), Ok((ground.root.display().to_string(), false)));

        assert_eq!(leads("../out/secret"), out("secret"));
        assert_eq!(leads("new/../../out/secret"), out("secret"), "through what does not exist");
        assert_eq!(leads("a/out/secret"), out("secret"));
        assert_eq!(leads("abs/deep/new"), out("deep/new"));
        assert_eq!(leads("a/b/chain/secret"), out("secret"));
        assert_eq!(leads("dangling"), out("not-yet"), "writing there would make a file outside");
        assert_eq!(leads(ground.outside.join("secret").to_str().unwrap()), out("secret"));
        assert!(leads("sibling").unwrap().1, "a folder whose name begins alike is another");
        assert!(leads("/etc/hostname").unwrap().1);
        assert!(leads("loop/x").is_err());
        assert!(leads("a\0b").is_err());
    }

    proptest! {
        /// Whatever is said: what we call inside, the system finds inside, and at the very same place.
        #[test]
        fn the_system_agrees(said in proptest::collection::vec(
            proptest::sample::select(vec!["a", "b", "..", ".", "out", "home", "abs", "dangling", "inside", "chain",
                "sibling", "file", "secret", "deep", "new", "work", "/"]), 0..9)) {
            let ground = ground();
            let said = said.join("/");
            let real = std::fs::canonicalize(ground.root.join(&said));
            match (resolve(&ground.root, &said), real) {
                (Ok(place), Ok(real)) => {
                    prop_assert_eq!(Path::new(&place.path), real.as_path());
                    prop_assert_eq!(place.outside, !real.starts_with(&ground.root));
                }
                (Ok(place), Err(_)) if !place.outside => {
                    // It does not exist: making it must not lead out.
                    let path = PathBuf::from(&place.path);
                    let there = path.ancestors().find(|path| path.symlink_metadata().is_ok()).unwrap();
                    prop_assert!(there.canonicalize().unwrap().starts_with(&ground.root));
                }
                (Ok(_), Err(_)) => {}
                (Err(_), real) => prop_assert!(real.is_err(), "the system reaches {said}"),
            }
        }
    }
}
