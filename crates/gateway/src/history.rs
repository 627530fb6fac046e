//! History, seen from here: what agents kept, together with what our runs made of it and who has it open.

use crate::Shared;
use crate::starting::check_prompt;
use offdesk_history::{Alive, History, Kept, Piece, Places, Stopped, each_text};
use offdesk_protocol::*;
use offdesk_runner::mask_text;
use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Conversations on one page of a list, at most and by default.
const MOST_ENTRIES: usize = 200;
const ENTRIES: usize = 50;
/// Folders named with a list.
const MOST_DIRS: usize = 100;
/// Things on one page of a conversation.
const MOST_ITEMS: usize = 500;
const ITEMS: usize = 100;

/// What is asked of the list.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Wanted {
    /// Only this agent's.
    pub agent: Option<String>,
    /// Only those of this folder, and the folders in it.
    pub dir: Option<String>,
    /// Only those with all these words.
    pub q: Option<String>,
    /// Where the page before ended.
    pub before: Option<String>,
    pub limit: Option<usize>,
}

pub(crate) struct Histories {
    history: Arc<History>,
    /// Held while a run that continues a conversation is made: one conversation has one writer.
    continuing: tokio::sync::Mutex<()>,
}

/// What a list is made from, as it is at one moment.
struct Now {
    kept: Vec<Arc<Kept>>,
    alive: Option<Alive>,
    /// The one changed last, of each agent in each folder.
    latest: HashSet<(String, String)>,
    runs: HashMap<(String, String), Arc<Run>>,
}

fn failed(error: impl std::fmt::Display) -> Problem {
    Problem::new(ErrorCode::Internal, format!("The history could not be read: {error}."))
}

fn unknown(agent: &str, id: &str) -> Problem {
    Problem::new(
        ErrorCode::NotFound,
        format!("{} has no conversation “{}” here.", visible(agent), visible(id)),
    )
    .hint("It may have been deleted, or is of a folder in which runs may not work.")
}

/// The folder without `.` and `..`, also when it is gone.
fn plain(dir: &str) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in Path::new(dir).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

impl Histories {
    pub(crate) fn new(config: &crate::Config) -> Self {
        let places = Places::new(config.environment.vars.clone());
        let cache = config.data.join("history.json");
        Self { history: Arc::new(History::new(places, cache)), continuing: tokio::sync::Mutex::default() }
    }

    /// What there is now. Conversations of folders outside the roots are not ours to show; those that name no folder
    /// are shown where the person's home is inside.
    async fn now(&self, shared: &Shared) -> Result<Now, Problem> {
        let runs: Vec<Arc<Run>> =
            shared.hub.views(true).iter().filter_map(|view| shared.hub.run(view.id)).collect();
        let ours: Vec<u32> = runs
            .iter()
            .filter(|run| !run.terminal)
            .filter_map(|run| run.live_attempt().and_then(|attempt| attempt.pid))
            .collect();
        let history = self.history.clone();
        let read = move || {
            let kept = history.list();
            (kept, history.alive().map(|alive| alive.without(&ours)))
        };
        let (mut kept, alive) = tokio::task::spawn_blocking(read).await.map_err(failed)?;
        let roots = shared.runs.runner.roots();
        let home = shared.runs.runner.config().environment.home();
        let roots: Vec<PathBuf> = roots.into_iter().map(|root| root.canonicalize().unwrap_or(root)).collect();
        // Thousands of conversations are in few folders, and where a folder really is takes the disk.
        let mut judged: HashMap<String, bool> = HashMap::new();
        kept.retain(|kept| match kept.dir.as_deref().or(home.as_deref().and_then(Path::to_str)) {
            Some(dir) => match judged.get(dir) {
                Some(judged) => *judged,
                None => *judged.entry(dir.into()).or_insert(inside(&roots, dir)),
            },
            None => false,
        });
        let mut latest = HashSet::new();
        let mut seen = HashSet::new();
        for kept in &kept {
            if seen.insert((kept.agent.clone(), kept.dir.clone())) {
                latest.insert((kept.agent.clone(), kept.id.clone()));
            }
        }
        let runs = runs.into_iter().filter_map(|run| {
            let session = run.agent_session.clone()?;
            Some(((run.agent.trim_end_matches("-acp").to_string(), session), run))
        });
        Ok(Now { kept, alive, latest, runs: runs.collect() })
    }

