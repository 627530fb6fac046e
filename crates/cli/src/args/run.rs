//! What is said of runs and what waits in them.

use super::Switch;
use crate::verbs::controls;
use crate::verbs::rules::{PatternArg, ReachArg};
use crate::verbs::workspaces::WorktreeArgs;
use clap::Args as ClapArgs;
use offdesk_protocol::{ApprovalId, AttemptId, RunId};
use std::path::PathBuf;

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// The agent: claude, hands-on, terminal, demo (see `offdesk agents`).
    #[arg(long, value_name = "KIND", required_unless_present = "preset")]
    pub(crate) agent: Option<String>,
    /// Start as this preset says (see `offdesk presets`); what is said here besides counts instead, and the prompt follows its words.
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,
    /// The workspace. By default the preset's, or where you are.
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// What to call the run.
    #[arg(long, value_name = "NAME")]
    pub(crate) label: Option<String>,
    /// Seconds an attempt may take.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) time_limit: Option<u64>,
    /// Use a model on this machine, by Ollama's name for it (see `ollama ls`).
    #[arg(long, value_name = "MODEL")]
    pub(crate) local_model: Option<String>,
    #[command(flatten)]
    pub(crate) worktree: WorktreeArgs,
    #[command(flatten)]
    pub(crate) chosen: controls::Chosen,
    /// Seconds an approval may wait for you; then it counts as denied. By default it waits as long as it takes.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) approval_limit: Option<u64>,
    /// Do not wait: print the run and leave. Otherwise follow it until it is idle, over, or needs you.
    #[arg(long)]
    pub(crate) detach: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// What the agent should do. `-` reads it from standard input. A terminal needs none.
    pub(crate) prompt: Option<String>,
    /// With `--agent terminal`: the program to start in a terminal, and its arguments. No shell reads them.
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Ls {
    /// Also those put away.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct OneRun {
    /// The run.
    pub(crate) id: RunId,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Approvals {
    /// Only this run's.
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<RunId>,
    /// Also those that are resolved.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Events {
    /// The run; all runs if none is named.
    pub(crate) id: Option<RunId>,
    /// Only those after this number.
    #[arg(long, default_value_t = 0, value_name = "SEQ")]
    pub(crate) after: u64,
    /// Go on as they happen.
    #[arg(long, short = 'f')]
    pub(crate) follow: bool,
    /// Accepted for uniformity: events are always JSON, one a line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Logs {
    /// The run.
    pub(crate) id: RunId,
    /// Go on as it happens.
    #[arg(long, short = 'f')]
    pub(crate) follow: bool,
    /// The raw output instead, as the program wrote it (secrets masked).
    #[arg(long)]
    pub(crate) raw: bool,
    /// Of this attempt; by default the latest. Only with --raw.
    #[arg(long, requires = "raw", value_name = "ID")]
    pub(crate) attempt: Option<AttemptId>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Approve {
    /// The approval, or several.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<ApprovalId>,
    /// The hash of what you saw. Without it, what is printed now is what you allow.
    #[arg(long)]
    pub(crate) hash: Option<String>,
    /// Also make a rule that allows it from now on: in this run, in this project, or always.
    #[arg(long, value_name = "REACH", conflicts_with = "edit")]
    pub(crate) rule: Option<ReachArg>,
    /// What the rule is about; by default exactly what is asked. `offdesk rules preview ID` shows what fits.
    #[arg(long, value_name = "PATTERN", requires = "rule")]
    pub(crate) pattern: Option<PatternArg>,
    /// Allow with this input instead: a file with the tool's whole input as JSON (for a command, its text will do);
    /// `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) edit: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Deny {
    /// The approval, or several.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<ApprovalId>,
    /// Also make a rule that denies all like it from now on: in this run, in this project, or always.
    #[arg(long, value_name = "REACH")]
    pub(crate) rule: Option<ReachArg>,
    /// What the rule is about; by default exactly what is asked.
    #[arg(long, value_name = "PATTERN", requires = "rule")]
    pub(crate) pattern: Option<PatternArg>,
    /// Words the agent reads.
    #[arg(long, value_name = "TEXT")]
    pub(crate) say: Option<String>,
    /// Also end the turn.
    #[arg(long)]
    pub(crate) stop: bool,
    /// The hash of what you saw.
    #[arg(long)]
    pub(crate) hash: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Answer {
    /// The question.
    pub(crate) id: ApprovalId,
    /// The answer: one for each question, in order; '' leaves out what may be left out. None where only a yes is asked for.
    #[arg(value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Send {
    /// The run.
    pub(crate) id: RunId,
    /// The words; `-` reads standard input.
    pub(crate) text: String,
    /// Let it wait until the running turn is over. Otherwise it reaches the turn, where the agent can take it so.
    #[arg(long)]
    pub(crate) after_turn: bool,
    #[command(flatten)]
    pub(crate) files: controls::Files,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Resume {
    /// The run.
    pub(crate) id: RunId,
    /// What to say first.
    pub(crate) prompt: Option<String>,
    /// Instead of now: go on by itself when the usage limit that stopped it resets, or do not.
    #[arg(long, value_enum, conflicts_with = "prompt")]
    pub(crate) when_reset: Option<Switch>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Attach {
    /// The run: one with a terminal.
    pub(crate) id: RunId,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Search {
    /// The words.
    pub(crate) words: String,
    /// Only in this run.
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<RunId>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
