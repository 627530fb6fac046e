//! Files of a host: what is in its roots and in runs' workspaces.
//!
//! A file is addressed by a place (a root, or a run's workspace) and a path below it. A path has `/` between names. What
//! is no UTF-8 in a name is written as `\xNN` and a backslash as `\\`, so that a path leads back to its bytes.

use crate::*;
use serde::{Deserialize, Serialize};

/// Most entries of a folder in one answer.
pub const MOST_ENTRIES: u32 = 500;
/// Most bytes of a file in one piece.
pub const LARGEST_PIECE: u32 = 1024 * 1024;

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FileKind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A link that leads out of the place, or nowhere: it is not followed.
    Outside,
    /// A pipe, a socket, a device: it is not opened.
    Other,
}

/// One thing in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FileEntry {
    /// Its name, as it is written in a path.
    pub name: String,
    /// Its path below the place.
    pub path: String,
    /// What it is; of a link, what it leads to.
    pub kind: FileKind,
    /// It is a link.
    pub link: bool,
    /// Bytes, of a file.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub size: Option<u64>,
    /// When its content was changed last.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub modified_at: Option<Timestamp>,
    /// It is hidden unless somebody wants to see such files.
    pub hidden: bool,
    /// Its name is one under which secrets are kept: its content is given only when a person says so.
    pub secret: bool,
}

/// A folder, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FileList {
    /// The place's folder on the host, absolute.
    pub place: String,
    /// The folder's path below it; empty: the place itself.
    pub path: String,
    /// Folders first, then by name.
    pub entries: Vec<FileEntry>,
    /// Where these begin among all.
    pub offset: u32,
    /// How many there are in all.
    pub total: u32,
}

/// What a file's first bytes say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FileShape {
    /// UTF-8 that can be read.
    Text,
    /// A picture that a page can show.
    Picture,
    /// Anything else.
    Binary,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FileInfo {
    /// The place's folder on the host, absolute.
    pub place: String,
    /// The file.
    pub entry: FileEntry,
    /// What it seems to be.
    pub shape: FileShape,
    /// The media type, by its first bytes.
    pub media_type: String,
    /// Names exactly this content; another one after a change.
    pub etag: String,
    /// Why its content is given only when a person says so.
    pub secret: Option<String>,
}

/// A piece of a file, for clients whose line carries text only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FilePiece {
    /// Where it begins.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub offset: u64,
    /// Bytes of the whole file.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
    /// The file's tag, which all pieces of one download share.
    pub etag: String,
    /// The bytes in base64.
    pub data: String,
}

/// A small picture of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Thumbnail {
    /// `image/png` or `image/jpeg`.
    pub media_type: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The bytes in base64.
    pub data: String,
}

/// Files that fit what was typed, best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FoundFiles {
    /// The files and folders.
    pub found: Vec<FoundFile>,
    /// How many fit beyond these.
    pub more: u32,
    /// All of the place was looked through; otherwise it has too many files.
    pub complete: bool,
}

/// A file or folder that fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FoundFile {
    /// Its path below the place.
    pub path: String,
    /// It is a folder.
    pub folder: bool,
}

/// What to do when a file of this name is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ExistingFile {
    /// Change nothing and say so.
    #[default]
    Refuse,
    /// Give the new one another name, such as `notes (2).txt`.
    KeepBoth,
    /// Put the new one in its place, if it is still the one with the `etag` that is named.
    Replace,
}

/// Put a whole upload into a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutFile {
    /// The upload, whole.
    pub upload: UploadId,
    /// Into this run's workspace.
    #[serde(default)]
    pub run: Option<RunId>,
    /// Or into this root.
    #[serde(default)]
    pub root: Option<String>,
    /// The folder's path below it.
    #[serde(default)]
    pub folder: String,
    /// Its name there; by default the upload's.
    #[serde(default)]
    pub name: Option<String>,
    /// What to do with a file of that name.
    #[serde(default)]
    pub existing: ExistingFile,
    /// The file that may be replaced is the one with this tag.
    #[serde(default)]
    pub etag: Option<String>,
}

/// A file was put into a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FilePut {
    /// The file.
    pub entry: FileEntry,
    /// One of the same name was there and is gone.
    pub replaced: bool,
}
