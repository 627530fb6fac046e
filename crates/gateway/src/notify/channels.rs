//! Channels of the person's own, each in a file for its owner alone: their addresses, topics and secrets are in no
//! database, log or answer.

use crate::keys::file;
use offdesk_notify::KeptChannel;
use offdesk_protocol::{Channel, ChannelId, ErrorCode, Problem};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

const FOLDER: &str = "channels";

pub(super) struct Channels {
    folder: PathBuf,
    known: Mutex<BTreeMap<ChannelId, KeptChannel>>,
}

fn failed(why: String) -> Problem {
    Problem::new(ErrorCode::StorageFailed, format!("{why} Nothing was changed."))
        .hint("Make room on the disk of the data folder, or make it writable, then try again.")
}

impl Channels {
    /// Those that are kept. One that cannot be read is left where it is and said in the log.
    pub(super) fn load(data: &Path) -> Result<Self, Problem> {
        let folder = data.join(FOLDER);
        let mut known = BTreeMap::new();
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            match read(&path) {
                Ok(kept) => drop(known.insert(kept.given.id, kept)),
                Err(why) => tracing::warn!("A channel for notifications is left out: {why}"),
            }
        }
        Ok(Self { folder, known: Mutex::new(known) })
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<ChannelId, KeptChannel>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, id: ChannelId) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    pub(super) fn views(&self) -> Vec<Channel> {
        self.known().values().map(KeptChannel::view).collect()
    }

    pub(super) fn get(&self, id: ChannelId) -> Option<KeptChannel> {
        self.known().get(&id).cloned()
    }

    pub(super) fn put(&self, kept: KeptChannel) -> Result<(), Problem> {
        std::fs::create_dir_all(&self.folder)
            .map_err(|error| failed(format!("{} cannot be made: {error}.", self.folder.display())))?;
        let text = serde_json::to_string(&kept).map(Zeroizing::new);
        let text = text.map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))?;
        file::write_new(&self.path(kept.given.id), text.as_bytes()).map_err(failed)?;
        self.known().insert(kept.given.id, kept);
        Ok(())
    }

    pub(super) fn remove(&self, id: ChannelId) -> Result<(), Problem> {
        match std::fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(format!("{} cannot be removed: {error}.", self.path(id).display())));
            }
            _ => {}
        }
        self.known().remove(&id);
        Ok(())
    }
}

fn read(path: &Path) -> Result<KeptChannel, String> {
    let bytes = file::read(path)?.unwrap_or_default();
    serde_json::from_slice(&bytes).map_err(|_| format!("{} is garbled.", path.display()))
}
