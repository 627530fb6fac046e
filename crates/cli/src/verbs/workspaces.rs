//! Verbs about what runs change: looking, committing, taking back, merging, publishing, cleaning up.

use super::{say, say_json};
use crate::outcome::Outcome;
use clap::{Args as ClapArgs, Subcommand};
use offdesk_client::Client;
use offdesk_protocol::*;
use std::io::{BufRead, IsTerminal, Write as _};

/// Work in a fresh git worktree.
#[derive(Debug, ClapArgs)]
pub(crate) struct WorktreeArgs {
    /// Work in a fresh git worktree instead of the folder itself.
    #[arg(long)]
    pub(crate) worktree: bool,
    /// The worktree's new branch. Default: offdesk/ and words of the prompt.
    #[arg(long, value_name = "NAME", requires = "worktree")]
    pub(crate) branch: Option<String>,
    /// What the worktree starts from. Default: what is checked out.
    #[arg(long, value_name = "BRANCH", requires = "worktree")]
    pub(crate) base: Option<String>,
    /// Copy ignored files that match along, such as `.env`; may be given more than once.
    #[arg(long, value_name = "PATTERN", requires = "worktree")]
    pub(crate) copy: Vec<String>,
}

impl WorktreeArgs {
    pub(crate) fn wish(self) -> Option<NewWorktree> {
        self.worktree.then_some(NewWorktree { branch: self.branch, base: self.base, copy: self.copy })
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ChangesArgs {
    /// The run.
    pub(crate) id: RunId,
    /// Only this file.
    pub(crate) path: Option<String>,
    /// Only what this turn changed: its number, 1 for the first, or its id.
    #[arg(long, value_name = "N")]
    pub(crate) turn: Option<String>,
    /// Show the changes line by line.
    #[arg(long)]
    pub(crate) diff: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CommitArgs {
    /// The run.
    pub(crate) id: RunId,
    /// The message.
    #[arg(long, short = 'm', value_name = "TEXT")]
    pub(crate) message: String,
    /// Only these files.
    pub(crate) paths: Vec<String>,
    /// What is staged, as it is in the index, and nothing else.
    #[arg(long, conflicts_with = "paths")]
    pub(crate) staged: bool,
    /// Let git start the repository's own programs: its hooks, filters, signing.
    #[arg(long, conflicts_with = "no_hooks")]
    pub(crate) hooks: bool,
    /// Leave them out.
    #[arg(long)]
    pub(crate) no_hooks: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DiscardArgs {
    /// The run.
    pub(crate) id: RunId,
    /// These files, and what is below these folders.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) paths: Vec<String>,
    /// All that is not committed.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RestoreArgs {
    /// The run.
    pub(crate) id: RunId,
    /// Only these files.
    pub(crate) paths: Vec<String>,
    /// The snapshot. Default: what was there before the last `discard` or `restore`.
    #[arg(long, value_name = "REF")]
    pub(crate) snapshot: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MergeArgs {
    /// The run.
    pub(crate) id: RunId,
    /// The branch to merge into. Default: the one the run started from.
    #[arg(long, value_name = "BRANCH")]
    pub(crate) into: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PrArgs {
    /// The run.
    pub(crate) id: RunId,
    /// Its title. Default: what the run is called.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Its text.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) body: String,
    /// The branch it is for. Default: the one the run started from.
    #[arg(long, value_name = "BRANCH")]
    pub(crate) base: Option<String>,
    /// As a draft.
    #[arg(long)]
    pub(crate) draft: bool,
    /// Let git start the repository's own programs, such as its pre-push hook.
    #[arg(long)]
    pub(crate) hooks: bool,
    /// Run the commands without asking. Otherwise they are shown, and run when you say yes.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print JSON. Without --yes: what would be run.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Worktrees {
    #[command(subcommand)]
    pub(crate) verb: WorktreeVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorktreeVerb {
    /// List the worktrees made for runs.
    Ls {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove a run's worktree, when its work is safe.
    Rm {
        /// The run.
        id: RunId,
        /// Keep what is not committed as a snapshot first, and say where.
        #[arg(long)]
        save: bool,
        /// Delete ignored files with it.
        #[arg(long)]
        ignored: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Worktrees {
    pub(crate) fn json(&self) -> bool {
        match self.verb {
            WorktreeVerb::Ls { json } | WorktreeVerb::Rm { json, .. } => json,
        }
    }
}

/// The turn a person means: its id, or its number among those that changed something or nothing.
async fn turn_of(client: &Client, run: RunId, wanted: &str) -> Result<TurnId, Outcome> {
    if let Ok(id) = wanted.parse() {
        return Ok(id);
    }
    let number: usize =
        wanted.parse().map_err(|_| Outcome::Usage(format!("“{wanted}” is no turn's number.")))?;
    let (mut after, mut seen) = (0, 0);
    loop {
        let page = client.events(Some(run), after, 1000).await?;
        let Some(last) = page.last() else {
            return Err(Problem::new(ErrorCode::NotFound, format!("The changes of {seen} turns are known."))
                .hint("Turns are counted from 1.")
                .into());
        };
        after = last["seq"].as_u64().unwrap_or(u64::MAX);
        for envelope in page {
            if let Ok(Event::ChangesRecorded { turn, .. }) = serde_json::from_value(envelope["event"].clone())
            {
                seen += 1;
                if seen == number {
                    return Ok(turn);
                }
            }
        }
    }
}

fn mark(status: FileStatus) -> char {
    match status {
        FileStatus::Added => 'A',
        FileStatus::Modified => 'M',
        FileStatus::Deleted => 'D',
        FileStatus::Renamed => 'R',
        FileStatus::TypeChanged => 'T',
    }
}

fn file_line(file: &ChangedFile) -> String {
    let lines = match (file.added, file.removed) {
        (Some(added), Some(removed)) => format!("+{added} −{removed}"),
        _ => "not compared".into(),
    };
    let from = file.from.as_deref().map_or(String::new(), |from| format!("{} → ", visible_line(from, 200)));
    let open = if file.uncommitted { "" } else { "  committed" };
    let staged = match file.staged {
        FileStage::None => "",
        FileStage::Part => "  staged in part",
        FileStage::All => "  staged",
    };
    format!("{} {from}{}  {lines}{open}{staged}", mark(file.status), visible_line(&file.path, 200))
}

fn diff_text(diff: &ChangeDiff) -> String {
    let mut text = format!("── {}\n{}", file_line(&diff.file), visible(&diff.unified));
    if diff.binary {
        text.push_str("  Not a text, or too large to be compared.\n");
    }
    if diff.left_out > 0 {
        text.push_str(&format!("  … {} more bytes are too large to be shown.\n", diff.left_out));
    }
    text
}

pub(crate) async fn changes(client: &Client, args: ChangesArgs) -> Result<(), Outcome> {
    let turn = match &args.turn {
        Some(turn) => Some(turn_of(client, args.id, turn).await?),
        None => None,
    };
    if let Some(path) = &args.path {
        let diff = client.change_diff(args.id, path, turn).await?;
        return if args.json { say_json(&diff) } else { say(diff_text(&diff).trim_end()) };
    }
    let changes = client.changes(args.id, turn).await?;
    if args.json {
        return say_json(&changes);
    }
    let workspace = &changes.workspace;
    let branch = workspace.branch.as_deref().unwrap_or("no branch");
    if turn.is_none() {
        let base = workspace.base.as_deref().filter(|base| workspace.branch.as_deref() != Some(base));
        let base = base.map_or(String::new(), |base| format!(", from {}", visible(base)));
        let ahead =
            if changes.ahead > 0 { format!(", {} commits ahead", changes.ahead) } else { String::new() };
        say(format!("On {}{base}{ahead}", visible(branch)))?;
    }
    if changes.files.is_empty() {
        say("Nothing changed.")?;
    }
    for file in &changes.files {
        if args.diff {
            say(diff_text(&client.change_diff(args.id, &file.path, turn).await?).trim_end())?;
        } else {
            say(file_line(file))?;
        }
    }
    if changes.more > 0 {
        say(format!("… and {} more files", changes.more))?;
    }
    for left in &changes.left_out {
        say(format!("! {} is in no snapshot: {}", visible_line(&left.path, 200), left.why))?;
    }
    for program in &changes.programs.list {
        say(format!("! a commit would start {}", visible_line(program, 300)))?;
    }
    Ok(())
}

pub(crate) async fn commit(client: &Client, args: CommitArgs) -> Result<(), Outcome> {
    let programs = match args.hooks {
        // Printed first, so that what is allowed is what was seen.
        true => {
            let shown = client.changes(args.id, None).await?.programs;
            for program in &shown.list {
                eprintln!("starts {}", visible_line(program, 300));
            }
            Some(shown.hash)
        }
        false => None,
    };
    let (message, paths, staged) = (args.message, args.paths, args.staged);
    let wish = CommitChanges { message, paths, staged, programs, without_programs: args.no_hooks };
    let done = client.commit(args.id, &wish).await?;
    if args.json {
        return say_json(&done);
    }
    let branch = done.branch.as_deref().map_or(String::new(), |branch| format!(" on {}", visible(branch)));
    say(format!("Committed {}{branch}", done.commit))
}

fn tell_put_back(done: &PutBack, what: &str, id: RunId, json: bool) -> Result<(), Outcome> {
    if json {
        return say_json(done);
    }
    for path in &done.paths {
        say(format!("{what} {}", visible_line(path, 300)))?;
    }
    for left in &done.left {
        say(format!(
            "! left as it is: {}, because {}",
            visible_line(&left.path, 200),
            visible_line(&left.why, 200)
        ))?;
    }
    if done.paths.is_empty() && done.left.is_empty() {
        return say("Nothing differed.");
    }
    say(format!("What was there is kept: `offdesk restore {id}` brings it back ({}).", done.snapshot))
}

pub(crate) async fn discard(client: &Client, args: DiscardArgs) -> Result<(), Outcome> {
    let done = client.discard(args.id, &DiscardChanges { paths: args.paths, all: args.all }).await?;
    tell_put_back(&done, "discarded", args.id, args.json)
}

pub(crate) async fn restore(client: &Client, args: RestoreArgs) -> Result<(), Outcome> {
    let snapshot = match args.snapshot {
        Some(snapshot) => snapshot,
        None => {
            let kept = client.changes(args.id, None).await?.kept;
            let last = kept.into_iter().find(|kept| matches!(kept.why.as_str(), "discard" | "restore"));
            last.ok_or_else(|| Problem::new(ErrorCode::NotFound, "Nothing of this run was discarded."))?.name
        }
    };
    let done = client.restore(args.id, &RestoreSnapshot { snapshot, paths: args.paths }).await?;
    tell_put_back(&done, "put back", args.id, args.json)
}

pub(crate) async fn merge(client: &Client, args: MergeArgs) -> Result<(), Outcome> {
    let done = client.merge(args.id, &MergeBack { into: args.into }).await?;
    if args.json {
        return say_json(&done);
    }
    let how = if done.fast_forward { "moved on to" } else { "merged as" };
    say(format!("{} {how} {}", visible(&done.into), done.commit))
}

pub(crate) async fn pr(client: &Client, args: PrArgs) -> Result<(), Outcome> {
    let title = match args.title {
        Some(title) => title,
        None => client.run(args.id).await?.label,
    };
    let mut wish = OpenPullRequest {
        title,
        body: args.body,
        base: args.base,
        draft: args.draft,
        with_programs: args.hooks,
        confirm: None,
    };
    let plan = client.pull_request(args.id, &wish).await?;
    if !args.yes && args.json {
        return say_json(&plan);
    }
    for command in &plan.commands {
        let words: Vec<String> = command.iter().map(|word| visible(&quoted(word))).collect();
        eprintln!("  {}", words.join(" "));
    }
    eprintln!("  (pushes to {})", visible_line(&plan.remote, 300));
    for program in &plan.programs.list {
        eprintln!("  starts {}", visible_line(program, 300));
    }
    if !args.yes && !agreed()? {
        return say("Nothing was run.");
    }
    wish.confirm = Some(plan.hash);
    let done = client.pull_request(args.id, &wish).await?;
    if args.json { say_json(&done) } else { say(visible(done.url.as_deref().unwrap_or_default())) }
}

/// As a shell would take it; only to be read.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn agreed() -> Result<bool, Outcome> {
    if !std::io::stdin().is_terminal() {
        return Err(Outcome::Usage("There is nobody to ask; say --yes to run this.".into()));
    }
    eprint!("Run this? [y/N] ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

pub(crate) async fn worktree(client: &Client, args: Worktrees) -> Result<(), Outcome> {
    match args.verb {
        WorktreeVerb::Ls { json } => {
            let list = client.worktrees().await?;
            if json {
                return say_json(&list);
            }
            for one in &list {
                let run = one.run.map_or("(no run)".into(), |run| run.to_string());
                let state = one.state.map_or(String::new(), |state| state.to_string());
                let label = visible_line(one.label.as_deref().unwrap_or_default(), 40);
                let branch = visible_line(one.branch.as_deref().unwrap_or("no branch"), 60);
                say(format!("{run}  {state:<9} {branch:<32} {label}\n    {}", visible(&one.path)))?;
            }
            Ok(())
        }
        WorktreeVerb::Rm { id, save, ignored, json } => {
            let done = client.remove_worktree(id, &RemoveWorktree { save, ignored }).await?;
            if json {
                return say_json(&done);
            }
            say("The worktree is removed.")?;
            if let Some(saved) = &done.saved {
                say(format!("What was not committed is kept at {saved}; `git show {saved}` looks at it."))?;
            }
            if let Some(branch) = &done.branch {
                say(format!("The branch {} stays: it has commits that nothing else has.", visible(branch)))?;
            }
            Ok(())
        }
    }
}
