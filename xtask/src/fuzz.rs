//! `cargo x fuzz`: the fuzz targets, one after another, under libFuzzer for as long as one likes. The same targets run
//! for a moment each in `cargo x test`.

use crate::shell::{Done, ask, cargo, program, root, run};
use crate::system::{self, Need, tool};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Speaks with the release of bolero that the crates test with.
const CARGO_BOLERO: &str = "0.13.5";
/// For each target, when nobody says how long.
const SECONDS: u64 = 60;
const NEEDS: &[Need] = &[tool("c++", "build-essential", "libFuzzer is built from its source")];

/// Optimized for speed, and as strict as a debug build.
const PROFILE: [(&str, &str); 5] = [
    ("CARGO_PROFILE_FUZZ_INHERITS", "release"),
    ("CARGO_PROFILE_FUZZ_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_FUZZ_LTO", "off"),
    ("CARGO_PROFILE_FUZZ_DEBUG_ASSERTIONS", "true"),
    ("CARGO_PROFILE_FUZZ_OVERFLOW_CHECKS", "true"),
];

/// One test of a file `crates/*/tests/fuzz*.rs`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    /// The crate's folder.
    folder: String,
    package: String,
    name: String,
}

impl Target {
    fn title(&self) -> String {
        format!("{}/{}", self.folder, self.name)
    }
}

/// `[TARGET] [SECONDS]`: the targets whose title has TARGET in it; all of them without it.
pub(crate) fn fuzz(rest: &[String]) -> Done {
    let (wanted, seconds) = wanted(rest)?;
    if !cfg!(any(target_os = "linux", target_os = "macos")) {
        return Err(
            "libFuzzer needs Linux or macOS; `cargo x test` runs the same targets, for a moment each.".into(),
        );
    }
    let all = targets(&root().join("crates"))?;
    let chosen: Vec<&Target> = all.iter().filter(|target| target.title().contains(&wanted)).collect();
    if chosen.is_empty() {
        let titles: Vec<String> = all.iter().map(|target| format!("  {}", target.title())).collect();
        return Err(format!("No target has {wanted:?} in its name. There are:\n{}", titles.join("\n")));
    }
    system::ensure(NEEDS)?;
    let bolero = bolero()?;
    let mut broken = Vec::new();
    for (at, target) in chosen.iter().enumerate() {
        eprintln!("\n══ {} ({} of {}, {seconds} s)", target.title(), at + 1, chosen.len());
        if let Err(why) = run("Fuzzing", command(&bolero, target, seconds)?) {
            eprintln!("\n{why}");
            broken.push(target.title());
        }
    }
    if broken.is_empty() {
        eprintln!("\nTargets tried: {}; nothing found.", chosen.len());
        return Ok(());
    }
    Err(format!(
        "These targets failed, or could not be built; what each said is above:\n  {}\nAn input that breaks one is kept \
         in target/fuzz/found/CRATE/TARGET/crashes.",
        broken.join("\n  ")
    ))
}

fn wanted(rest: &[String]) -> Result<(String, u64), String> {
    let number = |word: &String| word.parse::<u64>().ok().filter(|seconds| *seconds > 0);
    match rest {
        [] => Ok((String::new(), SECONDS)),
        [one] => Ok(number(one).map_or_else(|| (one.clone(), SECONDS), |seconds| (String::new(), seconds))),
        [target, seconds] => {
            let seconds = number(seconds).ok_or(format!("{seconds:?} is no number of seconds."))?;
            Ok((target.clone(), seconds))
        }
        _ => Err("Say at most a target and a number of seconds: cargo x fuzz [TARGET] [SECONDS].".into()),
    }
}

