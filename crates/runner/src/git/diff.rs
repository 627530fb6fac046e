//! What changed between two trees, file by file.

use super::path::text;
use super::repository::Repository;
use offdesk_protocol::{ChangeDiff, ChangedFile, ErrorCode, FileStage, FileStatus, Problem};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Most bytes of one file's diff.
const LARGEST_DIFF: usize = 512 * 1024;

/// A file that changed, with its names as git has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub name: Vec<u8>,
    pub from: Option<Vec<u8>>,
    pub status: FileStatus,
    pub added: Option<u32>,
    pub removed: Option<u32>,
}

impl Change {
    pub(crate) fn file(&self) -> ChangedFile {
        ChangedFile {
            path: text(&self.name),
            from: self.from.as_deref().map(text),
            status: self.status,
            added: self.added,
            removed: self.removed,
            uncommitted: false,
            staged: FileStage::None,
        }
    }
}

/// For all: no programs, and line ends that differ are no change.
const HOW: [&str; 6] =
    ["--no-ext-diff", "--no-textconv", "--no-color", "--ignore-cr-at-eol", "--find-renames", "-l2000"];

impl Repository {
    /// The files that differ, in the order of their names.
    pub(crate) fn changes(&self, from: &str, to: &str) -> Result<Vec<Change>, Problem> {
        let args = [&["diff-tree", "-r", "-z", "--raw", "--numstat", "--full-index"][..], &HOW, &[from, to]]
            .concat();
        parse(&self.git.ok(&args, None)?).ok_or_else(|| {
            Problem::new(
                ErrorCode::Internal,
                "Git's list of changes was not understood; nothing was changed.",
            )
        })
    }

    /// Names that differ; a renamed file counts with both.
    pub(crate) fn names_between(&self, from: &str, to: &str) -> Result<BTreeSet<Vec<u8>>, Problem> {
        let out = self.git.ok(&["diff-tree", "-r", "-z", "--name-only", "--no-renames", from, to], None)?;
        Ok(super::repository::zero_separated(&out).map(<[u8]>::to_vec).collect())
    }

    /// All changes as one text, at most so long.
    pub(crate) fn whole_diff(&self, from: &str, to: &str, most: usize) -> Result<String, Problem> {
        let args = [&["diff-tree", "-r", "-p", "--full-index"][..], &HOW, &[from, to]].concat();
        let ended = self.git.run_limited(&args, &[], None, most)?;
        if ended.code != Some(0) {
            return Err(super::command::failed(&args, &ended));
        }
        let mut text = String::from_utf8_lossy(&ended.out).into_owned();
        if ended.beyond > 0 {
            text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
            text.push_str(&format!("# {} more bytes were too many to be kept.\n", ended.beyond));
        }
        Ok(text)
    }

    /// The change to one file, line by line.
    pub(crate) fn file_diff(&self, from: &str, to: &str, change: &Change) -> Result<ChangeDiff, Problem> {
        let args = [&["diff-tree", "-r", "-p", "--full-index"][..], &HOW, &[from, to]].concat();
        let files: Vec<&[u8]> = change.from.iter().chain([&change.name]).map(Vec::as_slice).collect();
        let ended = self.git.run_limited(&args, &files, None, LARGEST_DIFF)?;
        if ended.code != Some(0) {
            return Err(super::command::failed(&args, &ended));
        }
        let said = String::from_utf8_lossy(&ended.out);
        // Hunks begin after the headers, which name files that are named already.
        let start = said.find("\n@@").map(|at| at + 1);
        let mut unified = start.map(|at| said[at..].to_string()).unwrap_or_default();
        if ended.beyond > 0 {
            unified.truncate(unified.rfind('\n').map_or(0, |end| end + 1));
        }
        let mut digest = Sha256::new();
        digest.update(unified.as_bytes());
        digest.update(ended.beyond.to_be_bytes());
        let hash = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let binary = change.added.is_none();
        Ok(ChangeDiff { file: change.file(), unified, hash, binary, left_out: ended.beyond })
    }
}

/// Raw records, then counts of lines, all zero-separated.
fn parse(out: &[u8]) -> Option<Vec<Change>> {
    let mut parts = out.split(|byte| *byte == 0).peekable();
    let mut changes = Vec::new();
    while parts.peek().is_some_and(|part| part.starts_with(b":")) {
        let head = std::str::from_utf8(parts.next()?).ok()?.to_string();
        let status = head.rsplit(' ').next()?.chars().next()?;
        let first = parts.next()?.to_vec();
        let (name, from) = match status {
            'R' | 'C' => (parts.next()?.to_vec(), Some(first)),
            _ => (first, None),
        };
        let mut modes = head[1..].split(' ').take(2);
        let (before, after) = (modes.next()?, modes.next()?);
        let status = match status {
            'A' => FileStatus::Added,
            'D' => FileStatus::Deleted,
            'R' => FileStatus::Renamed,
            'T' => FileStatus::TypeChanged,
            'M' if before != after => FileStatus::TypeChanged,
            _ => FileStatus::Modified,
        };
        changes.push(Change { name, from, status, added: None, removed: None });
    }
    let mut counts = BTreeMap::new();
    while let Some(part) = parts.next() {
        if part.is_empty() {
            continue;
        }
        let mut words = part.splitn(3, |byte| *byte == b'\t');
        let (added, removed, name) = (words.next()?, words.next()?, words.next()?);
        let number = |word: &[u8]| std::str::from_utf8(word).ok().and_then(|word| word.parse::<u32>().ok());
        let name = if name.is_empty() {
            parts.next()?;
            parts.next()?
        } else {
            name
        };
        counts.insert(name.to_vec(), (number(added), number(removed)));
    }
    for change in &mut changes {
        // A file without a line that differs has no count: only its mode or its line ends changed.
        let (added, removed) = counts.get(&change.name).copied().unwrap_or((Some(0), Some(0)));
        (change.added, change.removed) = (added, removed);
    }
    Some(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_tabs_and_line_ends_and_renames() {
        let (a, b) = ("0".repeat(40), "1".repeat(40));
        let raw = format!(
            ":100644 100644 {a} {b} M\0tab\there\0:100644 100644 {a} {b} R090\0old\nname\0new\0:000000 100644 {a} {b} A\0x.bin\0\
             3\t1\ttab\there\0\
             2\t0\t\0old\nname\0new\0-\t-\tx.bin\0"
        );
        let found = parse(raw.as_bytes()).unwrap();
        assert_eq!(found[0].name, b"tab\there");
        assert_eq!((found[0].added, found[0].removed), (Some(3), Some(1)));
        assert_eq!(
            (found[1].status, found[1].from.as_deref()),
            (FileStatus::Renamed, Some(&b"old\nname"[..]))
        );
        assert_eq!((found[2].status, found[2].added), (FileStatus::Added, None), "not a text");
        assert_eq!(parse(b"").unwrap(), []);
        assert!(parse(b":100644 cut").is_none());
    }
}