    /// A page of the list.
    pub(crate) async fn list(&self, shared: &Shared, wanted: Wanted) -> Result<HistoryList, Problem> {
        let now = self.now(shared).await?;
        let mut agents: Vec<String> = now.kept.iter().map(|kept| kept.agent.clone()).collect();
        agents.sort();
        agents.dedup();
        let mut seen = HashSet::new();
        let dirs = now.kept.iter().filter_map(|kept| kept.dir.clone()).filter(|dir| seen.insert(dir.clone()));
        let dirs = dirs.take(MOST_DIRS).collect();
        let dir = wanted.dir.as_deref().map(plain);
        let words: Vec<String> =
            wanted.q.iter().flat_map(|q| q.split_whitespace()).map(str::to_lowercase).collect();
        let fits = |kept: &&Kept| {
            wanted.agent.as_ref().is_none_or(|agent| *agent == kept.agent)
                && dir
                    .as_ref()
                    .is_none_or(|dir| kept.dir.as_deref().is_some_and(|own| plain(own).starts_with(dir)))
                && has_words(kept, &words)
        };
        let fitting: Vec<&Kept> = now.kept.iter().map(Arc::as_ref).filter(fits).collect();
        let total = u32::try_from(fitting.len()).unwrap_or(u32::MAX);
        let start = match &wanted.before {
            None => 0,
            Some(before) => {
                fitting.iter().position(|kept| place(kept) < place_said(before)).unwrap_or(fitting.len())
            }
        };
        let limit = wanted.limit.unwrap_or(ENTRIES).clamp(1, MOST_ENTRIES);
        let page: Vec<&Kept> = fitting.iter().skip(start).take(limit).copied().collect();
        let more = fitting.len() > start + page.len();
        let next = page
            .last()
            .filter(|_| more)
            .map(|kept| format!("{}.{}", kept.updated_at.as_microsecond(), kept.id));
        let entries = page.into_iter().map(|kept| entry(shared, &now, kept)).collect();
        Ok(HistoryList { entries, total, next, agents, dirs })
    }

    /// A page of one conversation.
    pub(crate) async fn page(
        &self,
        shared: &Shared,
        (agent, id): (&str, &str),
        before: Option<u64>,
        limit: Option<usize>,
    ) -> Result<HistoryPage, Problem> {
        let now = self.now(shared).await?;
        let kept = now.find(agent, id)?;
        let entry = entry(shared, &now, kept);
        let (history, kept) = (self.history.clone(), kept.clone());
        let limit = limit.unwrap_or(ITEMS).clamp(1, MOST_ITEMS);
        let read = move || history.read(&kept, before, limit);
        let Piece { mut items, earlier } =
            tokio::task::spawn_blocking(read).await.map_err(failed)?.map_err(failed)?;
        for item in &mut items {
            each_text(&mut item.what, |text| {
                if let std::borrow::Cow::Owned(masked) = mask_text(text) {
                    *text = masked;
                }
            });
        }
        Ok(HistoryPage { entry, items, earlier })
    }

    /// Ends the process that has a conversation open, if it still is the one the person saw.
    pub(crate) async fn stop(
        &self,
        shared: &Shared,
        (agent, id): (&str, &str),
        pid: u32,
    ) -> Result<HistoryEntry, Problem> {
        let now = self.now(shared).await?;
        let kept = now.find(agent, id)?.clone();
        let latest = now.is_latest(&kept);
        let Some(alive) = now.alive else {
            return Err(Problem::new(
                ErrorCode::Unsupported,
                "This system does not show its processes; nothing was stopped.",
            ));
        };
        let stopping = move || alive.stop(&kept, latest, pid);
        match tokio::task::spawn_blocking(stopping).await.map_err(failed)? {
            Stopped::Gone => {}
            Stopped::Another => {
                return Err(Problem::new(
                    ErrorCode::WrongState,
                    format!(
                        "Process {pid} does not have this conversation open any more, so nothing was stopped."
                    ),
                )
                .hint("Look at the conversation again: it may have ended by itself."));
            }
            Stopped::StillThere => {
                return Err(Problem::new(ErrorCode::WrongState, format!("Process {pid} did not end."))
                    .hint("It may belong to another user. End it where it runs."));
            }
        }
        let now = self.now(shared).await?;
        Ok(entry(shared, &now, now.find(agent, id)?))
    }

