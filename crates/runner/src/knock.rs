//! Typing a prompt into a terminal whose program says when it reads. Its mark alone is no promise: it may set its terminal
//! up just after showing it and drop what came before, or something else in it may still read. So a space is typed first,
//! and the words when that was shown.

use std::time::Duration;

/// How long a terminal shows its mark, and nothing else happens, before something is typed.
pub(crate) const QUIET: Duration = Duration::from_millis(300);
/// How long a space may take to be shown before another is typed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// A mark, and whether somebody reads behind it.
pub(crate) struct Door {
    mark: &'static str,
    /// How far the output had come when the space was typed.
    knocked_at: Option<u64>,
    knocks: u64,
}

/// What to do at the mark.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Type a space, under this number.
    Knock(u64),
    /// Type the words.
    Speak,
}

impl Door {
    pub(crate) fn new(mark: &'static str) -> Self {
        Self { mark, knocked_at: None, knocks: 0 }
    }

    pub(crate) fn mark(&self) -> &'static str {
        self.mark
    }

    /// The terminal shows the mark, and its output has come this far.
    pub(crate) fn at(&mut self, shown: u64) -> Then {
        if self.knocked_at.take().is_some_and(|before| before < shown) {
            return Then::Speak;
        }
        self.knocked_at = Some(shown);
        self.knocks += 1;
        Then::Knock(self.knocks)
    }

    /// Something else is shown: whoever answered is busy.
    pub(crate) fn gone(&mut self) {
        self.knocked_at = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_a_space_that_was_shown_and_each_prompt_knocks_anew() {
        let mut door = Door::new("rev>");
        assert_eq!(door.at(10), Then::Knock(1));
        assert_eq!(door.at(10), Then::Knock(2), "it was lost");
        assert_eq!(door.at(11), Then::Speak);
        assert_eq!(door.at(11), Then::Knock(3));
        door.gone();
        assert_eq!(door.at(40), Then::Knock(4), "what came meanwhile was no answer");
    }
}
