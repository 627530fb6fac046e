//! What is now, for everyone who watches: the head of the log, the latest events, every run's state. Fed by the
//! store's writer right after each commit, so wire order is log order.

use crate::mask_line;
use offdesk_protocol::*;
use offdesk_store::{Committed, Stored};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::{broadcast, watch};

/// Events kept in memory for viewers that are nearly there; the rest is read from the store.
const RECENT_EVENTS: usize = 4096;
/// And at most this many bytes of them.
const RECENT_BYTES: usize = 4 * 1024 * 1024;
/// Pieces of unfinished messages a viewer may be behind before it misses some.
const RECENT_DELTAS: usize = 1024;

/// A piece of an unfinished message.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    pub run: RunId,
    pub message: MessageId,
    pub role: Role,
    pub text: Arc<str>,
}

/// Where things stand, for those who wait for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub head: u64,
    pub queue: u64,
}

#[derive(Default)]
struct Now {
    head: u64,
    recent: VecDeque<Arc<Stored>>,
    recent_bytes: usize,
    runs: HashMap<RunId, Arc<Run>>,
    queue: Vec<RunId>,
}

pub(crate) struct Hub {
    now: RwLock<Now>,
    mark: watch::Sender<Mark>,
    deltas: broadcast::Sender<Delta>,
}

impl Hub {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            now: RwLock::default(),
            mark: watch::Sender::new(Mark { head: 0, queue: 0 }),
            deltas: broadcast::Sender::new(RECENT_DELTAS),
        })
    }

    fn read(&self) -> RwLockReadGuard<'_, Now> {
        self.now.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Now> {
        self.now.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the log held when it was opened.
    pub(crate) fn load(&self, head: u64, runs: Vec<Run>) {
        let mut now = self.write();
        now.head = now.head.max(head);
        for run in runs {
            now.runs.entry(run.id).or_insert_with(|| Arc::new(run));
        }
        let head = now.head;
        drop(now);
        self.mark.send_modify(|mark| mark.head = head);
    }

    /// A commit is on disk.
    pub(crate) fn publish(&self, committed: Committed) {
        let mut now = self.write();
        if !committed.deleted.is_empty() {
            // What was said in them is not told from memory either; the log has what is left.
            now.recent.clear();
            now.recent_bytes = 0;
            committed.deleted.iter().for_each(|run| _ = now.runs.remove(run));
        }
        for event in committed.events {
            now.head = now.head.max(event.envelope.seq);
            now.recent_bytes += event.json.len();
            now.recent.push_back(event);
        }
        while now.recent.len() > RECENT_EVENTS || now.recent_bytes > RECENT_BYTES {
            let Some(old) = now.recent.pop_front() else { break };
            now.recent_bytes -= old.json.len();
        }
        for run in committed.runs {
            now.runs.insert(run.id, run);
        }
        let head = now.head;
        drop(now);
        self.mark.send_modify(|mark| mark.head = head);
    }

    /// The queue's order changed.
    pub(crate) fn queue(&self, queue: Vec<RunId>) {
        let mut now = self.write();
        if now.queue == queue {
            return;
        }
        now.queue = queue;
        drop(now);
        self.mark.send_modify(|mark| mark.queue += 1);
    }

    pub(crate) fn delta(&self, delta: Delta) {
        // Nobody watching is no reason to fail.
        let _ = self.deltas.send(delta);
    }

    pub(crate) fn marks(&self) -> watch::Receiver<Mark> {
        self.mark.subscribe()
    }

    pub(crate) fn deltas(&self) -> broadcast::Receiver<Delta> {
        self.deltas.subscribe()
    }

    pub(crate) fn head(&self) -> u64 {
        self.read().head
    }

    /// Events after this one, if memory reaches back that far.
    pub(crate) fn after(&self, seq: u64, limit: usize) -> Option<Vec<Arc<Stored>>> {
        let now = self.read();
        if seq >= now.head {
            return Some(Vec::new());
        }
        let first = now.recent.front()?.envelope.seq;
        if first > seq + 1 {
            return None;
        }
        let skip = (seq + 1 - first) as usize;
        Some(now.recent.iter().skip(skip).take(limit).cloned().collect())
    }

    pub(crate) fn run(&self, id: RunId) -> Option<Arc<Run>> {
        self.read().runs.get(&id).cloned()
    }

    pub(crate) fn view(&self, id: RunId) -> Option<RunView> {
        let now = self.read();
        now.runs.get(&id).map(|run| view(&now, run))
    }

    /// All runs, those that need somebody first, then by last change.
    pub(crate) fn views(&self, archived: bool) -> Vec<RunView> {
        let now = self.read();
        let mut views: Vec<RunView> =
            now.runs.values().filter(|run| archived || !run.archived).map(|run| view(&now, run)).collect();
        drop(now);
        views.sort_by_key(|view| {
            let decides = matches!(view.needs, Some(Needs::Approval | Needs::Question));
            (!decides, view.state.is_over(), std::cmp::Reverse(view.updated_at))
        });
        views
    }

    /// The head and everything that is, at one moment.
    pub(crate) fn snapshot(&self) -> (u64, Vec<RunView>, Vec<Approval>) {
        let now = self.read();
        let runs: Vec<RunView> =
            now.runs.values().filter(|run| !run.archived).map(|run| view(&now, run)).collect();
        let mut approvals: Vec<Approval> =
            now.runs.values().flat_map(|run| run.open_approvals().cloned()).collect();
        approvals.sort_by_key(|approval| approval.requested_at);
        (now.head, runs, approvals)
    }

    pub(crate) fn queued(&self) -> Vec<RunId> {
        self.read().queue.clone()
    }
}

fn view(now: &Now, run: &Run) -> RunView {
    let place = now.queue.iter().position(|id| *id == run.id).map(|index| index as u32 + 1);
    let mut view = run.view(place);
    mask_line(&mut view.line);
    view
}
