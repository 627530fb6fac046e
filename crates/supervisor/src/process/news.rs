//! What connections are told: how long the output is, what was written, what is wrong, how it ended.
//!
//! Nothing waits for a connection. Each takes what is new for it when it can; growth is one number however often it
//! changed, and a connection that takes nothing while letters pile up is given up.

use super::locked;
use crate::FromSupervisor;
use offdesk_protocol::Exit;
use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// Letters that may wait for one connection.
const LETTERS: usize = 4096;
/// Least time after a word about a burst of growth on one connection: the pieces of a flood become one word.
const GROWTH_PAUSE: Duration = Duration::from_millis(3);
/// Growth in bytes that makes a burst. Less is somebody typing, who is told at once.
const BURST: u64 = 2048;

/// One connection's number.
pub(super) type Number = u64;

/// Shared by all threads of the supervisor.
#[derive(Default)]
pub(super) struct News {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    length: u64,
    trouble: Option<String>,
    exit: Option<Exit>,
    /// Connections that sleep until there is growth; nobody is woken when there are none.
    awaiting_growth: usize,
    boxes: HashMap<Number, VecDeque<FromSupervisor>>,
    last: Number,
}

/// What one connection was told so far.
pub(super) struct Told {
    number: Number,
    length: u64,
    at: Option<Instant>,
}

/// What to tell it next.
pub(super) struct Next {
    pub messages: Vec<FromSupervisor>,
    /// Nothing follows.
    pub last: bool,
}

impl News {
    pub(super) fn grown(&self, by: usize) {
        let mut state = locked(&self.state);
        state.length += by as u64;
        let awaited = state.awaiting_growth > 0;
        // Whoever wakes wants the lock: on a busy machine, waking it while we hold it costs a time slice.
        drop(state);
        if awaited {
            self.changed.notify_all();
        }
    }

    pub(super) fn begin_at(&self, length: u64) {
        locked(&self.state).length = length;
    }

    pub(super) fn length(&self) -> u64 {
        locked(&self.state).length
    }

    pub(super) fn trouble(&self, text: String) {
        let mut state = locked(&self.state);
        deliver(&mut state.boxes, &FromSupervisor::Trouble { text: text.clone() });
        state.trouble = Some(text);
        self.changed.notify_all();
    }

    pub(super) fn trouble_over(&self) {
        locked(&self.state).trouble = None;
    }

    pub(super) fn is_troubled(&self) -> bool {
        locked(&self.state).trouble.is_some()
    }

    /// Tells all connections: the one that asked may have been replaced by then.
    pub(super) fn tell_all(&self, message: &FromSupervisor) {
        deliver(&mut locked(&self.state).boxes, message);
        self.changed.notify_all();
    }

    pub(super) fn tell(&self, number: Number, message: FromSupervisor) {
        let mut state = locked(&self.state);
        let full = state.boxes.get_mut(&number).is_some_and(|letters| !put(letters, message));
        if full {
            state.boxes.remove(&number);
        }
        drop(state);
        self.changed.notify_all();
    }

    pub(super) fn exited(&self, exit: Exit) {
        locked(&self.state).exit = Some(exit);
        self.changed.notify_all();
    }

    /// A new connection, which is told the present length and end with its welcome.
    pub(super) fn join(&self) -> (Told, u64, Option<Exit>) {
        let mut state = locked(&self.state);
        state.last += 1;
        let number = state.last;
        let trouble = state.trouble.clone().map(|text| FromSupervisor::Trouble { text });
        state.boxes.insert(number, trouble.into_iter().collect());
        let told = Told { number, length: state.length, at: None };
        (told, state.length, state.exit.clone())
    }

    pub(super) fn leave(&self, number: Number) {
        locked(&self.state).boxes.remove(&number);
        self.changed.notify_all();
    }

    /// Whether the connection was neither given up nor has left.
    pub(super) fn is_here(&self, number: Number) -> bool {
        locked(&self.state).boxes.contains_key(&number)
    }

    pub(super) fn connections(&self) -> usize {
        locked(&self.state).boxes.len()
    }

