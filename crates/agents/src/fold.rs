//! Reading an agent's output as a fold.

use crate::{Controlled, Prompt, ScreenText};
use offdesk_protocol::{
    ApprovalId, ApprovalRequest, AttemptId, Control, ControlId, Event, MessageId, PromptId, Role, RunId,
    Verdict,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a fold reads besides the output: files an edit is proposed on.
pub trait Workspace: Send + Sync {
    /// The file's bytes. Nothing: there is no such regular file, or it is too large to show.
    fn read(&self, path: &Path) -> Option<Vec<u8>>;
    /// Whether something is at this path.
    fn exists(&self, path: &Path) -> bool;
    /// Whether what is at this path leads elsewhere.
    fn is_link(&self, path: &Path) -> bool;
}

/// Whose output is read.
#[derive(Clone)]
pub struct FoldContext {
    /// The run.
    pub run: RunId,
    /// The attempt.
    pub attempt: AttemptId,
    /// The run's workspace folder.
    pub dir: PathBuf,
    /// The agent's own handle of the conversation to go on with.
    pub agent_session: Option<String>,
    /// The model the attempt was started with, where a person chose one.
    pub model: Option<String>,
    /// The mode the attempt was started in, where a person chose one.
    pub mode: Option<String>,
    /// Its files.
    pub workspace: Arc<dyn Workspace>,
}

/// What one line of output means.
#[derive(Clone, Debug, PartialEq)]
pub enum Derived {
    /// A fact.
    Fact(Box<Event>),
    /// A piece of a message that is not finished.
    Delta {
        /// The message.
        message: MessageId,
        /// Said or thought.
        role: Role,
        /// The piece.
        text: String,
    },
}

impl From<Event> for Derived {
    fn from(event: Event) -> Self {
        Derived::Fact(Box::new(event))
    }
}

/// Bytes for the agent, with the id under which they are written at most once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Unique within the attempt; the same content again has the same id.
    pub id: String,
    /// What is written to the agent.
    pub bytes: Vec<u8>,
}

/// The state of reading one attempt's output. Its state changes only by [`Fold::line`], so it can be saved with the
/// position and gone on with by another process.
pub trait Fold: Send + Sync {
    /// What the line (without its newline) that began at byte `offset` means.
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived>;
    /// The state, to be given to [`crate::Driver::fold`] later.
    fn save(&self) -> String;
    /// What to write without being told to: the opening, and what the dialect wants answered since. Asked again after
    /// each reading; each id is written once.
    fn due(&self) -> Vec<Encoded> {
        Vec::new()
    }
    /// Nothing more can come of this attempt: the agent cannot be brought to where it may be prompted. It said why.
    fn is_over(&self) -> bool {
        false
    }
    /// What to write to say this. Nothing: the agent is not ready to be told anything; ask again after reading.
    fn prompt(&self, id: PromptId, prompt: &Prompt) -> Option<Encoded>;
    /// Whether a prompt that was typed into the agent's own terminal still stands where it was typed. Programs that only
    /// begin to listen take the words and drop their Enter.
    fn still_typed(&self, _screen: &ScreenText, _prompt: &Prompt) -> bool {
        false
    }
    /// What to say beside its output when its screen shows that the turn was cut short: no hook of its tells. Asked after
    /// somebody did what cuts it.
    fn cut_short(&self, _screen: &ScreenText) -> Option<Vec<u8>> {
        None
    }
    /// What to write to have the agent work with this model or in this mode. It is done when the agent says so.
    fn control(&self, _id: ControlId, _control: &Control) -> Controlled {
        Controlled::Never
    }
    /// What to write to decide this, in whole lines. Nothing: the agent does not ask it (any more).
    fn decide(&self, approval: ApprovalId, verdict: &Verdict) -> Option<Vec<u8>>;
    /// The aside that asks this, where a hook of the agent's waits for the decision.
    fn aside(&self, _approval: ApprovalId) -> Option<String> {
        None
    }
    /// The aside by which the agent is told prompts and interrupts that do not go through its own terminal. Nothing: they
    /// are typed there.
    fn beside(&self) -> Option<String> {
        None
    }
    /// The request as it would be shown now; differs from the one shown if what it is about changed.
    fn request(&self, approval: ApprovalId) -> Option<ApprovalRequest>;
    /// What to write to cut the turn short. `nonce` makes it unlike earlier interrupts.
    fn interrupt(&self, nonce: &str) -> Option<Encoded>;
}

/// Longest line that is read as a whole; more is skipped up to the next newline and stays in the output.
pub const LONGEST_LINE: usize = 32 * 1024 * 1024;

/// Cuts bytes into lines with their offsets, whatever the chunks.
#[derive(Debug, Default)]
pub struct LineReader {
    /// Offset of the first byte of `pending`.
    start: u64,
    pending: Vec<u8>,
    /// The present line was too long; its bytes are dropped until the newline.
    skipping: bool,
}

/// A line, or that one was too long to be read.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Its offset and bytes, without the newline.
    Whole(u64, &'a [u8]),
    /// Its offset; more than [`LONGEST_LINE`] bytes came without a newline.
    TooLong(u64),
}

impl LineReader {
    /// Begins at this offset, which is the start of a line.
    pub fn at(offset: u64) -> Self {
        Self { start: offset, ..Self::default() }
    }

    /// Offset of the first byte that was not given as part of a line yet.
    pub fn position(&self) -> u64 {
        self.start
    }

    /// Bytes that wait for their newline.
    pub fn pending(&self) -> &[u8] {
        &self.pending
    }

    /// Takes the next bytes and gives each line that they finish.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Line<'_>)) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let (line, after) = rest.split_at(end);
            rest = &after[1..];
            if self.skipping {
                self.skipping = false;
                self.start += line.len() as u64 + 1;
            } else if self.pending.is_empty() {
                each(Line::Whole(self.start, line));
                self.start += line.len() as u64 + 1;
            } else {
                self.pending.extend_from_slice(line);
                each(Line::Whole(self.start, &self.pending));
                self.start += self.pending.len() as u64 + 1;
                self.pending.clear();
            }
        }
        if self.skipping {
            self.start += rest.len() as u64;
        } else {
            self.pending.extend_from_slice(rest);
            if self.pending.len() > LONGEST_LINE {
                each(Line::TooLong(self.start));
                self.start += self.pending.len() as u64;
                self.pending = Vec::new();
                self.skipping = true;
            }
        }
    }
}
