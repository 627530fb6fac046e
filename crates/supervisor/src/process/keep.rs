//! Keeping what the agent says: read it, append it to its file, then say that it grew.
//!
//! When the file takes nothing (a full disk), reading stops, and so the agent waits in its next write: nothing is lost
//! and it goes on when there is room.

use super::news::News;
use super::{locked, thread};
use crate::platform;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Most bytes taken from the agent before they are written.
const BUFFER: usize = 64 * 1024;
/// A terminal gives at most this much at a time; less room than that is not worth another read.
const PIECE: usize = 4 * 1024;
/// First and longest wait before trying again to write.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// What a power failure may cost at most.
const UNSYNCED: (Duration, u64) = (Duration::from_millis(50), 1024 * 1024);

/// What the agent says, as it comes.
pub(super) struct Source {
    pub reader: Box<dyn Read + Send>,
    /// Of a terminal: asked whether more is there, since it gives little at a time.
    pub fd: Option<i32>,
}

impl Source {
    /// Fills as much of the buffer as is there; zero at the end.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = read(&mut self.reader, buffer)?;
        while filled > 0 && buffer.len() - filled >= PIECE && platform::more_waits(self.fd) {
            match read(&mut self.reader, &mut buffer[filled..]) {
                Ok(0) | Err(_) => break,
                Ok(more) => filled += more,
            }
        }
        Ok(filled)
    }
}

fn read(from: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Where trouble with the disk is told, and how long to wait before trying again.
pub(super) trait Patience {
    /// Writing failed for the first time since it last worked.
    fn trouble(&self, error: &io::Error);
    /// It works again.
    fn over(&self);
    /// Waits.
    fn wait(&self, time: Duration);
}

/// Appends all of it, however long that takes; says each piece's length when it is in the file.
pub(super) fn append(to: &mut dyn Write, mut bytes: &[u8], patience: &dyn Patience, kept: &dyn Fn(usize)) {
    while !bytes.is_empty() {
        let count = insist(patience, || match to.write(bytes) {
            Ok(0) => Err(ErrorKind::WriteZero.into()),
            written => written,
        });
        kept(count);
        bytes = &bytes[count..];
    }
}

/// Does it until it works, ever more patiently; trouble is told once.
pub(super) fn insist<T>(patience: &dyn Patience, mut attempt: impl FnMut() -> io::Result<T>) -> T {
    let mut pause: Option<Duration> = None;
    loop {
        match attempt() {
            Ok(done) => {
                if pause.is_some() {
                    patience.over();
                }
                return done;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                if pause.is_none() {
                    patience.trouble(&error);
                }
                let time = pause.map_or(RETRY.0, |last| (last * 2).min(RETRY.1));
                pause = Some(time);
                patience.wait(time);
            }
        }
    }
}

/// Real waiting, told to the connections.
pub(super) struct Patient<'a> {
    pub news: &'a News,
    pub what: &'a str,
}

