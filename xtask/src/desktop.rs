//! The tray app: built and run where there is a display, tested on a desktop of its own.

use crate::shell::{Done, cargo, npm, program, root, run};
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
    ready()?;
    run("Testing the tray app (its pure parts)", cargo(&["test", "--package", "offdesk-tray"]))?;
    run("Testing the tray app (on a desktop)", on_a_desktop(npm(&["run", "journeys:tray"])))
}

/// Takes pictures of every window into `docs/screenshots`.
pub(crate) fn screenshots() -> Done {
    ready()?;
    run("Taking pictures", on_a_desktop(program("node", &["src-tauri/e2e/screenshots.mjs"])))
}

/// Everything that a desktop of its own needs is there and built.
fn ready() -> Done {
    if !cfg!(target_os = "linux") {
        return Err(
            "The desktop that the tests make is Linux's; here `cargo test -p offdesk-tray` tests the rest."
                .into(),
        );
    }
    ensure()?;
    system::ensure(system::DESKTOP)?;
    let headless = [
        "build",
        "--package",
        "offdesk",
        "--package",
        "offdesk-scripted-edge",
        "--features",
        "offdesk/faults",
    ];
    run("Building the gateway and the edge of the tests", cargo(&headless))?;
    run("Building the tray app", cargo(&["build", "--package", "offdesk-tray"]))
}

fn on_a_desktop(mut command: Command) -> Command {
    for (variable, name) in [
        ("OFFDESK_BIN", "offdesk"),
        ("OFFDESK_TRAY", "offdesk-tray"),
        ("OFFDESK_EDGE", "scripted-edge"),
        ("OFFDESK_CLOUDFLARED", "scripted-cloudflared"),
    ] {
        command.env(variable, root().join("target/debug").join(name));
    }
    command
}
