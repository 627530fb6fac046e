//! System packages: installed where we can, named where we can't.

use crate::shell::{Done, ask, has, program, run};

/// Something we need, and the Debian package that has it.
pub(crate) struct Need {
    pub what: What,
    pub package: &'static str,
    pub why: &'static str,
}

/// How one sees that it is there.
pub(crate) enum What {
    /// By its name on the PATH, or by its place.
    Program(&'static str),
    /// By its name for pkg-config.
    Library(&'static str),
    /// By its name for Python, which Debian gives in parts.
    Module(&'static str),
}

impl What {
    fn is_there(&self) -> bool {
        match self {
            Self::Program(name) => has(name),
            Self::Library(name) => ask(program("pkg-config", &["--exists", name])).is_some(),
            Self::Module(name) => ask(program(PYTHON, &["-c", &format!("import {name}")])).is_some(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Program(name) | Self::Library(name) | Self::Module(name) => name,
        }
    }
}

pub(crate) const fn tool(name: &'static str, package: &'static str, why: &'static str) -> Need {
    Need { what: What::Program(name), package, why }
}

const fn library(name: &'static str, package: &'static str, why: &'static str) -> Need {
    Need { what: What::Library(name), package, why }
}

/// To build.
pub(crate) const BUILD: &[Need] = &[tool("cc", "build-essential", "SQLite is built from its source")];

/// To build the tray app, on Linux.
pub(crate) const TRAY: &[Need] = &[
    tool("pkg-config", "pkg-config", "the libraries of the desktop are found by it"),
    library("webkit2gtk-4.1", "libwebkit2gtk-4.1-dev", "the app's windows are web views"),
    library("librsvg-2.0", "librsvg2-dev", "the app's icons are drawn by it"),
];

/// To test the tray app: a desktop of its own.
pub(crate) const DESKTOP: &[Need] = &[
    tool("Xvfb", "xvfb", "the tests have a screen of their own"),
    tool("xdpyinfo", "x11-utils", "they wait for that screen"),
    tool("xdotool", "xdotool", "they type and click there"),
    tool("openbox", "openbox", "windows there need a manager"),
    tool("lxqt-panel", "lxqt-panel", "the icon needs a tray"),
    tool("dunst", "dunst", "notifications need a service"),
    tool("dbus-daemon", "dbus", "the desktop's programs talk over a bus of their own"),
    tool("busctl", "systemd", "the tests talk over it, too"),
    tool("gnome-keyring-daemon", "gnome-keyring", "the host's keys are in a keyring there"),
    tool("WebKitWebDriver", "webkit2gtk-driver", "it drives the app's windows"),
    tool("import", "imagemagick", "they look at the screen"),
    tool("chromium", "chromium", "the phone is a browser"),
    Need {
        what: What::Program("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
        package: "fonts-dejavu-core",
        why: "the windows have words in them",
    },
];

/// To test.
pub(crate) const TEST: &[Need] = &[
    tool("chromium", "chromium", "the journeys run in a browser"),
    tool("ps", "procps", "tests look for processes that were left"),
];

/// What Python is called.
pub(crate) const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// To install what PyPI has.
pub(crate) const VENV: &[Need] = &[Need {
    what: What::Module("ensurepip"),
    package: "python3-venv",
    why: "an agent that is tested is written in Python",
}];

/// Whether nothing of this is missing.
pub(crate) fn has_all(needs: &[Need]) -> bool {
    needs.iter().all(|need| need.what.is_there())
}

/// Installs what is missing.
pub(crate) fn ensure(needs: &[Need]) -> Done {
    let missing: Vec<&Need> = needs.iter().filter(|need| !need.what.is_there()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = missing
        .iter()
        .map(|need| format!("  {} ({}): {}", need.what.name(), need.package, need.why))
        .collect();
    let list = list.join("\n");
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    if !cfg!(target_os = "linux") || !has("apt-get") {
        return Err(format!("This is missing; install it and try again:\n{list}"));
    }
    if may_install().is_none() {
        return Err(format!(
            "This is missing:\n{list}\nInstall them with: sudo apt-get install {}",
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
