//! The words tests are told in.

use offdesk_protocol::*;
use offdesk_store::{Append, Appended, Closer, Committed, Config, NewEvent, Store, StoreError};
use std::path::Path;
use std::sync::{Arc, Mutex};

pub type Published = Arc<Mutex<Vec<Committed>>>;

pub fn config(dir: &Path) -> Config {
    Config { path: dir.join("offdesk.db"), host: HostId(uuid::Uuid::from_u128(7)), max_pages: None }
}

/// A store whose commits are kept for looking at.
pub fn open(config: Config) -> (Store, Closer, Published) {
    let published = Published::default();
    let seen = published.clone();
    let (store, closer) = Store::open(config, move |committed| seen.lock().unwrap().push(committed)).unwrap();
    (store, closer, published)
}

pub fn created() -> Event {
    Event::RunCreated {
        agent: "demo".into(),
        dir: "/home/ada/api".into(),
        label: "Fix the tests".into(),
        time_limit: None,
        approval_limit: None,
        terminal: false,
        local_model: None,
        command: None,
        by: ada(),
    }
}

pub fn ada() -> Actor {
    Actor::Person { name: "Ada's phone".into(), device: None }
}

pub fn said(text: &str) -> Event {
    Event::MessageAdded { message: MessageId::new(), role: Role::Agent, text: text.into(), parent: None }
}

pub fn fresh(events: Vec<Event>) -> Vec<NewEvent> {
    events.into_iter().map(|event| NewEvent { event, origin: None }).collect()
}

pub fn append(store: &Store, run: RunId, events: Vec<Event>) -> Result<Appended, StoreError> {
    store.append_blocking(Append { run, events: fresh(events), fold: None })
}

/// A new run with this said in it.
pub fn run_saying(store: &Store, texts: &[&str]) -> RunId {
    let run = RunId::new();
    let events = std::iter::once(created()).chain(texts.iter().map(|text| said(text))).collect();
    append(store, run, events).unwrap();
    run
}

pub fn seqs(store: &Store, run: Option<RunId>, after: u64) -> Vec<u64> {
    store
        .read(|reader| reader.events_after(run, after, usize::MAX >> 1))
        .unwrap()
        .iter()
        .map(|e| e.seq)
        .collect()
}
