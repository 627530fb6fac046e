//! What is there.

use super::{Known, Owner, Place, Thing};
use crate::{Workspaces, program};
use offdesk_protocol::{RunId, StorageKind, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Folders of agents' conversations that are ours.
const CONVERSATIONS: &str = "agents/ollama/conversations";

struct Looked<'a> {
    known: &'a Known,
    /// Only what this run needs.
    only: Option<RunId>,
    things: Vec<Thing>,
}

/// Bytes of a file, or of all in a folder, and when it was last changed. Links are not followed.
fn weigh(path: &Path) -> (u64, Timestamp) {
    let Ok(meta) = path.symlink_metadata() else { return (0, Timestamp::UNIX_EPOCH) };
    let since = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let mut changed = since
        .and_then(|since| Timestamp::from_millisecond(i64::try_from(since.as_millis()).ok()?).ok())
        // What cannot be told is not held for old.
        .unwrap_or_else(Timestamp::now);
    if !meta.is_dir() {
        return (meta.len(), changed);
    }
    let mut bytes = 0;
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        let (more, at) = weigh(&entry.path());
        bytes += more;
        changed = changed.max(at);
    }
    (bytes, changed)
}

/// What is in a folder, with its name as text.
fn entries(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<_> =
        entries.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned())).collect();
    all.sort();
    all
}

