//! Files that runs produced, kept by content.

use crate::*;
use serde::{Deserialize, Serialize};

/// Largest artifact, in bytes.
pub const LARGEST_ARTIFACT: u64 = 100 * 1024 * 1024;
/// Most artifacts of one run.
pub const MOST_ARTIFACTS: usize = 200;

/// Where an artifact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ArtifactKind {
    /// What was said and done, made when the run ends.
    Log,
    /// All that the run changed, made when it ends.
    Diff,
    /// A file of the workspace that a person kept.
    File,
    /// A file that a person brought.
    Upload,
}

/// A file of a run that is kept with it, whatever becomes of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Its id.
    pub id: ArtifactId,
    /// The run.
    pub run: RunId,
    /// Where it comes from.
    pub kind: ArtifactKind,
    /// Its name.
    pub name: String,
    /// Bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
    /// What its first bytes say it is.
    pub media_type: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// When it was kept.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}

/// Keep a file with its run: one of the workspace, or one that was brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddArtifact {
    /// The path of a file in the workspace.
    #[serde(default)]
    pub path: Option<String>,
    /// Also when it holds a key or a password.
    #[serde(default)]
    pub secrets: bool,
    /// Or a whole upload.
    #[serde(default)]
    pub upload: Option<UploadId>,
}

/// Remove an artifact for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveArtifact {
    /// Which.
    pub artifact: ArtifactId,
}
