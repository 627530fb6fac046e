//! An attempt's output as it may be served: by offset, masked, whoever asks.

use super::scan::{AHEAD, BEHIND, Scan, scan_within};
use crate::{files, platform};
use bytes::Bytes;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Bytes that are masked at once and shared by all who read there.
const BLOCK: u64 = 64 * 1024;
/// Blocks that are kept: viewers are mostly at the tail, and one may read its way from the beginning.
const BLOCKS: usize = 8;

/// What to do about an unfinished possible secret at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Keep it back; more output will tell.
    Hold,
    /// It was kept back long enough: give it out masked.
    Over,
}

/// Masked output.
#[derive(Clone, Debug)]
pub struct Served {
    /// The bytes from where was asked on.
    pub bytes: Bytes,
    /// There is more, kept back because it may be the beginning of a secret.
    pub hold: bool,
}

/// The output of one attempt, while it grows and afterwards.
pub struct OutputFile {
    dir: PathBuf,
    file: File,
    ended: AtomicBool,
    blocks: Mutex<VecDeque<Block>>,
}

struct Block {
    index: u64,
    /// Length of the file and whether it had ended when this was masked.
    seen: (u64, bool),
    /// Nothing that comes can change it.
    is_final: bool,
    /// Masked, without what is kept back.
    held: Bytes,
    /// Masked, with what may be a secret masked too.
    whole: Bytes,
}

impl OutputFile {
    /// Opens the output of the attempt in this folder.
    ///
    /// # Errors
    /// When there is none, or it can't be read.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let file = File::open(dir.join(files::OUTPUT))?;
        Ok(Self { dir: dir.into(), file, ended: AtomicBool::new(false), blocks: Mutex::default() })
    }

    /// Bytes there are.
    #[allow(clippy::len_without_is_empty)] // An empty output is nothing to be asked for.
    pub fn len(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Whether no more will come.
    pub fn ended(&self) -> bool {
        if self.ended.load(Ordering::Acquire) {
            return true;
        }
        let ended = files::exit_of(&self.dir).is_some();
        self.ended.store(ended, Ordering::Release);
        ended
    }

    /// Up to `max` bytes from the offset `from` on, at most to the end of the 64 KiB they are in. Secrets are masked
    /// whole, also where `from`, `max` or the way the output came cuts them. With [`Patience::Over`], empty only at
    /// the end of what is there.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn read(&self, from: u64, max: usize, patience: Patience) -> io::Result<Served> {
        // In this order: what is there at the end is all there will be.
        let ended = self.ended();
        let length = self.len();
        if from >= length {
            return Ok(Served { bytes: Bytes::new(), hold: false });
        }
        let index = from / BLOCK;
        let (held, whole) = self.block(index, (length, ended))?;
        let given = if patience == Patience::Hold { &held } else { &whole };
        let start = usize::try_from(from - index * BLOCK).unwrap_or(usize::MAX).min(given.len());
        let end = start.saturating_add(max).min(given.len());
        let hold = patience == Patience::Hold && end == held.len() && held.len() < whole.len();
        Ok(Served { bytes: given.slice(start..end), hold })
    }

    /// One block, held back and whole. Masked by the first who asks; the others wait that little while and share it.
    fn block(&self, index: u64, seen: (u64, bool)) -> io::Result<(Bytes, Bytes)> {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        // A file only grows: what was masked with more of it in sight serves those who saw less.
        let is_current = |block: &Block| block.index == index && (block.is_final || block.seen >= seen);
        if let Some(block) = blocks.iter().find(|block| is_current(block)) {
            return Ok((block.held.clone(), block.whole.clone()));
        }
        let block = self.mask(index, seen)?;
        let both = (block.held.clone(), block.whole.clone());
        blocks.retain(|block| block.index != index);
        blocks.truncate(BLOCKS - 1);
        blocks.push_front(block);
        Ok(both)
    }

    fn mask(&self, index: u64, (length, ended): (u64, bool)) -> io::Result<Block> {
        let begin = index * BLOCK;
        let end = (begin + BLOCK).min(length);
        let window = begin.saturating_sub((AHEAD + BEHIND) as u64)..(end + AHEAD as u64).min(length);
        let mut text = vec![0; (window.end - window.start) as usize];
        platform::read_at(&self.file, &mut text, window.start)?;
        let (first, last) = ((begin - window.start) as usize, (end - window.start) as usize);
        // What stands before the window is not known, so nothing is judged that would have to look there.
        let judged = if window.start == 0 { 0 } else { BEHIND };
        let is_tail = window.end == length;
        let found = scan_within(&text, judged..last, ended || !is_tail);
        Ok(Block::new(index, (length, ended), ended || !is_tail, &found, text, first..last))
    }
}

impl Block {
    fn new(
        index: u64,
        seen: (u64, bool),
        is_final: bool,
        found: &Scan,
        mut text: Vec<u8>,
        block: std::ops::Range<usize>,
    ) -> Self {
        found.mask(&mut text);
        let open = found.open.unwrap_or(block.end).clamp(block.start, block.end);
        let held_length = open - block.start;
        let masked = Bytes::copy_from_slice(&text[block.clone()]);
        let held = masked.slice(..held_length);
        let whole = if held_length < block.len() {
            found.mask_open(&mut text);
            Bytes::copy_from_slice(&text[block])
        } else {
            masked
        };
        Self { index, seen, is_final, held, whole }
    }
}
