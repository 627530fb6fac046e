//! `offdesk history`: what agents kept by themselves.

use super::{say, say_json, tail, text_or_stdin};
use crate::outcome::Outcome;
use crate::paint;
use clap::{Args, Subcommand};
use offdesk_client::{Client, HistoryWish};
use offdesk_protocol::*;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Things shown of a conversation, unless more are asked for.
const SHOWN: usize = 100;

#[derive(Debug, Args)]
pub(crate) struct History {
    #[command(subcommand)]
    verb: Option<HistoryVerb>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
enum HistoryVerb {
    /// List conversations, newest first.
    Ls(List),
    /// Print what was said in one.
    Show {
        /// The agent.
        agent: String,
        /// The conversation.
        id: String,
        /// Only what is before this place, as the page before says.
        #[arg(long, value_name = "PLACE")]
        before: Option<u64>,
        /// How many things.
        #[arg(long, default_value_t = SHOWN, value_name = "N")]
        limit: usize,
    },
    /// Go on with one in a new run, in its own folder.
    Continue {
        /// The agent.
        agent: String,
        /// The conversation.
        id: String,
        /// What to say; `-` reads standard input.
        prompt: String,
        /// What to call the run.
        #[arg(long, value_name = "NAME")]
        label: Option<String>,
        /// Do not wait: print the run and leave.
        #[arg(long)]
        detach: bool,
    },
    /// End the program that has one open in a terminal.
    Stop {
        /// The agent.
        agent: String,
        /// The conversation.
        id: String,
        /// Its process, as listed: then nothing is asked.
        #[arg(long)]
        pid: Option<u32>,
    },
}

#[derive(Debug, Default, Args)]
struct List {
    /// Only this agent's.
    #[arg(long, value_name = "KIND")]
    agent: Option<String>,
    /// Only those of this folder, and the folders in it.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where the page before ended.
    #[arg(long, value_name = "PLACE")]
    before: Option<String>,
    /// How many.
    #[arg(long, default_value_t = 30, value_name = "N")]
    limit: usize,
    /// Only those with all these words.
    words: Vec<String>,
}

pub(crate) async fn history(client: &Client, asked: History) -> Result<(), Outcome> {
    let json = asked.json;
    match asked.verb {
        None => list(client, List { limit: 30, ..List::default() }, json).await,
        Some(HistoryVerb::Ls(wish)) => list(client, wish, json).await,
        Some(HistoryVerb::Show { agent, id, before, limit }) => {
            show(client, (&agent, &id), before, limit, json).await
        }
        Some(HistoryVerb::Continue { agent, id, prompt, label, detach }) => {
            let entry = client.history_page(&agent, &id, None, 1).await?.entry;
            let start = StartRun {
                prompt: Some(text_or_stdin(prompt)?),
                label,
                continues: Some(Continues { agent_session: entry.id }),
                ..StartRun::of(entry.agent, entry.dir.unwrap_or_default())
            };
            let mut view = client.start(&start).await?;
            if !detach {
                view = tail::until_it_rests(client, view.id, !json).await?;
            }
            if json { say_json(&view) } else { say(paint::run_line(&view)) }
        }
        Some(HistoryVerb::Stop { agent, id, pid }) => stop(client, (&agent, &id), pid, json).await,
    }
}

async fn list(client: &Client, list: List, json: bool) -> Result<(), Outcome> {
    let dir = list.dir.map(std::path::absolute).transpose()?;
    let wish = HistoryWish {
        agent: list.agent,
        dir: dir.map(|dir| dir.display().to_string()),
        words: Some(list.words.join(" ")).filter(|words| !words.is_empty()),
        before: list.before,
        limit: Some(list.limit),
    };
    let found = client.history(&wish).await?;
    if json {
        return say_json(&found);
    }
    if found.entries.is_empty() {
        return say("Nothing was found that an agent kept in the folders in which runs may work.");
    }
    found.entries.iter().try_for_each(|entry| say(line(entry)))?;
    match found.next {
        Some(next) => say(format!("{} in all; more: --before {next}", found.total)),
        None => Ok(()),
    }
}

fn line(entry: &HistoryEntry) -> String {
    let mark = match (entry.live, entry.run) {
        (Some(HistoryLive { pid, certain: true }), _) => format!(" · open in process {pid}"),
        (Some(HistoryLive { pid, certain: false }), _) => format!(" · may be open in process {pid}"),
        (None, Some(run)) => format!(" · run {run}"),
        (None, None) => String::new(),
    };
    let count = entry.messages.map_or("many messages".into(), |count| format!("{count} messages"));
    format!(
        "{} {}  {}\n    {} · {count} · {:.0}{mark}",
        entry.agent,
        visible(&entry.id),
        visible(&entry.title),
        visible(entry.dir.as_deref().unwrap_or("no folder")),
        entry.updated_at,
    )
}

async fn show(
    client: &Client,
    (agent, id): (&str, &str),
    before: Option<u64>,
    limit: usize,
    json: bool,
) -> Result<(), Outcome> {
    let page = client.history_page(agent, id, before, limit).await?;
    if json {
        return say_json(&page);
    }
    say(line(&page.entry))?;
    if let Some(earlier) = page.earlier {
        say(format!("… what is earlier: --before {earlier}"))?;
    }
    for item in &page.items {
        let text = match &item.what {
            HistoryWhat::Prompt { text } => format!("> {}", visible(text)),
            HistoryWhat::Message { role: Role::Agent, text } => visible(text),
            HistoryWhat::Message { role: Role::Thought, text } => format!("~ {}", visible(text)),
            HistoryWhat::Tool { name, title, status, output } => {
                let mark = match status {
                    Some(ToolStatus::Ok) => "✓",
                    Some(_) => "✗",
                    None => "·",
                };
                format!("{mark} {}: {}\n{}", visible(name), visible(title), visible(output))
            }
            HistoryWhat::Notice { text } => format!("! {}", visible(text)),
            HistoryWhat::Raw { text } => format!("? {}", visible(text)),
        };
        say(text.trim_end())?;
        if item.truncated > 0 {
            say(format!("  ({} bytes more)", item.truncated))?;
        }
    }
    Ok(())
}

async fn stop(
    client: &Client,
    (agent, id): (&str, &str),
    pid: Option<u32>,
    json: bool,
) -> Result<(), Outcome> {
    let pid = match pid {
        Some(pid) => pid,
        None => {
            let entry = client.history_page(agent, id, None, 1).await?.entry;
            let Some(live) = entry.live else {
                return Err(Outcome::failed(
                    "Nothing has this conversation open, so nothing was stopped.".into(),
                ));
            };
            if !std::io::stdin().is_terminal() {
                return Err(Outcome::Usage(format!(
                    "Say that process {} is meant: --pid {}",
                    live.pid, live.pid
                )));
            }
            say(line(&entry))?;
            say(format!("End process {}, which has it open? Type yes.", live.pid))?;
            let mut answer = String::new();
            std::io::stdin().read_line(&mut answer)?;
            if answer.trim() != "yes" {
                return Err(Outcome::failed("Nothing was stopped.".into()));
            }
            live.pid
        }
    };
    let entry = client.stop_history(agent, id, pid).await?;
    if json { say_json(&entry) } else { say(format!("Process {pid} has ended.")) }
}
