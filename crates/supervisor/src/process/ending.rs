//! Ending the agent with everything it started.

use super::spawn::Terminal;
use super::{locked, thread};
use crate::{platform, tree};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long what the agent left behind may take to end when asked to.
const AFTER: Duration = Duration::from_millis(500);
/// Between two looks at what is left.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// A terminal's program is told that the terminal is gone when the interrupt alone did not end it: shells ignore that.
const HANG_UP: Duration = Duration::from_secs(1);

/// Stops the agent on request.
pub(super) struct Stopper {
    pid: u32,
    mark: String,
    pub terminal: Option<Terminal>,
    state: Mutex<Stopping>,
    changed: Condvar,
}

#[derive(Default)]
struct Stopping {
    /// When patience ends; the earliest of all requests.
    deadline: Option<Instant>,
    gone: bool,
}

impl Stopper {
    pub(super) fn new(pid: u32, mark: String, terminal: Option<Terminal>) -> Arc<Self> {
        Arc::new(Self { pid, mark, terminal, state: Mutex::default(), changed: Condvar::new() })
    }

    /// Asks the agent to cut short what it does.
    pub(super) fn interrupt(&self) {
        if locked(&self.state).gone {
            return;
        }
        platform::interrupt(self.pid);
        match self.terminal.as_ref().and_then(Terminal::foreground) {
            Some(leader) if leader != self.pid => platform::interrupt(leader),
            _ => {}
        }
    }

    /// Asks the agent to end and sees to it that it does. Asked again, the shorter patience counts.
    pub(super) fn stop(self: &Arc<Self>, grace: Duration) {
        self.interrupt();
        let deadline = Instant::now() + grace;
        let first = {
            let mut state = locked(&self.state);
            let first = state.deadline.is_none();
            state.deadline = Some(state.deadline.map_or(deadline, |before| before.min(deadline)));
            first
        };
        self.changed.notify_all();
        if first {
            let stopper = Arc::clone(self);
            if thread("stop", move || stopper.see_to_it()).is_err() {
                // Without a thread to wait in there is no grace.
                self.kill_all();
            }
        }
    }

    fn see_to_it(&self) {
        if self.terminal.is_some() && !self.wait_until(|deadline| deadline.min(Instant::now() + HANG_UP)) {
            platform::hang_up(self.pid);
        }
        while !self.wait_until(|deadline| deadline) {
            self.kill_all();
            // New ones may have been started between the look and the kill.
            if self.wait_until(|_| Instant::now() + LOOK_AGAIN) {
                return;
            }
        }
    }

    fn kill_all(&self) {
        platform::kill(self.pid);
        tree::own_descendants(&self.mark).into_iter().for_each(platform::kill);
    }

    /// Waits until the agent is gone (true), or until the time that is given for the present deadline (false).
    fn wait_until(&self, time: impl Fn(Instant) -> Instant) -> bool {
        let mut state = locked(&self.state);
        let mut until = state.deadline.map(&time);
        while !state.gone {
            let left = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return false;
            }
            let before = state.deadline;
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            if state.deadline != before {
                until = state.deadline.map(&time);
            }
        }
        true
    }

    /// The agent has ended and its id may be given to another process: no more signals to it.
    pub(super) fn gone(&self) {
        locked(&self.state).gone = true;
        self.changed.notify_all();
    }

    /// Ends what the agent left behind: first asks, then insists until nothing is left.
    pub(super) fn end_the_rest(&self) {
        let patience = Instant::now() + AFTER;
        let mut asked = false;
        // Where orphans come to us, having no children means having no descendants, and saves looking at all processes.
        while !(platform::reap() && platform::ADOPTS_ORPHANS) {
            let left = tree::own_descendants(&self.mark);
            if left.is_empty() {
                return;
            }
            if Instant::now() > patience {
                left.into_iter().for_each(platform::kill);
            } else if !asked {
                left.into_iter().for_each(platform::terminate);
                asked = true;
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}
