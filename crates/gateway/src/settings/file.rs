//! Where settings are kept: `settings.json`, and a named tunnel's token in a file of its own.

use crate::keys::file;
use offdesk_protocol::{ErrorCode, OwnAgent, Preset, Problem, TunnelChoice};
use offdesk_tunnel::Token;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

const NAME: &str = "settings.json";
const TOKEN: &str = "tunnel-token";

/// What is kept for the next start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Kept {
    /// None: the home folder.
    pub roots: Option<Vec<PathBuf>>,
    pub max_working: Option<u32>,
    pub lan: bool,
    pub tunnel: TunnelChoice,
    pub tunnel_url: Option<String>,
    pub cloudflared: Option<PathBuf>,
    pub paused: bool,
    /// Agents of the person's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<OwnAgent>,
    /// Programs the person chose, by the agent's kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub programs: BTreeMap<String, PathBuf>,
    /// Ways to start runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub presets: Vec<Preset>,
    /// What a newer version wrote; it is kept for it.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// What was found at the start.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub kept: Kept,
    pub token: Option<Token>,
    /// What a person should know of it.
    pub complaints: Vec<String>,
}

/// Reads what is kept. What cannot be read is put aside and named; then the usual settings hold.
pub(super) fn read(data: &Path) -> Result<Found, Problem> {
    let path = data.join(NAME);
    let (kept, complaint) = match parse(&path) {
        Ok(kept) => (kept, None),
        Err(why) => {
            let aside = set_aside(&path)?;
            let text = format!(
                "The settings in {} cannot be read ({why}), so the usual ones hold and nothing comes in from outside. \
                 The file is kept as {}.",
                path.display(),
                aside.display()
            );
            (Kept::default(), Some(text))
        }
    };
    let (token, trouble) = match token(&data.join(TOKEN)) {
        Ok(token) => (token, None),
        Err(why) => (None, Some(format!("The kept token of the named tunnel cannot be used: {why}"))),
    };
    Ok(Found { kept, token, complaints: complaint.into_iter().chain(trouble).collect() })
}

fn parse(path: &Path) -> Result<Kept, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| error.to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Kept::default()),
        Err(error) => Err(error.to_string()),
    }
}

fn set_aside(path: &Path) -> Result<PathBuf, Problem> {
    let at = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ").to_string();
    let aside = path.with_file_name(format!("settings.broken-{at}.json"));
    std::fs::rename(path, &aside).map(|()| aside).map_err(|error| {
        // Going on would write over it one day.
        Problem::new(
            ErrorCode::StorageFailed,
            format!("{} is broken and cannot be put aside: {error}.", path.display()),
        )
        .hint("Move it away yourself, then start the gateway again.")
    })
}

fn token(path: &Path) -> Result<Option<Token>, String> {
    let Some(bytes) = file::read(path)? else { return Ok(None) };
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("{} holds no text.", path.display()))?;
    Token::parse(text).map(Some).map_err(|error| format!("{error}."))
}

/// Writes what is kept, whole or not at all.
pub(super) fn write(data: &Path, kept: &Kept) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(kept)
        .map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))?;
    file::write_new(&data.join(NAME), format!("{text}\n").as_bytes()).map_err(failed)
}

/// Writes the token, or takes it away, with the copy that the tunnel's program was given.
pub(super) fn write_token(data: &Path, token: Option<&str>) -> Result<(), Problem> {
    match token {
        Some(token) => file::write_new(&data.join(TOKEN), format!("{token}\n").as_bytes()).map_err(failed),
        None => {
            for path in [data.join(TOKEN), data.join("tunnel").join("token")] {
                match std::fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(failed(format!("{} cannot be removed: {error}.", path.display())));
                    }
                    _ => {}
                }
            }
            Ok(())
        }
    }
}

/// The token's text, to put it back when something after it failed.
pub(super) fn token_text(data: &Path) -> Option<zeroize::Zeroizing<String>> {
    let bytes = file::read(&data.join(TOKEN)).ok()??;
    std::str::from_utf8(&bytes).ok().map(|text| zeroize::Zeroizing::new(text.trim().to_string()))
}

fn failed(why: String) -> Problem {
    Problem::new(ErrorCode::StorageFailed, format!("{why} Nothing was changed."))
        .hint("Make room on the disk of the data folder, or make it writable, then try again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_version_wrote_is_kept() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join(NAME), r#"{"lan":true,"sound":"bell"}"#).unwrap();
        let found = read(data.path()).unwrap();
        assert!(found.kept.lan && found.complaints.is_empty());
        write(data.path(), &Kept { paused: true, ..found.kept }).unwrap();
        let text = std::fs::read_to_string(data.path().join(NAME)).unwrap();
        assert!(text.contains(r#""sound": "bell""#) && text.contains(r#""paused": true"#), "{text}");
    }

    #[test]
    fn a_broken_file_is_put_aside_as_it_was() {
        let data = tempfile::tempdir().unwrap();
        for broken in ["{\"lan\": tru", "[]", "{\"lan\": \"yes\"}", ""] {
            std::fs::write(data.path().join(NAME), broken).unwrap();
            let found = read(data.path()).unwrap();
            assert_eq!(found.kept, Kept::default());
            let [said] = &found.complaints[..] else { panic!("{found:?}") };
            let aside = std::fs::read_dir(data.path()).unwrap().next().unwrap().unwrap().path();
            assert!(said.contains(aside.to_str().unwrap()), "{said}");
            assert_eq!(std::fs::read_to_string(&aside).unwrap(), broken);
            std::fs::remove_file(aside).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn both_files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let data = tempfile::tempdir().unwrap();
        write(data.path(), &Kept::default()).unwrap();
        write_token(data.path(), Some("secret")).unwrap();
        for name in [NAME, TOKEN] {
            let mode = std::fs::metadata(data.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        assert_eq!(token_text(data.path()).unwrap().as_str(), "secret");
        write_token(data.path(), None).unwrap();
        assert!(token_text(data.path()).is_none());
        write_token(data.path(), None).unwrap();
    }
}
