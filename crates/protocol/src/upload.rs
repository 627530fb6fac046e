//! Files that go with a prompt.

use crate::*;
use serde::{Deserialize, Serialize};

/// Largest file, in bytes.
pub const LARGEST_UPLOAD: u64 = 100 * 1024 * 1024;
/// Most files that go with one prompt.
pub const MOST_ATTACHMENTS: usize = 20;

/// A whole file, as it goes with a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// The upload that brought it.
    pub id: UploadId,
    /// Its name: one visible part of a path.
    pub name: String,
    /// Bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
    /// What its first bytes say it is, e.g. `image/png`.
    pub media_type: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// Begin to bring a file. The same id again gives the same upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BeginUpload {
    /// Made by the client.
    #[serde(default = "UploadId::new")]
    pub id: UploadId,
    /// What it is called where it comes from.
    pub name: String,
    /// Bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
    /// SHA-256 of its bytes in hex, where the client knows it: then it is checked.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// The next piece of a file, for clients that can send no bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UploadPiece {
    /// The bytes in base64.
    pub data: String,
}

/// How far a file has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Its name, as it is kept.
    pub name: String,
    /// Bytes it will have.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
    /// Bytes that are here: where to go on.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub received: u64,
    /// The whole file, once it is here.
    pub attachment: Option<Attachment>,
    /// When it is forgotten, unless it goes with a prompt before.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub expires_at: Timestamp,
}
