//! Uploads put into folders. What is there stays, unless a person said to replace exactly it.

use super::list::look;
use super::name::{below, meant, said};
use super::place::{Place, failed};
use super::read::etag;
use cap_std::fs::{Dir, OpenOptions};
use offdesk_protocol::*;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;

/// Other names that are tried when both are kept.
const MOST_NAMES: u32 = 500;

/// How it is put there.
pub(super) struct Wish<'a> {
    pub folder: &'a str,
    pub name: &'a str,
    pub existing: ExistingFile,
    pub etag: Option<&'a str>,
}

pub(super) fn put(place: &Place, source: &Path, wish: &Wish<'_>) -> Result<FilePut, Problem> {
    let wanted = meant(wish.name)?;
    let plain = wanted.components().count() == 1
        && visible(wish.name) == wish.name
        && !wish.name.contains(['\n', '\t']);
    let Some(name) = wanted.file_name().filter(|_| plain) else {
        let text = format!("“{}” cannot be a file's name here.", visible_line(wish.name, 100));
        return Err(Problem::new(ErrorCode::BadRequest, text).hint("Give one that can be read as it is."));
    };
    let (dir, real) = place.folder(wish.folder)?;
    let inside_git =
        |path: &Path| path.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git"));
    if inside_git(&place.path.join(&real)) || name.eq_ignore_ascii_case(".git") {
        return Err(Problem::new(
            ErrorCode::NotAllowed,
            "Git keeps its own things there; nothing is put among them.",
        ));
    }
    let part = format!(".offdesk-{}.part", UploadId::new());
    let done = copied(&dir, source, &part)
        .map_err(|error| failed(wish.name, &error))
        .and_then(|()| settle(&dir, &part, name, wish));
    if done.is_err() {
        let _ = dir.remove_file(&part);
    }
    let (name, replaced) = done?;
    Ok(FilePut { entry: look(place, &below(wish.folder, &said(OsStr::new(&name))))?, replaced })
}

/// The whole upload under a name nobody looks for.
fn copied(dir: &Dir, source: &Path, part: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = dir.open_with(part, &options)?.into_std();
    io::copy(&mut File::open(source)?, &mut file)?;
    file.sync_all()
}

/// Gives it its name.
fn settle(
    dir: &Dir,
    part: &str,
    name: &OsStr,
    wish: &Wish<'_>,
) -> Result<(std::ffi::OsString, bool), Problem> {
    let fails = |error: io::Error| failed(wish.name, &error);
    if named(dir, part, name).map_err(fails)? {
        return Ok((name.to_os_string(), false));
    }
    match wish.existing {
        ExistingFile::Refuse => Err(exists(wish.name)),
        ExistingFile::KeepBoth => {
            for count in 2..MOST_NAMES {
                let other = numbered(wish.name, count);
                if named(dir, part, OsStr::new(&other)).map_err(fails)? {
                    return Ok((other.into(), false));
                }
            }
            Err(exists(wish.name))
        }
        ExistingFile::Replace => {
            let there = dir.symlink_metadata(name).map_err(fails)?;
            if !there.is_file() {
                let text =
                    format!("{} is no plain file, so it is not replaced.", visible_line(wish.name, 100));
                return Err(
                    Problem::new(ErrorCode::FileExists, text).hint("Keep both, or choose another name.")
                );
            }
            let seen = dir.open(name).and_then(|file| file.into_std().metadata()).map_err(fails)?;
            if wish.etag != Some(etag(&seen).as_str()) {
                let text = format!(
                    "{} is not the file you saw any more, so it was kept.",
                    visible_line(wish.name, 100)
                );
                return Err(
                    Problem::new(ErrorCode::FileExists, text).hint("Look at it, then say again what to do.")
                );
            }
            // Who may run or read it stays as it was.
            dir.set_permissions(part, there.permissions()).map_err(fails)?;
            dir.rename(part, dir, name).map_err(fails)?;
            Ok((name.to_os_string(), true))
        }
    }
}

fn exists(name: &str) -> Problem {
    let text = format!("There is a file {} already, and it was kept.", visible_line(name, 100));
    Problem::new(ErrorCode::FileExists, text).hint("Keep both, or replace the one that is there.")
}

/// Gives the file this name if nothing has it; says whether it did. Never puts it in place of another.
fn named(dir: &Dir, part: &str, name: &OsStr) -> io::Result<bool> {
    match dir.hard_link(part, dir, name) {
        Ok(()) => dir.remove_file(part).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // Some disks have no second names for files: then the name is taken first, and filled.
        Err(_) => {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            let mut file = match dir.open_with(name, &options) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
                Err(error) => return Err(error),
            };
            let filled = dir.open(part).and_then(|mut source| io::copy(&mut source, &mut file));
            if let Err(error) = filled.and_then(|_| file.sync_all()) {
                let _ = dir.remove_file(name);
                return Err(error);
            }
            dir.remove_file(part).map(|()| true)
        }
    }
}

/// `notes.txt` as `notes (2).txt`.
fn numbered(name: &str, count: u32) -> String {
    match name.rfind('.').filter(|dot| *dot > 0) {
        Some(dot) => format!("{} ({count}){}", &name[..dot], &name[dot..]),
        None => format!("{name} ({count})"),
    }
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn another_name_keeps_the_ending() {
        assert_eq!(numbered("notes.txt", 2), "notes (2).txt");
        assert_eq!(numbered(".env", 3), ".env (3)");
        assert_eq!(numbered("Makefile", 2), "Makefile (2)");
    }
}
