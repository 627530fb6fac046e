//! What is written to the agent: in order, each id once, by a thread that alone may wait for the agent to read.

use super::journal::{self, Journal};
use super::keep::{Patient, append};
use super::news::{News, Number};
use super::{locked, thread};
use crate::FromSupervisor;
use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Most bytes and inputs that may wait for the agent to read.
const WAITING: (usize, usize) = (32 * 1024 * 1024, 4096);
/// Longest id.
const LONGEST_ID: usize = 256;
/// What a terminal's line discipline takes for Ctrl-C and for the end of input.
const CTRL_C: &[u8] = &[3];
const CTRL_D: &[u8] = &[4];

/// Who sent an input.
#[derive(Clone, Copy)]
pub(super) struct Asker {
    pub connection: Number,
    /// Its process, where the system says so.
    #[cfg_attr(not(feature = "faults"), allow(dead_code))]
    pub peer: Option<u32>,
}

enum Item {
    Input { id: String, bytes: Vec<u8>, from: Asker },
    CtrlC,
    Close,
}

/// The way to the agent.
pub(super) struct Input {
    state: Mutex<State>,
    more: Condvar,
    news: Arc<News>,
    terminal: bool,
}

struct State {
    journal: Journal,
    queue: VecDeque<Item>,
    bytes: usize,
    /// Accepted and not yet written.
    pending: HashSet<String>,
    /// Why nothing can be written any more.
    closed: Option<&'static str>,
}

impl Input {
    pub(super) fn start(
        journal: Journal,
        to: Box<dyn Write + Send>,
        terminal: bool,
        news: &Arc<News>,
    ) -> io::Result<Arc<Self>> {
        let pen = journal.pen()?;
        let state =
            State { journal, queue: VecDeque::new(), bytes: 0, pending: HashSet::new(), closed: None };
        let input = Arc::new(Self {
            state: Mutex::new(state),
            more: Condvar::new(),
            news: Arc::clone(news),
            terminal,
        });
        let writer = Arc::clone(&input);
        thread("input", move || writer.write_all(pen, to))?;
        Ok(input)
    }

    /// Takes an input; never waits for the agent.
    pub(super) fn accept(&self, id: String, bytes: Vec<u8>, from: Asker) {
        let mut state = locked(&self.state);
        if let Some(answer) = state.answer_at_once(&id, bytes.len()) {
            drop(state);
            if let Some(answer) = answer {
                self.news.tell(from.connection, answer);
            }
            return;
        }
        state.bytes += bytes.len();
        state.pending.insert(id.clone());
        state.queue.push_back(Item::Input { id, bytes, from });
        // Whoever wakes wants the lock: on a busy machine, waking it while we hold it costs a time slice.
        drop(state);
        self.more.notify_one();
    }

    /// Presses Ctrl-C, before anything that waits.
    pub(super) fn ctrl_c(&self) {
        locked(&self.state).queue.push_front(Item::CtrlC);
        self.more.notify_one();
    }

    /// Ends the agent's input, after what waits.
    pub(super) fn close(&self) {
        locked(&self.state).queue.push_back(Item::Close);
        self.more.notify_one();
    }

    /// The agent is gone: what waits is refused, and so is what comes.
    pub(super) fn shut(&self, why: &'static str) {
        let waiting = {
            let mut state = locked(&self.state);
            state.closed = Some(why);
            state.bytes = 0;
            std::mem::take(&mut state.queue)
        };
        for item in waiting {
            if let Item::Input { id, .. } = item {
                self.refuse(&id, why);
            }
        }
    }

    fn refuse(&self, id: &str, why: &str) {
        let mut state = locked(&self.state);
        state.journal.forget(id);
        state.pending.remove(id);
        drop(state);
        self.news.tell_all(&FromSupervisor::Refused { id: id.into(), text: why.into() });
    }

    fn next(&self) -> Item {
        let mut state = locked(&self.state);
        loop {
            if let Some(item) = state.queue.pop_front() {
                if let Item::Input { bytes, .. } = &item {
                    state.bytes -= bytes.len();
                }
                return item;
            }
            state = self.more.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn write_all(&self, mut pen: File, to: Box<dyn Write + Send>) {
        let mut to = Some(to);
        loop {
            match (self.next(), &mut to) {
                (Item::Input { id, bytes, from }, Some(agent)) => {
                    if self.write_one(&mut pen, agent.as_mut(), &id, &bytes, from).is_err() {
                        self.shut("The agent takes no more input; this was not written.");
                    }
                }
                (Item::Input { id, .. }, None) => self.refuse(&id, CLOSED),
                (Item::CtrlC, Some(agent)) => {
                    let _ = agent.write_all(CTRL_C).and_then(|()| agent.flush());
                }
                // The end of a terminal's input is a key; its descriptor stays, or the terminal would be gone.
                (Item::Close, Some(agent)) if self.terminal => {
                    let _ = agent.write_all(CTRL_D).and_then(|()| agent.flush());
                }
                (Item::Close, _) => {
                    to = None;
                    self.shut(CLOSED);
                }
                (Item::CtrlC, None) => {}
            }
        }
    }

    fn write_one(
        &self,
        pen: &mut File,
        to: &mut dyn Write,
        id: &str,
        bytes: &[u8],
        from: Asker,
    ) -> io::Result<()> {
        let output = self.news.length();
        let record = journal::line(id, bytes.len(), output)?;
        append(
            pen,
            &record,
            &Patient { news: &self.news, what: "The record of what was sent to the agent" },
            &|_| {},
        );
        point("input.recorded", from);
        if let Err(error) = to.write_all(bytes).and_then(|()| to.flush()) {
            self.refuse(id, "The agent takes no more input; this was not written, or only in part.");
            return Err(error);
        }
        point("input.written", from);
        locked(&self.state).pending.remove(id);
        self.news.tell_all(&FromSupervisor::Written { id: id.into(), repeated: false, output: Some(output) });
        Ok(())
    }
}

const CLOSED: &str = "The agent's input was closed; this was not written.";

impl State {
    /// What to say without writing anything: `Some(None)` when the answer is on its way already.
    fn answer_at_once(&mut self, id: &str, length: usize) -> Option<Option<FromSupervisor>> {
        let refused = |text: &str| Some(Some(FromSupervisor::Refused { id: id.into(), text: text.into() }));
        if id.is_empty() || id.len() > LONGEST_ID {
            return refused("An input's id has 1 to 256 bytes; this was not written.");
        }
        if self.pending.contains(id) && is_checked() {
            return Some(None);
        }
        if self.queue.len() >= WAITING.1 || self.bytes + length > WAITING.0 {
            return refused(
                "The agent does not read, and too much waits for it already; this was not written.",
            );
        }
        let is_new = self.journal.is_new(id) || !is_checked();
        match self.closed {
            _ if !is_new => {
                let output = self.journal.output_at(id);
                Some(Some(FromSupervisor::Written { id: id.into(), repeated: true, output }))
            }
            Some(why) => {
                self.journal.forget(id);
                refused(why)
            }
            None => None,
        }
    }
}

#[cfg(feature = "faults")]
fn is_checked() -> bool {
    !crate::fault::no_dedup()
}

#[cfg(not(feature = "faults"))]
fn is_checked() -> bool {
    true
}

#[cfg(feature = "faults")]
fn point(name: &str, from: Asker) {
    crate::fault::point(name, from.peer);
}

#[cfg(not(feature = "faults"))]
fn point(_: &str, _: Asker) {}
