//! Files put back as a tree has them: discarding, and undoing that. What is there is kept as a snapshot first.

use super::path::{beneath, is_among, text};
use super::repository::{Entry, GITLINK, Repository, SYMLINK};
use super::snapshot::{bytes_of, no_room, target};
use offdesk_protocol::{ErrorCode, LeftOut, Problem, PutBack, RunId};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// What files are put back to.
enum Source {
    /// A snapshot, with its index.
    Snapshot(String),
    /// A commit: the index has the same.
    Commit(String),
}

impl Repository {
    /// Takes changes back: to what was there before the run, or, once something was committed, to the last commit.
    pub(crate) fn discard(
        &self,
        run: RunId,
        first: Option<&str>,
        paths: &[String],
        all: bool,
    ) -> Result<PutBack, Problem> {
        if all != paths.is_empty() {
            return Err(Problem::new(
                ErrorCode::BadRequest,
                "Name the files to discard, or say all of them.",
            ));
        }
        let head = self.head()?;
        let source = match (first, head) {
            (Some(first), head) if self.head_at(first)? == head => Source::Snapshot(first.into()),
            (_, Some(head)) => Source::Commit(head),
            (_, None) => {
                return Err(Problem::new(ErrorCode::WrongState, "There is nothing yet to go back to.")
                    .hint("The repository has no commit, and the run has not begun."));
            }
        };
        self.put_back(run, "discard", &source, paths)
    }

