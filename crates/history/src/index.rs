//! What was read of each file, remembered until the file changes.

use crate::chain;
use crate::format::{FORMATS, Format, Kept, Source, Stamp};
use crate::places::Places;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Grows when what is read of a file changes.
const VERSION: u32 = 1;
/// Reading waits for the disk; more would only keep each other waiting.
const MOST_THREADS: usize = 8;
/// The memory is written again after so long, or so many files. What was read and is not in it is read again.
const SAVED_EVERY: Duration = Duration::from_secs(60);
const SAVED_AFTER: usize = 100;

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
    // One after the other, as each is done: some files are a thousand times larger than others.
    let next = AtomicUsize::new(0);
    let some = || {
        let mut read = Vec::new();
        while let Some(one) = new.get(next.fetch_add(1, Ordering::Relaxed)) {
            read.push(read_one(one));
        }
        read
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(new.len())).map(|_| scope.spawn(some)).collect();
        let mut all = some();
        all.extend(others.into_iter().filter_map(|other| other.join().ok()).flatten());
        all
    })
}

pub(crate) struct Index {
    cache: PathBuf,
    remembered: Remembered,
    /// What all files together say, until one of them changes.
    list: Option<Vec<Arc<Kept>>>,
    /// Files read since the memory was last written, and when that was.
    unsaved: usize,
    saved_at: Option<Instant>,
}

impl Index {
    /// As remembered; where that cannot be read, everything is read again.
    pub(crate) fn load(cache: PathBuf) -> Self {
        let remembered = std::fs::read(&cache).ok();
        let remembered: Option<Remembered> = remembered.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let remembered = remembered.filter(|remembered| remembered.version == VERSION);
        Self { cache, remembered: remembered.unwrap_or_default(), list: None, unsaved: 0, saved_at: None }
    }

    pub(crate) fn refresh(&mut self, places: &Places) -> Vec<Arc<Kept>> {
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
            self.unsaved += new.len() + earlier.len();
            // A conversation that goes on changes all the time, and the memory is one large file.
            let rested = self.saved_at.is_none_or(|at| at.elapsed() > SAVED_EVERY);
            if rested || self.unsaved > SAVED_AFTER {
                self.save();
            }
        }
        let files = &self.remembered.files;
        let list = self.list.get_or_insert_with(|| {
            let all = files.values().flat_map(|file| file.kept.iter().cloned()).collect();
            chain::once(all).into_iter().map(Arc::new).collect()
        });
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
        (self.unsaved, self.saved_at) = (0, Some(Instant::now()));
    }
}
