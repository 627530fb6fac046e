//! What of git may be cleaned up: snapshots of which everything is elsewhere too, and worktrees whose work is safe.
//!
//! Elsewhere means in a branch or a tag, here or of a remote. What only another snapshot has, or only a file, does not
//! count: it may be gone tomorrow.

use super::repository::Repository;
use super::{At, Workspaces, no_repository};
use offdesk_protocol::{Problem, RemoveWorktree, RunId};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// A run's snapshots in a repository, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSnapshots {
    /// Those of which everything is elsewhere too: name and commit.
    pub elsewhere: Vec<(String, String)>,
    /// Those that have files or commits that nothing else has.
    pub only_here: Vec<(String, String)>,
}

impl Workspaces {
    /// All snapshots that runs have in a repository. Nothing when the repository is gone.
    ///
    /// # Errors
    /// When git fails.
    pub fn snapshots(&self, repository: &Path) -> Result<HashMap<RunId, Vec<(String, String)>>, Problem> {
        let mut runs: HashMap<RunId, Vec<(String, String)>> = HashMap::new();
        if !repository.is_dir() {
            return Ok(runs);
        }
        let Some(repository) = Repository::open(&self.git()?, repository, &self.memory)? else {
            return Ok(runs);
        };
        let args = ["for-each-ref", "--format=%(refname) %(objectname)", "refs/offdesk/"];
        for line in repository.git.line(&args)?.lines() {
            let Some((name, commit)) = line.split_once(' ') else { continue };
            let run = name.strip_prefix("refs/offdesk/").and_then(|rest| rest.split('/').next());
            // A repository may serve several gateways; a name that is no run's is not ours.
            if let Some(run) = run.and_then(|run| run.parse().ok()) {
                runs.entry(run).or_default().push((name.into(), commit.into()));
            }
        }
        Ok(runs)
    }

    /// Bytes in a repository that only these snapshots hold.
    ///
    /// # Errors
    /// When git fails.
    pub fn snapshot_bytes(&self, repository: &Path, commits: &[String]) -> Result<u64, Problem> {
        let repository = self.open(repository)?;
        let mut input: String = commits.iter().map(|commit| format!("{commit}\n")).collect();
        input.push_str(ELSEWHERE);
        let args = ["rev-list", "--objects", "--disk-usage", "--stdin"];
        let out = repository.git.patient().ok(&args, Some(input.as_bytes()))?;
        Ok(String::from_utf8_lossy(&out).trim().parse().unwrap_or_default())
    }

    /// Tells those snapshots whose contents are elsewhere too from those that are the only ones to have something.
    ///
    /// # Errors
    /// When git fails.
    pub fn sort_snapshots(
        &self,
        repository: &Path,
        snapshots: &[(String, String)],
    ) -> Result<RunSnapshots, Problem> {
        let repository = self.open(repository)?;
        let mut sorted = RunSnapshots::default();
        // Turns that changed nothing have snapshots of one commit.
        let mut seen: HashMap<&str, bool> = HashMap::new();
        let mut since = Since::new();
        for (name, commit) in snapshots {
            let only_here = match seen.get(commit.as_str()) {
                Some(known) => *known,
                None => repository.only_here(commit, &mut since)?,
            };
            seen.insert(commit, only_here);
            let list = if only_here { &mut sorted.only_here } else { &mut sorted.elsewhere };
            list.push((name.clone(), commit.clone()));
        }
        Ok(sorted)
    }

    /// Forgets snapshots: `lose` also those that have something nothing else has; the others only if that is still so.
    /// Gives how many went.
    ///
    /// # Errors
    /// When git fails; what went before stays gone.
    pub fn forget_snapshots(
        &self,
        repository: &Path,
        snapshots: &[(String, String)],
        lose: bool,
    ) -> Result<u32, Problem> {
        if snapshots.is_empty() || !repository.is_dir() {
            return Ok(0);
        }
        let going = match lose {
            true => snapshots.to_vec(),
            false => self.sort_snapshots(repository, snapshots)?.elsewhere,
        };
        let repository = self.open(repository)?;
        // Each only if it is still what was looked at.
        let input: String = going.iter().map(|(name, commit)| format!("delete {name} {commit}\n")).collect();
        repository.git.ok(&["update-ref", "--stdin"], Some(input.as_bytes()))?;
        Ok(u32::try_from(going.len()).unwrap_or(u32::MAX))
    }

