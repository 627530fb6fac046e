//! What is in a folder.

use super::name::{below, said};
use super::place::Place;
use super::secret;
use cap_std::fs::Metadata;
use offdesk_protocol::*;
use std::ffi::OsString;
use std::path::Path;

struct Found {
    name: OsString,
    kind: FileKind,
    link: bool,
    meta: Option<Metadata>,
}

/// A part of a folder's entries, folders first.
pub(super) fn list(
    place: &Place,
    path: &str,
    hidden: bool,
    offset: u32,
    limit: u32,
) -> Result<FileList, Problem> {
    let (dir, real) = place.folder(path)?;
    let entries = dir.entries().map_err(|error| super::place::failed(path, &error))?;
    let mut found: Vec<Found> = entries
        .flatten()
        .filter(|entry| hidden || !is_hidden(&entry.file_name()))
        .map(|entry| {
            let known = entry.file_type().ok();
            let link = known.is_some_and(|kind| kind.is_symlink());
            let name = entry.file_name();
            // Only what a link leads to needs to be looked at to be sorted.
            let (kind, meta) = match known {
                Some(kind) if !link => (kind_of(kind.is_dir(), kind.is_file()), None),
                _ => followed(place, &real.join(&name)),
            };
            Found { name, kind, link, meta }
        })
        .collect();
    found.sort_by_cached_key(|one| {
        let name = one.name.to_string_lossy().into_owned();
        (one.kind != FileKind::Folder, name.to_lowercase(), name)
    });
    let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let part = found.into_iter().skip(offset as usize).take(limit.clamp(1, MOST_ENTRIES) as usize);
    let entries = part
        .map(|mut one| {
            one.meta = one.meta.or_else(|| dir.symlink_metadata(&one.name).ok());
            entry(path, &real, one)
        })
        .collect();
    Ok(FileList { place: place.shown(), path: path.into(), entries, offset, total })
}

/// One thing by its path, without its content.
pub(super) fn look(place: &Place, path: &str) -> Result<FileEntry, Problem> {
    let wanted = super::name::meant(path)?;
    let Some(name) = wanted.file_name() else {
        return Err(Problem::new(ErrorCode::BadRequest, "A folder is listed, not looked at."));
    };
    let (folder, _) = super::name::split(path);
    let (dir, real) = place.folder(folder)?;
    let meta = dir.symlink_metadata(name).map_err(|error| super::place::failed(path, &error))?;
    let link = meta.is_symlink();
    let (kind, meta) = if link {
        followed(place, &real.join(name))
    } else {
        (kind_of(meta.is_dir(), meta.is_file()), Some(meta))
    };
    Ok(entry(folder, &real, Found { name: name.into(), kind, link, meta }))
}

fn kind_of(folder: bool, file: bool) -> FileKind {
    match (folder, file) {
        (true, _) => FileKind::Folder,
        (_, true) => FileKind::File,
        _ => FileKind::Other,
    }
}

/// What a link leads to, if that is below the place.
fn followed(place: &Place, path: &Path) -> (FileKind, Option<Metadata>) {
    match place.dir.metadata(path) {
        Ok(meta) => (kind_of(meta.is_dir(), meta.is_file()), Some(meta)),
        Err(_) => (FileKind::Outside, None),
    }
}

fn entry(folder: &str, real: &Path, found: Found) -> FileEntry {
    let Found { name, kind, link, meta } = found;
    let shown = said(&name);
    let file = meta.as_ref().filter(|_| kind == FileKind::File);
    let modified =
        meta.as_ref().and_then(|meta| meta.modified().ok()).map(cap_std::time::SystemTime::into_std);
    FileEntry {
        path: below(folder, &shown),
        kind,
        link,
        size: file.map(Metadata::len),
        modified_at: modified.and_then(|at| Timestamp::try_from(at).ok()),
        hidden: is_hidden(&name),
        secret: kind == FileKind::File && secret::by_path(&real.join(&name)),
        name: shown,
    }
}

/// As the systems' own lists have it.
pub(super) fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
