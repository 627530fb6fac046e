//! What was read of each file, remembered until the file changes.

use crate::chain;
use crate::format::{FORMATS, Format, Kept, Source, Stamp};
use crate::places::Places;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

/// Grows when what is read of a file changes.
const VERSION: u32 = 1;
/// Reading waits for the disk; more would only keep each other waiting.
const MOST_THREADS: usize = 8;

#[derive(Default, Serialize, Deserialize)]
struct Remembered {
    version: u32,
    files: HashMap<PathBuf, File>,
}

#[derive(Serialize, Deserialize)]
struct File {
    stamp: Stamp,
    kept: Vec<Kept>,
}

/// Reads files, on as many threads as there are processors: the first time there may be thousands.
fn read(new: &[(&dyn Format, Source)]) -> Vec<(PathBuf, File)> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let read_one = |(format, source): &(&dyn Format, Source)| {
        (source.path.clone(), File { stamp: source.stamp, kept: format.summaries(source) })
    };
    std::thread::scope(|scope| {
        let piece = new.len().div_ceil(threads).max(1);
        let pieces: Vec<_> = new
            .chunks(piece)
            .map(|piece| scope.spawn(move || piece.iter().map(read_one).collect::<Vec<_>>()))
            .collect();
        pieces.into_iter().filter_map(|piece| piece.join().ok()).flatten().collect()
    })
}

pub(crate) struct Index {
    cache: PathBuf,
    remembered: Remembered,
    /// What all files together say, until one of them changes.
    list: Option<Vec<Kept>>,
}

impl Index {
    /// As remembered; where that cannot be read, everything is read again.
    pub(crate) fn load(cache: PathBuf) -> Self {
        let remembered = std::fs::read(&cache).ok();
        let remembered: Option<Remembered> = remembered.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let remembered = remembered.filter(|remembered| remembered.version == VERSION);
        Self { cache, remembered: remembered.unwrap_or_default(), list: None }
    }

    pub(crate) fn refresh(&mut self, places: &Places) -> Vec<Kept> {
        let mut earlier = std::mem::take(&mut self.remembered.files);
        let mut new = Vec::new();
        for format in FORMATS {
            for source in format.files(places) {
                match earlier.remove(&source.path) {
                    Some(file) if file.stamp == source.stamp => {
                        self.remembered.files.insert(source.path, file);
                    }
                    _ => new.push((format, source)),
                }
            }
        }
        let changed = !new.is_empty() || !earlier.is_empty();
        self.remembered.files.extend(read(&new));
        if changed {
            self.list = None;
            self.save();
        }
        let files = &self.remembered.files;
        let list = self
            .list
            .get_or_insert_with(|| chain::once(files.values().flat_map(|file| file.kept.clone()).collect()));
        list.clone()
    }

    /// Whole or not at all, and for this person alone. It is only a memory: that it cannot be kept harms nothing.
    fn save(&mut self) {
        self.remembered.version = VERSION;
        let Some(folder) = self.cache.parent() else { return };
        let Ok(mut file) = tempfile::NamedTempFile::new_in(folder) else { return };
        let Ok(bytes) = serde_json::to_vec(&self.remembered) else { return };
        if file.write_all(&bytes).is_ok() {
            let _ = file.persist(&self.cache);
        }
    }
}
