//! `cargo x icons [FOLDER]`: all bitmaps from the drawings in `icons/`; with a folder, also the tray's at the sizes that
//! panels use, to be looked at.

use crate::shell::{Done, npm, program, root, run};
use crate::{front, system};

/// Those that the packages use, of the many that the tool makes.
const APP: [&str; 6] = ["32x32.png", "128x128.png", "128x128@2x.png", "icon.png", "icon.ico", "icon.icns"];

pub(crate) fn make(rest: &[String]) -> Done {
    system::ensure_node()?;
    front::install()?;
    let words: Vec<&str> = std::iter::once("icons/make.mjs").chain(rest.iter().map(String::as_str)).collect();
    run("Drawing the tray's icons", program("node", &words))?;
    let made = root().join("target/icons");
    let into = made.to_string_lossy();
    run(
        "Drawing the app's icons",
        npm(&["exec", "--", "tauri", "icon", "icons/app.svg", "--output", &into]),
    )?;
    let app = root().join("icons/app");
    let copy = || {
        std::fs::create_dir_all(&app)?;
        APP.iter().try_for_each(|name| std::fs::copy(made.join(name), app.join(name)).map(drop))
    };
    copy().map_err(|error| format!("{} cannot be written: {error}.", app.display()))
}
