//! Who types into which terminal: the last who took it, until they leave. Presence, never stored.

use crate::access::Caller;
use offdesk_protocol::{DeviceId, ErrorCode, Keyboard, KeyboardHolder, Problem, RunId, TerminalSize};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Changes a viewer may be behind before it asks anew.
const RECENT: usize = 64;

/// One viewer, as keyboards know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Typist {
    number: u64,
    /// A page that reconnects is the same typist, while its old connection may still be dying.
    device: Option<DeviceId>,
    shown: KeyboardHolder,
}

impl Typist {
    fn is(&self, other: &Typist) -> bool {
        self.number == other.number || (self.device.is_some() && self.device == other.device)
    }
}

#[derive(Default)]
struct Held {
    holder: Option<Typist>,
    size: Option<TerminalSize>,
}

/// All terminals' keyboards.
pub(crate) struct Keyboards {
    held: Mutex<HashMap<RunId, Held>>,
    changed: broadcast::Sender<RunId>,
    last: AtomicU64,
}

impl Keyboards {
    pub(crate) fn new() -> Self {
        Self { held: Mutex::default(), changed: broadcast::Sender::new(RECENT), last: AtomicU64::new(0) }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<RunId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new viewer.
    pub(crate) fn typist(&self, caller: &Caller) -> Typist {
        let name = match &caller.actor {
            offdesk_protocol::Actor::Person { name, .. } => name.clone(),
            _ => String::new(),
        };
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        Typist { number, device: caller.device, shown: KeyboardHolder { name, here: caller.here } }
    }

    pub(crate) fn changes(&self) -> broadcast::Receiver<RunId> {
        self.changed.subscribe()
    }

    fn tell(&self, run: RunId) {
        // Nobody watching is no reason to fail.
        let _ = self.changed.send(run);
    }

    /// Who types first gets the keyboard; while somebody else has it, nothing is typed.
    pub(crate) fn type_into(&self, run: RunId, typist: &Typist) -> Result<(), Problem> {
        let mut held = self.held();
        let held = held.entry(run).or_default();
        match &held.holder {
            Some(holder) if !holder.is(typist) => {
                let who = if holder.shown.here { "The desk" } else { holder.shown.name.as_str() };
                Err(Problem::new(
                    ErrorCode::WrongState,
                    format!("{who} has this terminal's keyboard, so this was not typed."),
                )
                .hint("Take the keyboard first."))
            }
            Some(holder) if holder == typist => Ok(()),
            _ => {
                held.holder = Some(typist.clone());
                self.tell(run);
                Ok(())
            }
        }
    }

    /// Takes the keyboard from whoever has it.
    pub(crate) fn take(&self, run: RunId, typist: &Typist) {
        self.held().entry(run).or_default().holder = Some(typist.clone());
        self.tell(run);
    }

    /// The terminal follows the size of who types, or of anybody while nobody does. Gives whether it follows this one.
    pub(crate) fn resize(&self, run: RunId, typist: &Typist, size: TerminalSize) -> bool {
        let mut held = self.held();
        let held = held.entry(run).or_default();
        if held.holder.as_ref().is_some_and(|holder| !holder.is(typist)) {
            return false;
        }
        if held.size != Some(size) {
            held.size = Some(size);
            self.tell(run);
        }
        true
    }

    /// The viewer looks at this run no more.
    pub(crate) fn leave(&self, run: RunId, typist: &Typist) {
        let mut held = self.held();
        if let Some(held) = held.get_mut(&run).filter(|held| is_held_by(held, typist)) {
            held.holder = None;
            self.tell(run);
        }
    }

    /// The viewer is gone.
    pub(crate) fn leave_all(&self, typist: &Typist) {
        for (run, held) in self.held().iter_mut().filter(|(_, held)| is_held_by(held, typist)) {
            held.holder = None;
            self.tell(*run);
        }
    }

    /// How it stands, as this viewer is told.
    pub(crate) fn view(&self, run: RunId, typist: &Typist) -> Keyboard {
        let held = self.held();
        let Some(held) = held.get(&run) else { return Keyboard::default() };
        Keyboard {
            holder: held.holder.as_ref().map(|holder| holder.shown.clone()),
            yours: held.holder.as_ref().is_some_and(|holder| holder.is(typist)),
            size: held.size,
        }
    }
}

fn is_held_by(held: &Held, typist: &Typist) -> bool {
    held.holder.as_ref().is_some_and(|holder| holder.number == typist.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(cols: u16) -> TerminalSize {
        TerminalSize { cols, rows: 24 }
    }

    #[test]
    fn one_types_at_a_time_and_the_terminal_has_their_size() {
        let (keyboards, run) = (Keyboards::new(), RunId::new());
        let desk = keyboards.typist(&Caller::person("the command line"));
        let phone = Typist { device: Some(DeviceId::new()), ..keyboards.typist(&Caller::person("Pixel")) };
        assert!(keyboards.resize(run, &phone, size(40)), "nobody types yet");
        keyboards.take(run, &desk);
        assert!(keyboards.resize(run, &desk, size(120)));
        assert!(!keyboards.resize(run, &phone, size(40)));
        let refused = keyboards.type_into(run, &phone).unwrap_err();
        assert!(refused.message.contains("The desk"), "{refused}");
        let seen = keyboards.view(run, &phone);
        assert_eq!((seen.yours, seen.size), (false, Some(size(120))));

        keyboards.take(run, &phone);
        assert!(keyboards.type_into(run, &desk).is_err());
        // The phone's line breaks and it is back before the gateway has noticed.
        let back = Typist { number: 99, ..phone.clone() };
        keyboards.type_into(run, &back).unwrap();
        keyboards.leave_all(&phone);
        assert!(keyboards.view(run, &back).yours, "the old connection takes nothing with it");
        keyboards.leave(run, &back);
        keyboards.type_into(run, &desk).unwrap();
    }
}
