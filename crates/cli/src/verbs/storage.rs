//! `offdesk storage` and `offdesk delete`: what is kept, and what of it goes.

use super::{say, say_json};
use crate::outcome::Outcome;
use clap::{Args, Subcommand};
use offdesk_client::Client;
use offdesk_protocol::*;
use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// Lines of one list that are shown to a person.
const SHOWN: usize = 40;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct StorageArgs {
    #[command(subcommand)]
    verb: Option<StorageVerb>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum StorageVerb {
    /// Clean up what runs left that were put away. Shows what goes, what stays and why, and asks first.
    Clean(Clean),
}

#[derive(Debug, Args)]
struct Clean {
    /// Only this: outputs, uploads, artifacts, worktrees, snapshots, programs, leftovers; or, only by name, conversations (their
    /// runs cannot be resumed), history (is read again), log (is written anew without unused room). May be repeated.
    #[arg(long = "only", value_name = "WHAT", value_parser = kind)]
    kinds: Vec<StorageKind>,
    /// Only of runs in which nothing happened for so many days.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    older_than: u32,
    /// Worktrees may go with the files that git ignores in them, such as what was built.
    #[arg(long)]
    ignored: bool,
    /// Only show what would go.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Print JSON: what would go, or with --yes what went.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The run.
    id: RunId,
    /// Snapshots go, too, that hold work which is in no branch.
    #[arg(long)]
    lose_work: bool,
    /// Its worktree may go with the files that git ignores in it.
    #[arg(long)]
    ignored: bool,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Print JSON: what would go, or with --yes what went.
    #[arg(long)]
    json: bool,
}

impl StorageArgs {
    /// Whether failures are to be JSON as well.
    pub(crate) fn json(&self) -> bool {
        match &self.verb {
            Some(StorageVerb::Clean(clean)) => clean.json,
            None => self.json,
        }
    }
}

impl Delete {
    /// Whether failures are to be JSON as well.
    pub(crate) fn json(&self) -> bool {
        self.json
    }
}

fn kind(name: &str) -> Result<StorageKind, String> {
    let known = || StorageKind::ALL.into_iter().filter(|kind| kind.can_be_cleaned());
    known().find(|kind| kind.name() == name).ok_or_else(|| {
        let names: Vec<&str> = known().map(StorageKind::name).collect();
        format!("it is one of {}", names.join(", "))
    })
}

/// Bytes for people.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut amount, mut unit) = (bytes as f64 / 1000.0, 0);
    while amount >= 999.5 && unit + 1 < UNITS.len() {
        amount /= 1000.0;
        unit += 1;
    }
    let digits = usize::from(amount < 9.95);
    format!("{amount:.digits$} {}", UNITS[unit])
}

/// What each kind is, for people.
fn what(kind: StorageKind) -> &'static str {
    match kind {
        StorageKind::Log => "the log: what was said and done",
        StorageKind::Outputs => "what agents put out",
        StorageKind::Uploads => "files that went with prompts",
        StorageKind::Artifacts => "logs, diffs and files kept with runs",
        StorageKind::Worktrees => "worktrees made for runs",
        StorageKind::Snapshots => "snapshots, in your repositories",
        StorageKind::Conversations => "conversations with local models",
        StorageKind::Programs => "copies of Offdesk's program",
        StorageKind::History => "what was read of agents' history",
        StorageKind::Leftovers => "what no run needs",
        StorageKind::Other => "settings, keys and the like",
    }
}

pub(crate) fn in_one_line(storage: &Storage) -> String {
    let away = match storage.put_away {
        0 => String::new(),
        bytes => {
            format!("; {} of it only of runs put away, or nobody's: offdesk storage clean", size(bytes))
        }
    };
    format!("{} in {}{away}", size(storage.bytes), visible(&storage.folder))
}