impl Patience for Patient<'_> {
    fn trouble(&self, error: &io::Error) {
        let reason = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full".to_string(),
            _ => error.to_string(),
        };
        self.news.trouble(format!(
            "{} cannot be kept: {reason}. The agent is held up and nothing is lost; it goes on when this is mended.",
            self.what
        ));
    }

    fn over(&self) {
        self.news.trouble_over();
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// Counts the threads that still read.
#[derive(Default)]
pub(super) struct Readers {
    left: Mutex<usize>,
    fewer: Condvar,
}

impl Readers {
    /// Waits until all have come to their ends, or until none has got anything for `quiet`: something that isn't of
    /// our tree may hold the other end, and would for ever.
    pub(super) fn wait(&self, news: &News, quiet: Duration) {
        let mut left = locked(&self.left);
        while *left > 0 {
            let before = news.length();
            let waited = self.fewer.wait_timeout(left, quiet);
            let (now, timeout) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
            left = now;
            // Waiting for room on the disk is no silence of the agent.
            if timeout.timed_out() && news.length() == before && !news.is_troubled() {
                return;
            }
        }
    }
}

/// Reads `source` to its end in a thread of its own. `growth` is told of what was kept, if anybody is.
pub(super) fn keep(
    mut source: Source,
    mut file: File,
    news: &Arc<News>,
    readers: &Arc<Readers>,
    is_output: bool,
) -> io::Result<()> {
    let (news, readers) = (Arc::clone(news), Arc::clone(readers));
    let dirty = Arc::new(Dirty::default());
    sync_in_background(file.try_clone()?, &dirty)?;
    *locked(&readers.left) += 1;
    thread(if is_output { "output" } else { "stderr" }, move || {
        let mut buffer = vec![0; BUFFER];
        let patience = Patient { news: &news, what: "What the agent says" };
        while let Ok(count @ 1..) = source.fill(&mut buffer) {
            append(&mut file, &buffer[..count], &patience, &|count| {
                dirty.add(count);
                if is_output {
                    news.grown(count);
                }
            });
        }
        let _ = file.sync_data();
        dirty.end();
        *locked(&readers.left) -= 1;
        readers.fewer.notify_all();
    })?;
    Ok(())
}

/// Bytes that a power failure would cost.
#[derive(Default)]
struct Dirty {
    state: Mutex<DirtyState>,
    more: Condvar,
}

#[derive(Default)]
struct DirtyState {
    bytes: u64,
    asleep: bool,
    ended: bool,
}

impl Dirty {
    fn add(&self, count: usize) {
        let mut state = locked(&self.state);
        state.bytes += count as u64;
        let wanted = state.asleep || state.bytes >= UNSYNCED.1;
        drop(state);
        if wanted {
            self.more.notify_one();
        }
    }

    fn end(&self) {
        locked(&self.state).ended = true;
        self.more.notify_one();
    }

    /// Waits until it is time to sync; false at the end.
    fn wait(&self) -> bool {
        let mut state = locked(&self.state);
        while state.bytes == 0 && !state.ended {
            state.asleep = true;
            state = self.more.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
            state.asleep = false;
        }
        let deadline = Instant::now() + UNSYNCED.0;
        while state.bytes < UNSYNCED.1 && !state.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.more.wait_timeout(state, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
        state.bytes = 0;
        !state.ended
    }
}

/// Brings the file to the disk a little after it grew, away from the path the bytes take.
fn sync_in_background(file: File, dirty: &Arc<Dirty>) -> io::Result<()> {
    let dirty = Arc::clone(dirty);
    thread("sync", move || {
        while dirty.wait() {
            // A disk that fails here fails in writing as well, where it is told.
            let _ = file.sync_data();
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};

    /// A disk that takes a few bytes at a time and is full now and then.
    struct Disk<'a> {
        kept: Vec<u8>,
        room: &'a Cell<usize>,
    }

    impl Write for Disk<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(3).min(self.room.get());
            if count == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.room.set(self.room.get() - count);
            self.kept.extend(&bytes[..count]);
            Ok(count)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Told<'a> {
        room: &'a Cell<usize>,
        said: RefCell<Vec<&'static str>>,
        waits: RefCell<Vec<Duration>>,
    }

    impl Patience for Told<'_> {
        fn trouble(&self, _: &io::Error) {
            self.said.borrow_mut().push("trouble");
        }
        fn over(&self) {
            self.said.borrow_mut().push("over");
        }
        fn wait(&self, time: Duration) {
            self.waits.borrow_mut().push(time);
            // Somebody makes room, but not at once.
            if self.waits.borrow().len().is_multiple_of(8) {
                self.room.set(10);
            }
        }
    }

    #[test]
    fn a_full_disk_loses_nothing_is_told_once_and_is_tried_ever_more_patiently() {
        let room = Cell::new(5);
        let told = Told { room: &room, said: RefCell::default(), waits: RefCell::default() };
        let mut disk = Disk { kept: Vec::new(), room: &room };
        let grown = Cell::new(0);
        append(&mut disk, b"twelve bytes", &told, &|count| grown.set(grown.get() + count));
        assert_eq!(disk.kept, b"twelve bytes");
        assert_eq!(grown.get(), 12);
        assert_eq!(*told.said.borrow(), ["trouble", "over"]);
        let waits = told.waits.borrow();
        assert!(waits.is_sorted() && waits[0] == RETRY.0 && waits.iter().all(|wait| *wait <= RETRY.1));
        drop(waits);
        room.set(0);
        append(&mut disk, b", again", &told, &|_| {});
        assert_eq!(disk.kept, b"twelve bytes, again");
        assert_eq!(*told.said.borrow(), ["trouble", "over", "trouble", "over"]);
    }
}
