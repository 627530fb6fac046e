//! Artifacts: files of runs, kept beside the log. Each has a folder `artifacts/RUN/ID` with what is known of it and its
//! bytes; the same bytes under the same name are kept once.

use crate::uploads::{digest, make_private_folder, media_type, write_private};
use offdesk_protocol::*;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What is to be kept.
#[derive(Clone, Debug)]
pub struct NewArtifact {
    /// The run.
    pub run: RunId,
    /// Where it comes from.
    pub kind: ArtifactKind,
    /// Its name.
    pub name: String,
    /// By whom.
    pub by: Actor,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The artifact.
    pub artifact: Artifact,
    /// The same was not kept before.
    pub new: bool,
}

/// The artifacts of this host's runs.
#[derive(Clone, Debug)]
pub struct Artifacts {
    folder: PathBuf,
    /// One change at a time.
    changing: Arc<Mutex<()>>,
}

fn failed(what: &str, error: &io::Error) -> Problem {
    Problem::new(ErrorCode::StorageFailed, format!("The artifact could not be {what}: {error}."))
        .hint("Make room on the disk of the data folder, then try again.")
}

fn unknown() -> Problem {
    Problem::new(ErrorCode::NotFound, "This run has no such artifact.")
        .hint("It may have been cleaned up. `offdesk artifacts ls ID` lists those that are there.")
}

impl Artifacts {
    pub(crate) fn new(data: &Path) -> Self {
        Self { folder: data.join("artifacts"), changing: Arc::default() }
    }

    fn place(&self, run: RunId, id: ArtifactId) -> PathBuf {
        self.folder.join(run.to_string()).join(id.to_string())
    }

    fn known(&self, run: RunId, id: ArtifactId) -> Option<Artifact> {
        serde_json::from_slice(&fs::read(self.place(run, id).join("known.json")).ok()?).ok()
    }

    /// Those of a run, oldest first.
    pub fn list(&self, run: RunId) -> Vec<Artifact> {
        let entries = fs::read_dir(self.folder.join(run.to_string())).into_iter().flatten().flatten();
        let mut all: Vec<Artifact> =
            entries.filter_map(|entry| self.known(run, entry.file_name().to_str()?.parse().ok()?)).collect();
        all.sort_by_key(|one| (one.at, one.id));
        all
    }

