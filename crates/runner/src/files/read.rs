//! What is in a file, by ranges: never all of it in memory.

use super::list::look;
use super::picture::{self, Small};
use super::place::{Opened, Place};
use super::secret;
use offdesk_protocol::*;
use std::fs::{File, Metadata};
use std::io::{Read as _, Seek as _, SeekFrom};

/// Bytes at the beginning by which a file is judged.
const HEAD: usize = 64 * 1024;

/// A file that may be given out.
#[derive(Debug)]
pub struct OpenFile {
    /// What is known of it.
    pub info: FileInfo,
    /// Bytes.
    pub size: u64,
    /// At its beginning.
    pub file: File,
}

/// Names exactly this content, as far as the system tells.
pub(super) fn etag(meta: &Metadata) -> String {
    let at = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    format!("{:x}-{:x}-{:x}", meta.len(), at.map_or(0, |at| at.as_nanos()), number(meta))
}

#[cfg(unix)]
fn number(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn number(_meta: &Metadata) -> u64 {
    0
}

fn judge(head: &[u8]) -> (FileShape, String) {
    if let Some(kind) = infer::get(head) {
        let shape =
            if picture::is_picture(kind.mime_type()) { FileShape::Picture } else { FileShape::Binary };
        // A page of text is text, whatever it is a page of: it is never given out as one.
        if kind.matcher_type() != infer::MatcherType::Text {
            return (shape, kind.mime_type().into());
        }
    }
    // A letter that is cut in two at the end is no reason to call a text something else.
    let text = match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok(),
        Err(_) => None,
    };
    match text {
        Some(text) if !text.contains('\0') => (FileShape::Text, "text/plain".into()),
        _ => (FileShape::Binary, "application/octet-stream".into()),
    }
}

/// Opens a file and says what it is. Its content may be given out when it is no secret, or a person said so.
pub(super) fn open(place: &Place, path: &str) -> Result<OpenFile, Problem> {
    let Opened { mut file, meta, real } = place.file(path)?;
    let unread = |error: std::io::Error| super::place::failed(path, &error);
    let mut head = Vec::new();
    (&mut file).take(HEAD as u64).read_to_end(&mut head).map_err(unread)?;
    file.seek(SeekFrom::Start(0)).map_err(unread)?;
    let (shape, media_type) = judge(&head);
    let mut entry = look(place, path)?;
    let whole = place.path.join(&real);
    let secret = if entry.secret || secret::by_path(&whole) {
        Some("Files of this name hold keys or passwords.")
    } else if shape == FileShape::Text && secret::by_content(&head) {
        Some("It seems to hold a key or a password.")
    } else {
        None
    };
    // A link's name says nothing of what it leads to.
    entry.secret = entry.secret || secret::by_path(&whole);
    let secret = secret.map(String::from);
    let info = FileInfo { place: place.shown(), entry, shape, media_type, etag: etag(&meta), secret };
    Ok(OpenFile { info, size: meta.len(), file })
}

impl OpenFile {
    /// Refuses to give out what may be a secret.
    ///
    /// # Errors
    /// When it is one.
    pub fn unless_secret(self) -> Result<Self, Problem> {
        match &self.info.secret {
            None => Ok(self),
            Some(why) => {
                Err(Problem::new(ErrorCode::NotAllowed, format!("{} It is shown only when you say so.", why))
                    .hint("Say that you want to see it: `--secrets`, or “Show it” on the page."))
            }
        }
    }

    /// Refuses another content than the one that was seen.
    ///
    /// # Errors
    /// When it was changed.
    pub fn if_still(self, etag: Option<&str>) -> Result<Self, Problem> {
        if etag.is_none_or(|etag| etag == self.info.etag) {
            return Ok(self);
        }
        Err(Problem::new(ErrorCode::WrongState, "The file was changed meanwhile.")
            .hint("Begin again from its start."))
    }

    /// A piece of it, at most [`LARGEST_PIECE`] bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn piece(&mut self, offset: u64, limit: u32) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        let limit = limit.clamp(1, LARGEST_PIECE);
        self.file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| (&mut self.file).take(limit.into()).read_to_end(&mut bytes))
            .map_err(|error| super::place::failed(&self.info.entry.name, &error))?;
        Ok(bytes)
    }

    pub(super) fn small(self) -> Result<Small, Problem> {
        if self.info.shape != FileShape::Picture {
            return Err(Problem::new(ErrorCode::Unsupported, "It is no picture that can be shown."));
        }
        picture::small(self.file, self.size)
    }
}
