//! What each verb does.

use crate::shell::{Done, ask, cargo, npm, program, root, run};
use crate::{agents, front, system};
use std::ffi::OsString;
use std::process::Command;

/// Sets up, builds and runs `offdesk serve`.
pub(crate) fn serve(rest: &[String]) -> Done {
    system::ensure(system::BUILD)?;
    system::ensure_node()?;
    front::build()?;
    let words = ["run", "--release", "--package", "offdesk", "--bin", "offdesk", "--", "serve"];
    let words: Vec<&str> = words.into_iter().chain(rest.iter().map(String::as_str)).collect();
    run("Running Offdesk", cargo(&words))
}

/// What the journeys are told of where our own programs are.
const PROGRAMS: [(&str, &str); 4] = [
    ("OFFDESK_BIN", "offdesk"),
    ("OFFDESK_MODEL", "scripted-model"),
    ("OFFDESK_EDGE", "scripted-edge"),
    ("OFFDESK_CLOUDFLARED", "scripted-cloudflared"),
];

pub(crate) fn test() -> Done {
    system::ensure(system::BUILD)?;
    system::ensure(system::TEST)?;
    system::ensure_node()?;
    front::build()?;
    let agents = agents::pinned()?;
    let mut tests = cargo(&["test", "--features", "offdesk/faults"]);
    // The same inputs for the fuzz targets each time: finding new ones is `cargo x fuzz`'s work.
    tests.envs(agents.clone()).env("BOLERO_RANDOM_SEED", "20261121");
    // This also builds the programs that the journeys run: each has a test of its own.
    run("Testing (Rust)", tests)?;
    run("Checking the front end's types", npm(&["run", "check"]))?;
    run("Testing (front end)", npm(&["test"]))?;
    run("Testing (journeys in a browser)", journeys("journeys", &agents))?;
    run("Testing (the app's windows, in a browser)", journeys("journeys:desktop", &agents))?;
    if let Some(said) = agents::not_tried(&agents) {
        eprintln!("\n{said}");
    }
    Ok(())
}

/// Journeys with the programs they need: those were built with the tests.
fn journeys(which: &str, agents: &[(&str, OsString)]) -> Command {
    with_programs(npm(&["run", which]), agents)
}

fn with_programs(mut journeys: Command, agents: &[(&str, OsString)]) -> Command {
    for (name, program) in PROGRAMS {
        let program = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        journeys.env(name, root().join("target/debug").join(program));
    }
    journeys.envs(agents.iter().cloned());
    journeys
}

/// Takes pictures of the phone's page into `docs/screenshots/phone`, on the way of the journeys that pass there.
pub(crate) fn phone_screenshots() -> Done {
    system::ensure(system::TEST)?;
    system::ensure(system::DESKTOP)?;
    system::ensure_node()?;
    front::build()?;
    let agents = agents::pinned()?;
    let programs = PROGRAMS.iter().flat_map(|(_, program)| ["--bin", *program]);
    let words: Vec<&str> = ["build", "--features", "offdesk/faults"].into_iter().chain(programs).collect();
    run("Building what the phone meets", cargo(&words))?;
    let pictures = program("node", &["mobile-web/e2e/screenshots.mjs"]);
    run("Taking pictures", with_programs(pictures, &agents))
}

pub(crate) fn lint() -> Done {
    system::ensure(system::BUILD)?;
    if ask(cargo(&["fmt", "--version"])).is_some() {
        run("Checking formatting", cargo(&["fmt", "--all", "--check"]))?;
    } else {
        eprintln!("cargo fmt is not installed; formatting was not checked (rustup component add rustfmt).");
    }
    if ask(cargo(&["clippy", "--version"])).is_some() {
        let features = ["clippy", "--all-targets", "--features", "offdesk/faults", "--", "-D", "warnings"];
        run("Linting", cargo(&features))?;
        // The app by itself: with the others it would turn on features of theirs, and compile everything twice.
        if !cfg!(target_os = "linux") || system::has_all(system::TRAY) {
            let tray = ["clippy", "--package", "offdesk-tray", "--all-targets", "--", "-D", "warnings"];
            front::build()?;
            run("Linting the tray app", cargo(&tray))?;
        }
    } else {
        eprintln!("cargo clippy is not installed; lints were not checked (rustup component add clippy).");
    }
    system::ensure_node()?;
    front::install()?;
    run("Checking the front end's types", npm(&["run", "check"]))
}

pub(crate) fn types() -> Done {
    let made = ask(cargo(&["run", "-q", "-p", "offdesk-protocol", "--features", "ts", "--example", "types"]))
        .ok_or("The types could not be made; `cargo check -p offdesk-protocol --features ts` says why.")?;
    let path = root().join("packages/client/src/types.gen.ts");
    std::fs::write(&path, made).map_err(|error| format!("{} cannot be written: {error}.", path.display()))?;
    run("What changed", program("git", &["diff", "--stat", "--", "packages/client/src/types.gen.ts"]))
}
