//! Files with one JSON value a line: their beginning and end for lists, a stretch for reading.

use crate::WINDOW;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Read of a large file's beginning and end, for a list.
const HEAD: u64 = 192 * 1024;
const TAIL: u64 = 64 * 1024;
/// Read after what is asked for.
const AFTER: u64 = WINDOW / 16;

/// A stretch of a file, with where it begins.
pub(crate) struct Stretch {
    start: u64,
    bytes: Vec<u8>,
    /// It begins, or ends, inside a line; what there is of that line is left out.
    cut_before: bool,
    cut_after: bool,
}

/// Lines of a file that are not next to each other.
pub(crate) struct Peek {
    pub head: Stretch,
    /// Nothing: the head is all.
    pub tail: Option<Stretch>,
}

fn stretch(file: &mut File, start: u64, end: u64, length: u64) -> io::Result<Stretch> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(end.saturating_sub(start)).read_to_end(&mut bytes)?;
    let whole_end = start + bytes.len() as u64 >= length;
    Ok(Stretch { start, bytes, cut_before: start > 0, cut_after: !whole_end })
}

/// The beginning and the end.
pub(crate) fn peek(path: &Path) -> io::Result<Peek> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length <= HEAD + TAIL {
        return Ok(Peek { head: stretch(&mut file, 0, length, length)?, tail: None });
    }
    let head = stretch(&mut file, 0, HEAD, length)?;
    let tail = stretch(&mut file, length - TAIL, length, length)?;
    Ok(Peek { head, tail: Some(tail) })
}

/// So many bytes before this offset, with a little after it: a tool's result follows its use. Without an offset: the
/// end. Gives whether there is more before.
pub(crate) fn window(path: &Path, before: Option<u64>, most: u64) -> io::Result<(Stretch, bool)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let before = before.map_or(length, |before| length.min(before));
    let end = length.min(before.saturating_add(AFTER));
    let start = before.saturating_sub(most);
    Ok((stretch(&mut file, start, end, length)?, start > 0))
}

impl Stretch {
    /// Offsets and contents of its whole lines. The last line of a file counts also without its end.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut at = 0;
        let skipped = match (self.cut_before, self.bytes.iter().position(|byte| *byte == b'\n')) {
            (true, Some(end)) => end + 1,
            (true, None) => self.bytes.len(),
            (false, _) => 0,
        };
        let kept = match (self.cut_after, self.bytes.iter().rposition(|byte| *byte == b'\n')) {
            (true, Some(end)) => end + 1,
            (true, None) => 0,
            (false, _) => self.bytes.len(),
        };
        let body = self.bytes.get(skipped..kept.max(skipped)).unwrap_or_default();
        let start = self.start + skipped as u64;
        body.split(|byte| *byte == b'\n').filter_map(move |line| {
            let offset = start + at;
            at += line.len() as u64 + 1;
            (!line.trim_ascii().is_empty()).then_some((offset, line))
        })
    }
}

/// A whole file, unless it is larger than a page may read.
pub(crate) fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(WINDOW + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > WINDOW {
        return Err(io::Error::other("the file is too large to be read whole"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_only_with_their_offsets() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.jsonl");
        std::fs::write(&path, "one\n\ntwo\r\nthree").unwrap();
        let seen = |stretch: &Stretch| -> Vec<(u64, String)> {
            stretch.lines().map(|(at, line)| (at, String::from_utf8_lossy(line).trim().into())).collect()
        };
        let all = [(0, "one".into()), (5, "two".into()), (10, "three".into())];
        assert_eq!(seen(&peek(&path).unwrap().head), all);
        let mut file = File::open(&path).unwrap();
        assert_eq!(seen(&stretch(&mut file, 1, 12, 15).unwrap()), [(5, "two".to_string())]);
        assert_eq!(seen(&stretch(&mut file, 5, 15, 15).unwrap()), [(10, "three".to_string())]);
    }

    #[test]
    fn of_a_large_file_the_beginning_and_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("large.jsonl");
        let line = format!("{}\n", "x".repeat(999));
        std::fs::write(&path, line.repeat(2000)).unwrap();
        let peek = peek(&path).unwrap();
        let (head, tail) = (peek.head.lines().count(), peek.tail.unwrap().lines().count());
        assert!((190..200).contains(&head) && (60..70).contains(&tail), "{head} {tail}");
        let (stretch, more) = window(&path, Some(5000), WINDOW).unwrap();
        assert!(!more && stretch.lines().count() == 2000, "a page of this size is read whole");
    }
}