/// Every test in a crate's `tests/fuzz*.rs`.
fn targets(crates: &Path) -> Result<Vec<Target>, String> {
    let mut found = Vec::new();
    for folder in entries(crates)? {
        let Ok(manifest) = std::fs::read_to_string(folder.join("Cargo.toml")) else { continue };
        let package = manifest.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        let Some(package) = package else { continue };
        for file in entries(&folder.join("tests")).unwrap_or_default() {
            let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !name(&file).starts_with("fuzz") || !name(&file).ends_with(".rs") {
                continue;
            }
            let source = std::fs::read_to_string(&file)
                .map_err(|error| format!("{} cannot be read: {error}.", file.display()))?;
            found.extend(tests(&source).into_iter().map(|test| Target {
                folder: name(&folder),
                package: package.into(),
                name: test,
            }));
        }
    }
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let read = std::fs::read_dir(folder)
        .map_err(|error| format!("{} cannot be read: {error}.", folder.display()))?;
    Ok(read.flatten().map(|entry| entry.path()).collect())
}

/// The names of the tests at the top of a file.
fn tests(source: &str) -> Vec<String> {
    let mut lines = source.lines();
    let mut found = Vec::new();
    while lines.by_ref().any(|line| line == "#[test]") {
        let name =
            lines.by_ref().find_map(|line| line.strip_prefix("fn ")?.split('(').next().map(str::to_string));
        found.extend(name);
    }
    found
}

/// Installs cargo-bolero, once for each version.
fn bolero() -> Result<PathBuf, String> {
    let tools = root().join("target/tools");
    let path = tools.join("bin/cargo-bolero");
    let installed = || {
        let list = ask(cargo(&["install", "--list", "--root", &tools.to_string_lossy()])).unwrap_or_default();
        path.exists() && list.lines().any(|line| line == format!("cargo-bolero v{CARGO_BOLERO}:"))
    };
    if !installed() {
        let version = format!("cargo-bolero@{CARGO_BOLERO}");
        let words = ["install", "--locked", &version, "--root", &tools.to_string_lossy()];
        run("Installing cargo-bolero", cargo(&words))?;
    }
    Ok(path)
}

fn command(bolero: &Path, target: &Target, seconds: u64) -> Result<Command, String> {
    let found = root().join("target/fuzz/found").join(&target.folder).join(&target.name);
    let folder = |name: &str| {
        let folder = found.join(name);
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{} cannot be made: {error}.", folder.display()))?;
        Ok::<_, String>(folder.to_string_lossy().into_owned())
    };
    let (corpus, crashes) = (folder("corpus")?, folder("crashes")?);
    let build = root().join("target/fuzz/build").to_string_lossy().into_owned();
    let time = format!("{seconds}s");
    let words = ["bolero", "test", "--package", &target.package, &target.name, "-T", &time];
    let places = ["--target-dir", &build, "--corpus-dir", &corpus, "--crashes-dir", &crashes];
    // The numbers at the end; and long inputs from the beginning, for most targets are lists of things.
    let words: Vec<&str> =
        words.into_iter().chain(places).chain(["-E=-print_final_stats=1", "-E=-len_control=0"]).collect();
    let mut command = program(&bolero.to_string_lossy(), &words);
    // The sanitizers' flags are not for everyone yet; a stable compiler takes them like this.
    command.env("RUSTC_BOOTSTRAP", "1").envs(PROFILE);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_and_a_time_may_be_said() {
        let said = |words: &[&str]| wanted(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(said(&[]), Ok((String::new(), SECONDS)));
        assert_eq!(said(&["5"]), Ok((String::new(), 5)));
        assert_eq!(said(&["link/"]), Ok(("link/".into(), SECONDS)));
        assert_eq!(said(&["link/", "5"]), Ok(("link/".into(), 5)));
        assert!(said(&["link/", "soon"]).is_err() && said(&["a", "5", "b"]).is_err());
    }

    #[test]
    fn every_parser_has_a_target() {
        let found = targets(&root().join("crates")).unwrap();
        for folder in ["link", "protocol", "agents"] {
            assert!(found.iter().any(|target| target.folder == folder), "{folder}: {found:?}");
        }
        let link = found.iter().find(|target| target.folder == "link").unwrap();
        assert_eq!(link.package, "offdesk-link");
        let source = "#[test]\n#[ignore]\nfn a() {\n}\n\nfn b() {}\n    #[test]\n#[test]\nfn c() {}\n";
        assert_eq!(tests(source), ["a", "c"]);
    }
}
