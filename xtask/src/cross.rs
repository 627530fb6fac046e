//! Type checks for the systems this one is not.
//!
//! The toolchain at hand may have no standard library for them. Debian's `rustc-web` comes with the sources of its own,
//! so the library is checked along. C sources (SQLite, ring) are compiled for Windows by mingw; for macOS nothing can
//! compile them here, and a check needs no more than files of the right names. What is for Windows can also be linked,
//! and tried under Wine.

use crate::shell::{Done, ask, program, root, run};
use crate::system::{self, Need, tool};
use crate::{front, wine};
use std::path::{Path, PathBuf};
use std::process::Command;

const NEEDS: &[Need] = &[
    tool("/usr/bin/rustc", "rustc-web", "it comes with its standard library's sources"),
    tool("/usr/bin/cargo", "cargo-web", "it fits that compiler"),
    tool("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64", "it compiles C for Windows"),
];
const SOURCES: &str = "/usr/lib/rustlib/src/rust/library/Cargo.lock";

const WINDOWS: &str = "x86_64-pc-windows-gnu";
const MACOS: &str = "aarch64-apple-darwin";

/// Stands in for a C compiler: makes the object it was asked for, empty.
const NO_COMPILER: &str = r#"#!/bin/sh
case " $* " in *" -E "*|*--version*|*" -v "*) echo "Apple clang version 15.0.0"; exit 0;; esac
object=""
while [ $# -gt 0 ]; do [ "$1" = -o ] && object=$2; shift; done
[ -n "$object" ] && : > "$object"
exit 0
"#;
const NO_ARCHIVER: &str =
    "#!/bin/sh\nfor word in \"$@\"; do case $word in *.a) : > \"$word\";; esac; done\nexit 0\n";

/// `--wine`: the console program is also built for Windows and tried under Wine.
pub(crate) fn check(args: &[String]) -> Done {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let tried = match args.as_slice() {
        [] => false,
        ["--wine"] => true,
        _ => return Err("The only thing that can be added is --wine.".into()),
    };
    if !cfg!(target_os = "linux") || ask(program("apt-get", &["--version"])).is_none() {
        return Err(
            "The checks for other systems need Debian or Ubuntu; CI runs them on those systems themselves."
                .into(),
        );
    }
    system::ensure(NEEDS)?;
    if tried {
        system::ensure(wine::NEEDS)?;
    }
    // The app's windows are put into it.
    system::ensure_node()?;
    front::build()?;
    if !Path::new(SOURCES).exists() {
        system::install(&["rust-web-src"])?;
    }
    let folder = root().join("target/cross");
    let stand_ins =
        stand_ins(&folder).map_err(|error| format!("{} cannot be written: {error}.", folder.display()))?;
    run("Checking for Windows", cargo(&CHECK, WINDOWS, &folder, &stand_ins))?;
    run("Checking for macOS", cargo(&CHECK, MACOS, &folder, &stand_ins))?;
    if tried {
        run("Building for Windows", cargo(&BUILD, WINDOWS, &folder, &stand_ins))?;
        wine::try_out(&folder.join(WINDOWS).join("debug/offdesk.exe"), &folder)?;
    }
    Ok(())
}

/// The edge of the tests runs on Linux alone, and is left out.
const CHECK: [&str; 4] = ["check", "--workspace", "--exclude", "offdesk-scripted-edge"];
const BUILD: [&str; 5] = ["build", "--package", "offdesk", "--bin", "offdesk"];

struct StandIns {
    compiler: PathBuf,
    archiver: PathBuf,
}

fn stand_ins(folder: &Path) -> std::io::Result<StandIns> {
    std::fs::create_dir_all(folder)?;
    let script = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        }
        std::io::Result::Ok(path)
    };
    Ok(StandIns { compiler: script("cc", NO_COMPILER)?, archiver: script("ar", NO_ARCHIVER)? })
}

fn cargo(verb: &[&str], target: &str, folder: &Path, stand_ins: &StandIns) -> Command {
    let words = [verb, &["--locked", "-Zbuild-std=std,panic_abort", "--target", target]].concat();
    let mut command = program("/usr/bin/cargo", &words);
    // What the other toolchain has set must not reach this one.
    for name in ["RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "CARGO", "RUSTFLAGS"] {
        command.env_remove(name);
    }
    command
        .env("PATH", "/usr/bin:/usr/sbin:/bin")
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", folder)
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc")
        .env("CC_aarch64_apple_darwin", &stand_ins.compiler)
        .env("CXX_aarch64_apple_darwin", &stand_ins.compiler)
        .env("AR_aarch64_apple_darwin", &stand_ins.archiver)
        .env("SDKROOT", folder);
    command
}
