//! What the agent's hooks say beside its output, and what they are answered.
//!
//! Everything said is on the disk before anyone is told. A hook that waits keeps its connection; while no gateway is
//! there, it simply goes on waiting. Its answer is recorded before it is given, and given once.

use super::keep::{Patient, append};
use super::locked;
use super::news::{News, Number};
use crate::{FromSupervisor, files};
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Longest id, as for inputs.
const LONGEST_ID: usize = 256;
/// Hooks that may wait at one time.
const WAITING: usize = 64;

/// One line of the file.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Line<'a> {
    /// A hook says this, and waits for an answer or does not.
    Said { aside: &'a str, waits: bool, body: &'a Value },
    /// It was given the answer with this id.
    Answered { aside: &'a str, id: &'a str },
    /// It waits no more, and was not answered.
    Left { aside: &'a str },
}

/// The asides of one attempt.
pub(super) struct Asides {
    state: Mutex<State>,
    news: Arc<News>,
}

struct State {
    file: File,
    length: u64,
    known: HashSet<String>,
    /// Who waits, by what they said.
    waiting: HashMap<String, Number>,
    /// Ids of answers that were given.
    answered: HashSet<String>,
}

impl Asides {
    pub(super) fn open(dir: &Path, news: &Arc<News>) -> io::Result<Arc<Self>> {
        let file = files::append(dir, files::ASIDES)?;
        let length = file.metadata()?.len();
        let (known, waiting, answered) = (HashSet::new(), HashMap::new(), HashSet::new());
        let state = Mutex::new(State { file, length, known, waiting, answered });
        Ok(Arc::new(Self { state, news: Arc::clone(news) }))
    }

    /// A hook says something. What is no JSON is refused: nobody could read it.
    pub(super) fn say(&self, aside: String, waits: bool, body: &[u8], from: Number) {
        let refuse = |text: &str| {
            self.news.tell(from, FromSupervisor::Refused { id: aside.clone(), text: text.into() });
        };
        if aside.is_empty() || aside.len() > LONGEST_ID {
            return refuse("An aside's id has 1 to 256 bytes; this was not kept.");
        }
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return refuse("An aside is JSON; this was not kept.");
        };
        let mut state = locked(&self.state);
        if state.known.contains(&aside) {
            return refuse("This was said before.");
        }
        if waits && state.waiting.len() >= WAITING {
            return refuse("Too many hooks wait already; this was not kept.");
        }
        self.write(&mut state, &Line::Said { aside: &aside, waits, body: &body });
        state.known.insert(aside.clone());
        if waits {
            state.waiting.insert(aside.clone(), from);
        }
        let length = state.length;
        drop(state);
        self.news.tell(from, FromSupervisor::Written { id: aside, repeated: false, output: None });
        self.news.tell_all(&FromSupervisor::Asides { length });
    }

    /// Answers a hook that waits, once for this id.
    pub(super) fn answer(&self, id: String, aside: String, body: Vec<u8>, from: Number) {
        let mut state = locked(&self.state);
        if state.answered.contains(&id) {
            drop(state);
            return self.news.tell(from, FromSupervisor::Written { id, repeated: true, output: None });
        }
        let Some(hook) = state.waiting.remove(&aside) else {
            drop(state);
            let text = "Nobody waits for this answer any more; it was not given.".into();
            return self.news.tell(from, FromSupervisor::Refused { id, text });
        };
        self.write(&mut state, &Line::Answered { aside: &aside, id: &id });
        state.answered.insert(id.clone());
        let length = state.length;
        drop(state);
        self.news.tell(hook, FromSupervisor::Answer { aside, body });
        self.news.tell_all(&FromSupervisor::Written { id, repeated: false, output: None });
        self.news.tell_all(&FromSupervisor::Asides { length });
    }

    /// The connection is over: what it waited for is not asked any more.
    pub(super) fn left(&self, connection: Number) {
        let mut state = locked(&self.state);
        let gone: Vec<String> =
            state.waiting.iter().filter(|(_, hook)| **hook == connection).map(|(id, _)| id.clone()).collect();
        if gone.is_empty() {
            return;
        }
        for aside in gone {
            state.waiting.remove(&aside);
            self.write(&mut state, &Line::Left { aside: &aside });
        }
        let length = state.length;
        drop(state);
        self.news.tell_all(&FromSupervisor::Asides { length });
    }

    fn write(&self, state: &mut State, line: &Line<'_>) {
        let Ok(mut bytes) = serde_json::to_vec(line) else { return };
        bytes.push(b'\n');
        let patience = Patient { news: &self.news, what: "What the agent's hooks say" };
        append(&mut state.file, &bytes, &patience, &|_| {});
        // A hook that waits is an approval, and an answer its decision: neither may be lost with the power.
        let _ = state.file.sync_data();
        state.length += bytes.len() as u64;
    }
}
