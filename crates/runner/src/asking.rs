//! Notices when a terminal that has come to rest seems to ask something.
//!
//! Rest is measured here, as a time without output. What is told is a fact for the log: the words on the screen, and
//! the attempt and offset it was seen at. Nothing that is typed is kept, and nothing is typed because of it.

use crate::output::AttemptOutput;
use offdesk_protocol::{AttemptId, DetectedKind, DetectedPrompt};
use std::time::Duration;
use tokio::time::Instant;

/// Without output for so long, the screen is looked at.
const REST: Duration = Duration::from_millis(700);
/// So long after output it is looked at whether the screen still asks what it did.
const CHECK: Duration = Duration::from_millis(250);

pub(crate) struct Asking {
    attempt: AttemptId,
    raised: Option<DetectedPrompt>,
    /// Where the screen asked what was raised last. It is not raised again before there was more output: who answered
    /// does so once.
    raised_at: u64,
    /// What was answered last, and the id of the keys that did.
    answered: Option<(String, String)>,
    look_at: Option<Instant>,
    /// The agent tells by words of its own what it asks, but for whether the folder is trusted: that it asks before it
    /// says anything.
    has_words: bool,
}

impl Asking {
    /// Goes on where an earlier gateway had told of this.
    pub(crate) fn new(attempt: AttemptId, raised: Option<DetectedPrompt>, has_words: bool) -> Self {
        let at = raised.as_ref().and_then(|raised| raised.id.rsplit_once('-')?.1.parse().ok());
        let look_at = Some(Instant::now() + REST);
        Self { attempt, raised, raised_at: at.unwrap_or(0), answered: None, look_at, has_words }
    }

    /// When to look at the screen.
    pub(crate) fn look_at(&self) -> Option<Instant> {
        self.look_at
    }

    /// There was output.
    pub(crate) fn grown(&mut self) {
        let now = Instant::now();
        self.look_at = match (&self.raised, self.look_at) {
            (None, _) => Some(now + REST),
            (Some(_), None) => Some(now + CHECK),
            (Some(_), due) => due,
        };
    }

    /// Whether keys that answer this may be typed: the screen asks it, or they are said again.
    pub(crate) fn may_answer(&self, prompt: &str, keys: &str) -> bool {
        let again = self.answered.as_ref().is_some_and(|(asked, by)| asked == prompt && by == keys);
        again || self.raised.as_ref().is_some_and(|raised| raised.id == prompt)
    }

    /// Keys were typed: whatever was asked is being answered. Gives what is to be told.
    pub(crate) fn typed(&mut self, keys: &str) -> Option<Option<DetectedPrompt>> {
        self.look_at = Some(Instant::now() + REST);
        let raised = self.raised.take()?;
        self.answered = Some((raised.id, keys.to_string()));
        Some(None)
    }

    /// Looks at the screen. Gives what is to be told, if something changed.
    pub(crate) fn look(&mut self, output: &AttemptOutput) -> Option<Option<DetectedPrompt>> {
        self.look_at = None;
        // What cannot be read now is looked at with the next output.
        let (offset, asked) = output.asked().ok()?;
        let asked = asked.filter(|asked| !self.has_words || asked.kind == DetectedKind::Trust);
        match (asked, &self.raised) {
            (Some(asked), Some(raised))
                if (asked.kind, &asked.text, &asked.choices)
                    == (raised.kind, &raised.text, &raised.choices) =>
            {
                None
            }
            (_, Some(_)) => {
                // Something else may be asked: that is told when it has come to rest.
                self.raised = None;
                self.look_at = Some(Instant::now() + REST);
                Some(None)
            }
            (Some(asked), None) if offset > self.raised_at => {
                let id = format!("{}-{offset}", self.attempt);
                let raised =
                    DetectedPrompt { id, kind: asked.kind, text: asked.text, choices: asked.choices };
                self.raised_at = offset;
                self.raised = Some(raised.clone());
                Some(Some(raised))
            }
            _ => None,
        }
    }
}
