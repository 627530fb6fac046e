//! A prompt that was typed into an agent's own terminal, until something comes of it: a program that only begins to listen
//! takes the words and drops their Enter, and whoever sent them is away.

use offdesk_agents::{Encoded, Fold, Prompt, ScreenText};
use offdesk_protocol::PromptId;
use std::time::Duration;
use tokio::time::Instant;

/// Between two looks: longer than a program takes to say that it has begun.
const PAUSE: Duration = Duration::from_millis(1500);
/// How often it is looked at.
const LOOKS: u32 = 20;

pub(crate) struct Typed {
    id: PromptId,
    prompt: Prompt,
    looks: u32,
    look_at: Instant,
}

impl Typed {
    pub(crate) fn new(id: PromptId, prompt: Prompt) -> Self {
        Self { id, prompt, looks: 0, look_at: Instant::now() + PAUSE }
    }

    pub(crate) fn look_at(&self) -> Instant {
        self.look_at
    }

    /// What to press now, and whether to look again. Only where nothing came of the words, and they stand there as they
    /// were typed: an Enter could answer something else.
    pub(crate) fn look(
        mut self,
        fold: &dyn Fold,
        screen: Option<&ScreenText>,
    ) -> Option<(Self, Option<Encoded>)> {
        self.looks += 1;
        if self.looks > LOOKS || fold.prompt(self.id, &self.prompt).is_none() {
            return None;
        }
        let stands = screen.is_some_and(|screen| fold.still_typed(screen, &self.prompt));
        let enter = Encoded { id: format!("enter:{}:{}", self.id, self.looks), bytes: vec![b'\r'] };
        self.look_at = Instant::now() + PAUSE;
        Some((self, stands.then_some(enter)))
    }
}

/// Whether a turn was cut short, looked for on the screen after an Escape.
pub(crate) struct Cut {
    looks: u32,
    look_at: Instant,
}

/// Between two looks for that.
const SOON: Duration = Duration::from_millis(400);

impl Cut {
    pub(crate) fn soon() -> Self {
        Self { looks: 0, look_at: Instant::now() + SOON }
    }

    pub(crate) fn look_at(&self) -> Instant {
        self.look_at
    }

    /// To be looked for again.
    pub(crate) fn again(self) -> Option<Self> {
        (self.looks < LOOKS).then(|| Self { looks: self.looks + 1, look_at: Instant::now() + SOON })
    }
}
