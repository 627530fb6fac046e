//! `cargo x dist`: what people install.
//!
//! Tauri's bundler makes the packages. We give it the program `offdesk` to put beside the app, and what belongs to a
//! system besides: a unit, completions, a page for the manual.

mod headless;
mod manifests;
mod stage;
mod verify;

use crate::shell::{Done, ask, cargo, npm, program, root, run, target};
use crate::{front, system};
use std::path::{Path, PathBuf};

const USAGE: &str = "cargo x dist [--headless] [--target TRIPLE] [--bundles LIST] | --verify | --manifests VERSION SUMS [FOLDER]";

/// What is to be built, and for whom.
struct Wish {
    headless: bool,
    triple: String,
    /// Whether that is another system than this one, or another kind of processor.
    foreign: bool,
    bundles: Option<String>,
}

impl Wish {
    fn read(rest: &[String]) -> Result<Self, String> {
        let host = ask(program("rustc", &["-vV"])).unwrap_or_default();
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_string();
        let mut wish = Self { headless: false, triple: host.clone(), foreign: false, bundles: None };
        let mut words = rest.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().ok_or(format!("{word} needs a value: {USAGE}"));
            match word.as_str() {
                "--headless" => wish.headless = true,
                "--target" => wish.triple = value()?,
                "--bundles" => wish.bundles = Some(value()?),
                _ => return Err(format!("{word:?} is not known: {USAGE}")),
            }
        }
        wish.foreign = wish.triple != host;
        Ok(wish)
    }

    /// Where cargo puts what it builds for this target.
    fn built(&self) -> PathBuf {
        if self.foreign { target().join(&self.triple).join("release") } else { target().join("release") }
    }

    fn program(&self) -> PathBuf {
        self.built().join(format!("offdesk{}", self.suffix()))
    }

    fn suffix(&self) -> &'static str {
        if self.triple.contains("windows") { ".exe" } else { "" }
    }

    /// The packages that people expect on the system.
    fn bundles(&self) -> &str {
        self.bundles.as_deref().unwrap_or(match () {
            () if self.triple.contains("windows") => "nsis,msi",
            () if self.triple.contains("apple") => "app,dmg",
            () => "deb,rpm",
        })
    }

    /// As the packages' names have it.
    fn processor(&self) -> &str {
        let first = self.triple.split('-').next().unwrap_or_default();
        if first == "x86_64" { "x64" } else { first }
    }
}

pub(crate) fn dist(rest: &[String]) -> Done {
    match rest.first().map(String::as_str) {
        Some("--verify") => return verify::verify(),
        Some("--manifests") => return manifests::manifests(&rest[1..]),
        _ => {}
    }
    let wish = Wish::read(rest)?;
    system::ensure(system::BUILD)?;
    system::ensure_node()?;
    front::build()?;
    let mut words = vec!["build", "--release", "--locked", "--package", "offdesk"];
    if wish.foreign {
        words.extend(["--target", &wish.triple]);
    }
    run("Building the gateway", cargo(&words))?;
    stage::stage(&wish)?;
    if wish.headless {
        headless::pack(&wish)?;
    } else {
        bundle(&wish)?;
    }
    sums()
}

/// Has Tauri's bundler make the packages, and takes them.
fn bundle(wish: &Wish) -> Done {
    if cfg!(target_os = "linux") {
        system::ensure(system::TRAY)?;
    }
    let page = root().join("src-ui/dist/index.html");
    if !page.exists() {
        return Err(format!("{} is not there: the app's windows were not built.", page.display()));
    }
    let made = wish.built().join("bundle");
    if made.exists() {
        std::fs::remove_dir_all(&made)
            .map_err(|error| format!("{} cannot be removed: {error}.", made.display()))?;
    }
    let signed = signing()?;
    let mut words =
        vec!["exec", "--", "tauri", "build", "--ci", "--config", "src-tauri/tauri.dist.conf.json"];
    words.extend(signed.iter().flat_map(|config| ["--config", config]));
    words.extend(["--bundles", wish.bundles()]);
    if wish.foreign {
        words.extend(["--target", &wish.triple]);
    }
    words.extend(["--", "--locked"]);
    run("Building the app and its packages", npm(&words))?;
    take(wish, &made)
}

