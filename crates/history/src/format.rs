//! What a format is, and all there are.

use crate::places::Places;
use crate::{claude, cline, codex, gemini, opencode, qwen, zed};
use offdesk_protocol::{HistoryItem, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where conversations of one kind are, and how they are read.
pub(crate) trait Format: Sync {
    /// Its name in the index.
    fn name(&self) -> &'static str;
    /// The files that hold conversations.
    fn files(&self, places: &Places) -> Vec<Source>;
    /// The conversations of one file.
    fn summaries(&self, source: &Source) -> Vec<Kept>;
    /// What was said in one, oldest first: all of it, or a stretch that ends at this place and has at least so many things,
    /// where they can be had; and whether there is more before.
    fn items(
        &self,
        kept: &Kept,
        before: Option<u64>,
        wanted: usize,
    ) -> std::io::Result<(Vec<HistoryItem>, bool)>;
}

pub(crate) static FORMATS: [&dyn Format; 8] = [
    &claude::Claude,
    &codex::Codex,
    &gemini::Gemini,
    &qwen::Qwen,
    &opencode::OpenCode,
    &opencode::OpenCodeFiles,
    &cline::Editors,
    &zed::Zed,
];

/// A file that may hold conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub path: PathBuf,
    /// Changes when the file does.
    pub stamp: Stamp,
    /// The agent, where a format has several.
    pub agent: &'static str,
    /// The program that keeps it, where several do.
    pub place: Option<String>,
}

/// How a file stood when it was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// Microseconds since 1970.
    pub modified: i64,
    pub size: u64,
}

impl Stamp {
    /// Of an ordinary file; nothing for links, folders, pipes and what is gone.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let meta = path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
        let since = meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Some(Self { modified: i64::try_from(since.as_micros()).unwrap_or(i64::MAX), size: meta.len() })
    }

    pub(crate) fn at(self) -> Timestamp {
        Timestamp::from_microsecond(self.modified).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// What is known of a conversation without reading all of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// The agent's kind.
    pub agent: String,
    /// The agent's own name for it.
    pub id: String,
    /// What it calls it, else the first prompt's first line.
    pub title: String,
    /// The folder it worked in.
    pub dir: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When something was last written.
    pub updated_at: Timestamp,
    /// Prompts and answers, where they were counted.
    pub messages: Option<u32>,
    /// The model used last.
    pub model: Option<String>,
    /// The program that keeps it, where several do.
    pub place: Option<String>,
    /// Some of the person's words, for searching.
    pub words: String,
    /// Its file.
    pub path: PathBuf,
    /// Files with what came before, oldest first.
    pub before: Vec<PathBuf>,
    pub(crate) format: String,
    /// The first thing in it, the last, and what the first goes on from: how conversations of several files are known.
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
    pub(crate) follows: Option<String>,
}

/// The ordinary files in a folder, and the folders: no links, in no order.
pub(crate) fn entries(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            Ok(kind) if kind.is_dir() => folders.push(entry.path()),
            _ => {}
        }
    }
    (files, folders)
}

/// The file's name without what follows the last dot.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

pub(crate) fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension == wanted)
}

/// A file of an agent that has only one place.
pub(crate) fn source(path: PathBuf, agent: &'static str) -> Option<Source> {
    Some(Source { stamp: Stamp::of(&path)?, path, agent, place: None })
}