    /// Whether a run's worktree can be removed without losing work; says why not.
    ///
    /// # Errors
    /// When it has to stay.
    pub fn removable(&self, at: &At, ignored: bool) -> Result<(), Problem> {
        let wish = RemoveWorktree { save: false, ignored };
        self.open(&at.dir)?.safe_to_remove(&wish).map(drop)
    }

    /// Whether a worktree that no run is known to have can be removed without losing anything at all.
    ///
    /// # Errors
    /// When it has to stay, or is no worktree.
    pub fn forgotten(&self, folder: &Path) -> Result<(), Problem> {
        let repository = self.open(folder)?;
        // Inside a folder that is no worktree, git finds a repository above it.
        if dunce::canonicalize(folder).ok().as_deref() != Some(&repository.top) {
            return Err(no_repository(folder));
        }
        repository.safe_to_remove(&RemoveWorktree::default())?;
        repository.nothing_lonely()
    }

    /// Removes such a worktree; its branch stays.
    ///
    /// # Errors
    /// When it has to stay after all, or git refuses.
    pub fn remove_forgotten(&self, folder: &Path) -> Result<(), Problem> {
        self.forgotten(folder)?;
        let repository = self.open(folder)?;
        let path = repository.top.to_str().unwrap_or_default().to_string();
        // From its main checkout: a folder that is a process's own cannot be removed everywhere.
        let common = repository.git.line(&["rev-parse", "--path-format=absolute", "--git-common-dir"])?;
        let main = repository.git.at(Path::new(&common));
        main.patient().ok(&["worktree", "remove", "--", &path], None).map(drop)
    }
}

const ELSEWHERE: &str = "--not\n--branches\n--tags\n--remotes\n";

/// What branches and tags have beyond a commit, by that commit.
type Since = HashMap<Option<String>, HashSet<String>>;

impl Repository {
    /// Whether this snapshot has a file's content or a commit of somebody's that no branch or tag has.
    fn only_here(&self, snapshot: &str, since: &mut Since) -> Result<bool, Problem> {
        let input = format!("{snapshot}\n{ELSEWHERE}");
        let args = ["rev-list", "--objects", "--no-object-names", "--stdin"];
        let ids = self.git.patient().ok(&args, Some(input.as_bytes()))?;
        // The snapshot itself, and the commit beside it that holds the index.
        let line = self.git.line(&["show", "--no-patch", "--format=%H %P", snapshot])?;
        let mut ours: Vec<&str> = line.split(' ').take(1).collect();
        let mut base = None;
        for parent in line.split(' ').skip(1).filter(|parent| !parent.is_empty()) {
            match self.git.line(&["show", "--no-patch", "--format=%s", parent])?.as_str() {
                "The index, by stages" => ours.push(parent),
                _ if base.is_none() => base = Some(parent.to_string()),
                _ => {}
            }
        }
        let kinds = self.git.ok(&["cat-file", "--batch-check=%(objectname) %(objecttype)"], Some(&ids))?;
        let kinds = String::from_utf8_lossy(&kinds);
        let mut contents = Vec::new();
        for line in kinds.lines() {
            match line.split_once(' ') {
                Some((_, "tree")) => {}
                Some((id, "commit")) if ours.contains(&id) => {}
                Some((id, "blob")) => contents.push(id),
                _ => return Ok(true),
            }
        }
        // That walk leaves out only what the nearest commits have; a branch that went on from there may have the rest.
        if contents.is_empty() {
            return Ok(false);
        }
        let elsewhere = match since.entry(base) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let mut input = "--branches\n--tags\n--remotes\n".to_string();
                if let Some(base) = new.key() {
                    input.push_str(&format!("--not\n{base}\n"));
                }
                let out = self.git.patient().ok(&args, Some(input.as_bytes()))?;
                new.insert(String::from_utf8_lossy(&out).lines().map(Into::into).collect())
            }
        };
        Ok(contents.iter().any(|id| !elsewhere.contains(*id)))
    }
}
