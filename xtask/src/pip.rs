//! Programs that PyPI has, each in an environment of its own.

use crate::shell::{Done, program, run};
use crate::system::{self, PYTHON};
use std::path::{Path, PathBuf};

/// How often a download is begun anew: pip itself gives up on one that breaks off in its middle.
const TRIES: usize = 3;

/// Where an environment's programs are.
pub(crate) fn place(folder: &Path, name: &str) -> PathBuf {
    match cfg!(windows) {
        true => folder.join("Scripts").join(format!("{name}.exe")),
        false => folder.join("bin").join(name),
    }
}

/// Makes the environment anew and installs one package of this version. pip goes by the person's own settings.
pub(crate) fn install(what: &str, folder: &Path, package: &str, version: &str) -> Done {
    system::ensure(system::VENV)?;
    let at = folder.to_string_lossy();
    run(what, program(PYTHON, &["-m", "venv", "--clear", &at]))?;
    let python = place(folder, "python").to_string_lossy().into_owned();
    let pinned = format!("{package}=={version}");
    let install = || run(what, program(&python, &["-m", "pip", "install", "--no-input", "-q", &pinned]));
    (1..TRIES).fold(install(), |done, _| done.or_else(|_| install()))
}
