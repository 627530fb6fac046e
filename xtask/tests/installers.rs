//! What surrounds the packages: icons, manifests, workflows, and the files they name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use yaml_rust2::{Yaml, YamlLoader};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(&path)).unwrap_or_else(|error| panic!("{:?}: {error}", path.as_ref()))
}

/// Files at the same place on the shelf of a release, with sums that are all different.
const FILES: [&str; 9] = [
    "Offdesk_9.8.7_amd64.deb",
    "Offdesk-9.8.7-1.x86_64.rpm",
    "Offdesk_9.8.7_x64-setup.exe",
    "Offdesk_9.8.7_x64_en-US.msi",
    "Offdesk_9.8.7_aarch64.dmg",
    "Offdesk_9.8.7_x64.dmg",
    "offdesk-9.8.7-aarch64-apple-darwin.tar.gz",
    "offdesk-9.8.7-x86_64-apple-darwin.tar.gz",
    "offdesk-9.8.7-x86_64-unknown-linux-gnu.tar.gz",
];

fn sum(at: usize) -> String {
    format!("{at:02x}").repeat(32)
}

fn fill(files: &[&str], folder: &Path) -> Output {
    let sums: String =
        files.iter().enumerate().map(|(at, file)| format!("{}  {file}\n", sum(at + 0xa0))).collect();
    std::fs::write(folder.join("SHA256SUMS"), sums).unwrap();
    std::fs::write(folder.join("Offdesk_9.8.7_x64-setup.exe.sig"), "c2lnbmVk\n").unwrap();
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["dist", "--manifests", "v9.8.7"])
        .arg(folder.join("SHA256SUMS"))
        .arg(folder.join("out"))
        .output()
        .unwrap()
}

#[test]
fn manifests_are_filled_with_the_sums_of_the_files_they_name() {
    let folder = tempfile::tempdir().unwrap();
    let output = fill(&FILES, folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let out = |path: &str| std::fs::read_to_string(folder.path().join("out").join(path)).unwrap();
    let yaml = |name: &str| {
        let documents = YamlLoader::load_from_str(&out(&format!("winget/{name}.yaml"))).unwrap();
        assert_eq!(documents.len(), 1);
        documents.into_iter().next().unwrap()
    };
    let installer = yaml("Offdesk.Offdesk.installer");
    for (at, file) in [(0, FILES[2]), (1, FILES[3])] {
        let one = &installer["Installers"][at];
        assert!(one["InstallerUrl"].as_str().unwrap().ends_with(&format!("/v9.8.7/{file}")));
        let place = FILES.iter().position(|name| *name == file).unwrap();
        assert_eq!(one["InstallerSha256"].as_str().unwrap(), sum(place + 0xa0).to_uppercase());
    }
    for (name, kind) in [
        ("Offdesk.Offdesk", "version"),
        ("Offdesk.Offdesk.installer", "installer"),
        ("Offdesk.Offdesk.locale.en-US", "defaultLocale"),
    ] {
        let document = yaml(name);
        assert_eq!(document["PackageVersion"].as_str(), Some("9.8.7"), "{name}: a version is text");
        assert_eq!(document["ManifestType"].as_str(), Some(kind));
    }
    let cask = out("homebrew/Casks/offdesk.rb");
    assert!(
        cask.contains(&format!("arm:   \"{}\"", sum(4 + 0xa0))) && cask.contains(&sum(5 + 0xa0)),
        "{cask}"
    );
    assert!(cask.contains("Offdesk_#{version}_#{arch}.dmg"));
    let formula = out("homebrew/Formula/offdesk.rb");
    for (at, file) in FILES.iter().enumerate().skip(6) {
        let (url, sum) = (format!("/v9.8.7/{file}\"\n"), format!("sha256 \"{}\"", sum(at + 0xa0)));
        let (_, after) = formula.split_once(&url).unwrap_or_else(|| panic!("no {url}"));
        assert!(after.trim_start().starts_with(&sum), "{file} has its own sum");
    }
    let (build, info) = (out("aur/PKGBUILD"), out("aur/.SRCINFO"));
    assert!(build.contains("\npkgver=9.8.7\n") && info.contains("\tpkgver = 9.8.7\n"));
    assert!(build.contains(&sum(0xa0)) && info.contains(&format!("\tsha256sums = {}\n", sum(0xa0))));
    for name in ["depends", "provides", "conflicts", "arch", "license"] {
        let quoted = build.lines().find_map(|line| line.strip_prefix(&format!("{name}=("))).unwrap();
        let listed: Vec<&str> = quoted.split('\'').skip(1).step_by(2).collect();
        let said: Vec<&str> =
            info.lines().filter_map(|line| line.strip_prefix(&format!("\t{name} = "))).collect();
        assert_eq!(listed, said, "PKGBUILD and .SRCINFO name the same {name}");
    }
    let latest: Value = serde_json::from_str(&out("latest.json")).unwrap();
    assert_eq!(latest["version"], "9.8.7");
    let platforms = latest["platforms"].as_object().unwrap();
    assert_eq!(platforms.keys().collect::<Vec<_>>(), ["windows-x86_64"], "only what was signed");
    assert_eq!(latest["platforms"]["windows-x86_64"]["signature"], "c2lnbmVk");
    for path in
        [folder.path().join("out/winget/Offdesk.Offdesk.yaml"), folder.path().join("out/aur/PKGBUILD")]
    {
        assert!(!std::fs::read_to_string(path).unwrap().contains("{{"));
    }
}

#[test]
fn a_release_that_lacks_a_file_gets_no_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let output = fill(&FILES[..5], folder.path());
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("there is no sum of Offdesk_9.8.7_x64.dmg"), "{said}");
    assert!(!folder.path().join("out").exists(), "nothing was written");
}

