//! `offdesk` alone, packed, for machines without a desktop.

use super::{Wish, name, shelf, stage, version};
use crate::shell::{Done, ask, program, root, run};
use std::path::{Path, PathBuf};

/// Packs the program with what a server wants beside it.
pub(super) fn pack(wish: &Wish) -> Done {
    let shelf = shelf()?;
    let title = format!("offdesk-{}-{}", version()?, wish.triple);
    let folder = shelf.join("packing").join(&title);
    lay_out(wish, &folder).map_err(|error| format!("{} cannot be laid out: {error}.", folder.display()))?;
    let archive = shelf.join(format!("{title}.tar.gz"));
    let (archive, from) = (archive.to_string_lossy(), shelf.join("packing"));
    let from = from.to_string_lossy();
    let mut words = vec!["-czf", &*archive, "-C", &*from];
    // The same files make the same archive, where tar can.
    let date = format!("--mtime={} 00:00Z", stage::date()?);
    if ask(program("tar", &["--version"])).is_some_and(|said| said.contains("GNU")) {
        words.extend(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", &date]);
    }
    words.push(&title);
    run("Packing the program", program("tar", &words))?;
    std::fs::remove_dir_all(shelf.join("packing"))
        .map_err(|error| format!("{} cannot be removed: {error}.", folder.display()))
}

fn lay_out(wish: &Wish, folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let copy = |from: PathBuf, to: &str| {
        let to = folder.join(to);
        std::fs::create_dir_all(to.parent().unwrap_or(folder))?;
        std::fs::copy(from, to).map(drop)
    };
    copy(wish.program(), &format!("offdesk{}", wish.suffix()))?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(root().join(file), file)?;
    }
    copy(root().join("docs/installing.md"), "README.md")?;
    if wish.triple.contains("linux") {
        copy(root().join("installers/linux/offdesk.service"), "systemd/user/offdesk.service")?;
    }
    if !wish.foreign {
        for file in super::entries(&stage::folder().join("share")).unwrap_or_default() {
            let name = name(&file);
            if !name.ends_with(".xml") {
                copy(file, &format!("share/{name}"))?;
            }
        }
    }
    Ok(())
}
