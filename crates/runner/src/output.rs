//! An attempt's output as it is served: masked, by offset, following the tail.

use crate::screen::Screen;
use offdesk_agents::{Asked, ScreenText};
use offdesk_supervisor::{OutputFile, Patience};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How long an unfinished possible secret is held back before what is there is served masked.
const HOLD: Duration = Duration::from_millis(50);

/// How far an output has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes there are.
    pub length: u64,
    /// There will be no more.
    pub ended: bool,
}

/// A piece of output.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Where it begins.
    pub offset: u64,
    /// Its bytes, secrets masked.
    pub bytes: Vec<u8>,
}

/// One attempt's output, shared by all who read it.
pub struct AttemptOutput {
    file: OutputFile,
    progress: watch::Sender<Progress>,
    screen: Mutex<Screen>,
}

impl AttemptOutput {
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let file = OutputFile::open(dir)?;
        let progress = Progress { length: file.len(), ended: file.ended() };
        Ok(Self { file, progress: watch::Sender::new(progress), screen: Mutex::default() })
    }

    /// How far it has come, and a way to wait for more.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    pub(crate) fn grown(&self, length: u64) {
        self.progress.send_if_modified(|progress| {
            let longer = length > progress.length;
            progress.length = progress.length.max(length);
            longer
        });
    }

    pub(crate) fn ended(&self) {
        let length = self.file.len();
        self.progress.send_replace(Progress { length, ended: true });
    }

    /// Up to `max` bytes from `from` on; empty only at the end of what is there. Waits at most 50 ms, when the tail
    /// looks like the beginning of a secret.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn read(&self, from: u64, max: usize) -> io::Result<Chunk> {
        let served = self.file.read(from, max, Patience::Hold)?;
        if !served.hold || !served.bytes.is_empty() {
            return Ok(Chunk { offset: from, bytes: served.bytes.to_vec() });
        }
        let mut progress = self.progress();
        progress.mark_unchanged();
        // Either more comes, or the time is over; both mean: look again.
        let _ = tokio::time::timeout(HOLD, progress.changed()).await;
        let served = self.file.read(from, max, Patience::Over)?;
        Ok(Chunk { offset: from, bytes: served.bytes.to_vec() })
    }

    /// A picture of the terminal's screen, as bytes that draw it on a cleared terminal, and the offset it was taken at.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn picture(&self, cols: u16, rows: u16) -> io::Result<Chunk> {
        let length = self.file.len();
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.resize(cols, rows);
        screen.follow(length, |from, max| Ok(self.file.read(from, max, Patience::Over)?.bytes.to_vec()))?;
        Ok(Chunk { offset: screen.offset(), bytes: screen.picture() })
    }

    /// How far the output has come, if this is the terminal's last line.
    pub(crate) fn shows(&self, mark: &str) -> io::Result<Option<u64>> {
        let length = self.file.len();
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.follow(length, |from, max| Ok(self.file.read(from, max, Patience::Over)?.bytes.to_vec()))?;
        Ok(screen.last_says(mark).then(|| screen.offset()))
    }

    /// The terminal's screen.
    pub(crate) fn text(&self) -> io::Result<ScreenText> {
        let length = self.file.len();
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.follow(length, |from, max| Ok(self.file.read(from, max, Patience::Over)?.bytes.to_vec()))?;
        Ok(screen.text())
    }

    /// What the terminal's screen seems to ask, and the offset it was looked at.
    pub(crate) fn asked(&self) -> io::Result<(u64, Option<Asked>)> {
        let length = self.file.len();
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.follow(length, |from, max| Ok(self.file.read(from, max, Patience::Over)?.bytes.to_vec()))?;
        Ok((screen.offset(), offdesk_agents::detect(&screen.text())))
    }

    /// The terminal has this size from now on.
    pub fn resized(&self, cols: u16, rows: u16) {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner).resize(cols, rows);
    }
}
