//! What can be typed.

mod host;
mod run;

use crate::verbs::agents::Agents;
use crate::verbs::rules::Rules;
use crate::verbs::workspaces::{
    ChangesArgs, CommitArgs, DiscardArgs, MergeArgs, PrArgs, RestoreArgs, Worktrees,
};
use crate::verbs::{Shim, Takeover};
use crate::verbs::{controls, usage};
use clap::{Args as ClapArgs, Parser, Subcommand};
pub(crate) use host::*;
pub(crate) use run::*;
use std::path::PathBuf;

/// Coding agents keep working on your machine while you are away; your phone is enough to see what they do, answer
/// what they ask and start new work.
///
/// Exit codes: 0 done · 1 refused or failed · 2 wrong usage · 3 no gateway answers · 4 not allowed.
#[derive(Debug, Parser)]
#[command(name = "offdesk", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Which gateway.
#[derive(Debug, ClapArgs)]
pub(crate) struct PlaceArgs {
    /// The gateway's data folder.
    #[arg(long, global = true, env = "OFFDESK_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The gateway's address, instead of the data folder's gateway.
    #[arg(long, global = true, env = "OFFDESK_URL", value_name = "URL", requires = "token")]
    pub(crate) url: Option<String>,
    /// The key for --url. Better given in OFFDESK_TOKEN: arguments can be seen by others on this machine.
    #[arg(long, global = true, env = "OFFDESK_TOKEN", value_name = "KEY", hide_env_values = true)]
    pub(crate) token: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the gateway.
    Serve(Serve),
    /// Show a new address (and its QR code) for a phone or a page, and let the phone in.
    Pair(Pair),
    /// List who has access; let in, rename, revoke.
    Devices(Devices),
    /// Say or change what you are told while you are away, and try whether it arrives.
    Notify(crate::verbs::notify::Notify),
    /// Say where this machine can be reached, and give paired devices an address that tells them.
    Paths(Json),
    /// Show or change how this machine is reached from outside; at once, and for later starts.
    Reach(Reach),
    /// The way in from outside.
    Tunnel(TunnelArgs),
    /// Start a run.
    Run(Run),
    /// List runs, those that need you first.
    Ls(Ls),
    /// Show one run.
    Show(OneRun),
    /// List approvals that wait.
    Approvals(Approvals),
    /// Print a run's events, one JSON object a line.
    Events(Events),
    /// Print what a run said and did, for people.
    Logs(Logs),
    /// Allow what an agent asks.
    Approve(Approve),
    /// Deny what an agent asks.
    Deny(Deny),
    /// Answer an agent's question.
    Answer(Answer),
    /// List what decides without you, and take it back.
    Rules(Rules),
    /// Say something to an agent.
    Send(Send),
    /// Show or choose the model a run's agent works with.
    Model(controls::ChooseArgs),
    /// Show or choose the mode a run's agent works in.
    Mode(controls::ChooseArgs),
    /// Show or change what waits for a run's agent.
    Queue(controls::Queue),
    /// Say what agents used, by day.
    Usage(usage::UsageArgs),
    /// Cut the running turn short.
    Interrupt(OneRun),
    /// End a run's process and everything it started.
    Stop(OneRun),
    /// Start the next attempt of a run that ended.
    Resume(Resume),
    /// Begin a run's work anew: its first prompt, in a new conversation. What was said is kept.
    Restart(crate::verbs::again::Restart),
    /// Start another run like this one: same agent, folder and limits.
    Clone(crate::verbs::again::CloneArgs),
    /// List, show and continue the conversations agents keep on this machine, whoever began them.
    History(crate::verbs::history::History),
    /// Put away a run that ended.
    Archive(OneRun),
    /// Delete a run for good: what was said in it, its files, its snapshots. Shows what goes and asks first.
    Delete(crate::verbs::storage::Delete),
    /// Say how much is kept on the disk by what; `storage clean` cleans up.
    Storage(crate::verbs::storage::StorageArgs),
    /// List, find, fetch and bring files of this machine: in runs' workspaces, and in the folders runs may work in.
    Files(crate::verbs::files::Files),
    /// List, fetch, add and remove what is kept of a run: its log and diff once it ended, and files you kept.
    Artifacts(crate::verbs::artifacts::Artifacts),
    /// Take over a run's terminal; Ctrl+] then d leaves it running.
    Attach(Attach),
    /// Show what a run, or one of its turns, changed.
    Changes(ChangesArgs),
    /// Put files of a run into git's index, for `commit --staged`.
    Stage(crate::verbs::stage::StageArgs),
    /// Take files of a run out of git's index again; the files stay as they are.
    Unstage(crate::verbs::stage::StageArgs),
    /// Commit what a run changed.
    Commit(CommitArgs),
    /// Take changes of a run back; what was there is kept.
    Discard(DiscardArgs),
    /// Put files back as they were, such as before a discard.
    Restore(RestoreArgs),
    /// Merge a run's branch back, completely or not at all.
    Merge(MergeArgs),
    /// Push a run's branch and open a pull request with gh; shows both commands first.
    Pr(PrArgs),
    /// List and remove worktrees made for runs.
    Worktree(Worktrees),
    /// Run Claude Code here as ever; the phone sees its terminal and is asked what it asks. Arguments are Claude's own.
    #[command(disable_help_flag = true)]
    Claude(Takeover),
    /// Run Codex here as ever; the phone sees its terminal. Arguments are Codex's own.
    #[command(disable_help_flag = true)]
    Codex(Takeover),
    /// Run Gemini CLI here as ever; the phone sees its terminal. Arguments are its own.
    #[command(disable_help_flag = true)]
    Gemini(Takeover),
    /// Run Qwen Code here as ever; the phone sees its terminal. Arguments are its own.
    #[command(disable_help_flag = true)]
    Qwen(Takeover),
    /// Run opencode here as ever; the phone sees its terminal. Arguments are its own.
    #[command(disable_help_flag = true)]
    Opencode(Takeover),
    /// Run any program here as ever; the phone sees its terminal: `offdesk with -- vim notes.txt`.
    With(Takeover),
    /// Let a name such as `claude` mean `offdesk claude` in your shell, or no longer. Shows what it writes and asks first.
    Shim(Shim),
    /// Find words in what was said.
    Search(Search),
    /// List the models that Ollama has on this machine, for `run --local-model`.
    Models(Json),
    /// List ways to start runs that are kept for all your devices; keep one, remove one. `run --preset NAME` uses one.
    Presets(crate::verbs::presets::Presets),
    /// List the agents of this machine; add your own, choose their programs.
    Agents(Agents),
    /// Say how all is, hop by hop.
    Doctor(Json),
    /// End the gateway; runs go on without it.
    Quit(Quit),
    /// Let the gateway start by itself when you log in, and again when it fails.
    Install(Install),
    /// Undo `install`; data and runs stay.
    Uninstall(Uninstall),
    /// Print what makes a shell complete these words.
    #[command(hide = true)]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual's page.
    #[command(hide = true)]
    Man,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Json {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Verb {
    /// Whether failures are to be JSON as well.
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Verb::Serve(Serve { json, .. })
            | Verb::Pair(Pair { json, .. })
            | Verb::Devices(Devices { json, .. })
            | Verb::Notify(crate::verbs::notify::Notify { json, .. })
            | Verb::Run(Run { json, .. })
            | Verb::Ls(Ls { json, .. })
            | Verb::Show(OneRun { json, .. })
            | Verb::Interrupt(OneRun { json, .. })
            | Verb::Stop(OneRun { json, .. })
            | Verb::Archive(OneRun { json, .. })
            | Verb::Approvals(Approvals { json, .. })
            | Verb::Events(Events { json, .. })
            | Verb::Approve(Approve { json, .. })
            | Verb::Deny(Deny { json, .. })
            | Verb::Answer(Answer { json, .. })
            | Verb::Send(Send { json, .. })
            | Verb::Model(controls::ChooseArgs { json, .. })
            | Verb::Mode(controls::ChooseArgs { json, .. })
            | Verb::Queue(controls::Queue { json, .. })
            | Verb::Usage(usage::UsageArgs { json, .. })
            | Verb::Resume(Resume { json, .. })
            | Verb::Restart(crate::verbs::again::Restart { json, .. })
            | Verb::Clone(crate::verbs::again::CloneArgs { json, .. })
            | Verb::History(crate::verbs::history::History { json, .. })
            | Verb::Changes(ChangesArgs { json, .. })
            | Verb::Commit(CommitArgs { json, .. })
            | Verb::Discard(DiscardArgs { json, .. })
            | Verb::Restore(RestoreArgs { json, .. })
            | Verb::Merge(MergeArgs { json, .. })
            | Verb::Pr(PrArgs { json, .. })
            | Verb::Search(Search { json, .. })
            | Verb::Reach(Reach { json, .. })
            | Verb::Quit(Quit { json, .. })
            | Verb::Models(Json { json })
            | Verb::Presets(crate::verbs::presets::Presets { json, .. })
            | Verb::Agents(Agents { json, .. })
            | Verb::Paths(Json { json })
            | Verb::Install(Install { json, .. })
            | Verb::Uninstall(Uninstall { json, .. })
            | Verb::Doctor(Json { json }) => *json,
            Verb::Stage(args) | Verb::Unstage(args) => args.json,
            Verb::Rules(rules) => rules.json,
            Verb::Delete(delete) => delete.json(),
            Verb::Files(files) => files.json(),
            Verb::Artifacts(artifacts) => artifacts.json(),
            Verb::Storage(storage) => storage.json(),
            Verb::Worktree(worktrees) => worktrees.json(),
            Verb::Completions { .. } | Verb::Man | Verb::Logs(_) | Verb::Attach(_) | Verb::Tunnel(_) => false,
            Verb::Claude(_) | Verb::Codex(_) | Verb::Gemini(_) | Verb::Qwen(_) => false,
            Verb::Opencode(_) | Verb::With(_) | Verb::Shim(_) => false,
        }
    }
}
