//! The conversations that agents keep on disk by themselves: where they are, what they are about, what was said.
//!
//! Nothing here is ours: files may be half written, of another version, huge, or made to deceive. So nothing is ever
//! written, no link below an agent's folder is followed, what is read has a limit, and a line that cannot be read is
//! shown as it stands. Each agent's format has a file of its own; databases of others are opened read-only, in
//! `database` alone.

mod alive;
mod chain;
mod claude;
mod cline;
mod codex;
mod database;
mod format;
mod gemini;
mod index;
mod lines;
mod opencode;
mod places;
mod qwen;
mod teller;
mod zed;

pub use alive::{Alive, Stopped};
pub use format::Kept;
pub use places::Places;

use format::{FORMATS, Format};
use index::Index;
use offdesk_protocol::{HistoryItem, HistoryWhat};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most of a conversation that is read for one page, in bytes of its file.
const WINDOW: u64 = 32 * 1024 * 1024;

/// All conversations on this machine.
pub struct History {
    places: Places,
    index: Mutex<Index>,
}

/// A piece of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Oldest first.
    pub items: Vec<HistoryItem>,
    /// There is more before the first of them.
    pub earlier: Option<u64>,
}

impl History {
    /// Those in these places. What was read of them is remembered in `cache`, a file that may vanish at any time.
    pub fn new(places: Places, cache: PathBuf) -> Self {
        Self { places, index: Mutex::new(Index::load(cache)) }
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every conversation once, the one changed last first. Reads what is new or has changed; blocks.
    pub fn list(&self) -> Vec<Arc<Kept>> {
        self.index().refresh(&self.places)
    }

    /// One of them, as it is now.
    pub fn find(&self, agent: &str, id: &str) -> Option<Arc<Kept>> {
        self.list().into_iter().find(|kept| kept.agent == agent && kept.id == id)
    }

    /// The last `limit` things of a conversation, or the last before this place.
    ///
    /// # Errors
    /// When its file cannot be read any more.
    pub fn read(&self, kept: &Kept, before: Option<u64>, limit: usize) -> std::io::Result<Piece> {
        let format = FORMATS.iter().find(|format| format.name() == kept.format);
        let format: &dyn Format = format.copied().ok_or_else(|| std::io::Error::other("unknown format"))?;
        let (mut items, cut) = format.items(kept, before, limit)?;
        if let Some(before) = before {
            items.retain(|item| item.pos < before);
        }
        let extra = items.len().saturating_sub(limit);
        let shown = items.split_off(extra);
        let earlier = (extra > 0 || cut).then(|| shown.first().map(|item| item.pos)).flatten();
        Ok(Piece { items: shown, earlier })
    }

    /// The processes that have conversations open, as the system shows them now; blocks. Nothing where it does not.
    pub fn alive(&self) -> Option<Alive> {
        Alive::look()
    }
}

/// Calls `change` with each text of an item, for masking.
pub fn each_text(what: &mut HistoryWhat, mut change: impl FnMut(&mut String)) {
    match what {
        HistoryWhat::Prompt { text }
        | HistoryWhat::Message { text, .. }
        | HistoryWhat::Notice { text }
        | HistoryWhat::Raw { text } => change(text),
        HistoryWhat::Tool { title, output, .. } => {
            change(title);
            change(output);
        }
    }
}