    /// Puts files back as a snapshot of this run has them.
    pub(crate) fn restore(&self, run: RunId, snapshot: &str, paths: &[String]) -> Result<PutBack, Problem> {
        let known = self.kept(run)?.into_iter().find(|kept| kept.name == snapshot || kept.commit == snapshot);
        let kept = known.ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, "This run has no such snapshot.")
                .hint("`offdesk changes ID --json` lists them under `kept`.")
        })?;
        self.put_back(run, "restore", &Source::Snapshot(kept.commit), paths)
    }

    /// The commit that was checked out when a snapshot was taken.
    fn head_at(&self, snapshot: &str) -> Result<Option<String>, Problem> {
        let parents = self.git.line(&["show", "--no-patch", "--format=%P", snapshot])?;
        let mut parents = parents.split(' ').filter(|parent| !parent.is_empty());
        // With a commit there are two at least, and the index comes second.
        let first = parents.next();
        Ok(parents.next().and(first).map(Into::into))
    }

    fn put_back(&self, run: RunId, why: &str, source: &Source, paths: &[String]) -> Result<PutBack, Problem> {
        self.at_rest()?;
        let before = self.keep(run, why)?;
        let wanted = |name: &[u8]| paths.is_empty() || is_among(name, paths);
        if let Some(lost) =
            before.left_out.iter().find(|left| !paths.is_empty() && paths.contains(&left.path))
        {
            let text =
                format!("{} is not changed: no snapshot can hold it, because {}.", lost.path, lost.why);
            return Err(Problem::new(ErrorCode::TooLarge, text).hint("Move or delete it by hand."));
        }
        let (tree, index) = match source {
            Source::Snapshot(commit) => (commit, self.index_of(commit)?),
            Source::Commit(commit) => {
                let entries = self.entries(commit)?;
                (commit, entries.into_iter().map(|(name, entry)| ((name, 0), entry)).collect())
            }
        };
        let target_entries = self.entries(tree)?;
        let present = self.entries(&before.commit)?;
        let names: Vec<Vec<u8>> =
            self.names_between(&before.commit, tree)?.into_iter().filter(|name| wanted(name)).collect();
        let (mut done, mut left) = (Vec::new(), Vec::new());
        // What goes makes room for what comes.
        let (comes, goes): (Vec<_>, Vec<_>) =
            names.iter().partition(|name| target_entries.contains_key(*name));
        for name in goes.into_iter().chain(comes) {
            self.git.spend()?;
            let one = match (target_entries.get(name), present.get(name)) {
                (Some(entry), _) => self.write(name, entry, index.get(&(name.clone(), 0))),
                (None, Some(entry)) => self.delete(name, entry),
                (None, None) => Ok(()),
            };
            match one {
                Ok(()) => done.push(name.clone()),
                Err(why) => left.push(LeftOut { path: text(name), why }),
            }
        }
        self.put_index_back(&done, &index)?;
        Ok(PutBack { paths: done.iter().map(|name| text(name)).collect(), left, snapshot: before.name })
    }

    fn delete(&self, name: &[u8], known: &Entry) -> Result<(), String> {
        if known.mode == GITLINK {
            return Err("it is a submodule".into());
        }
        let Some(path) = beneath(&self.top, name) else { return Ok(()) };
        match path.symlink_metadata() {
            Err(_) => return Ok(()),
            Ok(meta) if meta.is_dir() => return Err("a folder took its place meanwhile".into()),
            Ok(_) => {}
        }
        if self.blob_of(name, &path).as_deref() != Some(&known.blob) {
            return Err("it changed meanwhile".into());
        }
        std::fs::remove_file(&path).map_err(|error| format!("{error}"))?;
        let mut folder = path.parent();
        while let Some(here) = folder.filter(|here| *here != self.top) {
            // Only an empty folder goes.
            if std::fs::remove_dir(here).is_err() {
                break;
            }
            folder = here.parent();
        }
        Ok(())
    }

    fn blob_of(&self, name: &[u8], path: &Path) -> Option<String> {
        let args = ["hash-object", "--no-filters"];
        let out = if path.is_symlink() {
            let target = std::fs::read_link(path).ok()?;
            self.git.ok(&["hash-object", "--no-filters", "--stdin"], Some(&bytes_of(&target))).ok()?
        } else {
            self.git.run_limited(&args, &[name], None, 1024).ok()?.out
        };
        Some(String::from_utf8_lossy(&out).trim().to_string())
    }

    /// Writes the file whole or not at all. What came from the index and not from the disk is turned into what git
    /// would write (line ends, encoding), without the repository's programs.
    fn write(&self, name: &[u8], entry: &Entry, staged: Option<&Entry>) -> Result<(), String> {
        if entry.mode == GITLINK {
            return Err("it is a submodule".into());
        }
        let path = beneath(&self.top, name).ok_or("a link is in its way")?;
        if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) && std::fs::remove_dir(&path).is_err() {
            return Err("a folder with other files is in its place".into());
        }
        let converted = entry.mode != SYMLINK && staged.is_some_and(|staged| staged.blob == entry.blob);
        let args: Vec<&str> =
            if converted { vec!["cat-file", "--filters"] } else { vec!["cat-file", "blob"] };
        let content = if converted {
            // The name decides about conversion, and only this form takes it as one argument of any bytes.
            let shown = std::str::from_utf8(name).ok().map(|name| format!("--path={name}"));
            match shown {
                Some(path) => self.git.ok(&[args[0], args[1], &path, &entry.blob], None),
                None => self.git.ok(&["cat-file", "blob", &entry.blob], None),
            }
        } else {
            self.git.ok(&[args[0], args[1], &entry.blob], None)
        };
        let content = content.map_err(|problem| problem.message)?;
        let folder = path.parent().ok_or("it has no folder")?;
        std::fs::create_dir_all(folder).map_err(|error| no_room(error).message)?;
        if entry.mode == SYMLINK {
            return link(&path, &content);
        }
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".offdesk-").tempfile_in(folder)?;
            file.write_all(&content)?;
            allow(file.as_file(), entry.mode == "100755")?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error| format!("it could not be written: {error}"))
    }

    /// The index's entries of these files, as they were.
    pub(crate) fn put_index_back(
        &self,
        names: &[Vec<u8>],
        index: &BTreeMap<(Vec<u8>, u8), Entry>,
    ) -> Result<(), Problem> {
        if names.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for name in names {
            lines.extend_from_slice(format!("0 {}\t", self.zero).as_bytes());
            lines.extend_from_slice(name);
            lines.push(0);
        }
        for name in names {
            for stage in 0..=3u8 {
                if let Some(entry) = index.get(&(name.clone(), stage)) {
                    lines.extend_from_slice(format!("{} {} {stage}\t", entry.mode, entry.blob).as_bytes());
                    lines.extend_from_slice(name);
                    lines.push(0);
                }
            }
        }
        self.git.ok(&["update-index", "-z", "--index-info"], Some(&lines))?;
        // Times are noted anew, so that git need not read the files again; that some differ is no failure.
        self.git.run(&["update-index", "-q", "--refresh"], None)?;
        Ok(())
    }
}

#[cfg(unix)]
fn link(path: &Path, content: &[u8]) -> Result<(), String> {
    let unfinished = path.with_file_name(format!(".offdesk-{}", RunId::new()));
    let made = std::os::unix::fs::symlink(target(content), &unfinished);
    made.and_then(|()| std::fs::rename(&unfinished, path)).map_err(|error| format!("{error}"))
}

#[cfg(not(unix))]
fn link(_path: &Path, content: &[u8]) -> Result<(), String> {
    Err(format!("it is a link to {}, which this system cannot make", target(content).display()))
}

#[cfg(unix)]
fn allow(file: &std::fs::File, executable: bool) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 }))
}

#[cfg(not(unix))]
fn allow(_file: &std::fs::File, _executable: bool) -> std::io::Result<()> {
    Ok(())
}