pub(crate) async fn storage(client: &Client, asked: StorageArgs) -> Result<(), Outcome> {
    if let Some(StorageVerb::Clean(wish)) = asked.verb {
        return clean(client, wish).await;
    }
    let storage = client.storage().await?;
    if asked.json {
        return say_json(&storage);
    }
    say(in_one_line(&storage))?;
    say(format!("  {:<14} {:>9} {:>7} {:>11}", "", "kept", "things", "put away"))?;
    storage.uses.iter().try_for_each(|of| {
        let away = if of.put_away == 0 { "–".into() } else { size(of.put_away) };
        let name = of.kind.name();
        say(format!("  {name:<14} {:>9} {:>7} {away:>11}  {}", size(of.bytes), of.items, what(of.kind)))
    })
}

async fn clean(client: &Client, wish: Clean) -> Result<(), Outcome> {
    let asked = CleanStorage {
        kinds: wish.kinds,
        older_than_days: wish.older_than,
        ignored: wish.ignored,
        plan: None,
    };
    let shown = client.clean_storage(&asked).await?;
    if (wish.json && !wish.yes) || wish.dry_run {
        return if wish.json { say_json(&shown) } else { tell(&shown, "Would go") };
    }
    if !wish.json {
        tell(&shown, "Would go")?;
    }
    if shown.goes.is_empty() {
        return if wish.json { say_json(&shown) } else { Ok(()) };
    }
    let agreed = wish.yes || agrees(&format!("Remove {}? [y/N] ", size(shown.bytes)))?;
    if !agreed {
        return Err(Outcome::failed("Nothing was removed.".to_string()));
    }
    let done = client.clean_storage(&CleanStorage { plan: Some(shown.plan), ..asked }).await?;
    if wish.json {
        return say_json(&done);
    }
    say(format!("Removed: {} in {} things.", size(done.bytes), things(&done)))
}

pub(crate) async fn delete(client: &Client, wish: Delete) -> Result<(), Outcome> {
    let asked = DeleteRun { lose_work: wish.lose_work, ignored: wish.ignored, plan: None };
    let shown = client.delete_run(wish.id, &asked).await?;
    if wish.json && !wish.yes {
        return say_json(&shown);
    }
    if !wish.json {
        tell(&shown, "Would go")?;
    }
    if !wish.yes && !agrees("Delete this run for good? It cannot be brought back. [y/N] ")? {
        return Err(Outcome::failed("Nothing was deleted.".to_string()));
    }
    let done = client.delete_run(wish.id, &DeleteRun { plan: Some(shown.plan), ..asked }).await?;
    if wish.json {
        return say_json(&done);
    }
    say("The run is deleted.")?;
    let kept: Vec<&StorageItem> = done.stays.iter().collect();
    kept.iter().try_for_each(|item| say(line(item)))
}

fn things(clean: &StorageClean) -> u32 {
    clean.goes.iter().map(|item| item.items).sum()
}

fn line(item: &StorageItem) -> String {
    let name = visible_line(&item.name, 44);
    format!(
        "  {:<13} {:>9} {:>5}×  {name}: {}",
        item.kind.name(),
        size(item.bytes),
        item.items,
        visible(&item.why)
    )
}

fn tell(clean: &StorageClean, goes: &str) -> Result<(), Outcome> {
    if clean.goes.is_empty() {
        say("There is nothing that could go.")?;
    } else {
        say(format!("{goes}: {} in {} things.", size(clean.bytes), things(clean)))?;
        list(&clean.goes)?;
    }
    if clean.stays.is_empty() {
        return Ok(());
    }
    say("Stays:")?;
    list(&clean.stays)
}

fn list(items: &[StorageItem]) -> Result<(), Outcome> {
    items.iter().take(SHOWN).try_for_each(|item| say(line(item)))?;
    match items.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => say(format!("  and {more} more; --json has all")),
    }
}

/// Asks the person at the terminal; where there is none, nobody agrees.
fn agrees(question: &str) -> Result<bool, Outcome> {
    if !std::io::stdin().is_terminal() {
        return Err(Outcome::Usage("There is nobody to ask; --yes does it without asking.".into()));
    }
    eprint!("{question}");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let told: Vec<String> = [0, 999, 1000, 9_949, 12_345, 999_600, 1_500_000_000].map(size).into();
        assert_eq!(told, ["0 B", "999 B", "1.0 kB", "9.9 kB", "12 kB", "1.0 MB", "1.5 GB"]);
    }
}
