//! Which inputs were written: each id is recorded before its bytes go to the agent, and never written again.

use crate::files;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

#[derive(serde::Serialize, serde::Deserialize)]
struct Line<'a> {
    id: std::borrow::Cow<'a, str>,
    length: usize,
    /// How long the output was before the input was written, in bytes.
    output: u64,
}

/// Ids are kept as 128 bits each: a terminal has one for every key, for days. The hashes are keyed anew in every
/// process, so that nobody can make two ids meet.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    keys: (RandomState, RandomState),
    known: HashSet<u128>,
}

impl Journal {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let file = files::append(dir, files::INPUTS)?;
        let keys = (RandomState::new(), RandomState::new());
        let path = dir.join(files::INPUTS);
        let mut journal = Self { path, file, keys, known: HashSet::new() };
        for line in BufReader::new(File::open(&journal.path)?).lines() {
            // The last line may be cut short; then its bytes were not written.
            if let Ok(Line { id, .. }) = serde_json::from_str(&line?) {
                let key = journal.key(&id);
                journal.known.insert(key);
            }
        }
        Ok(journal)
    }

    fn key(&self, id: &str) -> u128 {
        u128::from(self.keys.0.hash_one(id)) << 64 | u128::from(self.keys.1.hash_one(id))
    }

    /// Takes note of the id; false if it was known.
    pub(super) fn is_new(&mut self, id: &str) -> bool {
        let key = self.key(id);
        self.known.insert(key)
    }

    /// Forgets an id that nothing was written for.
    pub(super) fn forget(&mut self, id: &str) {
        let key = self.key(id);
        self.known.remove(&key);
    }

    /// How long the output was when this input was written. Reads the file: it is asked after a connection was lost,
    /// and keeping it for every key of a terminal would cost more.
    pub(super) fn output_at(&self, id: &str) -> Option<u64> {
        let lines = BufReader::new(File::open(&self.path).ok()?).lines().map_while(Result::ok);
        lines
            .filter_map(|line| {
                serde_json::from_str::<Line<'_>>(&line)
                    .ok()
                    .filter(|known| known.id == id)
                    .map(|known| known.output)
            })
            .last()
    }

    /// A second way to the file, for whoever writes to the agent.
    pub(super) fn pen(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

/// The line that records an input.
pub(super) fn line(id: &str, length: usize, output: u64) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Line { id: id.into(), length, output })?;
    line.write_all(b"\n")?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_a_cut_line_counts_for_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        assert!(journal.is_new("prompt:1"));
        assert!(!journal.is_new("prompt:1"));
        journal.forget("prompt:1");
        assert!(journal.is_new("prompt:1"));
        let mut pen = journal.pen().unwrap();
        pen.write_all(&line("a \"quoted\" id", 3, 40).unwrap()).unwrap();
        pen.write_all(br#"{"id":"cut","len"#).unwrap();
        let mut again = Journal::open(dir.path()).unwrap();
        assert!(!again.is_new("a \"quoted\" id"));
        assert!(again.is_new("cut"));
        assert_eq!((again.output_at("a \"quoted\" id"), again.output_at("cut")), (Some(40), None));
    }
}
