//! System packages: installed where we can, named where we can't.

use crate::shell::{Done, ask, has, program, run};

/// A program we need, and the Debian package that has it.
pub(crate) struct Need {
    pub program: &'static str,
    pub package: &'static str,
    pub why: &'static str,
}

/// To build.
pub(crate) const BUILD: &[Need] =
    &[Need { program: "cc", package: "build-essential", why: "SQLite is built from its source" }];

/// To test.
pub(crate) const TEST: &[Need] = &[
    Need { program: "chromium", package: "chromium", why: "the journeys run in a browser" },
    Need { program: "ps", package: "procps", why: "tests look for processes that were left" },
];

/// To build the app on Debian: the libraries its windows are drawn with.
const APP: &[&str] = &["pkg-config", "libwebkit2gtk-4.1-dev", "libayatana-appindicator3-dev", "librsvg2-dev"];

/// Installs what the app is built with, where it is not there. Only Linux has it as packages.
pub(crate) fn ensure_app() -> Done {
    let there = || ask(program("pkg-config", &["--exists", "webkit2gtk-4.1"])).is_some();
    if !cfg!(target_os = "linux") || there() {
        return Ok(());
    }
    if !has("apt-get") {
        return Err("The libraries of WebKitGTK 4.1 are missing; install them and try again.".into());
    }
    install(APP)
}

/// Installs what is missing.
pub(crate) fn ensure(needs: &[Need]) -> Done {
    let missing: Vec<&Need> = needs.iter().filter(|need| !has(need.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list: Vec<String> =
        missing.iter().map(|need| format!("  {} ({}): {}", need.program, need.package, need.why)).collect();
    let list = list.join("\n");
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    if !cfg!(target_os = "linux") || !has("apt-get") {
        return Err(format!("These programs are missing; install them and try again:\n{list}"));
    }
    if may_install().is_none() {
        return Err(format!(
            "These programs are missing:\n{list}\nInstall them with: sudo apt-get install {}",
            packages.join(" ")
        ));
    }
    install(&packages)
}

/// Installs Debian packages.
pub(crate) fn install(packages: &[&str]) -> Done {
    let prefix = may_install()
        .ok_or_else(|| format!("Install these first: sudo apt-get install {}", packages.join(" ")))?;
    apt(prefix, &["update", "-q"])?;
    apt(prefix, &[&["install", "-y", "-q", "--no-install-recommends"], packages].concat())
}

/// What goes before a command that installs; nothing if we may not.
fn may_install() -> Option<&'static [&'static str]> {
    if is_root() { Some(&[]) } else { ask(program("sudo", &["-n", "true"])).map(|_| &["sudo", "-n"][..]) }
}

fn apt(prefix: &[&str], args: &[&str]) -> Done {
    let words: Vec<&str> =
        prefix.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).collect();
    let all: Vec<&str> = words[1..].iter().chain(args).copied().collect();
    run("Installing system packages", program(words[0], &all))
}

pub(crate) fn is_root() -> bool {
    ask(program("id", &["-u"])).is_some_and(|id| id.trim() == "0")
}

/// Node is not ours to install: how is everyone's own choice.
pub(crate) fn ensure_node() -> Done {
    let version = ask(program("node", &["--version"])).unwrap_or_default();
    let major: u32 =
        version.trim().trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    match major {
        20.. => Ok(()),
        0 => Err("Node.js is missing. Install version 20 or newer: https://nodejs.org".into()),
        old => Err(format!("Node.js {old} is too old. Install version 20 or newer: https://nodejs.org")),
    }
}