    /// Starts a run; one that goes on with a conversation only where nobody else does.
    pub(crate) async fn start(
        &self,
        shared: &Shared,
        start: StartRun,
        by: Actor,
    ) -> Result<RunView, Problem> {
        let Some(continues) = &start.continues else { return shared.runs.create(start, by).await };
        let _one_at_a_time = self.continuing.lock().await;
        // Asked again after the answer was lost.
        if let Some(view) = shared.hub.view(start.id) {
            return Ok(view);
        }
        check_prompt(start.prompt.as_deref().unwrap_or_default())?;
        let now = self.now(shared).await?;
        let kept = now.find(&start.agent, &continues.agent_session)?;
        let entry = entry(shared, &now, kept);
        if let Some(why) = entry.why_not {
            let hint = match (entry.run, entry.live) {
                (Some(run), _) => format!("Use that run: offdesk resume {run}, or send to it."),
                (_, Some(live)) => format!(
                    "Stop it first: offdesk history stop {} {} --pid {}",
                    kept.agent, kept.id, live.pid
                ),
                _ => "What it says can still be read.".into(),
            };
            return Err(Problem::new(ErrorCode::WrongState, why).hint(hint));
        }
        let own = kept.dir.as_deref().unwrap_or_default();
        let runner = &shared.runs.runner;
        if start.worktree.is_some() || runner.workspace(&start.dir)? != runner.workspace(own)? {
            return Err(Problem::new(
                ErrorCode::BadRequest,
                "A conversation goes on in the folder it belongs to, and in no other.",
            )
            .hint(format!("Its folder is {}.", visible(own))));
        }
        let label =
            start.label.clone().or_else(|| Some(label_of(&kept.title)).filter(|label| !label.is_empty()));
        shared.runs.create(StartRun { label, ..start }, by).await
    }
}

impl Now {
    fn find(&self, agent: &str, id: &str) -> Result<&Kept, Problem> {
        self.kept
            .iter()
            .map(Arc::as_ref)
            .find(|kept| kept.agent == agent && kept.id == id)
            .ok_or_else(|| unknown(agent, id))
    }

    fn is_latest(&self, kept: &Kept) -> bool {
        self.latest.contains(&(kept.agent.clone(), kept.id.clone()))
    }
}

/// Whether a folder is inside the roots. One that is gone is judged by its name.
fn inside(roots: &[PathBuf], dir: &str) -> bool {
    let real = Path::new(dir).canonicalize().unwrap_or_else(|_| plain(dir));
    roots.iter().any(|root| real.starts_with(root))
}

fn has_words(kept: &Kept, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let dir = kept.dir.as_deref().unwrap_or_default();
    let said = format!("{}\n{}\n{dir}\n{}\n{}", kept.title, kept.words, kept.agent, kept.id).to_lowercase();
    words.iter().all(|word| said.contains(word))
}

/// Newest first; the id decides between those of one moment.
fn place(kept: &Kept) -> (i64, std::cmp::Reverse<String>) {
    (kept.updated_at.as_microsecond(), std::cmp::Reverse(kept.id.clone()))
}

fn place_said(before: &str) -> (i64, std::cmp::Reverse<String>) {
    let (at, id) = before.split_once('.').unwrap_or((before, ""));
    (at.parse().unwrap_or_default(), std::cmp::Reverse(id.into()))
}

fn label_of(title: &str) -> String {
    title.chars().filter(|c| !c.is_control()).take(120).collect::<String>().trim().into()
}

fn entry(shared: &Shared, now: &Now, kept: &Kept) -> HistoryEntry {
    let run = now.runs.get(&(kept.agent.clone(), kept.id.clone()));
    let live = now.alive.as_ref().and_then(|alive| alive.of(kept, now.is_latest(kept)));
    let why_not = why_not(shared, kept, run, live);
    let masked = |text: &str| mask_text(text).into_owned();
    HistoryEntry {
        agent: kept.agent.clone(),
        id: kept.id.clone(),
        title: masked(if kept.title.is_empty() { "A conversation" } else { &kept.title }),
        dir: kept.dir.clone(),
        started_at: kept.started_at,
        updated_at: kept.updated_at,
        messages: kept.messages,
        model: kept.model.clone(),
        place: kept.place.clone(),
        live,
        run: run.map(|run| run.id),
        can_continue: why_not.is_none(),
        why_not,
    }
}

/// Why no run can go on with it now, for people.
fn why_not(
    shared: &Shared,
    kept: &Kept,
    run: Option<&Arc<Run>>,
    live: Option<HistoryLive>,
) -> Option<String> {
    let runner = &shared.runs.runner;
    if let Some(run) = run {
        return Some(format!("It is the run “{}” already.", visible(&run.label)));
    }
    match live {
        Some(HistoryLive { pid, certain: true }) => {
            return Some(format!("It is open in process {pid}; two writers would spoil it."));
        }
        Some(HistoryLive { pid, certain: false }) => {
            return Some(format!(
                "It may be open in a terminal (process {pid}); two writers would spoil it."
            ));
        }
        None => {}
    }
    let Some(dir) = &kept.dir else { return Some("It does not say in which folder it belongs.".into()) };
    let Ok(capabilities) = runner.capabilities(&kept.agent) else {
        return Some(format!("Offdesk can read what {} kept, and cannot drive it.", visible(&kept.agent)));
    };
    if !capabilities.resume {
        return Some("Its agent cannot go on with an earlier conversation.".into());
    }
    if let Err(problem) = runner.program(&kept.agent) {
        return Some(problem.message);
    }
    runner.workspace(dir).err().map(|problem| problem.message)
}
