//! What one line gives.

use crate::Derived;
use offdesk_protocol::{AttemptId, Event, MessageId, NoticeLevel, Role};

/// What one line gives, with what ids derive from.
pub(crate) struct Out {
    attempt: AttemptId,
    offset: u64,
    pub(crate) derived: Vec<Derived>,
}

impl Out {
    /// For the line at this offset of the attempt's output.
    pub(crate) fn at(attempt: AttemptId, offset: u64) -> Self {
        Self { attempt, offset, derived: Vec::new() }
    }

    pub(crate) fn fact(&mut self, event: Event) {
        self.derived.push(event.into());
    }

    pub(crate) fn delta(&mut self, message: MessageId, role: Role, text: &str) {
        if !text.is_empty() {
            self.derived.push(Derived::Delta { message, role, text: text.into() });
        }
    }

    /// An id that the same place always gives.
    pub(crate) fn id(&self) -> uuid::Uuid {
        self.attempt.derive(self.offset, self.derived.len() as u32)
    }

    pub(crate) fn notice(&mut self, level: NoticeLevel, code: &str, text: impl Into<String>) {
        self.fact(Event::NoticeRaised { level, code: code.into(), text: text.into() });
    }
}