/// A release is signed, so that the app takes it for an update: by a key that only the release's builder has.
fn signing() -> Result<Option<String>, String> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (var("TAURI_SIGNING_PRIVATE_KEY"), var("OFFDESK_UPDATER_PUBKEY")) {
        (None, None) => Ok(None),
        (Some(_), Some(public)) if public.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)) => Ok(Some(
            format!(r#"{{"bundle":{{"createUpdaterArtifacts":true}},"plugins":{{"updater":{{"pubkey":"{public}"}}}}}}"#),
        )),
        (Some(_), Some(_)) => Err("OFFDESK_UPDATER_PUBKEY is not a key in base64.".into()),
        _ => Err("To sign, set both TAURI_SIGNING_PRIVATE_KEY and OFFDESK_UPDATER_PUBKEY; neither, to build without.".into()),
    }
}

/// Where packages are left.
fn shelf() -> Result<PathBuf, String> {
    let shelf = root().join("target/dist");
    std::fs::create_dir_all(&shelf)
        .map_err(|error| format!("{} cannot be made: {error}.", shelf.display()))?;
    Ok(shelf)
}

fn take(wish: &Wish, made: &Path) -> Done {
    let shelf = shelf()?;
    let mut taken = 0;
    for kind in entries(made)? {
        for file in entries(&kind).unwrap_or_default() {
            let Some(name) = shelved(&name(&file), &version()?, wish.processor()) else { continue };
            let to = shelf.join(&name);
            std::fs::copy(&file, &to)
                .map_err(|error| format!("{} cannot be written: {error}.", to.display()))?;
            eprintln!("   {}", to.display());
            taken += 1;
        }
    }
    if taken == 0 {
        return Err(format!("The bundler left no package in {}.", made.display()));
    }
    Ok(())
}

/// A package's name on the shelf; nothing if it is none. The updater's archive of a Mac's app does not say for which.
fn shelved(name: &str, version: &str, processor: &str) -> Option<String> {
    let (plain, signature) = match name.strip_suffix(".sig") {
        Some(plain) => (plain, ".sig"),
        None => (name, ""),
    };
    if plain == "Offdesk.app.tar.gz" {
        return Some(format!("Offdesk_{version}_{processor}.app.tar.gz{signature}"));
    }
    let package =
        [".deb", ".rpm", ".AppImage", ".dmg", ".msi", ".exe"].iter().any(|kind| plain.ends_with(kind));
    package.then(|| name.to_string())
}

/// Writes the sums of all that is on the shelf in this version.
fn sums() -> Done {
    let shelf = shelf()?;
    let version = version()?;
    let files: Vec<String> = entries(&shelf)?
        .iter()
        .filter(|path| path.is_file())
        .map(|path| name(path))
        .filter(|name| name.contains(&version) && !name.ends_with(".sig"))
        .collect();
    let folder = shelf.to_string_lossy();
    let mut words = vec!["installers/sums.mjs", &folder];
    words.extend(files.iter().map(String::as_str));
    run("Writing SHA256SUMS", program("node", &words))
}

/// The workspace's.
fn version() -> Result<String, String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml"))
        .map_err(|error| format!("Cargo.toml cannot be read: {error}."))?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    version.map(str::to_string).ok_or_else(|| "Cargo.toml names no version.".into())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let read = std::fs::read_dir(folder)
        .map_err(|error| format!("{} cannot be read: {error}.", folder.display()))?;
    let mut paths: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_taken_by_names_that_say_for_whom() {
        for (made, shelf) in [
            ("Offdesk_1.2.3_amd64.deb", Some("Offdesk_1.2.3_amd64.deb")),
            ("Offdesk_1.2.3_amd64.AppImage.sig", Some("Offdesk_1.2.3_amd64.AppImage.sig")),
            ("Offdesk.app.tar.gz", Some("Offdesk_1.2.3_aarch64.app.tar.gz")),
            ("Offdesk.app.tar.gz.sig", Some("Offdesk_1.2.3_aarch64.app.tar.gz.sig")),
            ("Offdesk.app", None),
            ("bundle_dmg.sh", None),
        ] {
            assert_eq!(shelved(made, "1.2.3", "aarch64").as_deref(), shelf, "{made}");
        }
    }

    #[test]
    fn a_word_that_is_not_known_is_named() {
        let words = |text: &str| text.split(' ').map(str::to_string).collect::<Vec<_>>();
        assert!(Wish::read(&words("--headles")).is_err_and(|why| why.contains("--headles")));
        assert!(Wish::read(&words("--target")).is_err_and(|why| why.contains("needs a value")));
        let wish = Wish::read(&words("--headless --target x86_64-pc-windows-msvc")).unwrap();
        assert!(wish.headless && wish.foreign);
        assert_eq!((wish.bundles(), wish.processor()), ("nsis,msi", "x64"));
        assert!(wish.program().ends_with("x86_64-pc-windows-msvc/release/offdesk.exe"));
    }
}
