//! A pull request: the branch is pushed, then `gh` opens it. Both commands are shown before they run.

use super::repository::Repository;
use offdesk_protocol::{ErrorCode, OpenPullRequest, Problem, Programs, PullRequestPlan, visible_line};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

impl Repository {
    /// What would be run. Changes nothing.
    pub(crate) fn pull_request_plan(
        &self,
        base: Option<&str>,
        wish: &OpenPullRequest,
    ) -> Result<PullRequestPlan, Problem> {
        let title = wish.title.trim();
        if title.is_empty() || title.len() > 300 || title.contains('\n') || wish.body.len() > 64 * 1024 {
            return Err(Problem::new(
                ErrorCode::BadRequest,
                "A pull request needs a title of one line, and a text of at most 64 KiB.",
            ));
        }
        let Some(branch) = self.branch()? else {
            return Err(Problem::new(
                ErrorCode::WrongState,
                "No branch is checked out, so there is nothing to push.",
            )
            .hint("Make one: `git switch -c NAME` in the workspace."));
        };
        let base = wish.base.as_deref().or(base).ok_or_else(|| {
            Problem::new(ErrorCode::BadRequest, "Say which branch it is for: the run did not start from one.")
        })?;
        if base == branch {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!("The run works on {base} itself; a pull request needs a branch of its own."),
            ));
        }
        let remote = self.remote(base)?;
        let url = self.git.maybe(&["remote", "get-url", "--push", "--", &remote])?.unwrap_or_default();
        let named = self.named_for_pushing()?;
        if !wish.with_programs && !named.is_empty() {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!(
                    "This repository's own settings name programs for pushing: {}.",
                    super::worktree::told(&named)
                ),
            )
            .hint("Say that the repository's programs are to run (`--hooks`), or push in a terminal."));
        }
        let gh = self.gh()?;
        let refs = format!("refs/heads/{branch}:refs/heads/{branch}");
        let own = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut create = own(&[&gh.to_string_lossy(), "pr", "create", "--head", &branch, "--base", base]);
        create.extend(own(&["--title", title, "--body", &wish.body]));
        if wish.draft {
            create.push("--draft".into());
        }
        let commands = vec![own(&["git", "push", "--set-upstream", "--", &remote, &refs]), create];
        let mut programs = if wish.with_programs { self.programs(&[])? } else { Programs::default() };
        programs.list.extend(named);
        let remote = without_password(&url);
        let mut digest = Sha256::new();
        for word in commands.iter().flatten().chain([&remote, &programs.hash]).chain(&programs.list) {
            digest.update(word.len().to_be_bytes());
            digest.update(word);
        }
        let hash = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(PullRequestPlan { commands, remote, programs, hash, url: None })
    }

    /// Runs exactly the plan that was shown.
    pub(crate) fn open_pull_request(
        &self,
        base: Option<&str>,
        wish: &OpenPullRequest,
    ) -> Result<PullRequestPlan, Problem> {
        let mut plan = self.pull_request_plan(base, wish)?;
        if wish.confirm.as_deref() != Some(&plan.hash) {
            return Err(Problem::new(
                ErrorCode::ApprovalChanged,
                "What would be run is not what was shown any more, so nothing was run.",
            )
            .hint("Look at it again and confirm."));
        }
        let git = if wish.with_programs { self.with_programs().git } else { self.git.patient() };
        // To push, git must talk to the remote as the person's own terminal does.
        let push: Vec<&str> = plan.commands[0].iter().skip(1).map(String::as_str).collect();
        let ended = git.run(&push, None)?;
        if ended.code != Some(0) {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!(
                    "The branch was not pushed: {}",
                    without_password(&visible_line(ended.err.trim(), 600))
                ),
            )
            .hint("Push it once in a terminal, where git can ask for a password."));
        }
        let ended = git.other(&plan.commands[1])?;
        let said = String::from_utf8_lossy(&ended.out).into_owned();
        if ended.code != Some(0) {
            return Err(Problem::new(ErrorCode::WrongState, format!("The branch was pushed, but gh opened no pull request: {}", visible_line(ended.err.trim(), 600)))
                .hint("`gh auth status` in a terminal says whether gh is logged in. Trying again pushes nothing twice."));
        }
        let is_address = |line: &&str| line.starts_with("https://") || line.starts_with("http://");
        plan.url = said.lines().map(str::trim).rev().find(is_address).map(|line| visible_line(line, 500));
        if plan.url.is_none() {
            return Err(Problem::new(
                ErrorCode::WrongState,
                format!("gh said no address: {}", visible_line(said.trim(), 300)),
            ));
        }
        Ok(plan)
    }

    /// The remote of the branch it is for, or the only one, or `origin`.
    fn remote(&self, base: &str) -> Result<String, Problem> {
        if let Some(remote) = self
            .git
            .maybe(&["config", "--get", &format!("branch.{base}.remote")])?
            .filter(|remote| remote != ".")
        {
            return Ok(remote);
        }
        let all = self.git.line(&["remote"])?;
        let all: Vec<&str> = all.lines().collect();
        match all.as_slice() {
            [only] => Ok((*only).into()),
            many if many.contains(&"origin") => Ok("origin".into()),
            [] => Err(Problem::new(ErrorCode::WrongState, "The repository has no remote to push to.")
                .hint("Add one: `git remote add origin ADDRESS`.")),
            _ => Err(Problem::new(
                ErrorCode::WrongState,
                "The repository has several remotes, and none is called origin.",
            )),
        }
    }

    /// Programs for pushing that the repository itself names; those of the person's own settings are theirs.
    fn named_for_pushing(&self) -> Result<Vec<String>, Problem> {
        let pattern = r"^(core\.(sshcommand|gitproxy)|credential\..*helper|remote\..*\.(receivepack|vcs))$";
        let args = ["config", "-z", "--show-scope", "--get-regexp", pattern];
        let out = self.git.run(&args, None)?.out;
        let fields: Vec<&[u8]> = out.split(|byte| *byte == 0).collect();
        Ok(fields
            .chunks_exact(2)
            .filter(|pair| matches!(pair[0], b"local" | b"worktree"))
            .map(|pair| super::path::text(pair[1]).replacen('\n', " = ", 1))
            .collect())
    }

    fn gh(&self) -> Result<PathBuf, Problem> {
        let path = self.git.var("PATH").cloned().unwrap_or_default();
        which::which_in("gh", Some(path), self.git.dir()).map_err(|_| {
            Problem::new(ErrorCode::Unsupported, "GitHub's program gh is not on this computer, so no pull request can be opened from here.")
                .hint("Install it from https://cli.github.com and run `gh auth login`; or push the branch in a terminal.")
        })
    }
}

/// The address without what stands before `@` in `https://name:password@host`.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.into() };
    let end = rest.find(['/', ' ', '\'']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) if scheme != "ssh" => format!("{scheme}://…{}", &rest[at..]),
        _ => url.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        assert_eq!(without_password("https://me:secret@git.example/x.git"), "https://…@git.example/x.git");
        assert_eq!(without_password("https://git.example/a@b"), "https://git.example/a@b");
        assert_eq!(without_password("ssh://git@git.example/x"), "ssh://git@git.example/x");
        assert_eq!(without_password("git@git.example:x.git"), "git@git.example:x.git");
        assert_eq!(without_password("/srv/x.git"), "/srv/x.git");
    }
}
