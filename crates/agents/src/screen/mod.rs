//! Whether a terminal's screen that has come to rest seems to ask something. It is a guess, for a person to look at:
//! nothing is decided by it and nothing is sent because of it.

mod line;
mod menu;
mod trust;

use offdesk_protocol::{DetectedKind, QuickReply};

/// A terminal's screen, as text.
#[derive(Clone, Debug, Default)]
pub struct ScreenText {
    /// Its rows, without what is blank at their ends.
    pub rows: Vec<String>,
    /// The line that the cursor is in, up to the cursor, with what is blank at its end; rows it was wrapped into are one.
    pub line: String,
    /// Nothing stands behind the cursor, or below it.
    pub at_end: bool,
    /// The program has the whole screen for itself, as editors and pagers do.
    pub full_screen: bool,
    /// Arrow keys are to be said in the way applications ask for.
    pub application_cursor: bool,
}

/// What a screen seems to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What kind of answer it seems to want.
    pub kind: DetectedKind,
    /// The line that asks; of a list that asks for trust all of it.
    pub text: String,
    /// Keys that would answer.
    pub choices: Vec<QuickReply>,
}

/// What the screen seems to ask.
pub fn detect(screen: &ScreenText) -> Option<Asked> {
    menu::detect(screen).map(|asked| trust::whole(screen, asked)).or_else(|| line::detect(screen))
}

fn reply(label: impl Into<String>, keys: impl Into<String>) -> QuickReply {
    QuickReply { label: label.into(), keys: keys.into() }
}
