//! The tray app: built and run where there is a display, tested on a desktop of its own.

use crate::shell::{Done, cargo, npm, root, run};
use crate::{front, system};
use std::process::Command;

/// Somebody can see windows here.
pub(crate) fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn ensure() -> Done {
    system::ensure(system::BUILD)?;
    if cfg!(target_os = "linux") {
        system::ensure(system::TRAY)?;
    }
    system::ensure_node()?;
    front::build()
}

/// Builds the app and the gateway it starts, and runs the app.
pub(crate) fn serve() -> Done {
    ensure()?;
    // Each in a build of its own: together they would turn on each other's features and compile everything twice.
    run("Building the gateway", cargo(&["build", "--release", "--package", "offdesk", "--bin", "offdesk"]))?;
    run("Building the tray app", cargo(&["build", "--release", "--package", "offdesk-tray"]))?;
    let app = root().join("target/release").join(format!("offdesk-tray{}", std::env::consts::EXE_SUFFIX));
    run("Running Offdesk in the tray", Command::new(app))
}

/// Tests the app's pure parts, then the app on a real desktop.
pub(crate) fn test() -> Done {
    if !cfg!(target_os = "linux") {
        return Err(
            "The desktop that the tests make is Linux's; here `cargo test -p offdesk-tray` tests the rest."
                .into(),
        );
    }
    ensure()?;
    system::ensure(system::DESKTOP)?;
    run("Testing the tray app (its pure parts)", cargo(&["test", "--package", "offdesk-tray"]))?;
    run(
        "Building the gateway",
        cargo(&["build", "--package", "offdesk", "--bin", "offdesk", "--features", "offdesk/faults"]),
    )?;
    run("Building the tray app", cargo(&["build", "--package", "offdesk-tray"]))?;
    let mut journeys = npm(&["run", "journeys:tray"]);
    for name in ["offdesk", "offdesk-tray"] {
        let variable = if name == "offdesk" { "OFFDESK_BIN" } else { "OFFDESK_TRAY" };
        journeys.env(variable, root().join("target/debug").join(name));
    }
    run("Testing the tray app (on a desktop)", journeys)
}
