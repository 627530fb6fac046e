//! What the process was started in. The libraries below are handed it and read nothing themselves.

use offdesk_gateway::Environment;
use std::path::PathBuf;

/// The variables that are text, and our own program.
pub(crate) fn environment() -> std::io::Result<Environment> {
    let vars = std::env::vars_os()
        .filter_map(|(name, value)| Some((spelled(name.into_string().ok()?), value)))
        .collect();
    Ok(Environment { vars, offdesk: std::env::current_exe()? })
}

/// A variable's name as we ask for it: Windows takes `Path` and `PATH` for the same.
fn spelled(name: String) -> String {
    if cfg!(windows) { name.to_ascii_uppercase() } else { name }
}

/// The person's home folder.
pub(crate) fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// This machine's name, for people.
pub(crate) fn host_name() -> String {
    let named = std::env::var("COMPUTERNAME").or_else(|_| std::env::var("HOSTNAME")).ok();
    let read = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    named
        .or_else(read)
        .map(|name| name.trim().to_string())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this machine".into())
}