    /// Waits until all connections have left, which they do when all was told.
    pub(super) fn wait_for_leaving(&self, at_most: Duration) {
        let state = locked(&self.state);
        let _ = self.changed.wait_timeout_while(state, at_most, |state| !state.boxes.is_empty());
    }

    /// Waits until there is something new for this connection; nothing when it was given up or has left.
    pub(super) fn next(&self, told: &mut Told) -> Option<Next> {
        let mut state = locked(&self.state);
        loop {
            let (length, exit) = (state.length, state.exit.clone());
            let letters = state.boxes.get_mut(&told.number)?;
            let pause =
                told.at.and_then(|at| GROWTH_PAUSE.checked_sub(at.elapsed())).filter(|left| !left.is_zero());
            let grown = length > told.length;
            let ripe = grown && (pause.is_none() || exit.is_some());
            if !letters.is_empty() || ripe || exit.is_some() {
                let mut messages: Vec<FromSupervisor> = Vec::new();
                if ripe || (grown && !letters.is_empty()) {
                    messages.push(FromSupervisor::Grown { length });
                    let burst = length - told.length >= BURST;
                    (told.length, told.at) = (length, burst.then(Instant::now));
                }
                messages.extend(letters.drain(..));
                let last = exit.is_some();
                messages.extend(exit.map(|exit| FromSupervisor::Exited { exit }));
                return Some(Next { messages, last });
            }
            state = self.wait(state, if grown { pause } else { None });
        }
    }

    fn wait<'a>(
        &'a self,
        mut state: std::sync::MutexGuard<'a, State>,
        pause: Option<Duration>,
    ) -> std::sync::MutexGuard<'a, State> {
        match pause {
            // Growth is known already, so more of it need not wake us.
            Some(pause) => match self.changed.wait_timeout(state, pause) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            },
            None => {
                state.awaiting_growth += 1;
                let mut state = match self.changed.wait(state) {
                    Ok(state) => state,
                    Err(poisoned) => poisoned.into_inner(),
                };
                state.awaiting_growth -= 1;
                state
            }
        }
    }
}

impl Told {
    pub(super) fn number(&self) -> Number {
        self.number
    }
}

fn deliver(boxes: &mut HashMap<Number, VecDeque<FromSupervisor>>, message: &FromSupervisor) {
    boxes.retain(|_, letters| put(letters, message.clone()));
}

fn put(letters: &mut VecDeque<FromSupervisor>, message: FromSupervisor) -> bool {
    letters.push_back(message);
    letters.len() <= LETTERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_in_many_pieces_is_one_word() {
        let news = News::default();
        let (mut told, length, exit) = news.join();
        assert_eq!((length, exit), (0, None));
        (0..1000).for_each(|_| news.grown(3));
        let next = news.next(&mut told).unwrap();
        assert_eq!(next.messages, [FromSupervisor::Grown { length: 3000 }]);
    }

    #[test]
    fn the_end_comes_after_the_last_growth() {
        let news = News::default();
        let (mut told, ..) = news.join();
        news.grown(5);
        news.next(&mut told).unwrap();
        news.grown(5);
        let exit = Exit::Exited { code: 0, detail: None };
        news.exited(exit.clone());
        let next = news.next(&mut told).unwrap();
        assert_eq!(next.messages, [FromSupervisor::Grown { length: 10 }, FromSupervisor::Exited { exit }]);
        assert!(next.last);
    }

    #[test]
    fn a_connection_that_takes_nothing_is_given_up_and_others_are_not() {
        let news = News::default();
        let (mut stalled, ..) = news.join();
        let (mut fine, ..) = news.join();
        for number in 0..=LETTERS {
            let written = FromSupervisor::Written { id: number.to_string(), repeated: false, output: None };
            news.tell_all(&written);
            if number < LETTERS {
                assert_eq!(news.next(&mut fine).unwrap().messages, [written]);
            }
        }
        assert!(news.next(&mut stalled).is_none());
        assert!(news.next(&mut fine).is_some());
    }
}
