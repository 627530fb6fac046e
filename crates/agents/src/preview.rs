//! What a person is shown before an edit: the change against the file as it is now, and a hash over all that is shown.

use crate::Workspace;
use offdesk_protocol::{ApprovalRequest, FileDiff};
use sha2::{Digest, Sha256};
use similar::TextDiff;
use std::fmt::Write as _;
use std::path::Path;

/// Largest file whose change is shown against its present content.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// The real files.
pub struct Disk;

impl Workspace for Disk {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let meta = std::fs::metadata(path).ok()?;
        // Reading a pipe or a device would never end.
        if !meta.is_file() || meta.len() > LARGEST_FILE {
            return None;
        }
        std::fs::read(path).ok()
    }

    fn exists(&self, path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }

    fn is_link(&self, path: &Path) -> bool {
        path.is_symlink()
    }
}

/// Hex SHA-256.
pub(crate) fn hex_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Unified hunks from one text to another.
pub(crate) fn unified(old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().context_radius(3).to_string()
}

/// The diff of writing `new` to `path`.
pub fn write_diff(workspace: &dyn Workspace, path: &Path, shown: &str, new: &str) -> FileDiff {
    match workspace.read(path) {
        Some(old) => FileDiff {
            path: shown.into(),
            unified: unified(&String::from_utf8_lossy(&old), new),
            base_hash: Some(hex_hash(&old)),
            created: false,
        },
        None => FileDiff {
            path: shown.into(),
            unified: unified("", new),
            base_hash: None,
            created: !workspace.exists(path),
        },
    }
}

/// The diff of replacing `old` by `new` in `path`. Where the file can't be read or has no such text, the two texts
/// themselves are compared: the person still sees what the agent wants.
pub(crate) fn replace_diff(
    workspace: &dyn Workspace,
    path: &Path,
    shown: &str,
    changes: &[(String, String, bool)],
) -> FileDiff {
    let file = workspace.read(path);
    let base_hash = file.as_deref().map(hex_hash);
    let before = file.as_deref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let applied = before.as_ref().and_then(|before| {
        changes.iter().try_fold(before.clone(), |text, (old, new, all)| match (old.is_empty(), all) {
            (true, _) if text.is_empty() => Some(new.clone()),
            (true, _) => None,
            (false, true) if text.contains(old.as_str()) => Some(text.replace(old.as_str(), new)),
            (false, false) if text.contains(old.as_str()) => Some(text.replacen(old.as_str(), new, 1)),
            _ => None,
        })
    });
    let unified = match (&before, &applied) {
        (Some(before), Some(after)) => unified(before, after),
        _ => changes.iter().map(|(old, new, _)| unified(old, new)).collect(),
    };
    FileDiff { path: shown.into(), unified, base_hash, created: before.is_none() && !workspace.exists(path) }
}

/// Seals a request: its hash is over everything a person is shown and everything that would run.
pub(crate) fn seal(mut request: ApprovalRequest) -> ApprovalRequest {
    request.hash.clear();
    // Serializing these plain structs cannot fail; an empty text would only make decisions be refused.
    let text = serde_json::to_string(&request).unwrap_or_default();
    request.hash = hex_hash(text.as_bytes());
    request
}
