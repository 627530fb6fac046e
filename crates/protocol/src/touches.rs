//! What a request would touch, as far as it can be read beforehand. Advice for the person who decides: it is no part of
//! what is decided, not covered by its hash, and its silence means nothing.

use serde::{Deserialize, Serialize};

/// What a command or an edit would touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Touches {
    /// The commands it is made of, in the order they are written; empty for an edit.
    pub parts: Vec<CommandPart>,
    /// Files that would be read, written or deleted.
    pub files: Vec<FileTouch>,
    /// Where it would connect to.
    pub network: Vec<NetworkTouch>,
    /// What is worth a second look.
    pub cautions: Vec<Caution>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// The same for people, gravest first.
    pub lines: Vec<TouchLine>,
}

/// One command of a chain, with its place in the text: bytes of its UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CommandPart {
    /// Where it begins.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The program that runs; absent when that depends on what happens.
    pub program: Option<String>,
    /// Program and arguments, without their quotes.
    pub words: Vec<Word>,
    /// The part that runs this one: a wrapper such as `sudo`, or the command it is an argument of.
    pub within: Option<u32>,
}

/// One word of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Word {
    /// The word, or what stands in its place.
    pub text: String,
    /// Whether this is the word itself; otherwise it depends on a variable or on another command's output.
    pub known: bool,
}

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FileAccess {
    /// It is read.
    Read,
    /// It is made or changed.
    Write,
    /// It is deleted, or no longer where it was.
    Delete,
}

/// Where a file is, by its name alone: links are not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FilePlace {
    /// In the run's workspace.
    Inside,
    /// Anywhere else.
    Outside,
    /// Only known when it runs.
    Unknown,
}

/// One file that would be touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FileTouch {
    /// Its path: from the workspace where it is inside, else whole, with `~` for the home folder.
    pub path: String,
    /// What happens to it.
    pub access: FileAccess,
    /// Where it is.
    pub place: FilePlace,
    /// The part that does it; absent for an edit.
    pub part: Option<u32>,
}

/// One connection that would be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct NetworkTouch {
    /// The program that connects.
    pub program: String,
    /// To which host, where the command says so.
    pub host: Option<String>,
    /// The part that does it.
    pub part: u32,
}

/// Why something is worth a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum CautionKind {
    /// It runs code that comes from the network.
    RunsFromNetwork,
    /// It acts with more rights than the agent has.
    Privilege,
    /// It cannot be undone.
    Irreversible,
    /// It goes on after the command has ended.
    Background,
    /// It runs something whose effects are not known here.
    Opaque,
}

/// Something worth a second look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Caution {
    /// Why.
    pub kind: CautionKind,
    /// What it is, in a few words.
    pub text: String,
    /// The part that does it.
    pub part: u32,
}

/// A stretch of the text that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Unread {
    /// Where it begins.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// Why, in a few words.
    pub why: String,
}

/// One line for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TouchLine {
    /// It deserves more than a glance.
    pub grave: bool,
    /// The line. It quotes the command: hostile text.
    pub text: String,
}
