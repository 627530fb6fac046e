//! What a service manager is to start, and what came of telling it.

use serde::Serialize;
use std::path::Path;

/// In every file we write, so that uninstalling takes away no other.
pub(super) const MARK: &str = "Written by `offdesk install`";

/// A gateway that is started without a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) program: String,
    pub(super) data: String,
}

impl Unit {
    /// None of the three formats can hold every path.
    pub(super) fn new(program: &Path, data: &Path) -> Result<Self, String> {
        let text = |path: &Path| match path.to_str() {
            Some(text) if !text.chars().any(char::is_control) => Ok(text.to_string()),
            _ => Err(format!(
                "The path {path:?} has characters that no service manager takes. Nothing was written."
            )),
        };
        Ok(Self { program: text(program)?, data: text(data)? })
    }

    /// What comes after the program.
    pub(super) fn args(&self) -> [&str; 5] {
        ["--data", &self.data, "serve", "--managed", "--login-env"]
    }
}

/// What `install` did.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Installed {
    /// The file, or the task's name.
    pub(super) installed: String,
    /// Whether it is another than before.
    pub(super) changed: bool,
    /// Whether the gateway answers now, started by this.
    pub(super) running: bool,
    /// What a person should know.
    pub(super) notes: Vec<String>,
}

/// What `uninstall` did.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Removed {
    /// The file, or the task's name; nothing when there was none.
    pub(super) removed: Option<String>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
}

#[cfg(test)]
pub(super) mod odd {
    //! Paths as people have them, and as nobody should.
    use super::Unit;
    use proptest::prelude::*;

    /// Under `start`, of characters that mean something to somebody.
    pub(crate) fn path(start: &'static str) -> impl Strategy<Value = String> {
        proptest::collection::vec(r#"[a-zA-Z0-9 "'%$&<>;\\é=#!|*?{}()\[\]~`^,@:+._-]{1,12}"#, 1..4)
            .prop_map(move |parts| format!("{start}{}", parts.join("/")))
    }

    pub(crate) fn unit(start: &'static str) -> impl Strategy<Value = Unit> {
        (path(start), path(start)).prop_map(|(program, data)| Unit { program, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_no_format_can_hold_is_refused_by_name() {
        let refused = Unit::new(Path::new("/usr/bin/offdesk"), Path::new("/tmp/a\nb")).unwrap_err();
        assert!(refused.contains(r#""/tmp/a\nb""#) && refused.contains("Nothing was written"), "{refused}");
        assert!(Unit::new(Path::new("/usr/bin/offdesk"), Path::new("/home/é x/%h/$HOME")).is_ok());
    }
}
