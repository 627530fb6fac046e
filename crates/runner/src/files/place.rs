//! Places: folders below which files are opened, and nothing beside them.
//!
//! What is below a place is opened relative to it, link by link (`cap-std`; on Linux the system itself sees to it). So
//! neither `..` nor a link leads out, also not one that is put there while a file is being opened.

use super::name::{meant, said};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use offdesk_protocol::{ErrorCode, Problem, visible_line};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of the host, open.
#[derive(Debug)]
pub struct Place {
    pub(super) dir: Dir,
    /// Where it is, without links.
    pub(super) path: PathBuf,
    /// The gateway's own folder, of which nothing is shown.
    data: PathBuf,
    /// But for the worktrees in it.
    worktrees: PathBuf,
}

/// A file that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub file: File,
    pub meta: std::fs::Metadata,
    /// Where it really is, below the place.
    pub real: PathBuf,
}

impl Place {
    /// The folder `path`, which must be in one of the anchors: through links or not, it is opened below one.
    pub(super) fn open(anchors: &[PathBuf], path: &Path, data: &Path) -> Result<Self, Problem> {
        let data = dunce::canonicalize(data).unwrap_or_else(|_| data.to_path_buf());
        let mut last = None;
        for anchor in anchors {
            let Ok(anchor) = dunce::canonicalize(anchor) else { continue };
            let Ok(rest) = path.strip_prefix(&anchor) else { continue };
            let opened = Dir::open_ambient_dir(&anchor, ambient_authority()).and_then(|dir| {
                if rest.as_os_str().is_empty() {
                    return Ok((dir, anchor.clone()));
                }
                let real = dir.canonicalize(rest)?;
                Ok((dir.open_dir(&real)?, anchor.join(real)))
            });
            match opened {
                Ok((dir, path)) => {
                    let place = Self { dir, path, worktrees: data.join("worktrees"), data };
                    place.allowed(Path::new(""))?;
                    return Ok(place);
                }
                Err(error) => last = Some(error),
            }
        }
        let shown = visible_line(&path.display().to_string(), 200);
        Err(match last {
            Some(error) => failed(&shown, &error),
            None => Problem::new(
                ErrorCode::OutsideRoots,
                format!("{shown} is outside the folders in which runs may work, so its files are not shown."),
            )
            .hint("The settings, or `offdesk serve --root`, allow another folder."),
        })
    }

    /// What the gateway keeps (keys, the log, others' uploads) is nobody's file.
    fn allowed(&self, real: &Path) -> Result<(), Problem> {
        let whole = self.path.join(real);
        if whole.starts_with(&self.data) && !whole.starts_with(&self.worktrees) {
            return Err(Problem::new(
                ErrorCode::NotAllowed,
                "This is where Offdesk keeps its keys and its log; it is not shown.",
            ));
        }
        Ok(())
    }

    /// Where this really is below the place, with links followed.
    pub(super) fn real(&self, path: &str) -> Result<PathBuf, Problem> {
        let wanted = meant(path)?;
        if wanted.as_os_str().is_empty() {
            return Ok(wanted);
        }
        let real = self.dir.canonicalize(&wanted).map_err(|error| failed(path, &error))?;
        self.allowed(&real)?;
        Ok(real)
    }

    /// The folder of this path.
    pub(super) fn folder(&self, path: &str) -> Result<(Dir, PathBuf), Problem> {
        let real = self.real(path)?;
        let opened =
            if real.as_os_str().is_empty() { self.dir.try_clone() } else { self.dir.open_dir(&real) };
        let dir = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory => {
                Problem::new(ErrorCode::BadRequest, format!("{} is no folder.", visible_line(path, 200)))
            }
            _ => failed(path, &error),
        })?;
        Ok((dir, real))
    }

    /// The file of this path. A pipe or a device is not opened, since that alone may do something.
    pub(super) fn file(&self, path: &str) -> Result<Opened, Problem> {
        let real = self.real(path)?;
        let not_one =
            || Problem::new(ErrorCode::BadRequest, format!("{} is no file.", visible_line(path, 200)));
        if real.as_os_str().is_empty() || !self.dir.metadata(&real).is_ok_and(|meta| meta.is_file()) {
            return Err(not_one());
        }
        let mut options = OpenOptions::new();
        options.read(true);
        without_waiting(&mut options);
        let file = self.dir.open_with(&real, &options).map_err(|error| failed(path, &error))?.into_std();
        let meta = file.metadata().map_err(|error| failed(path, &error))?;
        // What it was a moment ago is not what was opened.
        if !meta.is_file() {
            return Err(not_one());
        }
        Ok(Opened { file, meta, real })
    }

    /// As people know it.
    pub fn shown(&self) -> String {
        self.path.display().to_string()
    }
}

/// A path as it is said, of one below a place.
pub(super) fn said_path(path: &Path) -> String {
    path.components().map(|part| said(part.as_os_str())).collect::<Vec<_>>().join("/")
}

pub(super) fn failed(path: &str, error: &io::Error) -> Problem {
    let shown = visible_line(path, 200);
    match error.kind() {
        io::ErrorKind::NotFound => Problem::new(ErrorCode::NotFound, format!("{shown} is not there."))
            .hint("It may have been moved or deleted meanwhile. Look at the folder again."),
        // The system says the same of a link that leads out and of rights that are missing.
        io::ErrorKind::PermissionDenied | io::ErrorKind::CrossesDevices => Problem::new(
            ErrorCode::OutsideRoots,
            format!("{shown} may not be read, or is a link that leads out of the folder."),
        ),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Problem::new(ErrorCode::StorageFailed, format!("There is no room for {shown}: {error}."))
                .hint("Make room on the disk, then try again.")
        }
        _ => Problem::new(ErrorCode::BadRequest, format!("{shown} cannot be used: {error}.")),
    }
}

/// Opening a pipe would wait for its other end.
#[cfg(unix)]
fn without_waiting(options: &mut OpenOptions) {
    use cap_std::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
}

#[cfg(not(unix))]
fn without_waiting(_options: &mut OpenOptions) {}
