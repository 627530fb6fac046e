//! Commits that a person asks for, and the repository's programs that git would start for them.

use super::path::text;
use super::repository::{Repository, zero_separated};
use offdesk_protocol::{CommitChanges, Committed, ErrorCode, Problem, Programs, RunId};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Hooks that a commit or a push may start.
pub(crate) const HOOKS: &[&str] = &[
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "post-rewrite",
    "post-index-change",
    "reference-transaction",
    "pre-push",
];
/// Longest message, in bytes.
const LONGEST_MESSAGE: usize = 64 * 1024;

impl Repository {
    /// What git would start for a commit or a push of these files, with a hash over the list and the hooks' content.
    /// What hooks start in turn, nobody can tell.
    pub(crate) fn programs(&self, names: &[Vec<u8>]) -> Result<Programs, Problem> {
        let own = self.with_programs().git;
        let mut list = Vec::new();
        let mut digest = Sha256::new();
        let folder = own.ok(&["rev-parse", "--path-format=absolute", "--git-path", "hooks"], None)?;
        let folder = PathBuf::from(super::path::os(folder.strip_suffix(b"\n").unwrap_or(&folder)));
        for hook in HOOKS {
            let path = folder.join(hook);
            if let Ok(content) = std::fs::read(&path).map(|content| (content, executable(&path)))
                && content.1
            {
                digest.update(&content.0);
                list.push(format!("hook {hook} ({})", path.display()));
            }
        }
        for (filter, command) in self.filters(names)? {
            list.push(format!("filter {filter}: {command}"));
        }
        let text_of = |key: &str| own.maybe(&["config", "--get", key]);
        if let Some(monitor) = text_of("core.fsmonitor")?.filter(|value| !is_switch(value)) {
            list.push(format!("file system monitor: {monitor}"));
        }
        if own.maybe(&["config", "--bool", "--get", "commit.gpgSign"])?.as_deref() == Some("true") {
            list.push(format!("signing: {}", text_of("gpg.program")?.unwrap_or_else(|| "gpg".into())));
        }
        for line in &list {
            digest.update(line.as_bytes());
            digest.update([0]);
        }
        let hash = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Programs { list, hash })
    }

    /// Filters with a program that these files are kept by.
    pub(crate) fn filters(&self, names: &[Vec<u8>]) -> Result<Vec<(String, String)>, Problem> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let input = listed(names);
        let out = self.git.ok(&["check-attr", "-z", "--stdin", "filter"], Some(&input))?;
        let fields: Vec<&[u8]> = out.split(|byte| *byte == 0).collect();
        let mut wanted: Vec<String> = fields.chunks_exact(3).map(|three| text(three[2])).collect();
        wanted.sort();
        wanted.dedup();
        let own = self.with_programs().git;
        let mut found = Vec::new();
        for filter in
            wanted.into_iter().filter(|filter| !matches!(filter.as_str(), "unspecified" | "unset" | "set"))
        {
            for what in ["process", "clean"] {
                if let Some(command) = own.maybe(&["config", "--get", &format!("filter.{filter}.{what}")])? {
                    found.push((filter.clone(), command));
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Commits these files, as `git commit` would; a snapshot is kept first, since programs may change files.
    pub(crate) fn commit_files(
        &self,
        run: RunId,
        names: &[Vec<u8>],
        wish: &CommitChanges,
    ) -> Result<Committed, Problem> {
        let message = wish.message.trim();
        if message.is_empty() || message.len() > LONGEST_MESSAGE {
            return Err(Problem::new(ErrorCode::BadRequest, "A commit needs a message of at most 64 KiB."));
        }
        if names.is_empty() && !wish.staged {
            return Err(Problem::new(ErrorCode::WrongState, "There is nothing to commit."));
        }
        let programs = self.programs(names)?;
        let chosen = self.choose(&programs, wish.programs.as_deref(), wish.without_programs)?;
        // What is staged went through its filters when it was.
        if wish.without_programs && !wish.staged && !self.filters(names)?.is_empty() {
            return Err(Problem::new(ErrorCode::WrongState, "Some of these files are kept by a filter (such as Git LFS), without which they would be committed wrongly.")
                .hint("Let the repository's programs run, or commit in a terminal."));
        }
        let repository = if chosen { self.with_programs() } else { self.clone() };
        if repository.git.run(&["var", "GIT_COMMITTER_IDENT"], None)?.code != Some(0) {
            return Err(Problem::new(
                ErrorCode::WrongState,
                "Git does not know who commits, so nothing was committed.",
            )
            .hint("Set it once: `git config --global user.name …` and `user.email …`."));
        }
        self.keep(run, "commit")?;
        let git = repository.git.patient();
        if wish.staged {
            // The index as it is: also where the file on the disk is another by now.
            git.ok(&["commit", "--quiet", "-m", message], None)?;
        } else {
            let listed = listed(names);
            let from = ["--pathspec-from-file=-", "--pathspec-file-nul"];
            git.ok(&[&["add", "--all"][..], &from].concat(), Some(&listed))?;
            // Only these: what else is staged stays so.
            git.ok(&[&["commit", "--quiet", "--only", "-m", message][..], &from].concat(), Some(&listed))?;
        }
        let commit = self.head()?.unwrap_or_default();
        Ok(Committed { commit, branch: self.branch()? })
    }

    /// Whether the repository's programs run: what a person chose, having seen exactly these.
    pub(crate) fn choose(
        &self,
        programs: &Programs,
        hash: Option<&str>,
        without: bool,
    ) -> Result<bool, Problem> {
        match hash {
            _ if without => Ok(false),
            Some(hash) if hash == programs.hash => Ok(true),
            Some(_) => Err(Problem::new(
                ErrorCode::ApprovalChanged,
                "The repository's programs are not those that were shown any more, so nothing was done.",
            )
            .hint("Look at them again and decide.")),
            None if programs.list.is_empty() => Ok(false),
            None => Err(Problem::new(
                ErrorCode::WrongState,
                format!(
                    "Git would start programs of this repository: {}.",
                    super::worktree::told(&programs.list)
                ),
            )
            .hint("Say whether they are to run: `--hooks` or `--no-hooks`.")),
        }
    }

    /// Names that differ from the last commit.
    pub(crate) fn uncommitted(&self, tree: &str) -> Result<std::collections::BTreeSet<Vec<u8>>, Problem> {
        match self.head()? {
            Some(head) => self.names_between(&head, tree),
            None => Ok(self.entries(tree)?.into_keys().collect()),
        }
    }

    /// Commits that one has and the other does not.
    pub(crate) fn ahead(&self, base: &str) -> Result<u32, Problem> {
        let count = self.git.maybe(&["rev-list", "--count", &format!("{base}..HEAD")])?;
        Ok(count.and_then(|count| count.parse().ok()).unwrap_or(0))
    }

    /// All checkouts of this repository with the branch each has.
    pub(crate) fn checkouts(&self) -> Result<Vec<(PathBuf, Option<String>)>, Problem> {
        let out = self.git.ok(&["worktree", "list", "--porcelain", "-z"], None)?;
        let mut found: Vec<(PathBuf, Option<String>)> = Vec::new();
        for line in zero_separated(&out) {
            if let Some(path) = line.strip_prefix(b"worktree ") {
                found.push((super::path::os(path).into(), None));
            } else if let (Some(branch), Some(last)) =
                (line.strip_prefix(b"branch refs/heads/"), found.last_mut())
            {
                last.1 = Some(text(branch));
            }
        }
        Ok(found)
    }
}

/// Names as git reads a list of them.
pub(crate) fn listed(names: &[Vec<u8>]) -> Vec<u8> {
    names.iter().flat_map(|name| name.iter().copied().chain([0])).collect()
}

fn is_switch(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "0" | "1" | ""
    )
}

#[cfg(unix)]
fn executable(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn executable(path: &std::path::Path) -> bool {
    path.is_file()
}
