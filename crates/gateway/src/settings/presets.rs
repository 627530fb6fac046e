//! Presets, kept with the settings.

use super::Keeper;
use offdesk_protocol::{ErrorCode, Preset, PresetId, Problem};
use std::path::Path;

/// Presets, at most: more are not found on a phone.
const MOST: usize = 50;
/// Bytes of a preset's words and command, at most.
const LARGEST: usize = 64 * 1024;
/// Characters of a name, at most.
const LONGEST_NAME: usize = 60;

fn refused(text: impl Into<String>) -> Problem {
    Problem::new(ErrorCode::BadRequest, format!("{} Nothing was changed.", text.into()))
}

impl Keeper {
    /// All of them, in the order in which they were made.
    pub(crate) fn presets(&self) -> Vec<Preset> {
        self.now().kept.presets.clone()
    }

    /// Keeps a preset, or changes the one with its id.
    ///
    /// # Errors
    /// When something of it cannot be, or it cannot be written; then what was holds.
    pub(crate) fn put_preset(&self, preset: Preset) -> Result<Preset, Problem> {
        let preset = checked(preset)?;
        let kept = preset.clone();
        self.rewrite(|kept| {
            let named = |known: &&Preset| known.name.to_lowercase() == preset.name.to_lowercase();
            if kept.presets.iter().filter(named).any(|known| known.id != preset.id) {
                return Err(refused(format!("There is a preset called “{}” already.", preset.name))
                    .hint("Give this one another name, or remove that one first."));
            }
            let count = kept.presets.len();
            match kept.presets.iter_mut().find(|known| known.id == preset.id) {
                Some(known) => *known = preset,
                None if count >= MOST => {
                    return Err(refused(format!("There are {MOST} presets, which is the most."))
                        .hint("Remove one you do not use."));
                }
                None => kept.presets.push(preset),
            }
            Ok(())
        })?;
        Ok(kept)
    }

    /// Removes a preset. One that is not there any more is as good as removed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn remove_preset(&self, id: PresetId) -> Result<(), Problem> {
        self.rewrite(|kept| {
            kept.presets.retain(|preset| preset.id != id);
            Ok(())
        })
    }
}

fn checked(mut preset: Preset) -> Result<Preset, Problem> {
    preset.name = preset.name.trim().to_string();
    let plain = |text: &str| offdesk_protocol::visible(text) == text && !text.contains(['\n', '\t']);
    if preset.name.is_empty() || preset.name.chars().count() > LONGEST_NAME || !plain(&preset.name) {
        return Err(refused(format!(
            "A preset's name is one line of at most {LONGEST_NAME} visible characters."
        )));
    }
    if preset.agent.is_empty() {
        return Err(refused("The preset names no agent."));
    }
    if !Path::new(&preset.dir).is_absolute() || preset.dir.contains('\0') {
        return Err(refused(format!("“{}” is no whole path of a folder.", preset.dir)));
    }
    if preset.command.as_ref().is_some_and(|command| command.iter().any(|word| word.contains('\0'))) {
        return Err(refused("A word of the command holds a character that no program can be given."));
    }
    let command = preset.command.iter().flatten().map(String::len).sum::<usize>();
    let chosen = [&preset.prompt, &preset.model, &preset.mode, &preset.local_model];
    let words = chosen.into_iter().flatten().map(String::len).sum::<usize>();
    if command + words + preset.dir.len() > LARGEST {
        return Err(refused("What the preset says is longer than 64 KiB."));
    }
    Ok(preset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preset(name: &str) -> Preset {
        Preset {
            id: PresetId::new(),
            name: name.into(),
            agent: "demo".into(),
            dir: std::env::temp_dir().display().to_string(),
            worktree: None,
            local_model: None,
            model: None,
            mode: None,
            resume_when_reset: false,
            prompt: Some("say: hello".into()),
            command: None,
        }
    }

    #[test]
    fn what_cannot_be_a_preset_is_refused() {
        assert_eq!(checked(preset("  Tidy up ")).unwrap().name, "Tidy up");
        for name in ["", "  ", "a\nb", "\u{202e}live", &"x".repeat(61)] {
            assert!(checked(preset(name)).is_err(), "{name:?}");
        }
        assert!(checked(Preset { dir: "src".into(), ..preset("a") }).is_err());
        assert!(checked(Preset { agent: String::new(), ..preset("a") }).is_err());
        assert!(checked(Preset { prompt: Some("x".repeat(LARGEST + 1)), ..preset("a") }).is_err());
        assert!(checked(Preset { command: Some(vec!["a\0b".into()]), ..preset("a") }).is_err());
    }
}
