//! What goes into packages beside the app: laid out in `src-tauri/binaries`, where the bundler looks for it.

use super::Wish;
use crate::shell::{Done, ask, program, root};
use std::path::{Path, PathBuf};

/// What `offdesk` says of itself, and the file it goes into.
const SAID: [(&[&str], &str); 4] = [
    (&["completions", "bash"], "offdesk.bash"),
    (&["completions", "zsh"], "_offdesk"),
    (&["completions", "fish"], "offdesk.fish"),
    (&["man"], "offdesk.1"),
];

pub(super) fn folder() -> PathBuf {
    root().join("src-tauri/binaries")
}

/// Lays out the program under the name that the bundler expects, and what is made from it.
pub(super) fn stage(wish: &Wish) -> Done {
    let folder = folder();
    let share = folder.join("share");
    std::fs::create_dir_all(&share)
        .map_err(|error| format!("{} cannot be made: {error}.", share.display()))?;
    let beside = folder.join(format!("offdesk-{}{}", wish.triple, wish.suffix()));
    let built = wish.program();
    std::fs::copy(&built, &beside)
        .map_err(|error| format!("{} cannot be copied: {error}.", built.display()))?;
    // A program for elsewhere cannot be asked here; the packages that want this are made on their own system.
    if !wish.foreign {
        for (words, file) in SAID {
            let text = ask(program(&built.to_string_lossy(), words))
                .filter(|text| !text.is_empty())
                .ok_or(format!("`offdesk {}` says nothing.", words.join(" ")))?;
            write(&share.join(file), &text)?;
        }
    }
    let meta = "dev.offdesk.tray.metainfo.xml";
    let text = std::fs::read_to_string(root().join("installers/linux").join(meta))
        .map_err(|error| format!("installers/linux/{meta} cannot be read: {error}."))?;
    let text = text.replace("{{version}}", &super::version()?).replace("{{date}}", &date()?);
    write(&share.join(meta), &text)
}

/// The day of the newest commit, so that the same source makes the same package.
pub(super) fn date() -> Result<String, String> {
    ask(program("git", &["log", "-1", "--format=%cs"]))
        .map(|day| day.trim().to_string())
        .filter(|day| !day.is_empty())
        .ok_or_else(|| "git does not say when the newest commit was made.".into())
}

fn write(path: &Path, text: &str) -> Done {
    std::fs::write(path, text).map_err(|error| format!("{} cannot be written: {error}.", path.display()))
}
