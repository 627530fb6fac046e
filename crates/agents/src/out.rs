//! What one line of output gives, with what its ids derive from.

use crate::Derived;
use offdesk_protocol::{AttemptId, Event, NoticeLevel};

pub(crate) struct Out {
    attempt: AttemptId,
    offset: u64,
    pub derived: Vec<Derived>,
}

impl Out {
    pub fn new(attempt: AttemptId, offset: u64) -> Self {
        Self { attempt, offset, derived: Vec::new() }
    }

    pub fn fact(&mut self, event: Event) {
        self.derived.push(event.into());
    }

    /// An id that the same place always gives.
    pub fn id(&self) -> uuid::Uuid {
        self.attempt.derive(self.offset, self.derived.len() as u32)
    }

    pub fn notice(&mut self, level: NoticeLevel, code: &str, text: impl Into<String>) {
        self.fact(Event::NoticeRaised { level, code: code.into(), text: text.into() });
    }
}
