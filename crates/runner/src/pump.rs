//! Reads an attempt's recorded output through its driver's fold.

use crate::masking::{Deltas, mask_event};
use offdesk_agents::{Derived, Fold, Line, LineReader, Reads};
use offdesk_protocol::{AttemptId, Event, MessageId, NoticeLevel, Origin, Role};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes read at once.
const STEP: usize = 256 * 1024;
/// Without any fact, the position is still told after this many bytes, so that a restart need not read them again.
const POSITION_EVERY: u64 = 8 * 1024 * 1024;

fn file_name(reads: Reads) -> &'static str {
    match reads {
        Reads::Output => "output",
        Reads::Asides => "asides",
    }
}

/// A piece of an unfinished message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub message: MessageId,
    pub role: Role,
    pub text: String,
}

/// What a step of reading gave.
#[derive(Default)]
pub(crate) struct Reading {
    pub events: Vec<(Event, Origin)>,
    pub pieces: Vec<Piece>,
    /// Where reading stands and the fold's state there, when it is worth keeping.
    pub position: Option<(u64, String)>,
    /// Nothing was read: this is the end of what is there.
    pub at_end: bool,
}

/// What is kept with a position.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    turned_at: Option<u64>,
    fold: Option<String>,
}

/// Where reading begins.
pub(crate) struct Place {
    offset: u64,
    saved: Saved,
}

impl Place {
    /// The start of a line, and what was kept with it; nothing: the file's beginning.
    pub(crate) fn of(position: Option<&(u64, String)>) -> Self {
        let (offset, saved) = position.map_or((0, ""), |(offset, saved)| (*offset, saved.as_str()));
        Self { offset, saved: serde_json::from_str(saved).unwrap_or_default() }
    }

    /// The fold's state there.
    pub(crate) fn fold(&self) -> Option<&str> {
        self.saved.fold.as_deref()
    }
}

/// A fold with its place in the file.
pub(crate) struct Pump {
    attempt: AttemptId,
    file: File,
    fold: Box<dyn Fold>,
    lines: LineReader,
    deltas: Deltas,
    kept: u64,
    turned_at: Option<u64>,
    buffer: Vec<u8>,
}

impl Pump {
    pub(crate) fn open(
        dir: &Path,
        reads: Reads,
        attempt: AttemptId,
        fold: Box<dyn Fold>,
        place: &Place,
    ) -> io::Result<Self> {
        let position = place.offset;
        let mut file = File::open(dir.join(file_name(reads)))?;
        file.seek(SeekFrom::Start(position))?;
        Ok(Self {
            attempt,
            file,
            fold,
            lines: LineReader::at(position),
            deltas: Deltas::default(),
            kept: position,
            turned_at: place.saved.turned_at,
            buffer: vec![0; STEP],
        })
    }

    pub(crate) fn fold(&self) -> &dyn Fold {
        self.fold.as_ref()
    }

    /// The offset of the last line by which a turn began or ended.
    pub(crate) fn turned_at(&self) -> Option<u64> {
        self.turned_at
    }

    /// Reads a step further.
    pub(crate) fn step(&mut self) -> io::Result<Reading> {
        let count = self.file.read(&mut self.buffer)?;
        let mut read = Reading { at_end: count == 0, ..Reading::default() };
        let (attempt, fold, deltas) = (self.attempt, &mut self.fold, &mut self.deltas);
        self.lines.feed(&self.buffer[..count], |line| match line {
            Line::Whole(offset, bytes) => {
                let derived = fold.line(offset, bytes);
                take(attempt, offset, derived, deltas, &mut read);
            }
            Line::TooLong(offset) => {
                let event = Event::NoticeRaised {
                    level: NoticeLevel::Warning,
                    code: "lineTooLong".into(),
                    text: "The agent said a line too long to be read. It is kept in the output.".into(),
                };
                read.events.push((event, Origin { attempt, offset, ordinal: 0 }));
            }
        });
        let turns = |event: &Event| matches!(event, Event::TurnStarted { .. } | Event::TurnFinished { .. });
        let turned = read.events.iter().rfind(|(event, _)| turns(event)).map(|(_, origin)| origin.offset);
        self.turned_at = turned.or(self.turned_at);
        let position = self.lines.position();
        if !read.events.is_empty() || position - self.kept >= POSITION_EVERY {
            self.kept = position;
            let saved = Saved { turned_at: self.turned_at, fold: Some(self.fold.save()) };
            read.position = Some((position, serde_json::to_string(&saved)?));
        }
        Ok(read)
    }

    /// The attempt is over: what is left without a newline was never a whole message.
    pub(crate) fn leftover(&self) -> Option<(Event, Origin)> {
        let left = self.lines.pending();
        if left.is_empty() {
            return None;
        }
        let shown: String = String::from_utf8_lossy(left).chars().take(300).collect();
        let mut event = Event::NoticeRaised {
            level: NoticeLevel::Warning,
            code: "cutOff".into(),
            text: format!("The agent ended in the middle of a message: {shown}"),
        };
        mask_event(&mut event);
        Some((event, Origin { attempt: self.attempt, offset: self.lines.position(), ordinal: 0 }))
    }
}

fn take(attempt: AttemptId, offset: u64, derived: Vec<Derived>, deltas: &mut Deltas, read: &mut Reading) {
    let mut ordinal = 0;
    for item in derived {
        match item {
            Derived::Fact(event) => {
                let mut event = *event;
                mask_event(&mut event);
                match &event {
                    Event::MessageAdded { message, .. } => deltas.finished(*message),
                    Event::TurnFinished { .. } => deltas.clear(),
                    _ => {}
                }
                read.events.push((event, Origin { attempt, offset, ordinal }));
                ordinal += 1;
            }
            Derived::Delta { message, role, text } => {
                let text = deltas.piece(message, &text);
                match read.pieces.last_mut() {
                    // Pieces of one read are one piece: fewer messages for every viewer.
                    Some(last) if last.message == message => last.text.push_str(&text),
                    _ if text.is_empty() => {}
                    _ => read.pieces.push(Piece { message, role, text }),
                }
            }
        }
    }
}
