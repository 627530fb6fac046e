//! A prompt that was typed into an agent's own terminal, until something comes of it: a program that only begins to listen
//! takes the words and drops their Enter, and whoever sent them is away.

use offdesk_agents::{Encoded, Fold, Prompt, ScreenText};
use offdesk_protocol::{Event, PromptId, TurnStatus};
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

    /// Whether something came of it: it was sent, or somebody cut short what was under way when it was typed.
    pub(crate) fn is_settled_by(&self, event: &Event) -> bool {
        match event {
            Event::PromptSent { text, .. } => {
                text.split_whitespace().eq(self.prompt.typed().split_whitespace())
            }
            Event::TurnFinished { status, .. } => *status == TurnStatus::Interrupted,
            _ => false,
        }
    }

    /// Whether its words stand where they were typed, so that others would be put behind them.
    pub(crate) fn stands(&self, fold: &dyn Fold, screen: Option<&ScreenText>) -> bool {
        screen.is_some_and(|screen| fold.still_typed(screen, &self.prompt))
    }

    /// What to press now, and whether to look again. Only where nothing came of the words, and they stand there as they
    /// were typed: an Enter could answer something else. What is under way is waited for; an agent may begin by itself.
    pub(crate) fn look(
        mut self,
        fold: &dyn Fold,
        screen: Option<&ScreenText>,
    ) -> Option<(Self, Option<Encoded>)> {
        self.look_at = Instant::now() + PAUSE;
        if fold.prompt(self.id, &self.prompt).is_none() {
            return Some((self, None));
        }
        self.looks += 1;
        if self.looks > LOOKS {
            return None;
        }
        let stands = self.stands(fold, screen);
        let enter = Encoded { id: format!("enter:{}:{}", self.id, self.looks), bytes: vec![b'\r'] };
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

#[cfg(test)]
mod tests {
    use super::*;
    use offdesk_protocol::{Actor, TurnId, When};

    fn sent(text: &str) -> Event {
        let by = Actor::Agent;
        Event::PromptSent {
            prompt: PromptId::new(),
            text: text.into(),
            when: When::Now,
            attachments: Vec::new(),
            by,
        }
    }

    fn ended(status: TurnStatus) -> Event {
        Event::TurnFinished { turn: TurnId::new(), status, error: None }
    }

    #[test]
    fn words_are_settled_when_they_were_sent_or_what_was_under_way_was_cut() {
        let typed = Typed::new(PromptId::new(), Prompt::words("count the apples\nand pears"));
        assert!(typed.is_settled_by(&sent("count the apples and  pears")), "wrapped as the screen is");
        assert!(!typed.is_settled_by(&sent("count the apples")), "another's");
        assert!(
            !typed.is_settled_by(&ended(TurnStatus::Completed)),
            "it began by itself, and the words wait"
        );
        assert!(
            typed.is_settled_by(&ended(TurnStatus::Interrupted)),
            "nobody wants an Enter after an Escape"
        );
    }
}
