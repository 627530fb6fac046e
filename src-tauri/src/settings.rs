//! What a person chose for this app, in a file of the data folder. What the gateway does is the gateway's own affair.

use offdesk_protocol::{ErrorCode, Problem};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The shortcut of the start bar, unless told otherwise.
pub(crate) const SHORTCUT: &str = "CommandOrControl+Shift+Space";
const FILE: &str = "tray.json";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Appearance {
    #[default]
    System,
    Light,
    Dark,
}

/// What quitting does with runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OnQuit {
    #[default]
    Ask,
    Keep,
    Stop,
}

/// What a notification is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Notify {
    pub(crate) needs_you: bool,
    pub(crate) finished: bool,
    pub(crate) reach: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self { needs_you: true, finished: true, reach: true }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DeskSettings {
    pub(crate) shortcut: String,
    pub(crate) start_at_login: bool,
    pub(crate) appearance: Appearance,
    pub(crate) on_quit: OnQuit,
    pub(crate) notify: Notify,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            shortcut: SHORTCUT.into(),
            start_at_login: false,
            appearance: Appearance::System,
            on_quit: OnQuit::Ask,
            notify: Notify::default(),
        }
    }
}

/// What is to be changed; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChangeDeskSettings {
    pub(crate) shortcut: Option<String>,
    pub(crate) start_at_login: Option<bool>,
    pub(crate) appearance: Option<Appearance>,
    pub(crate) on_quit: Option<OnQuit>,
    pub(crate) notify: Option<Notify>,
}

impl DeskSettings {
    pub(crate) fn with(&self, change: &ChangeDeskSettings) -> Self {
        Self {
            shortcut: change.shortcut.clone().unwrap_or_else(|| self.shortcut.clone()),
            start_at_login: change.start_at_login.unwrap_or(self.start_at_login),
            appearance: change.appearance.unwrap_or(self.appearance),
            on_quit: change.on_quit.unwrap_or(self.on_quit),
            notify: change.notify.unwrap_or(self.notify),
        }
    }

    /// Those of the data folder. One that cannot be read is kept beside, and the usual ones hold; the second value says so.
    pub(crate) fn load(data: &Path) -> (Self, Option<String>) {
        let file = data.join(FILE);
        let Ok(text) = std::fs::read_to_string(&file) else { return (Self::default(), None) };
        match serde_json::from_str(&text) {
            Ok(settings) => (settings, None),
            Err(error) => {
                let kept = file.with_extension("json.broken");
                let moved = std::fs::rename(&file, &kept).is_ok();
                let note = if moved { format!(" It is kept as {}.", kept.display()) } else { String::new() };
                let text =
                    format!("The app's settings could not be read ({error}), so the usual ones hold.{note}");
                (Self::default(), Some(text))
            }
        }
    }

    /// Writes them so that a crash leaves either the old or the new ones.
    pub(crate) fn save(&self, data: &Path) -> Result<(), Problem> {
        let file = data.join(FILE);
        write(&file, self).map_err(|error| {
            Problem::new(
                ErrorCode::StorageFailed,
                format!("The settings could not be written to {}: {error}.", file.display()),
            )
            .hint("They hold until the app ends. See that the folder can be written and the disk has room.")
        })
    }
}

fn write(file: &PathBuf, settings: &DeskSettings) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("json.new");
    let mut out = std::fs::File::create(&new)?;
    out.write_all(&serde_json::to_vec_pretty(settings)?)?;
    out.sync_all()?;
    std::fs::rename(&new, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_kept_and_changed_in_part() {
        let folder = tempfile::tempdir().unwrap();
        let (settings, note) = DeskSettings::load(folder.path());
        assert_eq!((settings.clone(), note), (DeskSettings::default(), None));
        let change: ChangeDeskSettings =
            serde_json::from_str(r#"{"appearance": "dark", "onQuit": "keep"}"#).unwrap();
        let changed = settings.with(&change);
        changed.save(folder.path()).unwrap();
        assert_eq!(DeskSettings::load(folder.path()).0, changed);
        assert_eq!(changed.shortcut, SHORTCUT);
        assert_eq!((changed.appearance, changed.on_quit), (Appearance::Dark, OnQuit::Keep));
    }

    #[test]
    fn broken_ones_are_kept_beside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "{\"shortcut\": 7").unwrap();
        let (settings, note) = DeskSettings::load(folder.path());
        assert_eq!(settings, DeskSettings::default());
        assert!(note.is_some_and(|note| note.contains("tray.json.broken")));
        assert!(folder.path().join("tray.json.broken").exists());
    }

    #[test]
    fn a_new_version_s_fields_do_no_harm() {
        let settings: DeskSettings = serde_json::from_str(r#"{"shortcut": "", "later": 1}"#).unwrap();
        assert_eq!(settings.shortcut, "");
    }
}
