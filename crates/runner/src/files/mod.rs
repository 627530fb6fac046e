//! Files of this host: listed, read by ranges, found by name, and put there, all below a root or a run's workspace.
//!
//! Everything here blocks its thread.

mod find;
mod list;
mod name;
mod picture;
mod place;
mod put;
mod read;
mod secret;
#[cfg(test)]
mod tests;

pub use find::FindFiles;
pub use place::Place;
pub use read::OpenFile;

use crate::Uploads;
use offdesk_protocol::*;
use std::path::{Path, PathBuf};

/// What this host shows of its files.
#[derive(Clone, Debug)]
pub struct Files {
    data: PathBuf,
    uploads: Uploads,
    listings: find::Listings,
}

/// A small picture of a picture, with its media type and sides.
#[derive(Clone, Debug)]
pub struct SmallPicture {
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

impl Files {
    pub(crate) fn new(data: &Path, uploads: Uploads) -> Self {
        let data = dunce::canonicalize(data).unwrap_or_else(|_| data.to_path_buf());
        Self { data, uploads, listings: find::Listings::default() }
    }

    /// One of the roots.
    ///
    /// # Errors
    /// When it is none of them, or cannot be opened.
    pub fn root(&self, roots: &[PathBuf], root: &str) -> Result<Place, Problem> {
        if !roots.iter().any(|known| known.as_path() == Path::new(root)) {
            let shown = visible_line(root, 200);
            return Err(Problem::new(
                ErrorCode::OutsideRoots,
                format!("{shown} is no folder in which runs may work."),
            )
            .hint("GET /api/v1/folders lists those."));
        }
        let real = dunce::canonicalize(root).unwrap_or_else(|_| root.into());
        Place::open(std::slice::from_ref(&real), &real, &self.data)
    }

    /// The folder a run works in, which must still be below a root, or be a worktree made here.
    ///
    /// # Errors
    /// When it is not, or cannot be opened.
    pub fn workspace(&self, roots: &[PathBuf], dir: &Path) -> Result<Place, Problem> {
        let mut anchors = roots.to_vec();
        anchors.push(self.data.join("worktrees"));
        Place::open(&anchors, dir, &self.data)
    }

    /// What is in a folder.
    ///
    /// # Errors
    /// When there is none of this path below the place.
    pub fn list(
        &self,
        place: &Place,
        path: &str,
        hidden: bool,
        offset: u32,
        limit: u32,
    ) -> Result<FileList, Problem> {
        list::list(place, path, hidden, offset, limit)
    }

    /// Opens a file.
    ///
    /// # Errors
    /// When there is none of this path below the place.
    pub fn open(&self, place: &Place, path: &str) -> Result<OpenFile, Problem> {
        read::open(place, path)
    }

    /// A small picture of a file.
    ///
    /// # Errors
    /// When it is none that can be shown.
    pub fn small(&self, file: OpenFile) -> Result<SmallPicture, Problem> {
        let small = file.small()?;
        Ok(SmallPicture {
            media_type: small.media_type,
            bytes: small.bytes,
            width: small.width,
            height: small.height,
        })
    }

    /// Files by parts of their paths.
    ///
    /// # Errors
    /// When the place is gone.
    pub fn find(&self, place: &Place, wish: &FindFiles) -> Result<FoundFiles, Problem> {
        find::find(place, &self.listings, &self.data, wish)
    }

    /// Puts a whole upload into a folder. The same again changes nothing.
    ///
    /// # Errors
    /// When a file of that name is there and nobody said what to do, or the upload is not whole.
    pub fn put(&self, place: &Place, wish: &PutFile) -> Result<FilePut, Problem> {
        let (name, bytes) = match self.uploads.for_folder(wish.upload)? {
            crate::uploads::ForFolder::Whole { name, bytes } => (name, bytes),
            crate::uploads::ForFolder::Put(path) => {
                return Ok(FilePut { entry: list::look(place, &path)?, replaced: false });
            }
        };
        let name = wish.name.clone().unwrap_or(name);
        let how = put::Wish {
            folder: &wish.folder,
            name: &name,
            existing: wish.existing,
            etag: wish.etag.as_deref(),
        };
        let done = put::put(place, &bytes, &how)?;
        self.uploads.went(wish.upload, &done.entry.path);
        Ok(done)
    }
}
