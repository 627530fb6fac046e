//! Folders in which installers and version managers put programs.

use crate::{Environment, is_older};
use std::path::{Path, PathBuf};

/// Of the whole machine.
const MACHINE: [&str; 6] = [
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/snap/bin",
    "/run/current-system/sw/bin",
    "C:/ProgramData/chocolatey/bin",
];

/// Where a variable names the manager's folder (the second is below it), or where that is in the home folder otherwise.
const MANAGED: [(&str, &str, &[&str]); 14] = [
    ("NPM_CONFIG_PREFIX", "bin", &[".npm-global/bin"]),
    ("PNPM_HOME", "", &[".local/share/pnpm", "Library/pnpm", "AppData/Local/pnpm"]),
    ("BUN_INSTALL", "bin", &[".bun/bin"]),
    ("VOLTA_HOME", "bin", &[".volta/bin", "AppData/Local/Volta/bin"]),
    ("MISE_DATA_DIR", "shims", &[".local/share/mise/shims", "AppData/Local/mise/shims"]),
    ("ASDF_DATA_DIR", "shims", &[".asdf/shims"]),
    ("NODENV_ROOT", "shims", &[".nodenv/shims"]),
    ("N_PREFIX", "bin", &["n/bin"]),
    ("NVM_SYMLINK", "", &[]),
    ("SCOOP", "shims", &["scoop/shims"]),
    ("CARGO_HOME", "bin", &[".cargo/bin"]),
    ("DENO_INSTALL", "bin", &[".deno/bin"]),
    ("HOMEBREW_PREFIX", "bin", &[".linuxbrew/bin"]),
    ("FNM_MULTISHELL_PATH", "bin", &[]),
];

/// Below the home folder, whatever variables say.
const HOME: [&str; 9] = [
    ".local/bin",
    "bin",
    ".claude/local",
    ".opencode/bin",
    ".yarn/bin",
    ".config/yarn/global/node_modules/.bin",
    ".nix-profile/bin",
    "AppData/Roaming/npm",
    "AppData/Local/Microsoft/WinGet/Links",
];

/// Folders with one folder a version of Node, by the variable that names what is above them.
const VERSIONS: [(&str, &str, &[&str]); 4] = [
    ("NVM_DIR", "versions/node", &[".nvm/versions/node"]),
    (
        "FNM_DIR",
        "node-versions",
        &[
            ".local/share/fnm/node-versions",
            ".fnm/node-versions",
            "Library/Application Support/fnm/node-versions",
            "AppData/Roaming/fnm/node-versions",
        ],
    ),
    ("MISE_DATA_DIR", "installs/node", &[".local/share/mise/installs/node"]),
    ("ASDF_DATA_DIR", "installs/nodejs", &[".asdf/installs/nodejs"]),
];

/// All of them, those of the machine first.
pub(crate) fn usual_folders(environment: &Environment) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = MACHINE.iter().map(PathBuf::from).collect();
    let home = environment.home();
    let below_home = |places: &[&str]| -> Vec<PathBuf> {
        home.iter().flat_map(|home| places.iter().map(|place| home.join(place))).collect()
    };
    let named = |variable: &str, below: &str| environment.var(variable).map(|at| Path::new(at).join(below));
    folders.extend(below_home(&HOME));
    for (variable, below, otherwise) in MANAGED {
        folders.extend(named(variable, below));
        folders.extend(below_home(otherwise));
    }
    folders.extend(home.as_deref().and_then(npm_prefix).map(|prefix| prefix.join("bin")));
    for (variable, below, otherwise) in VERSIONS {
        for versions in named(variable, below).into_iter().chain(below_home(otherwise)) {
            folders.extend(newest_first(&versions).into_iter().flat_map(|version| {
                [version.join("bin"), version.join("installation/bin"), version.join("installation")]
            }));
        }
    }
    folders.retain(|folder| folder.is_absolute());
    folders
}

/// Where npm puts what is installed for all, as the person set it.
fn npm_prefix(home: &Path) -> Option<PathBuf> {
    let settings = std::fs::read_to_string(home.join(".npmrc")).ok()?;
    let prefix = settings.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == "prefix").then(|| value.trim().trim_matches('"').to_string())
    })?;
    let prefix = prefix.replace("${HOME}", &home.display().to_string());
    match prefix.strip_prefix("~/") {
        Some(below) => Some(home.join(below)),
        None => Some(PathBuf::from(prefix)),
    }
}

fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    let name =
        |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // Aliases such as `lts` come after what says its number.
    found.sort_by(|one, other| {
        let (one, other) = (name(one), name(other));
        match (is_older(&one, &other), is_older(&other, &one)) {
            (true, _) => std::cmp::Ordering::Greater,
            (_, true) => std::cmp::Ordering::Less,
            _ => other.cmp(&one),
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(home: &Path, vars: &[(&str, &str)]) -> Environment {
        let home = ("HOME".to_string(), home.as_os_str().to_owned());
        let vars = vars.iter().map(|(name, value)| (name.to_string(), value.into()));
        Environment { vars: [home].into_iter().chain(vars).collect(), ..Environment::default() }
    }

    #[test]
    fn a_version_managers_newest_comes_first_and_a_variable_moves_it() {
        let home = tempfile::tempdir().unwrap();
        for version in ["v9.11.2", "v20.1.0", "v20.11.0"] {
            std::fs::create_dir_all(home.path().join(".nvm/versions/node").join(version)).unwrap();
            std::fs::create_dir_all(home.path().join("elsewhere/versions/node").join(version)).unwrap();
        }
        let of = |under: PathBuf, folders: Vec<PathBuf>| -> Vec<String> {
            let bins =
                folders.into_iter().filter(|folder| folder.starts_with(&under) && folder.ends_with("bin"));
            let bins = bins.filter(|folder| !folder.ends_with("installation/bin"));
            bins.map(|folder| folder.strip_prefix(&under).unwrap().display().to_string()).collect()
        };
        let newest = ["versions/node/v20.11.0/bin", "versions/node/v20.1.0/bin", "versions/node/v9.11.2/bin"];
        let usual = usual_folders(&environment(home.path(), &[]));
        assert_eq!(of(home.path().join(".nvm"), usual), newest);
        let moved = home.path().join("elsewhere");
        let told = usual_folders(&environment(home.path(), &[("NVM_DIR", moved.to_str().unwrap())]));
        assert_eq!(of(moved, told), newest);
    }

    #[test]
    fn npms_own_folder_is_read_from_its_settings() {
        for (said, at) in [
            ("prefix=~/npm", Some("npm/bin")),
            ("registry=https://r\nprefix = \"${HOME}/globals\"\n", Some("globals/bin")),
            ("save-prefix=~", None),
        ] {
            let home = tempfile::tempdir().unwrap();
            std::fs::write(home.path().join(".npmrc"), said).unwrap();
            let folders = usual_folders(&environment(home.path(), &[]));
            match at {
                Some(at) => assert!(folders.contains(&home.path().join(at)), "{said}"),
                None => assert!(npm_prefix(home.path()).is_none(), "{said}"),
            }
        }
    }
}