    /// Keeps all that is read. One made at the end of a run takes the place of an earlier end's.
    ///
    /// # Errors
    /// When it is too large, there are too many, or it cannot be written.
    pub fn add(&self, new: NewArtifact, from: &mut dyn Read) -> Result<Kept, Problem> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let there = self.list(new.run);
        let made = matches!(new.kind, ArtifactKind::Log | ArtifactKind::Diff);
        if !made && there.len() >= MOST_ARTIFACTS {
            let text = format!("{MOST_ARTIFACTS} artifacts are the most of one run; nothing was kept.");
            return Err(Problem::new(ErrorCode::TooLarge, text).hint("Remove some of them first."));
        }
        let id = ArtifactId::new();
        let place = self.place(new.run, id);
        let kept = self.write(&place, id, new, from);
        let artifact = kept.inspect_err(|_| _ = fs::remove_dir_all(&place))?;
        let same = |one: &&Artifact| one.name == artifact.name && one.sha256 == artifact.sha256;
        if let Some(same) = there.iter().filter(|_| !made).find(same) {
            let _ = fs::remove_dir_all(&place);
            return Ok(Kept { artifact: same.clone(), new: false });
        }
        for earlier in there.iter().filter(|one| made && one.kind == artifact.kind) {
            let _ = fs::remove_dir_all(self.place(artifact.run, earlier.id));
        }
        Ok(Kept { artifact, new: true })
    }

    fn write(
        &self,
        place: &Path,
        id: ArtifactId,
        new: NewArtifact,
        from: &mut dyn Read,
    ) -> Result<Artifact, Problem> {
        let keeps = |error: io::Error| failed("kept", &error);
        let data = place.join("data");
        make_private_folder(place).and_then(|()| write_private(&data, b"")).map_err(keeps)?;
        let mut file = fs::OpenOptions::new().append(true).open(&data).map_err(keeps)?;
        let size = io::copy(&mut from.take(LARGEST_ARTIFACT + 1), &mut file).map_err(keeps)?;
        if size > LARGEST_ARTIFACT {
            let text = "The file is larger than 100 MiB, the most an artifact has; nothing was kept.";
            return Err(Problem::new(ErrorCode::TooLarge, text).hint("It is still where it is."));
        }
        file.sync_all().map_err(keeps)?;
        let (sha256, head) = digest(&data).map_err(keeps)?;
        let NewArtifact { run, kind, name, by } = new;
        let (media_type, at) = (media_type(&head), Timestamp::now());
        let artifact = Artifact { id, run, kind, name, size, media_type, sha256, at, by };
        let known = serde_json::to_vec(&artifact).map_err(io::Error::other).map_err(keeps)?;
        // What is known comes last: without it, there is no artifact.
        write_private(&place.join("known.json"), &known).map_err(keeps)?;
        Ok(artifact)
    }

    /// One of them, and its bytes.
    ///
    /// # Errors
    /// When the run has none of this id.
    pub fn open(&self, run: RunId, id: ArtifactId) -> Result<(Artifact, File), Problem> {
        let known = self.known(run, id).ok_or_else(unknown)?;
        let file = File::open(self.place(run, id).join("data")).map_err(|error| failed("read", &error))?;
        Ok((known, file))
    }

    /// Removes one for good.
    ///
    /// # Errors
    /// When the run has none of this id, or it cannot be removed.
    pub fn remove(&self, run: RunId, id: ArtifactId) -> Result<(), Problem> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.known(run, id).ok_or_else(unknown)?;
        fs::remove_dir_all(self.place(run, id)).map_err(|error| failed("removed", &error))
    }

    /// Removes all of a run that is gone.
    pub fn forget(&self, run: RunId) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = fs::remove_dir_all(self.folder.join(run.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(artifacts: &Artifacts, run: RunId, kind: ArtifactKind, name: &str, text: &str) -> Kept {
        let new = NewArtifact { run, kind, name: name.into(), by: Actor::Gateway };
        artifacts.add(new, &mut text.as_bytes()).unwrap()
    }

    #[test]
    fn the_same_is_kept_once_and_a_later_end_takes_the_place_of_an_earlier() {
        let data = tempfile::tempdir().unwrap();
        let (artifacts, run) = (Artifacts::new(data.path()), RunId::new());
        let first = add(&artifacts, run, ArtifactKind::File, "report.md", "one");
        let again = add(&artifacts, run, ArtifactKind::File, "report.md", "one");
        assert_eq!((again.artifact.id, first.new, again.new), (first.artifact.id, true, false));
        add(&artifacts, run, ArtifactKind::File, "report.md", "two");
        add(&artifacts, run, ArtifactKind::Log, "log.txt", "until the first end");
        let log = add(&artifacts, run, ArtifactKind::Log, "log.txt", "until the second end");
        let names: Vec<String> = artifacts.list(run).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["report.md", "report.md", "log.txt"]);
        let mut text = String::new();
        artifacts.open(run, log.artifact.id).unwrap().1.read_to_string(&mut text).unwrap();
        assert_eq!(text, "until the second end");
        assert!(artifacts.open(RunId::new(), log.artifact.id).is_err(), "it is another run's");
        artifacts.remove(run, first.artifact.id).unwrap();
        assert_eq!(artifacts.remove(run, first.artifact.id).unwrap_err().code, ErrorCode::NotFound);
        artifacts.forget(run);
        assert!(artifacts.list(run).is_empty());
    }

    #[test]
    fn what_is_too_large_leaves_nothing_behind() {
        let data = tempfile::tempdir().unwrap();
        let (artifacts, run) = (Artifacts::new(data.path()), RunId::new());
        let new = NewArtifact { run, kind: ArtifactKind::File, name: "big".into(), by: Actor::Gateway };
        let refused = artifacts.add(new, &mut io::repeat(0)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::TooLarge);
        assert!(artifacts.list(run).is_empty());
        assert_eq!(fs::read_dir(data.path().join("artifacts").join(run.to_string())).unwrap().count(), 0);
    }
}
