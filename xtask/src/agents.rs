//! Real agents for the tests, at the versions `fixtures/agents.txt` pins.

use crate::shell::{ask, npm, program, root, run};
use std::path::PathBuf;

/// Installs the pinned Claude Code and gives its program.
pub(crate) fn claude() -> Result<PathBuf, String> {
    if let Some(own) = std::env::var_os("OFFDESK_CLAUDE") {
        return Ok(PathBuf::from(own));
    }
    let pins = std::fs::read_to_string(root().join("fixtures/agents.txt"))
        .map_err(|error| format!("fixtures/agents.txt cannot be read: {error}."))?;
    let pin = pins.lines().find(|line| line.starts_with("@anthropic-ai/claude-code@"));
    let pin = pin.ok_or("fixtures/agents.txt names no @anthropic-ai/claude-code@VERSION.")?;
    let version = pin.rsplit('@').next().unwrap_or_default();
    let folder = root().join("target/agents/claude");
    let program_path =
        folder.join("node_modules/.bin").join(if cfg!(windows) { "claude.cmd" } else { "claude" });
    let says = |path: &PathBuf| ask(program(&path.to_string_lossy(), &["--version"]));
    if says(&program_path).is_some_and(|said| said.starts_with(version)) {
        return Ok(program_path);
    }
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("{} cannot be made: {error}.", folder.display()))?;
    std::fs::write(folder.join("package.json"), "{\"private\":true}\n")
        .map_err(|error| format!("{} cannot be written: {error}.", folder.display()))?;
    let prefix = folder.to_string_lossy().into_owned();
    run("Installing Claude Code", npm(&["install", "--prefix", &prefix, "--no-audit", "--no-fund", pin]))?;
    match says(&program_path) {
        Some(_) => Ok(program_path),
        None => Err(format!("{pin} was installed and does not start: {}.", program_path.display())),
    }
}
