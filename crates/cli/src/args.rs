//! What can be typed.

use crate::verbs::agents::Agents;
use crate::verbs::rules::{PatternArg, ReachArg, Rules};
use crate::verbs::workspaces::{
    ChangesArgs, CommitArgs, DiscardArgs, MergeArgs, PrArgs, RestoreArgs, WorktreeArgs, Worktrees,
};
use crate::verbs::{Shim, Takeover};
use crate::verbs::{controls, usage};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use offdesk_protocol::{ApprovalId, AttemptId, DeviceId, RunId, TunnelChoice};
use std::net::SocketAddr;
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
    /// Take over a run's terminal; Ctrl+] then d leaves it running.
    Attach(Attach),
    /// Show what a run, or one of its turns, changed.
    Changes(ChangesArgs),
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tunnel {
    /// No way in from outside.
    Off,
    /// A free Cloudflare address; it changes with each start.
    Quick,
    /// An address of your own, through a Cloudflare tunnel of your own. Its service at Cloudflare is the --edge address.
    Named,
}

impl Tunnel {
    /// As the API says it.
    pub(crate) fn choice(self) -> TunnelChoice {
        match self {
            Self::Off => TunnelChoice::Off,
            Self::Quick => TunnelChoice::Quick,
            Self::Named => TunnelChoice::Named,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Keys {
    /// The system's keyring where there is one, else a file.
    Auto,
    /// The system's keyring, or none.
    Keyring,
    /// A file in the data folder that only you can read.
    File,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// Where to listen: an address of this machine alone. Port 0: any free one. Otherwise 127.0.0.1:4477, or any free
    /// port when that one is taken.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// A folder under which runs may work; may be given more than once. Default: your home folder.
    #[arg(long = "root", value_name = "DIR")]
    pub(crate) roots: Vec<PathBuf>,
    /// How many runs work at once; others wait in a queue. Default: 8.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_working: Option<u32>,
    /// A way in from outside, through Cloudflare. Everything is sealed on its way.
    #[arg(long, value_enum)]
    pub(crate) tunnel: Option<Tunnel>,
    /// The tunnel's program, if it is not on the PATH.
    #[arg(long, value_name = "PATH")]
    pub(crate) cloudflared: Option<PathBuf>,
    /// The address of a named tunnel, https://…
    #[arg(long, value_name = "URL")]
    pub(crate) tunnel_url: Option<String>,
    /// A file with the named tunnel's token. Or set OFFDESK_TUNNEL_TOKEN: arguments can be seen by others.
    #[arg(long, value_name = "FILE")]
    pub(crate) tunnel_token_file: Option<PathBuf>,
    /// The named tunnel's own config.yml, instead of a token.
    #[arg(long, value_name = "FILE", conflicts_with = "tunnel_token_file")]
    pub(crate) tunnel_config: Option<PathBuf>,
    /// Also serve the network this machine is in, by https with a certificate of its own. Without an address at 0.0.0.0:4478, or any free port when that one is taken.
    #[arg(long, value_name = "ADDR:PORT", num_args = 0..=1)]
    pub(crate) lan: Option<Option<SocketAddr>>,
    /// Where the network is served while it is turned on; does not turn it on.
    #[arg(long, value_name = "ADDR:PORT", conflicts_with = "lan")]
    pub(crate) lan_at: Option<SocketAddr>,
    /// Where a tunnel or relay delivers: an address of this machine alone. For a named tunnel 127.0.0.1:4479, for a
    /// quick one any that is free.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) edge: Option<SocketAddr>,
    /// The https address of a tunnel or relay of your own that delivers to the --edge address.
    #[arg(long, value_name = "URL", requires = "edge", conflicts_with = "tunnel_url")]
    pub(crate) edge_url: Option<String>,
    /// Where the keys this host is known by are kept, when they are first made.
    #[arg(long, value_enum, env = "OFFDESK_KEYS", default_value_t = Keys::Auto)]
    pub(crate) keys: Keys,
    /// When stopped, stop all runs too.
    #[arg(long)]
    pub(crate) stop_runs: bool,
    /// Somebody else watches over this process: no one-time code is printed, and nothing is read from the terminal.
    #[arg(long)]
    pub(crate) managed: bool,
    /// Take PATH, and variables that are not set, from your login shell: what a desktop starts has neither.
    #[arg(long)]
    pub(crate) login_env: bool,
    /// That was done.
    #[arg(long, hide = true)]
    pub(crate) login_env_taken: bool,
    /// Print one JSON line when ready.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum For {
    /// A page on this machine.
    Page,
    /// A phone.
    Phone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleArg {
    /// Look.
    Viewer,
    /// Also start runs, decide and say.
    Operator,
    /// Also rename and revoke devices.
    Admin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViaArg {
    /// The local network.
    Lan,
    /// The tunnel.
    Edge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Reach {
    /// Serve the network this machine is in, by https with a certificate of its own.
    #[arg(long, value_enum)]
    pub(crate) lan: Option<Switch>,
    /// A way in from anywhere, through Cloudflare.
    #[arg(long, value_enum)]
    pub(crate) tunnel: Option<Tunnel>,
    /// The address of a named tunnel, https://…; an empty one is forgotten.
    #[arg(long, value_name = "URL")]
    pub(crate) tunnel_url: Option<String>,
    /// A file with the named tunnel's token; `-` reads standard input. It is kept in a file of its own.
    #[arg(long, value_name = "FILE")]
    pub(crate) tunnel_token_file: Option<PathBuf>,
    /// The tunnel's program; an empty text looks for it.
    #[arg(long, value_name = "PATH")]
    pub(crate) cloudflared: Option<String>,
    /// Let nothing in from outside until --resume, also after a restart.
    #[arg(long, conflicts_with = "resume")]
    pub(crate) pause: bool,
    /// Let in again what was let in before.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Quit {
    /// End all runs too.
    #[arg(long)]
    pub(crate) stop_runs: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Pair {
    /// For whom. By default for a phone if one can come in, else for a page on this machine.
    #[arg(long = "for", value_enum, value_name = "WHOM")]
    pub(crate) wanted: Option<For>,
    /// What the device may do.
    #[arg(long, value_enum, default_value_t = RoleArg::Admin)]
    pub(crate) role: RoleArg,
    /// The way the phone should come by. By default the best there is.
    #[arg(long, value_enum)]
    pub(crate) via: Option<ViaArg>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Devices {
    #[command(subcommand)]
    pub(crate) verb: Option<DeviceVerb>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceVerb {
    /// Let in a device that waits, after comparing the digits.
    Approve {
        /// The device.
        id: DeviceId,
    },
    /// Do not let it in.
    Refuse {
        /// The device.
        id: DeviceId,
    },
    /// Give a device another name.
    Rename {
        /// The device.
        id: DeviceId,
        /// The name.
        name: String,
    },
    /// Take a device's access away, at once.
    Revoke {
        /// The device.
        id: DeviceId,
    },
    /// Make the key of a program open nothing any more.
    RevokeKey {
        /// The key's id, as listed.
        id: String,
    },
    /// What a device has decided, latest first.
    Decisions {
        /// The device.
        id: DeviceId,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TunnelArgs {
    #[command(subcommand)]
    pub(crate) verb: TunnelVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TunnelVerb {
    /// Download the tunnel's program (cloudflared), a pinned release whose checksum is verified.
    Fetch {
        /// Do not ask first.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// The agent: claude, hands-on, terminal, demo (see `offdesk agents`).
    #[arg(long, value_name = "KIND")]
    pub(crate) agent: String,
    /// The workspace.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,
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

#[derive(Debug, ClapArgs)]
pub(crate) struct Install {
    /// Start it now as well (so it is unless --no-start is said).
    #[arg(long, overrides_with = "no_start")]
    pub(crate) now: bool,
    /// Start it at the next login only.
    #[arg(long, overrides_with = "now")]
    pub(crate) no_start: bool,
    /// Linux: let it and its runs go on when you log out, and start it with the machine.
    #[arg(long)]
    pub(crate) linger: bool,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    pub(crate) print: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Uninstall {
    /// Show what would be removed, and remove nothing.
    #[arg(long)]
    pub(crate) print: bool,
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
            | Verb::Agents(Agents { json, .. })
            | Verb::Paths(Json { json })
            | Verb::Install(Install { json, .. })
            | Verb::Uninstall(Uninstall { json, .. })
            | Verb::Doctor(Json { json }) => *json,
            Verb::Rules(rules) => rules.json,
            Verb::Worktree(worktrees) => worktrees.json(),
            Verb::Completions { .. } | Verb::Man | Verb::Logs(_) | Verb::Attach(_) | Verb::Tunnel(_) => false,
            Verb::Claude(_) | Verb::Codex(_) | Verb::Gemini(_) | Verb::Qwen(_) => false,
            Verb::Opencode(_) | Verb::With(_) | Verb::Shim(_) => false,
        }
    }
}