fn strings<'a>(value: &'a Yaml, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Yaml::Hash(hash) => {
            for (name, value) in hash {
                if name.as_str() == Some(key) {
                    found.extend(value.as_str());
                }
                strings(value, key, found);
            }
        }
        Yaml::Array(items) => items.iter().for_each(|item| strings(item, key, found)),
        _ => {}
    }
}

#[test]
fn workflows_can_be_read_and_name_the_versions_they_use() {
    for name in ["test", "release"] {
        let text = read(format!(".github/workflows/{name}.yml"));
        let document = YamlLoader::load_from_str(&text).unwrap().into_iter().next().unwrap();
        assert!(document["jobs"].as_hash().is_some_and(|jobs| !jobs.is_empty()), "{name}");
        let mut used = Vec::new();
        strings(&document, "uses", &mut used);
        assert!(!used.is_empty());
        for action in used {
            let version = action.split_once('@').map(|(_, version)| version).unwrap_or_default();
            assert!(
                version.starts_with('v') && version[1..].starts_with(|c: char| c.is_ascii_digit()),
                "{action}"
            );
        }
        let mut runs = Vec::new();
        strings(&document, "run", &mut runs);
        for verb in runs.iter().flat_map(|run| run.split("cargo x ").skip(1)) {
            let verb = verb.split_whitespace().next().unwrap();
            let known = read("xtask/src/main.rs");
            assert!(known.contains(&format!("\"{verb}\" =>")), "{name} uses cargo x {verb}");
        }
    }
}

#[test]
fn what_the_packages_are_made_of_is_there() {
    let overlay: Value = serde_json::from_str(&read("src-tauri/tauri.dist.conf.json")).unwrap();
    let main: Value = serde_json::from_str(&read("src-tauri/tauri.conf.json")).unwrap();
    let from = root().join("src-tauri");
    for kind in ["deb", "rpm"] {
        let linux = &overlay["bundle"]["linux"][kind];
        let named = linux["files"].as_object().unwrap().values().chain([&linux["desktopTemplate"]]);
        for file in named.map(|file| file.as_str().unwrap()) {
            assert!(file.starts_with("binaries/share/") || from.join(file).exists(), "{kind}: {file}");
        }
    }
    assert!(from.join(overlay["bundle"]["windows"]["nsis"]["installerHooks"].as_str().unwrap()).exists());
    for icon in main["bundle"]["icon"].as_array().unwrap() {
        assert!(from.join(icon.as_str().unwrap()).exists(), "{icon}");
    }
    assert_eq!(main["productName"], "Offdesk", "packages, menu entry and manifests are named for it");
    assert_eq!(main["mainBinaryName"], "offdesk-tray");
    assert!(
        read("installers/linux/dev.offdesk.tray.metainfo.xml").contains(main["identifier"].as_str().unwrap())
    );
}

/// Width and height, as the file says.
fn size(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn every_state_has_its_icons() {
    let counts = (1..=9).map(|count| format!("needs-you-{count}")).chain(["needs-you-more".into()]);
    let states = ["idle", "working", "needs-you", "unreachable", "off"].map(str::to_string);
    let mut seen = std::collections::BTreeSet::new();
    for name in states.into_iter().chain(counts) {
        for (kind, side) in [("", 32), ("@2x", 64), ("-template", 32), ("-template@2x", 64)] {
            let path = root().join(format!("icons/tray/{name}{kind}.png"));
            let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(size(&bytes), (side, side), "{}", path.display());
            assert!(seen.insert(bytes), "{} looks like another", path.display());
        }
    }
    assert_eq!(read("icons/app.svg"), read("mobile-web/public/icon.svg"), "one mark; run `cargo x icons`");
}