impl Looked<'_> {
    fn is_asked_for(&self, owner: &Owner) -> bool {
        match (self.only, owner) {
            (None, _) => true,
            (Some(run), Owner::Runs(runs)) => runs.contains(&run),
            (Some(_), _) => false,
        }
    }

    fn put(&mut self, kind: StorageKind, owner: Owner, path: PathBuf, name: &str) {
        if !self.is_asked_for(&owner) {
            return;
        }
        let (bytes, changed_at) = weigh(&path);
        // What nobody needs is one kind, whatever it was for.
        let kind = if owner == Owner::Nobody { StorageKind::Leftovers } else { kind };
        let place = if matches!(owner, Owner::Needed(_)) { Place::Fixed } else { Place::Path(path) };
        self.things.push(Thing { kind, owner, place, name: name.into(), items: 1, bytes, changed_at });
    }

    fn owner(&self, id: &str) -> Owner {
        match self.known.belongings.get(id) {
            Some(runs) => Owner::Runs(runs.clone()),
            None => Owner::Nobody,
        }
    }

    fn of_run(&self, name: &str) -> Owner {
        match name.parse::<RunId>().ok().filter(|run| self.known.runs.contains_key(run)) {
            Some(run) => Owner::Runs(vec![run]),
            None => Owner::Nobody,
        }
    }

    fn attempts(&mut self, data: &Path) {
        for (path, name) in entries(&data.join("attempts")) {
            let owner = match offdesk_supervisor::is_alive(&path) {
                true => Owner::Needed("an agent is at work in it"),
                false => self.owner(&name),
            };
            self.put(StorageKind::Outputs, owner, path, &name);
        }
    }

    fn uploads(&mut self, data: &Path, waiting: &[String]) {
        for (path, name) in entries(&data.join("uploads")) {
            let owner = match waiting.contains(&name) {
                true => Owner::Needed("it waits to go with a prompt"),
                false => self.owner(&name),
            };
            self.put(StorageKind::Uploads, owner, path, &name);
        }
        for (path, name) in entries(&data.join("attachments")) {
            let owner = self.of_run(&name);
            self.put(StorageKind::Uploads, owner, path, &name);
        }
        for (path, name) in entries(&data.join("artifacts")) {
            let owner = self.of_run(&name);
            self.put(StorageKind::Artifacts, owner, path, &name);
        }
    }

    fn worktrees(&mut self, folder: &Path) {
        for (path, name) in entries(folder) {
            if !path.is_dir() {
                continue;
            }
            let real = dunce::canonicalize(&path).unwrap_or_else(|_| path.clone());
            let run = self.known.runs.values().find(|run| {
                run.at.as_ref().is_some_and(|at| at.workspace.worktree && at.dir.starts_with(&real))
            });
            let owner = run.map_or(Owner::Nobody, |run| Owner::Runs(vec![run.id]));
            let before = self.things.len();
            self.put(StorageKind::Worktrees, owner, path.clone(), &name);
            for thing in &mut self.things[before..] {
                thing.place = Place::Worktree(path.clone());
            }
        }
    }

    fn snapshots(&mut self, workspaces: &Workspaces) {
        let mut repositories: BTreeMap<&str, Vec<RunId>> = BTreeMap::new();
        for run in self.known.runs.values() {
            if let Some(at) = run.at.as_ref().filter(|_| self.only.is_none_or(|only| only == run.id)) {
                repositories.entry(&at.workspace.repository).or_default().push(run.id);
            }
        }
        for (repository, runs) in repositories {
            let path = PathBuf::from(repository);
            let Ok(mut found) = workspaces.snapshots(&path) else { continue };
            for run in runs {
                let Some(snapshots) = found.remove(&run) else { continue };
                let mut commits: Vec<String> = snapshots.iter().map(|(_, commit)| commit.clone()).collect();
                commits.sort();
                commits.dedup();
                self.things.push(Thing {
                    kind: StorageKind::Snapshots,
                    owner: Owner::Runs(vec![run]),
                    name: repository.into(),
                    items: u32::try_from(snapshots.len()).unwrap_or(u32::MAX),
                    // A repository that cannot be asked for sizes can still be asked for names.
                    bytes: workspaces.snapshot_bytes(&path, &commits).unwrap_or_default(),
                    changed_at: Timestamp::now(),
                    place: Place::Snapshots(path.clone(), snapshots),
                });
            }
        }
    }

    fn conversations(&mut self, data: &Path) {
        let of: HashMap<&str, RunId> =
            self.known.runs.values().filter_map(|run| Some((run.conversation.as_deref()?, run.id))).collect();
        for (path, name) in entries(&data.join(CONVERSATIONS)) {
            let id = name.split('.').next().unwrap_or_default();
            // One that no run goes on with was left by a restart; what was said in it is in the log.
            let owner = of.get(id).map_or(Owner::Nobody, |run| Owner::Runs(vec![*run]));
            let before = self.things.len();
            self.put(StorageKind::Conversations, owner, path, &name);
            for thing in &mut self.things[before..] {
                thing.kind = StorageKind::Conversations;
            }
        }
    }

    fn programs(&mut self, data: &Path, offdesk: &Path) {
        let current = program::copy_name(offdesk, env!("CARGO_PKG_VERSION"));
        for (path, name) in entries(&data.join("bin")) {
            let owner = match &current {
                _ if name.starts_with(".offdesk-") => Owner::Nobody,
                Ok(current) if name.starts_with("offdesk-") && name != *current => Owner::Spare,
                _ => Owner::Needed("it is in use"),
            };
            self.put(StorageKind::Programs, owner, path, &name);
        }
    }

    /// What is not looked at more closely.
    fn rest(&mut self, data: &Path) {
        const SEEN: [&str; 6] = ["attempts", "uploads", "attachments", "artifacts", "worktrees", "bin"];
        for (path, name) in entries(data) {
            match name.as_str() {
                name if SEEN.contains(&name) => {}
                name if name.starts_with("offdesk.db") => {
                    self.put(StorageKind::Log, Owner::Needed("it is the log"), path, name);
                }
                "history.json" => self.put(StorageKind::History, Owner::Spare, path, &name),
                // What was being written when a process ended.
                name if name.starts_with(".tmp") => self.put(StorageKind::Other, Owner::Nobody, path, name),
                name => self.put(StorageKind::Other, Owner::Needed("it is needed"), path, name),
            }
        }
        // They are counted by themselves.
        let conversations = weigh(&data.join(CONVERSATIONS)).0;
        let agents = self.things.iter_mut().find(|thing| thing.name == "agents");
        if let Some(agents) = agents.filter(|thing| thing.kind == StorageKind::Other) {
            agents.bytes = agents.bytes.saturating_sub(conversations);
        }
    }
}

pub(super) fn of(
    data: &Path,
    offdesk: &Path,
    workspaces: &Workspaces,
    known: &Known,
    only: Option<RunId>,
) -> Vec<Thing> {
    let waiting = crate::uploads::Uploads::new(data).waiting_ids();
    let mut looked = Looked { known, only, things: Vec::new() };
    looked.attempts(data);
    looked.uploads(data, &waiting);
    looked.worktrees(&workspaces.folder());
    looked.snapshots(workspaces);
    looked.conversations(data);
    looked.programs(data, offdesk);
    looked.rest(data);
    looked.things
}
